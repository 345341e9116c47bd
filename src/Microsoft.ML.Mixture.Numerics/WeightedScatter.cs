using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mixture.Numerics;

/// <summary>Sums of w(i) z_i z_i' over a block of centred rows: whole, its diagonal, or its trace.</summary>
public static class WeightedScatter
{
    private const int Tile = TriangularPanels.Width;

    /// <summary>Adds the lower triangle of the sum over i of w(i) z_i z_i'.</summary>
    /// <param name="centred">z, feature-major, shape ceil(D / 4) * 4 x stride, zero beyond D; see <see cref="Centring.Subtract"/>.</param>
    /// <param name="weighted">w(i) z_i, of the same shape; see <see cref="Centring.WeighAndAddSums"/>.</param>
    /// <param name="dimension">D.</param>
    /// <param name="stride">The distance between features, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="laneCount">The number of rows, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="destination">The lower triangle, added to; see <see cref="PackedTriangle"/>. Squared feature units.</param>
    /// <remarks>Cost: D (D + 1) / 2 fused multiply-adds a row, and what fills the tiles on the diagonal.</remarks>
    public static void AddFull(
        ReadOnlySpan<double> centred, ReadOnlySpan<double> weighted, int dimension, int stride, int laneCount, Span<double> destination)
    {
        Debug.Assert(centred.Length >= TriangularPanels.PadDimension(dimension) * stride && weighted.Length >= centred.Length);
        Debug.Assert(destination.Length >= PackedTriangle.Length(dimension));
        ref double z = ref MemoryMarshal.GetReference(centred);
        ref double w = ref MemoryMarshal.GetReference(weighted);
        Span<double> tile = stackalloc double[Tile * Tile];
        for (int row = 0; row < dimension; row += Tile)
        {
            for (int column = 0; column <= row; column += Tile)
            {
                SumTile(ref Unsafe.Add(ref w, row * stride), ref Unsafe.Add(ref z, column * stride), stride, laneCount, tile);
                for (int i = row; i < Math.Min(row + Tile, dimension); i++)
                {
                    for (int j = column; j < Math.Min(column + Tile, i + 1); j++)
                    {
                        destination[PackedTriangle.Index(i, j)] += tile[((i - row) * Tile) + (j - column)];
                    }
                }
            }
        }
    }

    /// <summary>Adds the diagonal of the sum over i of w(i) z_i z_i'.</summary>
    /// <param name="centred">z, feature-major, shape at least D x stride; see <see cref="Centring.Subtract"/>.</param>
    /// <param name="weighted">w(i) z_i, of the same shape; see <see cref="Centring.WeighAndAddSums"/>.</param>
    /// <param name="stride">The distance between features, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="laneCount">The number of rows, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="destination">The diagonal, shape D, added to. Squared feature units.</param>
    public static void AddDiagonal(
        ReadOnlySpan<double> centred, ReadOnlySpan<double> weighted, int stride, int laneCount, Span<double> destination)
    {
        Debug.Assert(centred.Length >= destination.Length * stride && weighted.Length >= destination.Length * stride);
        ref double z = ref MemoryMarshal.GetReference(centred);
        ref double w = ref MemoryMarshal.GetReference(weighted);
        for (int j = 0; j < destination.Length; j++)
        {
            Vector512<double> sum = Vector512<double>.Zero;
            for (int at = j * stride, end = at + laneCount; at < end; at += Lanes.Width)
            {
                sum = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref w, (nuint)at), Vector512.LoadUnsafe(ref z, (nuint)at), sum);
            }

            destination[j] += Lanes.Sum(sum);
        }
    }

    /// <summary>Computes the sum over i of w(i) |z_i|^2, the trace of the scatter matrix.</summary>
    /// <param name="centred">z, feature-major, shape at least D x stride; see <see cref="Centring.Subtract"/>.</param>
    /// <param name="weighted">w(i) z_i, of the same shape; see <see cref="Centring.WeighAndAddSums"/>.</param>
    /// <param name="dimension">D.</param>
    /// <param name="stride">The distance between features, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="laneCount">The number of rows, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <returns>The trace, in squared feature units.</returns>
    public static double Trace(ReadOnlySpan<double> centred, ReadOnlySpan<double> weighted, int dimension, int stride, int laneCount)
    {
        double trace = 0;
        for (int j = 0; j < dimension; j++) AddDiagonal(centred[(j * stride)..], weighted[(j * stride)..], stride, laneCount, new Span<double>(ref trace));
        return trace;
    }

    private static void SumTile(ref double w, ref double z, int stride, int laneCount, Span<double> tile)
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
            Vector512<double> y0 = Vector512.LoadUnsafe(ref z, i);
            Vector512<double> y1 = Vector512.LoadUnsafe(ref z1, i);
            Vector512<double> y2 = Vector512.LoadUnsafe(ref z2, i);
            Vector512<double> y3 = Vector512.LoadUnsafe(ref z3, i);
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

        (tile[0], tile[1], tile[2], tile[3]) = (Lanes.Sum(a00), Lanes.Sum(a01), Lanes.Sum(a02), Lanes.Sum(a03));
        (tile[4], tile[5], tile[6], tile[7]) = (Lanes.Sum(a10), Lanes.Sum(a11), Lanes.Sum(a12), Lanes.Sum(a13));
        (tile[8], tile[9], tile[10], tile[11]) = (Lanes.Sum(a20), Lanes.Sum(a21), Lanes.Sum(a22), Lanes.Sum(a23));
        (tile[12], tile[13], tile[14], tile[15]) = (Lanes.Sum(a30), Lanes.Sum(a31), Lanes.Sum(a32), Lanes.Sum(a33));
    }
}
