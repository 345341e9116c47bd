using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mixture.Numerics;

/// <summary>Sums of w(i) z_i z_i' over a block of centred rows.</summary>
public static partial class WeightedScatter
{
    private const int MostZeros = 512;

    /// <summary>The length of the scratch memory that <see cref="Add"/> needs.</summary>
    /// <param name="dimension">D.</param>
    /// <param name="stride">The distance between features.</param>
    /// <returns>The number of doubles.</returns>
    public static int WorkLength(int dimension, int stride) => 2 * Lanes.Pad(dimension) * stride;

    /// <summary>Adds the sums of w(i) z_i and the lower triangle of the sum of w(i) z_i z_i', z being x - m.</summary>
    /// <param name="values">x, feature-major, shape D x stride.</param>
    /// <param name="centre">m, shape D: a point near the rows, so that values far from zero lose nothing.</param>
    /// <param name="rowWeights">w, shape stride.</param>
    /// <param name="stride">The distance between features, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="laneCount">The number of rows, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="work">Scratch memory; see <see cref="WorkLength"/>.</param>
    /// <param name="sums">The sum of w(i) z_i, shape D: added to.</param>
    /// <param name="scatter">The lower triangle, added to; see <see cref="ScatterTriangle"/>. Squared feature units.</param>
    /// <remarks>Cost: that of <see cref="Centring.WeighAndAddSums"/> and of <see cref="AddFull"/>, of which this is the sum, to the bit.</remarks>
    public static void Add(
        ReadOnlySpan<double> values, ReadOnlySpan<double> centre, ReadOnlySpan<double> rowWeights, int stride, int laneCount, Span<double> work,
        Span<double> sums, Span<double> scatter)
    {
        int dimension = centre.Length, length = Lanes.Pad(dimension) * stride;
        Debug.Assert(values.Length >= dimension * stride && work.Length >= WorkLength(dimension, stride) && scatter.Length >= ScatterTriangle.Length(dimension));
        Span<double> weighted = work[..length];
        if (!Vector512.IsHardwareAccelerated)
        {
            WeighInHalves(values, centre, rowWeights, stride, laneCount, weighted, sums);
            AddInHalves(values, centre, weighted, stride, laneCount, scatter);
            return;
        }

        Span<double> centred = work.Slice(length, length);
        Centring.WeighAndAddSums(values, centre, rowWeights, stride, laneCount, centred, weighted, sums);
        AddFull(centred, weighted, dimension, stride, laneCount, scatter);
    }

    /// <summary>Adds the lower triangle of the sum over i of w(i) z_i z_i'.</summary>
    /// <param name="centred">z, feature-major, shape ceil(D / 8) * 8 x stride, zero beyond D; see <see cref="Centring.WeighAndAddSums"/>.</param>
    /// <param name="weighted">w(i) z_i, of the same shape; see <see cref="Centring.WeighAndAddSums"/>.</param>
    /// <param name="dimension">D.</param>
    /// <param name="stride">The distance between features, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="laneCount">The number of rows, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="destination">The lower triangle, added to; see <see cref="ScatterTriangle"/>. Squared feature units.</param>
    /// <remarks>Cost: D (D + 1) / 2 fused multiply-adds a row, and what fills the tiles on the diagonal.</remarks>
    public static void AddFull(
        ReadOnlySpan<double> centred, ReadOnlySpan<double> weighted, int dimension, int stride, int laneCount, Span<double> destination)
    {
        Debug.Assert(centred.Length >= Lanes.Pad(dimension) * stride && weighted.Length >= Lanes.Pad(dimension) * stride);
        Debug.Assert(destination.Length >= ScatterTriangle.Length(dimension));
        ref double z = ref MemoryMarshal.GetReference(centred);
        ref double w = ref MemoryMarshal.GetReference(weighted);
        ref double s = ref MemoryMarshal.GetReference(destination);
        if (!Vector512.IsHardwareAccelerated)
        {
            Span<double> zero = dimension <= MostZeros ? stackalloc double[dimension] : new double[dimension];
            zero.Clear();
            AddInHalves(centred, zero, weighted, stride, laneCount, destination);
            return;
        }

        for (int row = 0; row < dimension; row += 2)
        {
            ref double rowWeighted = ref Unsafe.Add(ref w, row * stride);
            int start = ScatterTriangle.RowOffset(row), length = ScatterTriangle.RowOffset(row + 1) - start;

            // The first four rows of a tile on the diagonal need its first four columns only.
            int column = 0;
            int end = row % Lanes.Width < 4 ? row / Lanes.Width * Lanes.Width : row + 1;
            for (; column < end; column += Lanes.Width)
            {
                AddTwoByEight(
                    ref rowWeighted, ref Unsafe.Add(ref z, column * stride), stride, laneCount, ref Unsafe.Add(ref s, start + column), ref Unsafe.Add(ref s, start + length + column));
            }

            if (row % 4 == 0 && column <= row) AddFourByFour(ref rowWeighted, ref Unsafe.Add(ref z, column * stride), stride, laneCount, ref Unsafe.Add(ref s, start + column), length);
        }
    }

