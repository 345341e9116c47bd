using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mixture.Numerics;

/// <content>Tiles for vectors of four lanes or fewer, of which there are sixteen registers at most.</content>
public static partial class SparseScatter
{
    private const int NarrowWidth = Lanes.Width / 2;

    private static void AddInNarrowTiles(ref double rows, int padded, int stride, int rowCount, ref double scatter)
    {
        for (int row = 0; row < padded; row += NarrowWidth)
        {
            int length = Lanes.Pad(row + 1);
            ref double result = ref Unsafe.Add(ref scatter, ScatterTriangle.RowOffset(row));
            ref double left = ref Unsafe.Add(ref rows, row);
            int column = 0, width = row + NarrowWidth;

            // Above the diagonal the same entries stay zero as in wide tiles. Twice eight columns are faster than twelve and four.
            for (; width - column >= 3 * NarrowWidth && width - column != 4 * NarrowWidth; column += 3 * NarrowWidth)
            {
                AddFourByTwelve(ref left, ref Unsafe.Add(ref rows, column), stride, rowCount, ref Unsafe.Add(ref result, column), length);
            }

            for (; width - column >= 2 * NarrowWidth; column += 2 * NarrowWidth)
            {
                AddFourByEight(ref left, ref Unsafe.Add(ref rows, column), stride, rowCount, ref Unsafe.Add(ref result, column), length);
            }

            if (column < width) AddFourByFour(ref left, ref Unsafe.Add(ref rows, column), stride, rowCount, ref Unsafe.Add(ref result, column), length);
        }
    }

