using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mixture.Numerics;

/// <content>Tiles for vectors of four lanes or fewer, of which there are sixteen registers at most.</content>
/// <remarks>
/// Only w z is kept: x - m is taken anew for each tile, in units of the processor that multiplications leave idle, because both would not
/// stay in the nearest cache. It is taken the other way round, so that x may stay in memory, and the sum is taken away instead of added.
/// </remarks>
public static partial class WeightedScatter
{
    private const int NarrowWidth = Lanes.Width / 2;

    private static void AddInHalves(
        ReadOnlySpan<double> values, ReadOnlySpan<double> centre, ReadOnlySpan<double> weighted, int stride, int laneCount, Span<double> destination)
    {
        int dimension = centre.Length;
        ref double x = ref MemoryMarshal.GetReference(values);
        ref double w = ref MemoryMarshal.GetReference(weighted);

        // Columns that only fill a tile are the zeros that fill up the weighted rows.
        ref double none = ref Unsafe.Add(ref w, dimension % NarrowWidth == 0 ? 0 : dimension * stride);
        for (int column = 0; column < dimension; column += NarrowWidth)
        {
            int count = dimension - column;
            ref double first = ref Unsafe.Add(ref x, column * stride);
            AddFourColumns(
                ref first, ref count > 1 ? ref Unsafe.Add(ref first, stride) : ref none, ref count > 2 ? ref Unsafe.Add(ref first, 2 * stride) : ref none,
                ref count > 3 ? ref Unsafe.Add(ref first, 3 * stride) : ref none, centre[column..], ref w, column, dimension, stride, laneCount,
                ref MemoryMarshal.GetReference(destination));
        }
    }

    // Two rows at a time. The lower halves of all eight lanes first, then the upper ones: each half has eight accumulators, and all operands find a register.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFourColumns(
        ref double x0, ref double x1, ref double x2, ref double x3, ReadOnlySpan<double> centre, ref double weighted, int column, int dimension, int stride,
        int laneCount, ref double destination)
    {
        Vector256<double> m0 = Vector256.Create(centre[0]), m1 = Vector256.Create(centre.Length > 1 ? centre[1] : 0);
        Vector256<double> m2 = Vector256.Create(centre.Length > 2 ? centre[2] : 0), m3 = Vector256.Create(centre.Length > 3 ? centre[3] : 0);
        for (int row = column; row < dimension; row += 2)
        {
            ref double w0 = ref Unsafe.Add(ref weighted, row * stride);
            ref double w1 = ref Unsafe.Add(ref w0, stride);
            Vector256<double> first = Vector256<double>.Zero, second = first;
            for (nuint half = 0; half < Lanes.Width; half += NarrowWidth)
            {
                Vector256<double> a0 = Vector256<double>.Zero, a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
                for (nuint i = half; i < (nuint)laneCount; i += Lanes.Width)
                {
                    Vector256<double> a = Vector256.LoadUnsafe(ref w0, i), b = Vector256.LoadUnsafe(ref w1, i);
                    Vector256<double> z = m0 - Vector256.LoadUnsafe(ref x0, i);
                    a0 = Vector256.FusedMultiplyAdd(a, z, a0);
                    b0 = Vector256.FusedMultiplyAdd(b, z, b0);
                    z = m1 - Vector256.LoadUnsafe(ref x1, i);
                    a1 = Vector256.FusedMultiplyAdd(a, z, a1);
                    b1 = Vector256.FusedMultiplyAdd(b, z, b1);
                    z = m2 - Vector256.LoadUnsafe(ref x2, i);
                    a2 = Vector256.FusedMultiplyAdd(a, z, a2);
                    b2 = Vector256.FusedMultiplyAdd(b, z, b2);
                    z = m3 - Vector256.LoadUnsafe(ref x3, i);
                    a3 = Vector256.FusedMultiplyAdd(a, z, a3);
                    b3 = Vector256.FusedMultiplyAdd(b, z, b3);
                }

                first += Lanes.SumEachHalf(a0, a1, a2, a3);
                second += Lanes.SumEachHalf(b0, b1, b2, b3);
            }

            int start = ScatterTriangle.RowOffset(row), next = ScatterTriangle.RowOffset(row + 1);
            SubtractFrom(ref Unsafe.Add(ref destination, start + column), first);
            SubtractFrom(ref Unsafe.Add(ref destination, next + column), second);
        }
    }

    // w z of all features, a row of zeros after them if they do not fill tiles, and the sums over the rows.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WeighInHalves(
        ReadOnlySpan<double> values, ReadOnlySpan<double> centre, ReadOnlySpan<double> rowWeights, int stride, int laneCount, Span<double> weighted,
        Span<double> sums)
    {
        ref double x = ref MemoryMarshal.GetReference(values);
        ref double weight = ref MemoryMarshal.GetReference(rowWeights);
        ref double w = ref MemoryMarshal.GetReference(weighted);
        int j = 0;
        for (; j < centre.Length - 1; j += 2)
        {
            Vector256<double> m0 = Vector256.Create(centre[j]), m1 = Vector256.Create(centre[j + 1]);
            Vector256<double> s0 = Vector256<double>.Zero, s1 = s0, t0 = s0, t1 = s0;
            ref double x0 = ref Unsafe.Add(ref x, j * stride);
            ref double x1 = ref Unsafe.Add(ref x0, stride);
            ref double w0 = ref Unsafe.Add(ref w, j * stride);
            ref double w1 = ref Unsafe.Add(ref w0, stride);
            for (nuint i = 0; i < (nuint)laneCount; i += Lanes.Width)
            {
                Vector256<double> r = Vector256.LoadUnsafe(ref weight, i);
                s0 += Weigh(ref x0, m0, r, ref w0, i);
                s1 += Weigh(ref x1, m1, r, ref w1, i);
                r = Vector256.LoadUnsafe(ref weight, i + NarrowWidth);
                t0 += Weigh(ref x0, m0, r, ref w0, i + NarrowWidth);
                t1 += Weigh(ref x1, m1, r, ref w1, i + NarrowWidth);
            }

            Vector256<double> totals = Lanes.SumEachHalf(s0, s1, s0, s1) + Lanes.SumEachHalf(t0, t1, t0, t1);
            sums[j] += totals.ToScalar();
            sums[j + 1] += totals.GetElement(1);
        }

        if (j < centre.Length)
        {
            Vector256<double> m = Vector256.Create(centre[j]), s = Vector256<double>.Zero, t = s;
            ref double x0 = ref Unsafe.Add(ref x, j * stride);
            ref double w0 = ref Unsafe.Add(ref w, j * stride);
            for (nuint i = 0; i < (nuint)laneCount; i += Lanes.Width)
            {
                s += Weigh(ref x0, m, Vector256.LoadUnsafe(ref weight, i), ref w0, i);
                t += Weigh(ref x0, m, Vector256.LoadUnsafe(ref weight, i + NarrowWidth), ref w0, i + NarrowWidth);
            }

            sums[j] += Lanes.Sum(Vector512.Create(s, t));
        }

        if (centre.Length % NarrowWidth != 0) weighted.Slice(centre.Length * stride, laneCount).Clear();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Weigh(ref double x, Vector256<double> m, Vector256<double> w, ref double destination, nuint i)
    {
        Vector256<double> product = w * (Vector256.LoadUnsafe(ref x, i) - m);
        product.StoreUnsafe(ref destination, i);
        return product;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SubtractFrom(ref double destination, Vector256<double> value) => (Vector256.LoadUnsafe(ref destination) - value).StoreUnsafe(ref destination);
}
