using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mixture.Numerics;

/// <content>Tiles for vectors of four lanes or fewer, of which there are sixteen registers at most.</content>
public static partial class WeightedScatter
{
    private const int NarrowWidth = Lanes.Width / 2;

    private static void AddInNarrowTiles(ref double z, ref double w, int dimension, int stride, int laneCount, ref double destination)
    {
        // Four columns stay in the nearest cache while the rows pass by, two at a time.
        for (int column = 0; column < dimension; column += NarrowWidth)
        {
            for (int row = column; row < dimension; row += 2)
            {
                int start = ScatterTriangle.RowOffset(row), length = ScatterTriangle.RowOffset(row + 1) - start;
                ref double result = ref Unsafe.Add(ref destination, start + column);
                AddTwoByFour(ref Unsafe.Add(ref w, row * stride), ref Unsafe.Add(ref z, column * stride), stride, laneCount, ref result, ref Unsafe.Add(ref result, length));
            }
        }
    }

    // The lower halves of all eight lanes first, then the upper ones: each half has eight accumulators, and all operands find a register.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddTwoByFour(ref double w, ref double z, int stride, int laneCount, ref double first, ref double second)
    {
        SumTwoByFour(ref w, ref z, stride, laneCount, out Vector256<double> firstOfLower, out Vector256<double> secondOfLower);
        SumTwoByFour(
            ref Unsafe.Add(ref w, NarrowWidth), ref Unsafe.Add(ref z, NarrowWidth), stride, laneCount, out Vector256<double> firstOfUpper, out Vector256<double> secondOfUpper);
        (Vector256.LoadUnsafe(ref first) + (firstOfLower + firstOfUpper)).StoreUnsafe(ref first);
        (Vector256.LoadUnsafe(ref second) + (secondOfLower + secondOfUpper)).StoreUnsafe(ref second);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumTwoByFour(ref double w, ref double z, int stride, int laneCount, out Vector256<double> first, out Vector256<double> second)
    {
        Vector256<double> a0 = Vector256<double>.Zero, a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
        ref double w1 = ref Unsafe.Add(ref w, stride);
        ref double z1 = ref Unsafe.Add(ref z, stride);
        ref double z2 = ref Unsafe.Add(ref z, 2 * stride);
        ref double z3 = ref Unsafe.Add(ref z, 3 * stride);
        for (nuint i = 0; i < (nuint)laneCount; i += Lanes.Width)
        {
            Vector256<double> x0 = Vector256.LoadUnsafe(ref w, i), x1 = Vector256.LoadUnsafe(ref w1, i);
            Vector256<double> y = Vector256.LoadUnsafe(ref z, i);
            a0 = Vector256.FusedMultiplyAdd(x0, y, a0);
            b0 = Vector256.FusedMultiplyAdd(x1, y, b0);
            y = Vector256.LoadUnsafe(ref z1, i);
            a1 = Vector256.FusedMultiplyAdd(x0, y, a1);
            b1 = Vector256.FusedMultiplyAdd(x1, y, b1);
            y = Vector256.LoadUnsafe(ref z2, i);
            a2 = Vector256.FusedMultiplyAdd(x0, y, a2);
            b2 = Vector256.FusedMultiplyAdd(x1, y, b2);
            y = Vector256.LoadUnsafe(ref z3, i);
            a3 = Vector256.FusedMultiplyAdd(x0, y, a3);
            b3 = Vector256.FusedMultiplyAdd(x1, y, b3);
        }

        first = Lanes.SumEachHalf(a0, a1, a2, a3);
        second = Lanes.SumEachHalf(b0, b1, b2, b3);
    }
}
