using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Mixture.Numerics;

/// <summary>The sums of <see cref="WeightedScatter"/> over the few rows of a block whose weight is not zero.</summary>
/// <remarks>Here the features of one row stand side by side, so a row costs the same whichever rows stand beside it.</remarks>
public static class SparseScatter
{
    /// <summary>Finds the rows whose weight is not zero.</summary>
    /// <param name="weights">w, a multiple of <see cref="Lanes.Width"/> of them.</param>
    /// <param name="rows">On return the places of the weights that are not zero, in order. As long as <paramref name="weights"/>.</param>
    /// <returns>How many there are.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int FindRows(ReadOnlySpan<double> weights, Span<int> rows)
    {
        Debug.Assert(rows.Length >= weights.Length && weights.Length % Lanes.Width == 0);
        ref double w = ref MemoryMarshal.GetReference(weights);
        int count = 0;
        if (Avx512F.VL.IsSupported)
        {
            // Eight places are written each time, of which those that are not taken are overwritten by the next.
            Vector256<int> places = Vector256<int>.Indices;
            for (int i = 0; i < weights.Length; i += Lanes.Width)
            {
                Vector512<double> isTaken = ~Vector512.Equals(Vector512.LoadUnsafe(ref w, (nuint)i), Vector512<double>.Zero);
                Avx512F.VL.Compress(places, Avx512F.ConvertToVector256Int32(isTaken.AsInt64()), places).CopyTo(rows[count..]);
                count += BitOperations.PopCount(isTaken.ExtractMostSignificantBits());
                places += Vector256.Create(Lanes.Width);
            }

            return count;
        }

        for (int i = 0; i < weights.Length; i += Lanes.Width)
        {
            ulong zero = Vector512.Equals(Vector512.LoadUnsafe(ref w, (nuint)i), Vector512<double>.Zero).ExtractMostSignificantBits();
            for (ulong set = ~zero & 0xFF; set != 0; set &= set - 1) rows[count++] = i + BitOperations.TrailingZeroCount(set);
        }

        return count;
    }

