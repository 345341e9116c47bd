using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mixture.Numerics;

/// <summary>Which of several points is nearest to each row, as distances to one point after the other come in.</summary>
public static class NearestPoint
{
    /// <summary>Lowers distances to those of one more point.</summary>
    /// <param name="before">The distance of each row to the nearest point so far, a multiple of <see cref="Lanes.Width"/> of them.</param>
    /// <param name="weights">w, of the same length.</param>
    /// <param name="distances">On entry the distances to the new point, on return the smaller of the two. Of the same length.</param>
    /// <returns>The sum over the rows of w times the distance returned.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Lower(ReadOnlySpan<double> before, ReadOnlySpan<double> weights, Span<double> distances)
    {
        Debug.Assert(before.Length % Lanes.Width == 0 && weights.Length == before.Length && distances.Length == before.Length);
        ref double old = ref MemoryMarshal.GetReference(before);
        ref double w = ref MemoryMarshal.GetReference(weights);
        ref double d = ref MemoryMarshal.GetReference(distances);
        Vector512<double> sum = Vector512<double>.Zero;
        for (nuint i = 0; i < (nuint)before.Length; i += Lanes.Width)
        {
            Vector512<double> least = Vector512.MinNative(Vector512.LoadUnsafe(ref old, i), Vector512.LoadUnsafe(ref d, i));
            least.StoreUnsafe(ref d, i);
            sum = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref w, i), least, sum);
        }

        return Lanes.Sum(sum);
    }

    /// <summary>Gives rows to one more point where it is nearer.</summary>
    /// <param name="distances">The distances to the new point, a multiple of <see cref="Lanes.Width"/> of them.</param>
    /// <param name="point">The number of the new point.</param>
    /// <param name="least">The distance of each row to the nearest point so far. Lowered.</param>
    /// <param name="second">The distance to the nearest but one. Lowered.</param>
    /// <param name="nearest">The number of the nearest point. Of the same length.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Assign(ReadOnlySpan<double> distances, int point, Span<double> least, Span<double> second, Span<double> nearest)
    {
        Debug.Assert(distances.Length % Lanes.Width == 0 && least.Length == distances.Length);
        Debug.Assert(second.Length == distances.Length && nearest.Length == distances.Length);
        ref double d = ref MemoryMarshal.GetReference(distances);
        ref double smallest = ref MemoryMarshal.GetReference(least);
        ref double next = ref MemoryMarshal.GetReference(second);
        ref double numbers = ref MemoryMarshal.GetReference(nearest);
        Vector512<double> number = Vector512.Create((double)point);
        for (nuint i = 0; i < (nuint)distances.Length; i += Lanes.Width)
        {
            Vector512<double> distance = Vector512.LoadUnsafe(ref d, i), before = Vector512.LoadUnsafe(ref smallest, i);
            Vector512<double> isNearer = Vector512.LessThan(distance, before);
            Vector512.MinNative(Vector512.MaxNative(distance, before), Vector512.LoadUnsafe(ref next, i)).StoreUnsafe(ref next, i);
            Vector512.ConditionalSelect(isNearer, distance, before).StoreUnsafe(ref smallest, i);
            Vector512.ConditionalSelect(isNearer, number, Vector512.LoadUnsafe(ref numbers, i)).StoreUnsafe(ref numbers, i);
        }
    }
}
