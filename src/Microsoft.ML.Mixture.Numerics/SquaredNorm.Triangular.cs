using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mixture.Numerics;

/// <content>The product with a triangular matrix, panel by panel.</content>
public static partial class SquaredNorm
{
    private static void Multiply<TResult>(
        ReadOnlySpan<double> values, ReadOnlySpan<double> centre, ReadOnlySpan<double> panels, int stride, int laneCount, ref double destination)
        where TResult : struct, IResult
    {
        if (TResult.IsSquared && !Vector512.IsHardwareAccelerated && centre.Length is > 1 and <= TriangularPanels.Width)
        {
            MultiplyFew(values, centre, panels, stride, laneCount, ref destination);
            return;
        }

        switch (centre.Length % TriangularPanels.Width)
        {
            case 1:
                Multiply<TResult, One>(values, centre, panels, stride, laneCount, ref destination);
                break;
            case 2:
                Multiply<TResult, Two>(values, centre, panels, stride, laneCount, ref destination);
                break;
            case 3:
                Multiply<TResult, Three>(values, centre, panels, stride, laneCount, ref destination);
                break;
            default:
                Multiply<TResult, None>(values, centre, panels, stride, laneCount, ref destination);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply<TResult, TRest>(
        ReadOnlySpan<double> values, ReadOnlySpan<double> centre, ReadOnlySpan<double> panels, int stride, int laneCount, ref double destination)
        where TResult : struct, IResult
        where TRest : struct, IColumns
    {
        int dimension = centre.Length;
        ref double x = ref MemoryMarshal.GetReference(values);
        ref double m = ref MemoryMarshal.GetReference(centre);
        ref double u = ref MemoryMarshal.GetReference(panels);
        int whole = dimension - TRest.Columns;
        ref double last = ref Unsafe.Add(ref u, TriangularPanels.Length(dimension) - (TriangularPanels.Width * TriangularPanels.PadDimension(dimension)));
        int i = 0;

        // Narrower vectors are more registers for eight lanes, so tiles are smaller: see ThreeHalves.
        for (; Vector512.IsHardwareAccelerated && i + (4 * Lanes.Width) <= laneCount; i += 4 * Lanes.Width)
        {
            ref double rows = ref Unsafe.Add(ref x, i);
            ref double result = ref Unsafe.Add(ref destination, i);
            FourVectors<TResult>(ref rows, ref m, ref u, whole, stride, ref result);
            if (TRest.Columns > 0) RestOfFourVectors<TResult, TRest>(ref rows, ref m, ref last, dimension, stride, ref result);
        }

        if (!Vector512.IsHardwareAccelerated) i = MultiplyInHalves<TResult, TRest>(ref x, ref m, ref u, ref last, dimension, stride, laneCount, ref destination);

        for (; i < laneCount; i += Lanes.Width)
        {
            ref double rows = ref Unsafe.Add(ref x, i);
            ref double result = ref Unsafe.Add(ref destination, i);
            OneVector<TResult>(ref rows, ref m, ref u, whole, stride, ref result);
            if (TRest.Columns > 0) RestOfOneVector<TResult, TRest>(ref rows, ref m, ref last, dimension, stride, ref result);
        }
    }

    // Sixteen accumulators: four vectors of rows times four columns of U. One broadcast serves four multiply-adds.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourVectors<TResult>(ref double x, ref double m, ref double u, int dimension, int stride, ref double result)
        where TResult : struct, IResult
    {
        Vector512<double> q0 = Vector512<double>.Zero, q1 = q0, q2 = q0, q3 = q0;
        for (int first = 0; first < dimension; first += TriangularPanels.Width)
        {
            Vector512<double> a00 = Vector512<double>.Zero, a01 = a00, a02 = a00, a03 = a00;
            Vector512<double> a10 = a00, a11 = a00, a12 = a00, a13 = a00;
            Vector512<double> a20 = a00, a21 = a00, a22 = a00, a23 = a00;
            Vector512<double> a30 = a00, a31 = a00, a32 = a00, a33 = a00;
            ref double row = ref x;
            for (int i = 0; i < first + TriangularPanels.Width; i++)
            {
                Vector512<double> c = Vector512.Create(Unsafe.Add(ref m, i));
                Vector512<double> z0 = Vector512.LoadUnsafe(ref row) - c;
                Vector512<double> z1 = Vector512.LoadUnsafe(ref row, Lanes.Width) - c;
                Vector512<double> z2 = Vector512.LoadUnsafe(ref row, 2 * Lanes.Width) - c;
                Vector512<double> z3 = Vector512.LoadUnsafe(ref row, 3 * Lanes.Width) - c;
                c = Vector512.Create(u);
                a00 = Vector512.FusedMultiplyAdd(z0, c, a00);
                a10 = Vector512.FusedMultiplyAdd(z1, c, a10);
                a20 = Vector512.FusedMultiplyAdd(z2, c, a20);
                a30 = Vector512.FusedMultiplyAdd(z3, c, a30);
                c = Vector512.Create(Unsafe.Add(ref u, 1));
                a01 = Vector512.FusedMultiplyAdd(z0, c, a01);
                a11 = Vector512.FusedMultiplyAdd(z1, c, a11);
                a21 = Vector512.FusedMultiplyAdd(z2, c, a21);
                a31 = Vector512.FusedMultiplyAdd(z3, c, a31);
                c = Vector512.Create(Unsafe.Add(ref u, 2));
                a02 = Vector512.FusedMultiplyAdd(z0, c, a02);
                a12 = Vector512.FusedMultiplyAdd(z1, c, a12);
                a22 = Vector512.FusedMultiplyAdd(z2, c, a22);
                a32 = Vector512.FusedMultiplyAdd(z3, c, a32);
                c = Vector512.Create(Unsafe.Add(ref u, 3));
                a03 = Vector512.FusedMultiplyAdd(z0, c, a03);
                a13 = Vector512.FusedMultiplyAdd(z1, c, a13);
                a23 = Vector512.FusedMultiplyAdd(z2, c, a23);
                a33 = Vector512.FusedMultiplyAdd(z3, c, a33);
                row = ref Unsafe.Add(ref row, stride);
                u = ref Unsafe.Add(ref u, TriangularPanels.Width);
            }

            if (TResult.IsSquared)
            {
                q0 = AddSquares(a00, a01, a02, a03, q0);
                q1 = AddSquares(a10, a11, a12, a13, q1);
                q2 = AddSquares(a20, a21, a22, a23, q2);
                q3 = AddSquares(a30, a31, a32, a33, q3);
            }
            else
            {
                Store(a00, a01, a02, a03, ref Unsafe.Add(ref result, first * stride), stride);
                Store(a10, a11, a12, a13, ref Unsafe.Add(ref result, (first * stride) + Lanes.Width), stride);
                Store(a20, a21, a22, a23, ref Unsafe.Add(ref result, (first * stride) + (2 * Lanes.Width)), stride);
                Store(a30, a31, a32, a33, ref Unsafe.Add(ref result, (first * stride) + (3 * Lanes.Width)), stride);
            }
        }

        if (!TResult.IsSquared) return;
        q0.StoreUnsafe(ref result);
        q1.StoreUnsafe(ref result, Lanes.Width);
        q2.StoreUnsafe(ref result, 2 * Lanes.Width);
        q3.StoreUnsafe(ref result, 3 * Lanes.Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneVector<TResult>(ref double x, ref double m, ref double u, int dimension, int stride, ref double result)
        where TResult : struct, IResult
    {
        Vector512<double> sum = Vector512<double>.Zero;
        for (int first = 0; first < dimension; first += TriangularPanels.Width)
        {
            Vector512<double> a0 = Vector512<double>.Zero, a1 = a0, a2 = a0, a3 = a0;
            ref double row = ref x;
            for (int i = 0; i < first + TriangularPanels.Width; i++)
            {
                Vector512<double> z = Vector512.LoadUnsafe(ref row) - Vector512.Create(Unsafe.Add(ref m, i));
                a0 = Vector512.FusedMultiplyAdd(z, Vector512.Create(u), a0);
                a1 = Vector512.FusedMultiplyAdd(z, Vector512.Create(Unsafe.Add(ref u, 1)), a1);
                a2 = Vector512.FusedMultiplyAdd(z, Vector512.Create(Unsafe.Add(ref u, 2)), a2);
                a3 = Vector512.FusedMultiplyAdd(z, Vector512.Create(Unsafe.Add(ref u, 3)), a3);
                row = ref Unsafe.Add(ref row, stride);
                u = ref Unsafe.Add(ref u, TriangularPanels.Width);
            }

            if (TResult.IsSquared) sum = AddSquares(a0, a1, a2, a3, sum);
            else Store(a0, a1, a2, a3, ref Unsafe.Add(ref result, first * stride), stride);
        }

        if (TResult.IsSquared) sum.StoreUnsafe(ref result);
    }

    // The columns that do not fill a panel: one to three, so that no multiplication is by a zero that only fills it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RestOfFourVectors<TResult, TRest>(ref double x, ref double m, ref double u, int dimension, int stride, ref double result)
        where TResult : struct, IResult
        where TRest : struct, IColumns
    {
        Vector512<double> a00 = Vector512<double>.Zero, a01 = a00, a02 = a00;
        Vector512<double> a10 = a00, a11 = a00, a12 = a00;
        Vector512<double> a20 = a00, a21 = a00, a22 = a00;
        Vector512<double> a30 = a00, a31 = a00, a32 = a00;
        ref double row = ref x;
        for (int i = 0; i < dimension; i++)
        {
            Vector512<double> c = Vector512.Create(Unsafe.Add(ref m, i));
            Vector512<double> z0 = Vector512.LoadUnsafe(ref row) - c;
            Vector512<double> z1 = Vector512.LoadUnsafe(ref row, Lanes.Width) - c;
            Vector512<double> z2 = Vector512.LoadUnsafe(ref row, 2 * Lanes.Width) - c;
            Vector512<double> z3 = Vector512.LoadUnsafe(ref row, 3 * Lanes.Width) - c;
            c = Vector512.Create(u);
            a00 = Vector512.FusedMultiplyAdd(z0, c, a00);
            a10 = Vector512.FusedMultiplyAdd(z1, c, a10);
            a20 = Vector512.FusedMultiplyAdd(z2, c, a20);
            a30 = Vector512.FusedMultiplyAdd(z3, c, a30);
            if (TRest.Columns > 1)
            {
                c = Vector512.Create(Unsafe.Add(ref u, 1));
                a01 = Vector512.FusedMultiplyAdd(z0, c, a01);
                a11 = Vector512.FusedMultiplyAdd(z1, c, a11);
                a21 = Vector512.FusedMultiplyAdd(z2, c, a21);
                a31 = Vector512.FusedMultiplyAdd(z3, c, a31);
            }

            if (TRest.Columns > 2)
            {
                c = Vector512.Create(Unsafe.Add(ref u, 2));
                a02 = Vector512.FusedMultiplyAdd(z0, c, a02);
                a12 = Vector512.FusedMultiplyAdd(z1, c, a12);
                a22 = Vector512.FusedMultiplyAdd(z2, c, a22);
                a32 = Vector512.FusedMultiplyAdd(z3, c, a32);
            }

            row = ref Unsafe.Add(ref row, stride);
            u = ref Unsafe.Add(ref u, TriangularPanels.Width);
        }

        EndRest<TResult, TRest>(a00, a01, a02, dimension, stride, ref result);
        EndRest<TResult, TRest>(a10, a11, a12, dimension, stride, ref Unsafe.Add(ref result, Lanes.Width));
        EndRest<TResult, TRest>(a20, a21, a22, dimension, stride, ref Unsafe.Add(ref result, 2 * Lanes.Width));
        EndRest<TResult, TRest>(a30, a31, a32, dimension, stride, ref Unsafe.Add(ref result, 3 * Lanes.Width));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RestOfOneVector<TResult, TRest>(ref double x, ref double m, ref double u, int dimension, int stride, ref double result)
        where TResult : struct, IResult
        where TRest : struct, IColumns
    {
        Vector512<double> a0 = Vector512<double>.Zero, a1 = a0, a2 = a0;
        ref double row = ref x;
        for (int i = 0; i < dimension; i++)
        {
            Vector512<double> z = Vector512.LoadUnsafe(ref row) - Vector512.Create(Unsafe.Add(ref m, i));
            a0 = Vector512.FusedMultiplyAdd(z, Vector512.Create(u), a0);
            if (TRest.Columns > 1) a1 = Vector512.FusedMultiplyAdd(z, Vector512.Create(Unsafe.Add(ref u, 1)), a1);
            if (TRest.Columns > 2) a2 = Vector512.FusedMultiplyAdd(z, Vector512.Create(Unsafe.Add(ref u, 2)), a2);
            row = ref Unsafe.Add(ref row, stride);
            u = ref Unsafe.Add(ref u, TriangularPanels.Width);
        }

        EndRest<TResult, TRest>(a0, a1, a2, dimension, stride, ref result);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void EndRest<TResult, TRest>(Vector512<double> a, Vector512<double> b, Vector512<double> c, int dimension, int stride, ref double result)
        where TResult : struct, IResult
        where TRest : struct, IColumns
    {
        if (TResult.IsSquared)
        {
            Vector512<double> sum = Vector512.FusedMultiplyAdd(a, a, Vector512.LoadUnsafe(ref result));
            if (TRest.Columns > 1) sum = Vector512.FusedMultiplyAdd(b, b, sum);
            if (TRest.Columns > 2) sum = Vector512.FusedMultiplyAdd(c, c, sum);
            sum.StoreUnsafe(ref result);
            return;
        }

        // The other columns of the panel only fill it.
        ref double column = ref Unsafe.Add(ref result, (dimension - TRest.Columns) * stride);
        Store(a, TRest.Columns > 1 ? b : Vector512<double>.Zero, TRest.Columns > 2 ? c : Vector512<double>.Zero, Vector512<double>.Zero, ref column, stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector512<double> a, Vector512<double> b, Vector512<double> c, Vector512<double> d, ref double destination, int stride)
    {
        a.StoreUnsafe(ref destination);
        b.StoreUnsafe(ref destination, (nuint)stride);
        c.StoreUnsafe(ref destination, (nuint)(2 * stride));
        d.StoreUnsafe(ref destination, (nuint)(3 * stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> AddSquares(
        Vector512<double> a, Vector512<double> b, Vector512<double> c, Vector512<double> d, Vector512<double> sum)
    {
        sum = Vector512.FusedMultiplyAdd(a, a, sum);
        sum = Vector512.FusedMultiplyAdd(b, b, sum);
        sum = Vector512.FusedMultiplyAdd(c, c, sum);
        return Vector512.FusedMultiplyAdd(d, d, sum);
    }

    /// <summary>What a product is wanted for: a constant of the type, so that each kernel holds one of the two ends only.</summary>
    private interface IResult
    {
        static abstract bool IsSquared { get; }
    }

    private readonly struct Squares : IResult
    {
        public static bool IsSquared => true;
    }

    private readonly struct Products : IResult
    {
        public static bool IsSquared => false;
    }

    /// <summary>A number of columns: a constant of the type, so that what a smaller number does not need is left out.</summary>
    private interface IColumns
    {
        static abstract int Columns { get; }
    }

    private readonly struct None : IColumns
    {
        public static int Columns => 0;
    }

    private readonly struct One : IColumns
    {
        public static int Columns => 1;
    }

    private readonly struct Two : IColumns
    {
        public static int Columns => 2;
    }

    private readonly struct Three : IColumns
    {
        public static int Columns => 3;
    }

    private readonly struct Four : IColumns
    {
        public static int Columns => 4;
    }
}