    // Sixteen features of the rows from one panel on: see CentreAndScale.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CentreAndScaleFourHalves(
        ref double x, ref double centre, ref double weights, ref double roots, int stride, ReadOnlySpan<int> places, ref double scaled, ref double sums)
    {
        Vector256<double> m0 = Vector256.LoadUnsafe(ref centre), m1 = Vector256.LoadUnsafe(ref centre, NarrowWidth);
        Vector256<double> m2 = Vector256.LoadUnsafe(ref centre, 2 * NarrowWidth), m3 = Vector256.LoadUnsafe(ref centre, 3 * NarrowWidth);
        Vector256<double> s0 = Vector256<double>.Zero, s1 = s0, s2 = s0, s3 = s0;
        foreach (int place in places)
        {
            ref double row = ref Unsafe.Add(ref x, place * stride);
            Vector256<double> root = Vector256.Create(Unsafe.Add(ref roots, place)), w = Vector256.Create(Unsafe.Add(ref weights, place));
            Vector256<double> z = Vector256.LoadUnsafe(ref row) - m0;
            (root * z).StoreUnsafe(ref scaled);
            s0 = Vector256.FusedMultiplyAdd(w, z, s0);
            z = Vector256.LoadUnsafe(ref row, NarrowWidth) - m1;
            (root * z).StoreUnsafe(ref scaled, NarrowWidth);
            s1 = Vector256.FusedMultiplyAdd(w, z, s1);
            z = Vector256.LoadUnsafe(ref row, 2 * NarrowWidth) - m2;
            (root * z).StoreUnsafe(ref scaled, 2 * NarrowWidth);
            s2 = Vector256.FusedMultiplyAdd(w, z, s2);
            z = Vector256.LoadUnsafe(ref row, 3 * NarrowWidth) - m3;
            (root * z).StoreUnsafe(ref scaled, 3 * NarrowWidth);
            s3 = Vector256.FusedMultiplyAdd(w, z, s3);
            scaled = ref Unsafe.Add(ref scaled, stride);
        }

        AddTo(ref sums, s0, s1);
        AddTo(ref Unsafe.Add(ref sums, 2 * NarrowWidth), s2, s3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFourByTwelve(ref double rows, ref double columns, int stride, int rowCount, ref double destination, int rowLength)
    {
        Vector256<double> a0 = Vector256<double>.Zero, a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0, d0 = a0, d1 = a0, d2 = a0, d3 = a0;
        for (int at = 0; at < rowCount; at++)
        {
            Vector256<double> left = Vector256.LoadUnsafe(ref columns), middle = Vector256.LoadUnsafe(ref columns, NarrowWidth);
            Vector256<double> right = Vector256.LoadUnsafe(ref columns, 2 * NarrowWidth), c = Vector256.Create(rows);
            a0 = Vector256.FusedMultiplyAdd(c, left, a0);
            b0 = Vector256.FusedMultiplyAdd(c, middle, b0);
            d0 = Vector256.FusedMultiplyAdd(c, right, d0);
            c = Vector256.Create(Unsafe.Add(ref rows, 1));
            a1 = Vector256.FusedMultiplyAdd(c, left, a1);
            b1 = Vector256.FusedMultiplyAdd(c, middle, b1);
            d1 = Vector256.FusedMultiplyAdd(c, right, d1);
            c = Vector256.Create(Unsafe.Add(ref rows, 2));
            a2 = Vector256.FusedMultiplyAdd(c, left, a2);
            b2 = Vector256.FusedMultiplyAdd(c, middle, b2);
            d2 = Vector256.FusedMultiplyAdd(c, right, d2);
            c = Vector256.Create(Unsafe.Add(ref rows, 3));
            a3 = Vector256.FusedMultiplyAdd(c, left, a3);
            b3 = Vector256.FusedMultiplyAdd(c, middle, b3);
            d3 = Vector256.FusedMultiplyAdd(c, right, d3);
            columns = ref Unsafe.Add(ref columns, stride);
            rows = ref Unsafe.Add(ref rows, stride);
        }

        AddTo(ref destination, a0, b0);
        AddTo(ref Unsafe.Add(ref destination, 2 * NarrowWidth), d0);
        destination = ref Unsafe.Add(ref destination, rowLength);
        AddTo(ref destination, a1, b1);
        AddTo(ref Unsafe.Add(ref destination, 2 * NarrowWidth), d1);
        destination = ref Unsafe.Add(ref destination, rowLength);
        AddTo(ref destination, a2, b2);
        AddTo(ref Unsafe.Add(ref destination, 2 * NarrowWidth), d2);
        destination = ref Unsafe.Add(ref destination, rowLength);
        AddTo(ref destination, a3, b3);
        AddTo(ref Unsafe.Add(ref destination, 2 * NarrowWidth), d3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFourByEight(ref double rows, ref double columns, int stride, int rowCount, ref double destination, int rowLength)
    {
        Vector256<double> a0 = Vector256<double>.Zero, a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
        for (int at = 0; at < rowCount; at++)
        {
            Vector256<double> left = Vector256.LoadUnsafe(ref columns), right = Vector256.LoadUnsafe(ref columns, NarrowWidth);
            Vector256<double> c = Vector256.Create(rows);
            a0 = Vector256.FusedMultiplyAdd(c, left, a0);
            b0 = Vector256.FusedMultiplyAdd(c, right, b0);
            c = Vector256.Create(Unsafe.Add(ref rows, 1));
            a1 = Vector256.FusedMultiplyAdd(c, left, a1);
            b1 = Vector256.FusedMultiplyAdd(c, right, b1);
            c = Vector256.Create(Unsafe.Add(ref rows, 2));
            a2 = Vector256.FusedMultiplyAdd(c, left, a2);
            b2 = Vector256.FusedMultiplyAdd(c, right, b2);
            c = Vector256.Create(Unsafe.Add(ref rows, 3));
            a3 = Vector256.FusedMultiplyAdd(c, left, a3);
            b3 = Vector256.FusedMultiplyAdd(c, right, b3);
            columns = ref Unsafe.Add(ref columns, stride);
            rows = ref Unsafe.Add(ref rows, stride);
        }

        AddTo(ref destination, a0, b0);
        AddTo(ref Unsafe.Add(ref destination, rowLength), a1, b1);
        AddTo(ref Unsafe.Add(ref destination, 2 * rowLength), a2, b2);
        AddTo(ref Unsafe.Add(ref destination, 3 * rowLength), a3, b3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFourByFour(ref double rows, ref double columns, int stride, int rowCount, ref double destination, int rowLength)
    {
        Vector256<double> a0 = Vector256<double>.Zero, a1 = a0, a2 = a0, a3 = a0;
        for (int at = 0; at < rowCount; at++)
        {
            Vector256<double> row = Vector256.LoadUnsafe(ref columns);
            a0 = Vector256.FusedMultiplyAdd(Vector256.Create(rows), row, a0);
            a1 = Vector256.FusedMultiplyAdd(Vector256.Create(Unsafe.Add(ref rows, 1)), row, a1);
            a2 = Vector256.FusedMultiplyAdd(Vector256.Create(Unsafe.Add(ref rows, 2)), row, a2);
            a3 = Vector256.FusedMultiplyAdd(Vector256.Create(Unsafe.Add(ref rows, 3)), row, a3);
            columns = ref Unsafe.Add(ref columns, stride);
            rows = ref Unsafe.Add(ref rows, stride);
        }

        AddTo(ref destination, a0);
        AddTo(ref Unsafe.Add(ref destination, rowLength), a1);
        AddTo(ref Unsafe.Add(ref destination, 2 * rowLength), a2);
        AddTo(ref Unsafe.Add(ref destination, 3 * rowLength), a3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTo(ref double destination, Vector256<double> left, Vector256<double> right)
    {
        AddTo(ref destination, left);
        AddTo(ref Unsafe.Add(ref destination, NarrowWidth), right);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTo(ref double destination, Vector256<double> sum) => (Vector256.LoadUnsafe(ref destination) + sum).StoreUnsafe(ref destination);
}