    /// <summary>Copies rows, centred and side by side, and adds their weighted sum.</summary>
    /// <param name="values">x, feature-major, shape D x stride.</param>
    /// <param name="centre">m, shape D.</param>
    /// <param name="weights">w, shape stride.</param>
    /// <param name="stride">The distance between features in <paramref name="values"/>.</param>
    /// <param name="rows">Which rows.</param>
    /// <param name="centred">On return x - m of each, row-major, filled up with zeros to ceil(D / 8) * 8 features.</param>
    /// <param name="weighted">On return w (x - m), of the same shape.</param>
    /// <param name="sums">The sum of w (x - m), shape D: added to.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gather(
        ReadOnlySpan<double> values, ReadOnlySpan<double> centre, ReadOnlySpan<double> weights, int stride, ReadOnlySpan<int> rows,
        Span<double> centred, Span<double> weighted, Span<double> sums)
    {
        int padded = Lanes.Pad(centre.Length);
        Debug.Assert(centred.Length >= rows.Length * padded && weighted.Length >= rows.Length * padded);
        ref double x = ref MemoryMarshal.GetReference(values);
        ref double m = ref MemoryMarshal.GetReference(centre);
        ref double z = ref MemoryMarshal.GetReference(centred);
        ref double wz = ref MemoryMarshal.GetReference(weighted);
        for (int at = 0; at < rows.Length; at++)
        {
            ref double source = ref Unsafe.Add(ref x, rows[at]);
            int first = at * padded;
            for (int j = 0; j < centre.Length; j++) Unsafe.Add(ref z, first + j) = Unsafe.Add(ref source, j * stride) - Unsafe.Add(ref m, j);
            for (int j = centre.Length; j < padded; j++) Unsafe.Add(ref z, first + j) = 0;
        }

        // Apart from the loop above, for a vector that is loaded right after its parts were stored has to wait for them.
        for (int at = 0; at < rows.Length; at++)
        {
            Vector512<double> weight = Vector512.Create(weights[rows[at]]);
            for (int j = at * padded; j < (at + 1) * padded; j += Lanes.Width) (Vector512.LoadUnsafe(ref z, (nuint)j) * weight).StoreUnsafe(ref wz, (nuint)j);
        }

        Span<double> sum = stackalloc double[Lanes.Width];
        for (int panel = 0; panel < padded; panel += Lanes.Width)
        {
            Vector512<double> total = Vector512<double>.Zero;
            for (int at = 0; at < rows.Length; at++) total += Vector512.LoadUnsafe(ref wz, (nuint)((at * padded) + panel));
            total.CopyTo(sum);
            for (int j = panel; j < Math.Min(panel + Lanes.Width, sums.Length); j++) sums[j] += sum[j - panel];
        }
    }

    /// <summary>Adds the lower triangle of the sum of w z z'.</summary>
    /// <param name="centred">z, as <see cref="Gather"/> leaves it.</param>
    /// <param name="weighted">w z, as <see cref="Gather"/> leaves it.</param>
    /// <param name="dimension">D.</param>
    /// <param name="rowCount">The number of rows.</param>
    /// <param name="destination">The lower triangle, added to; see <see cref="ScatterTriangle"/>.</param>
    public static void AddFull(ReadOnlySpan<double> centred, ReadOnlySpan<double> weighted, int dimension, int rowCount, Span<double> destination)
    {
        int padded = Lanes.Pad(dimension);
        Debug.Assert(centred.Length >= rowCount * padded && weighted.Length >= rowCount * padded && destination.Length >= ScatterTriangle.Length(dimension));
        ref double z = ref MemoryMarshal.GetReference(centred);
        ref double w = ref MemoryMarshal.GetReference(weighted);
        ref double s = ref MemoryMarshal.GetReference(destination);
        for (int row = 0; row < dimension; row += Lanes.Width)
        {
            for (int column = 0; column <= row; column += Lanes.Width)
            {
                AddTile(ref Unsafe.Add(ref w, row), ref Unsafe.Add(ref z, column), padded, rowCount, ref Unsafe.Add(ref s, ScatterTriangle.RowOffset(row) + column), row + Lanes.Width, row == column);
            }
        }
    }

    // Eight rows by eight columns of the result stay in registers while the rows of the data pass by.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddTile(ref double w, ref double z, int padded, int rowCount, ref double destination, int rowLength, bool isOnDiagonal)
    {
        Vector512<double> a0 = Vector512.LoadUnsafe(ref destination);
        Vector512<double> a1 = Vector512.LoadUnsafe(ref destination, (nuint)rowLength);
        Vector512<double> a2 = Vector512.LoadUnsafe(ref destination, (nuint)(2 * rowLength));
        Vector512<double> a3 = Vector512.LoadUnsafe(ref destination, (nuint)(3 * rowLength));
        Vector512<double> a4 = Vector512.LoadUnsafe(ref destination, (nuint)(4 * rowLength));
        Vector512<double> a5 = Vector512.LoadUnsafe(ref destination, (nuint)(5 * rowLength));
        Vector512<double> a6 = Vector512.LoadUnsafe(ref destination, (nuint)(6 * rowLength));
        Vector512<double> a7 = Vector512.LoadUnsafe(ref destination, (nuint)(7 * rowLength));
        for (int at = 0; at < rowCount; at++)
        {
            Vector512<double> y = Vector512.LoadUnsafe(ref z);

            // Above the diagonal the same entries stay zero as in the dense sums, so that the two add up to the same.
            Vector512<double> top = isOnDiagonal ? Vector512.Create(y.GetLower(), Vector256<double>.Zero) : y;
            a0 = Vector512.FusedMultiplyAdd(Vector512.Create(w), top, a0);
            a1 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, 1)), top, a1);
            a2 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, 2)), top, a2);
            a3 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, 3)), top, a3);
            a4 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, 4)), y, a4);
            a5 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, 5)), y, a5);
            a6 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, 6)), y, a6);
            a7 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, 7)), y, a7);
            z = ref Unsafe.Add(ref z, padded);
            w = ref Unsafe.Add(ref w, padded);
        }

        a0.StoreUnsafe(ref destination);
        a1.StoreUnsafe(ref destination, (nuint)rowLength);
        a2.StoreUnsafe(ref destination, (nuint)(2 * rowLength));
        a3.StoreUnsafe(ref destination, (nuint)(3 * rowLength));
        a4.StoreUnsafe(ref destination, (nuint)(4 * rowLength));
        a5.StoreUnsafe(ref destination, (nuint)(5 * rowLength));
        a6.StoreUnsafe(ref destination, (nuint)(6 * rowLength));
        a7.StoreUnsafe(ref destination, (nuint)(7 * rowLength));
    }
}
