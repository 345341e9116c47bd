using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mixture.Numerics;

/// <content>The product with a triangular matrix by vectors of four lanes or fewer, of which there are sixteen registers at most.</content>
public static partial class SquaredNorm
{
    private const int NarrowWidth = Lanes.Width / 2;

    // Twelve lanes at a time: three vectors of rows times four columns of U are twelve accumulators, which leaves registers for the rows and one number of U.
    private const int NarrowLanes = 3 * NarrowWidth;

    // As many rows as fill whole tiles; returns how many.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int MultiplyInHalves<TResult, TRest>(
        ref double x, ref double m, ref double u, ref double rest, int dimension, int stride, int laneCount, ref double destination)
        where TResult : struct, IResult
        where TRest : struct, IColumns
    {
        int whole = dimension - TRest.Columns, i = 0;
        for (; i + (2 * NarrowLanes) <= laneCount; i += 2 * NarrowLanes)
        {
            ref double rows = ref Unsafe.Add(ref x, i);
            ref double result = ref Unsafe.Add(ref destination, i);
            ThreeHalves<TResult>(ref rows, ref m, ref u, whole, stride, ref result);
            ThreeHalves<TResult>(ref Unsafe.Add(ref rows, NarrowLanes), ref m, ref u, whole, stride, ref Unsafe.Add(ref result, NarrowLanes));
            if (TRest.Columns is 1 or 2) RestOfSixHalves<TResult, TRest>(ref rows, ref m, ref rest, dimension, stride, ref result);
            if (TRest.Columns != 3) continue;
            RestOfThreeHalves<TResult, TRest>(ref rows, ref m, ref rest, dimension, stride, ref result);
            RestOfThreeHalves<TResult, TRest>(ref Unsafe.Add(ref rows, NarrowLanes), ref m, ref rest, dimension, stride, ref Unsafe.Add(ref result, NarrowLanes));
        }

        return i;
    }

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
            Vector256<double> c, z0, z1, z2;
            ref double row = ref x;
            for (int i = 0; i <= first; i++)
            {
                c = Vector256.Create(Unsafe.Add(ref m, i));
                z0 = Vector256.LoadUnsafe(ref row) - c;
                z1 = Vector256.LoadUnsafe(ref row, NarrowWidth) - c;
                z2 = Vector256.LoadUnsafe(ref row, 2 * NarrowWidth) - c;
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

            // The other rows of the panel's corner, without the zeros below the diagonal.
            c = Vector256.Create(Unsafe.Add(ref m, first + 1));
            z0 = Vector256.LoadUnsafe(ref row) - c;
            z1 = Vector256.LoadUnsafe(ref row, NarrowWidth) - c;
            z2 = Vector256.LoadUnsafe(ref row, 2 * NarrowWidth) - c;
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
            c = Vector256.Create(Unsafe.Add(ref m, first + 2));
            z0 = Vector256.LoadUnsafe(ref row) - c;
            z1 = Vector256.LoadUnsafe(ref row, NarrowWidth) - c;
            z2 = Vector256.LoadUnsafe(ref row, 2 * NarrowWidth) - c;
            c = Vector256.Create(Unsafe.Add(ref u, 6));
            a02 = Vector256.FusedMultiplyAdd(z0, c, a02);
            a12 = Vector256.FusedMultiplyAdd(z1, c, a12);
            a22 = Vector256.FusedMultiplyAdd(z2, c, a22);
            c = Vector256.Create(Unsafe.Add(ref u, 7));
            a03 = Vector256.FusedMultiplyAdd(z0, c, a03);
            a13 = Vector256.FusedMultiplyAdd(z1, c, a13);
            a23 = Vector256.FusedMultiplyAdd(z2, c, a23);
            row = ref Unsafe.Add(ref row, stride);
            c = Vector256.Create(Unsafe.Add(ref m, first + 3));
            z0 = Vector256.LoadUnsafe(ref row) - c;
            z1 = Vector256.LoadUnsafe(ref row, NarrowWidth) - c;
            z2 = Vector256.LoadUnsafe(ref row, 2 * NarrowWidth) - c;
            c = Vector256.Create(Unsafe.Add(ref u, 11));
            a03 = Vector256.FusedMultiplyAdd(z0, c, a03);
            a13 = Vector256.FusedMultiplyAdd(z1, c, a13);
            a23 = Vector256.FusedMultiplyAdd(z2, c, a23);
            u = ref Unsafe.Add(ref u, 3 * TriangularPanels.Width);
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

    // Up to two columns that do not fill a panel: six vectors of rows, so that no sum waits for the one before.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RestOfSixHalves<TResult, TRest>(ref double x, ref double m, ref double u, int dimension, int stride, ref double result)
        where TResult : struct, IResult
        where TRest : struct, IColumns
    {
        Vector256<double> a0 = Vector256<double>.Zero, a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0;
        Vector256<double> b0 = a0, b1 = a0, b2 = a0, b3 = a0, b4 = a0, b5 = a0;
        ref double row = ref x;
        for (int i = 0; i < dimension; i++)
        {
            Vector256<double> c = Vector256.Create(Unsafe.Add(ref m, i)), ua = Vector256.Create(u), ub = Vector256.Create(Unsafe.Add(ref u, 1));
            Vector256<double> z = Vector256.LoadUnsafe(ref row) - c;
            a0 = Vector256.FusedMultiplyAdd(z, ua, a0);
            if (TRest.Columns > 1) b0 = Vector256.FusedMultiplyAdd(z, ub, b0);
            z = Vector256.LoadUnsafe(ref row, NarrowWidth) - c;
            a1 = Vector256.FusedMultiplyAdd(z, ua, a1);
            if (TRest.Columns > 1) b1 = Vector256.FusedMultiplyAdd(z, ub, b1);
            z = Vector256.LoadUnsafe(ref row, 2 * NarrowWidth) - c;
            a2 = Vector256.FusedMultiplyAdd(z, ua, a2);
            if (TRest.Columns > 1) b2 = Vector256.FusedMultiplyAdd(z, ub, b2);
            z = Vector256.LoadUnsafe(ref row, 3 * NarrowWidth) - c;
            a3 = Vector256.FusedMultiplyAdd(z, ua, a3);
            if (TRest.Columns > 1) b3 = Vector256.FusedMultiplyAdd(z, ub, b3);
            z = Vector256.LoadUnsafe(ref row, 4 * NarrowWidth) - c;
            a4 = Vector256.FusedMultiplyAdd(z, ua, a4);
            if (TRest.Columns > 1) b4 = Vector256.FusedMultiplyAdd(z, ub, b4);
            z = Vector256.LoadUnsafe(ref row, 5 * NarrowWidth) - c;
            a5 = Vector256.FusedMultiplyAdd(z, ua, a5);
            if (TRest.Columns > 1) b5 = Vector256.FusedMultiplyAdd(z, ub, b5);
            row = ref Unsafe.Add(ref row, stride);
            u = ref Unsafe.Add(ref u, TriangularPanels.Width);
        }

        EndRest<TResult, TRest>(a0, b0, Vector256<double>.Zero, dimension, stride, ref result);
        EndRest<TResult, TRest>(a1, b1, Vector256<double>.Zero, dimension, stride, ref Unsafe.Add(ref result, NarrowWidth));
        EndRest<TResult, TRest>(a2, b2, Vector256<double>.Zero, dimension, stride, ref Unsafe.Add(ref result, 2 * NarrowWidth));
        EndRest<TResult, TRest>(a3, b3, Vector256<double>.Zero, dimension, stride, ref Unsafe.Add(ref result, 3 * NarrowWidth));
        EndRest<TResult, TRest>(a4, b4, Vector256<double>.Zero, dimension, stride, ref Unsafe.Add(ref result, 4 * NarrowWidth));
        EndRest<TResult, TRest>(a5, b5, Vector256<double>.Zero, dimension, stride, ref Unsafe.Add(ref result, 5 * NarrowWidth));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RestOfThreeHalves<TResult, TRest>(ref double x, ref double m, ref double u, int dimension, int stride, ref double result)
        where TResult : struct, IResult
        where TRest : struct, IColumns
    {
        Vector256<double> a0 = Vector256<double>.Zero, a1 = a0, a2 = a0, b0 = a0, b1 = a0, b2 = a0, d0 = a0, d1 = a0, d2 = a0;
        ref double row = ref x;
        for (int i = 0; i < dimension; i++)
        {
            Vector256<double> c = Vector256.Create(Unsafe.Add(ref m, i));
            Vector256<double> z0 = Vector256.LoadUnsafe(ref row) - c;
            Vector256<double> z1 = Vector256.LoadUnsafe(ref row, NarrowWidth) - c;
            Vector256<double> z2 = Vector256.LoadUnsafe(ref row, 2 * NarrowWidth) - c;
            c = Vector256.Create(u);
            a0 = Vector256.FusedMultiplyAdd(z0, c, a0);
            a1 = Vector256.FusedMultiplyAdd(z1, c, a1);
            a2 = Vector256.FusedMultiplyAdd(z2, c, a2);
            c = Vector256.Create(Unsafe.Add(ref u, 1));
            b0 = Vector256.FusedMultiplyAdd(z0, c, b0);
            b1 = Vector256.FusedMultiplyAdd(z1, c, b1);
            b2 = Vector256.FusedMultiplyAdd(z2, c, b2);
            c = Vector256.Create(Unsafe.Add(ref u, 2));
            d0 = Vector256.FusedMultiplyAdd(z0, c, d0);
            d1 = Vector256.FusedMultiplyAdd(z1, c, d1);
            d2 = Vector256.FusedMultiplyAdd(z2, c, d2);
            row = ref Unsafe.Add(ref row, stride);
            u = ref Unsafe.Add(ref u, TriangularPanels.Width);
        }

        EndRest<TResult, TRest>(a0, b0, d0, dimension, stride, ref result);
        EndRest<TResult, TRest>(a1, b1, d1, dimension, stride, ref Unsafe.Add(ref result, NarrowWidth));
        EndRest<TResult, TRest>(a2, b2, d2, dimension, stride, ref Unsafe.Add(ref result, 2 * NarrowWidth));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void EndRest<TResult, TRest>(Vector256<double> a, Vector256<double> b, Vector256<double> c, int dimension, int stride, ref double result)
        where TResult : struct, IResult
        where TRest : struct, IColumns
    {
        if (!TResult.IsSquared)
        {
            Store(a, b, c, Vector256<double>.Zero, ref Unsafe.Add(ref result, (dimension - TRest.Columns) * stride), stride);
            return;
        }

        Vector256<double> sum = Vector256.FusedMultiplyAdd(a, a, Vector256.LoadUnsafe(ref result));
        if (TRest.Columns > 1) sum = Vector256.FusedMultiplyAdd(b, b, sum);
        if (TRest.Columns > 2) sum = Vector256.FusedMultiplyAdd(c, c, sum);
        sum.StoreUnsafe(ref result);
    }

    private static void MultiplyFew(
        ReadOnlySpan<double> values, ReadOnlySpan<double> centre, ReadOnlySpan<double> panels, int stride, int laneCount, ref double destination)
    {
        ref double x = ref MemoryMarshal.GetReference(values);
        ref double m = ref MemoryMarshal.GetReference(centre);
        ref double u = ref MemoryMarshal.GetReference(panels);
        if (centre.Length == 2) FewFeatures<Two>(ref x, ref m, ref u, stride, laneCount, ref destination);
        else if (centre.Length == 3) FewFeatures<Three>(ref x, ref m, ref u, stride, laneCount, ref destination);
        else FewFeatures<Four>(ref x, ref m, ref u, stride, laneCount, ref destination);
    }

    // At most four features: one vector of rows at a time, whose steps depend on nothing but each other.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FewFeatures<TColumns>(ref double x, ref double m, ref double u, int stride, int laneCount, ref double result)
        where TColumns : struct, IColumns
    {
        const int Width = TriangularPanels.Width;
        Vector256<double> m0 = Vector256.Create(m), m1 = Vector256.Create(Unsafe.Add(ref m, 1));
        Vector256<double> u00 = Vector256.Create(u), u01 = Vector256.Create(Unsafe.Add(ref u, 1)), u11 = Vector256.Create(Unsafe.Add(ref u, Width + 1));
        Vector256<double> m2 = m0, u02 = m0, u12 = m0, u22 = m0, m3 = m0, u03 = m0, u13 = m0, u23 = m0, u33 = m0;
        if (TColumns.Columns > 2)
        {
            m2 = Vector256.Create(Unsafe.Add(ref m, 2));
            u02 = Vector256.Create(Unsafe.Add(ref u, 2));
            u12 = Vector256.Create(Unsafe.Add(ref u, Width + 2));
            u22 = Vector256.Create(Unsafe.Add(ref u, (2 * Width) + 2));
        }

        if (TColumns.Columns > 3)
        {
            m3 = Vector256.Create(Unsafe.Add(ref m, 3));
            u03 = Vector256.Create(Unsafe.Add(ref u, 3));
            u13 = Vector256.Create(Unsafe.Add(ref u, Width + 3));
            u23 = Vector256.Create(Unsafe.Add(ref u, (2 * Width) + 3));
            u33 = Vector256.Create(Unsafe.Add(ref u, (3 * Width) + 3));
        }

        ref double x1 = ref Unsafe.Add(ref x, stride);
        ref double x2 = ref Unsafe.Add(ref x1, TColumns.Columns > 2 ? stride : 0);
        ref double x3 = ref Unsafe.Add(ref x2, TColumns.Columns > 3 ? stride : 0);
        for (nuint i = 0; i < (nuint)laneCount; i += NarrowWidth)
        {
            Vector256<double> z0 = Vector256.LoadUnsafe(ref x, i) - m0, z1 = Vector256.LoadUnsafe(ref x1, i) - m1;
            Vector256<double> y = z0 * u00, q = y * y;
            y = Vector256.FusedMultiplyAdd(z1, u11, z0 * u01);
            q = Vector256.FusedMultiplyAdd(y, y, q);
            if (TColumns.Columns > 2)
            {
                Vector256<double> z2 = Vector256.LoadUnsafe(ref x2, i) - m2;
                y = Vector256.FusedMultiplyAdd(z2, u22, Vector256.FusedMultiplyAdd(z1, u12, z0 * u02));
                q = Vector256.FusedMultiplyAdd(y, y, q);
                if (TColumns.Columns > 3)
                {
                    y = Vector256.FusedMultiplyAdd(z2, u23, Vector256.FusedMultiplyAdd(z1, u13, z0 * u03));
                    y = Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref x3, i) - m3, u33, y);
                    q = Vector256.FusedMultiplyAdd(y, y, q);
                }
            }

            q.StoreUnsafe(ref result, i);
        }
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
