using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mixture.Numerics;

/// <content>Sums of scaled squares by vectors of four lanes or fewer.</content>
public static partial class SquaredNorm
{
    // Eight vectors of rows share what is loaded of a feature's centre and scale.
    private const int LanesOfEightHalves = 8 * NarrowWidth;

    // The difference is taken the other way round, which its square does not tell, because then its second operand may stay in memory.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DiagonalOfEightHalves(ref double x, ref double m, ref double scales, int dimension, int stride, ref double result)
    {
        Vector256<double> q0 = Vector256<double>.Zero, q1 = q0, q2 = q0, q3 = q0, q4 = q0, q5 = q0, q6 = q0, q7 = q0;
        ref double row = ref x;
        for (int j = 0; j < dimension; j++)
        {
            Vector256<double> c = Vector256.Create(Unsafe.Add(ref m, j)), s = Vector256.Create(Unsafe.Add(ref scales, j));
            q0 = AddSquare((c - Vector256.LoadUnsafe(ref row)) * s, q0);
            q1 = AddSquare((c - Vector256.LoadUnsafe(ref row, NarrowWidth)) * s, q1);
            q2 = AddSquare((c - Vector256.LoadUnsafe(ref row, 2 * NarrowWidth)) * s, q2);
            q3 = AddSquare((c - Vector256.LoadUnsafe(ref row, 3 * NarrowWidth)) * s, q3);
            q4 = AddSquare((c - Vector256.LoadUnsafe(ref row, 4 * NarrowWidth)) * s, q4);
            q5 = AddSquare((c - Vector256.LoadUnsafe(ref row, 5 * NarrowWidth)) * s, q5);
            q6 = AddSquare((c - Vector256.LoadUnsafe(ref row, 6 * NarrowWidth)) * s, q6);
            q7 = AddSquare((c - Vector256.LoadUnsafe(ref row, 7 * NarrowWidth)) * s, q7);
            row = ref Unsafe.Add(ref row, stride);
        }

        q0.StoreUnsafe(ref result);
        q1.StoreUnsafe(ref result, NarrowWidth);
        q2.StoreUnsafe(ref result, 2 * NarrowWidth);
        q3.StoreUnsafe(ref result, 3 * NarrowWidth);
        q4.StoreUnsafe(ref result, 4 * NarrowWidth);
        q5.StoreUnsafe(ref result, 5 * NarrowWidth);
        q6.StoreUnsafe(ref result, 6 * NarrowWidth);
        q7.StoreUnsafe(ref result, 7 * NarrowWidth);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScaledOfEightHalves(ref double x, ref double m, double square, int dimension, int stride, ref double result)
    {
        Vector256<double> q0 = Vector256<double>.Zero, q1 = q0, q2 = q0, q3 = q0, q4 = q0, q5 = q0, q6 = q0, q7 = q0;
        ref double row = ref x;
        for (int j = 0; j < dimension; j++)
        {
            Vector256<double> c = Vector256.Create(Unsafe.Add(ref m, j));
            q0 = AddSquare(c - Vector256.LoadUnsafe(ref row), q0);
            q1 = AddSquare(c - Vector256.LoadUnsafe(ref row, NarrowWidth), q1);
            q2 = AddSquare(c - Vector256.LoadUnsafe(ref row, 2 * NarrowWidth), q2);
            q3 = AddSquare(c - Vector256.LoadUnsafe(ref row, 3 * NarrowWidth), q3);
            q4 = AddSquare(c - Vector256.LoadUnsafe(ref row, 4 * NarrowWidth), q4);
            q5 = AddSquare(c - Vector256.LoadUnsafe(ref row, 5 * NarrowWidth), q5);
            q6 = AddSquare(c - Vector256.LoadUnsafe(ref row, 6 * NarrowWidth), q6);
            q7 = AddSquare(c - Vector256.LoadUnsafe(ref row, 7 * NarrowWidth), q7);
            row = ref Unsafe.Add(ref row, stride);
        }

        Vector256<double> s = Vector256.Create(square);
        (q0 * s).StoreUnsafe(ref result);
        (q1 * s).StoreUnsafe(ref result, NarrowWidth);
        (q2 * s).StoreUnsafe(ref result, 2 * NarrowWidth);
        (q3 * s).StoreUnsafe(ref result, 3 * NarrowWidth);
        (q4 * s).StoreUnsafe(ref result, 4 * NarrowWidth);
        (q5 * s).StoreUnsafe(ref result, 5 * NarrowWidth);
        (q6 * s).StoreUnsafe(ref result, 6 * NarrowWidth);
        (q7 * s).StoreUnsafe(ref result, 7 * NarrowWidth);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> AddSquare(Vector256<double> z, Vector256<double> sum) => Vector256.FusedMultiplyAdd(z, z, sum);
}
