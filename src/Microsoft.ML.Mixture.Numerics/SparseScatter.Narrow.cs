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
            int column = 0;

            // Above the diagonal the same entries stay zero as in wide tiles.
            for (; column + Lanes.Width <= row + NarrowWidth; column += Lanes.Width)
            {
                AddFourByEight(ref left, ref Unsafe.Add(ref rows, column), stride, rowCount, ref Unsafe.Add(ref result, column), length);
            }

            if (column < row + NarrowWidth) AddFourByFour(ref left, ref Unsafe.Add(ref rows, column), stride, rowCount, ref Unsafe.Add(ref result, column), length);
        }
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
