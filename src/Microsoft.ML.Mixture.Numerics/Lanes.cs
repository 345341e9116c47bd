using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mixture.Numerics;

/// <summary>
/// The eight lanes in which every kernel works, whatever the width of the machine's vectors.
/// </summary>
/// <remarks>
/// Eight rows of data stand side by side in one vector, so no kernel adds across lanes until the end of a block, and then always in
/// one order. A machine with narrower vectors runs the same eight lanes in several registers: the bits do not change.
/// </remarks>
public static class Lanes
{
    /// <summary>The number of lanes.</summary>
    public const int Width = 8;

    /// <summary>Rounds a number of rows up to whole vectors.</summary>
    /// <param name="rowCount">The number of rows, not negative.</param>
    /// <returns>The smallest multiple of <see cref="Width"/> that is not less than <paramref name="rowCount"/>.</returns>
    public static int Pad(int rowCount) => (rowCount + Width - 1) & -Width;

    /// <summary>Adds up the eight lanes in a fixed order: ((0+4)+(2+6)) + ((1+5)+(3+7)).</summary>
    /// <param name="lanes">The eight values.</param>
    /// <returns>Their sum.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Sum(Vector512<double> lanes)
    {
        Vector256<double> four = lanes.GetLower() + lanes.GetUpper();
        Vector128<double> two = four.GetLower() + four.GetUpper();
        return two.ToScalar() + two.GetElement(1);
    }

    /// <summary>Adds up whole vectors of values, lane by lane, then the lanes in the order of the other overload.</summary>
    /// <param name="values">The values, a multiple of <see cref="Width"/> of them.</param>
    /// <returns>Their sum.</returns>
    public static double Sum(ReadOnlySpan<double> values)
    {
        ref double first = ref MemoryMarshal.GetReference(values);
        Vector512<double> sum = Vector512<double>.Zero;
        for (int i = 0; i + Width <= values.Length; i += Width) sum += Vector512.LoadUnsafe(ref first, (nuint)i);
        return Sum(sum);
    }
}
