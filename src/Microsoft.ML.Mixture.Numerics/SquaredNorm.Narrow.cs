using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mixture.Numerics;

/// <content>The product with a triangular matrix by vectors of four lanes or fewer, of which there are sixteen registers at most.</content>
public static partial class SquaredNorm
{
    private const int NarrowWidth = Lanes.Width / 2;

    // Twelve lanes at a time: three vectors of rows times four columns of U are twelve accumulators, which leaves registers for the rows and one number of U.
    private const int NarrowLanes = 3 * NarrowWidth;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ThreeHalves<TResult>(ref double x, ref double m, ref double u, int dimension, int stride, ref double result)
        where TResult : struct, IResult
    {
        Vector256<double> q0 = Vector256<double>.Zero, q1 = q0, q2 = q0;
        for (int first = 0; first < dimension; first += TriangularPanels.Width)
        {
            Vector256<double> a00 = Vector256<double>.Zero, a01 = a00, a02 = a00, a03 = a00;
            Vector256<double> a10 = a00, a11 = a00, a12 = a00, a13 = a00;
            Vector256<double> a20 = a00, a21 = a00, a22 = a00, a23 = a00;
            ref double row = ref x;
            for (int i = 0; i < first + TriangularPanels.Width; i++)
            {
                Vector256<double> c = Vector256.Create(Unsafe.Add(ref m, i));
                Vector256<double> z0 = Vector256.LoadUnsafe(ref row) - c;
                Vector256<double> z1 = Vector256.LoadUnsafe(ref row, NarrowWidth) - c;
                Vector256<double> z2 = Vector256.LoadUnsafe(ref row, 2 * NarrowWidth) - c;
                c = Vector256.Create(u);
                a00 = Vector256.FusedMultiplyAdd(z0, c, a00);
                a10 = Vector256.FusedMultiplyAdd(z1, c, a10);
                a20 = Vector256.FusedMultiplyAdd(z2, c, a20);
                c = Vector256.Create(Unsafe.Add(ref u, 1));
                a01 = Vector256.FusedMultiplyAdd(z0, c, a01);
                a11 = Vector256.FusedMultiplyAdd(z1, c, a11);
                a21 = Vector256.FusedMultiplyAdd(z2, c, a21);
                c = Vector256.Create(Unsafe.Add(ref u, 2));
                a02 = Vector256.FusedMultiplyAdd(z0, c, a02);
                a12 = Vector256.FusedMultiplyAdd(z1, c, a12);
                a22 = Vector256.FusedMultiplyAdd(z2, c, a22);
                c = Vector256.Create(Unsafe.Add(ref u, 3));
                a03 = Vector256.FusedMultiplyAdd(z0, c, a03);
                a13 = Vector256.FusedMultiplyAdd(z1, c, a13);
                a23 = Vector256.FusedMultiplyAdd(z2, c, a23);
                row = ref Unsafe.Add(ref row, stride);
                u = ref Unsafe.Add(ref u, TriangularPanels.Width);
            }

            if (TResult.IsSquared)
            {
                q0 = AddSquares(a00, a01, a02, a03, q0);
                q1 = AddSquares(a10, a11, a12, a13, q1);
                q2 = AddSquares(a20, a21, a22, a23, q2);
            }
            else
            {
                Store(a00, a01, a02, a03, ref Unsafe.Add(ref result, first * stride), stride);
                Store(a10, a11, a12, a13, ref Unsafe.Add(ref result, (first * stride) + NarrowWidth), stride);
                Store(a20, a21, a22, a23, ref Unsafe.Add(ref result, (first * stride) + (2 * NarrowWidth)), stride);
            }
        }

        if (!TResult.IsSquared) return;
        q0.StoreUnsafe(ref result);
        q1.StoreUnsafe(ref result, NarrowWidth);
        q2.StoreUnsafe(ref result, 2 * NarrowWidth);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<double> a, Vector256<double> b, Vector256<double> c, Vector256<double> d, ref double destination, int stride)
    {
        a.StoreUnsafe(ref destination);
        b.StoreUnsafe(ref destination, (nuint)stride);
        c.StoreUnsafe(ref destination, (nuint)(2 * stride));
        d.StoreUnsafe(ref destination, (nuint)(3 * stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> AddSquares(
        Vector256<double> a, Vector256<double> b, Vector256<double> c, Vector256<double> d, Vector256<double> sum)
    {
        sum = Vector256.FusedMultiplyAdd(a, a, sum);
        sum = Vector256.FusedMultiplyAdd(b, b, sum);
        sum = Vector256.FusedMultiplyAdd(c, c, sum);
        return Vector256.FusedMultiplyAdd(d, d, sum);
    }
}