    // Rows of the result are vectors of eight columns: sixteen accumulators, each the sum over rows of the data in its lanes.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddTwoByEight(ref double w, ref double z, int stride, int laneCount, ref double first, ref double second)
    {
        Vector512<double> a0 = Vector512<double>.Zero, a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
        Vector512<double> b0 = a0, b1 = a0, b2 = a0, b3 = a0, b4 = a0, b5 = a0, b6 = a0, b7 = a0;
        ref double w1 = ref Unsafe.Add(ref w, stride);
        ref double z1 = ref Unsafe.Add(ref z, stride);
        ref double z2 = ref Unsafe.Add(ref z, 2 * stride);
        ref double z3 = ref Unsafe.Add(ref z, 3 * stride);
        ref double z4 = ref Unsafe.Add(ref z, 4 * stride);
        ref double z5 = ref Unsafe.Add(ref z, 5 * stride);
        ref double z6 = ref Unsafe.Add(ref z, 6 * stride);
        ref double z7 = ref Unsafe.Add(ref z, 7 * stride);
        for (nuint i = 0; i < (nuint)laneCount; i += Lanes.Width)
        {
            Vector512<double> x0 = Vector512.LoadUnsafe(ref w, i), x1 = Vector512.LoadUnsafe(ref w1, i);
            Vector512<double> y = Vector512.LoadUnsafe(ref z, i);
            a0 = Vector512.FusedMultiplyAdd(x0, y, a0);
            b0 = Vector512.FusedMultiplyAdd(x1, y, b0);
            y = Vector512.LoadUnsafe(ref z1, i);
            a1 = Vector512.FusedMultiplyAdd(x0, y, a1);
            b1 = Vector512.FusedMultiplyAdd(x1, y, b1);
            y = Vector512.LoadUnsafe(ref z2, i);
            a2 = Vector512.FusedMultiplyAdd(x0, y, a2);
            b2 = Vector512.FusedMultiplyAdd(x1, y, b2);
            y = Vector512.LoadUnsafe(ref z3, i);
            a3 = Vector512.FusedMultiplyAdd(x0, y, a3);
            b3 = Vector512.FusedMultiplyAdd(x1, y, b3);
            y = Vector512.LoadUnsafe(ref z4, i);
            a4 = Vector512.FusedMultiplyAdd(x0, y, a4);
            b4 = Vector512.FusedMultiplyAdd(x1, y, b4);
            y = Vector512.LoadUnsafe(ref z5, i);
            a5 = Vector512.FusedMultiplyAdd(x0, y, a5);
            b5 = Vector512.FusedMultiplyAdd(x1, y, b5);
            y = Vector512.LoadUnsafe(ref z6, i);
            a6 = Vector512.FusedMultiplyAdd(x0, y, a6);
            b6 = Vector512.FusedMultiplyAdd(x1, y, b6);
            y = Vector512.LoadUnsafe(ref z7, i);
            a7 = Vector512.FusedMultiplyAdd(x0, y, a7);
            b7 = Vector512.FusedMultiplyAdd(x1, y, b7);
        }

        (Vector512.LoadUnsafe(ref first) + Lanes.SumEach(a0, a1, a2, a3, a4, a5, a6, a7)).StoreUnsafe(ref first);
        (Vector512.LoadUnsafe(ref second) + Lanes.SumEach(b0, b1, b2, b3, b4, b5, b6, b7)).StoreUnsafe(ref second);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFourByFour(ref double w, ref double z, int stride, int laneCount, ref double destination, int rowLength)
    {
        Vector512<double> a00 = Vector512<double>.Zero, a01 = a00, a02 = a00, a03 = a00;
        Vector512<double> a10 = a00, a11 = a00, a12 = a00, a13 = a00;
        Vector512<double> a20 = a00, a21 = a00, a22 = a00, a23 = a00;
        Vector512<double> a30 = a00, a31 = a00, a32 = a00, a33 = a00;
        ref double w1 = ref Unsafe.Add(ref w, stride);
        ref double w2 = ref Unsafe.Add(ref w, 2 * stride);
        ref double w3 = ref Unsafe.Add(ref w, 3 * stride);
        ref double z1 = ref Unsafe.Add(ref z, stride);
        ref double z2 = ref Unsafe.Add(ref z, 2 * stride);
        ref double z3 = ref Unsafe.Add(ref z, 3 * stride);
        for (nuint i = 0; i < (nuint)laneCount; i += Lanes.Width)
        {
            Vector512<double> y0 = Vector512.LoadUnsafe(ref z, i), y1 = Vector512.LoadUnsafe(ref z1, i);
            Vector512<double> y2 = Vector512.LoadUnsafe(ref z2, i), y3 = Vector512.LoadUnsafe(ref z3, i);
            Vector512<double> x = Vector512.LoadUnsafe(ref w, i);
            a00 = Vector512.FusedMultiplyAdd(x, y0, a00);
            a01 = Vector512.FusedMultiplyAdd(x, y1, a01);
            a02 = Vector512.FusedMultiplyAdd(x, y2, a02);
            a03 = Vector512.FusedMultiplyAdd(x, y3, a03);
            x = Vector512.LoadUnsafe(ref w1, i);
            a10 = Vector512.FusedMultiplyAdd(x, y0, a10);
            a11 = Vector512.FusedMultiplyAdd(x, y1, a11);
            a12 = Vector512.FusedMultiplyAdd(x, y2, a12);
            a13 = Vector512.FusedMultiplyAdd(x, y3, a13);
            x = Vector512.LoadUnsafe(ref w2, i);
            a20 = Vector512.FusedMultiplyAdd(x, y0, a20);
            a21 = Vector512.FusedMultiplyAdd(x, y1, a21);
            a22 = Vector512.FusedMultiplyAdd(x, y2, a22);
            a23 = Vector512.FusedMultiplyAdd(x, y3, a23);
            x = Vector512.LoadUnsafe(ref w3, i);
            a30 = Vector512.FusedMultiplyAdd(x, y0, a30);
            a31 = Vector512.FusedMultiplyAdd(x, y1, a31);
            a32 = Vector512.FusedMultiplyAdd(x, y2, a32);
            a33 = Vector512.FusedMultiplyAdd(x, y3, a33);
        }

        Vector512<double> top = Lanes.SumEach(a00, a01, a02, a03, a10, a11, a12, a13);
        Vector512<double> bottom = Lanes.SumEach(a20, a21, a22, a23, a30, a31, a32, a33);
        AddTo(ref destination, top.GetLower());
        AddTo(ref Unsafe.Add(ref destination, rowLength), top.GetUpper());
        AddTo(ref Unsafe.Add(ref destination, 2 * rowLength), bottom.GetLower());
        AddTo(ref Unsafe.Add(ref destination, 3 * rowLength), bottom.GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTo(ref double destination, Vector256<double> value) => (Vector256.LoadUnsafe(ref destination) + value).StoreUnsafe(ref destination);
}
