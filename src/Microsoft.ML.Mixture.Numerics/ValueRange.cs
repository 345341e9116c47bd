using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mixture.Numerics;

/// <summary>The smallest and the largest of many values.</summary>
public static class ValueRange
{
    /// <summary>Widens a range to include values, if all of them are finite.</summary>
    /// <param name="values">Any number of values.</param>
    /// <param name="smallest">Lowered; not changed if a value is not finite.</param>
    /// <param name="largest">Raised; not changed if a value is not finite.</param>
    /// <returns>Whether all values are finite.</returns>
    /// <remarks>A negative zero counts as zero.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryWiden(ReadOnlySpan<double> values, ref double smallest, ref double largest)
    {
        ref double first = ref MemoryMarshal.GetReference(values);
        Vector512<double> low = Vector512.Create(double.PositiveInfinity), high = Vector512.Create(double.NegativeInfinity), zero = Vector512<double>.Zero;
        int i = 0;
        for (; i + Lanes.Width <= values.Length; i += Lanes.Width)
        {
            // Zero times a value is zero, or NaN where the value is infinite or NaN.
            Vector512<double> x = Vector512.LoadUnsafe(ref first, (nuint)i);
            zero = Vector512.FusedMultiplyAdd(x, Vector512<double>.Zero, zero);
            low = Vector512.MinNative(x, low);
            high = Vector512.MaxNative(x, high);
        }

        double least = double.PositiveInfinity, most = double.NegativeInfinity, rest = Lanes.Sum(zero);
        for (int lane = 0; lane < Lanes.Width; lane++)
        {
            least = Math.Min(least, low.GetElement(lane));
            most = Math.Max(most, high.GetElement(lane));
        }

        for (; i < values.Length; i++)
        {
            double x = Unsafe.Add(ref first, i);
            rest += 0 * x;
            least = Math.Min(least, x);
            most = Math.Max(most, x);
        }

        if (double.IsNaN(rest)) return false;
        smallest = Math.Min(smallest, least + 0.0);
        largest = Math.Max(largest, most + 0.0);
        return true;
    }
}
