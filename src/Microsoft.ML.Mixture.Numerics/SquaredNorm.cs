using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mixture.Numerics;

/// <summary>Squared lengths of a block of centred rows after a linear map: the squared Mahalanobis distances of a Gaussian.</summary>
/// <remarks>
/// Rows stand in lanes, so a triangle is exact and nothing is added across lanes. Each row's result depends on that row alone and is the
/// same whichever rows stand beside it.
/// </remarks>
public static class SquaredNorm
{
    /// <summary>Computes q(i) = |U' z_i|^2 for an upper triangular U.</summary>
    /// <param name="centred">z, feature-major, shape ceil(D / 4) * 4 x stride, zero beyond D; see <see cref="Centring.Subtract"/>.</param>
    /// <param name="panels">U; see <see cref="TriangularPanels"/>.</param>
    /// <param name="dimension">D.</param>
    /// <param name="stride">The distance between features, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="laneCount">The number of rows, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="destination">q, shape stride. Unitless.</param>
    /// <remarks>Cost: D (D + 1) / 2 + D fused multiply-adds a row, and what fills the panels.</remarks>
    public static void Triangular(
        ReadOnlySpan<double> centred, ReadOnlySpan<double> panels, int dimension, int stride, int laneCount, Span<double> destination)
    {
        Debug.Assert(centred.Length >= TriangularPanels.PadDimension(dimension) * stride && panels.Length >= TriangularPanels.Length(dimension));
        Debug.Assert(laneCount <= stride && destination.Length >= laneCount);
        Multiply<Squares>(centred, panels, dimension, stride, laneCount, ref MemoryMarshal.GetReference(destination));
    }

    /// <summary>Computes y_i = U' z_i for an upper triangular U: with the factor of a precision matrix, rows whose covariance is one.</summary>
    /// <param name="centred">z, feature-major, shape ceil(D / 8) * 8 x stride, zero beyond D; see <see cref="Centring.Subtract"/>.</param>
    /// <param name="panels">U; see <see cref="TriangularPanels"/>.</param>
    /// <param name="dimension">D.</param>
    /// <param name="stride">The distance between features, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="laneCount">The number of rows, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="destination">y, feature-major, shape ceil(D / 8) * 8 x stride. Must not overlap <paramref name="centred"/>.</param>
    /// <remarks>Cost: D (D + 1) / 2 fused multiply-adds a row, and what fills the panels.</remarks>
    public static void Whiten(
        ReadOnlySpan<double> centred, ReadOnlySpan<double> panels, int dimension, int stride, int laneCount, Span<double> destination)
    {
        Debug.Assert(centred.Length >= Lanes.Pad(dimension) * stride && panels.Length >= TriangularPanels.Length(dimension));
        Debug.Assert(laneCount <= stride && destination.Length >= TriangularPanels.PadDimension(dimension) * stride);
        Multiply<Products>(centred, panels, dimension, stride, laneCount, ref MemoryMarshal.GetReference(destination));
    }

    /// <summary>Computes q(i) = sum over j of (s(j) z(j,i))^2.</summary>
    /// <param name="values">x, feature-major, shape D x stride.</param>
    /// <param name="centre">m, shape D: z = x - m.</param>
    /// <param name="scales">s, shape D: for a Gaussian one over the standard deviations.</param>
    /// <param name="stride">The distance between features, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="laneCount">The number of rows, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="destination">q, shape stride. Unitless.</param>
    /// <remarks>The difference is taken before the scaling, so values far from zero lose nothing. Cost: 3 D operations a row.</remarks>
    public static void Diagonal(
        ReadOnlySpan<double> values, ReadOnlySpan<double> centre, ReadOnlySpan<double> scales, int stride, int laneCount, Span<double> destination)
    {
        Debug.Assert(values.Length >= centre.Length * stride && scales.Length == centre.Length && destination.Length >= laneCount);
        SumSquares(ref MemoryMarshal.GetReference(values), centre, ref MemoryMarshal.GetReference(scales), 1, stride, laneCount, destination);
    }

    /// <summary>Computes q(i) = sum over j of (s z(j,i))^2.</summary>
    /// <param name="values">x, feature-major, shape D x stride.</param>
    /// <param name="centre">m, shape D: z = x - m.</param>
    /// <param name="scale">s: for a spherical Gaussian one over the standard deviation.</param>
    /// <param name="stride">The distance between features, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="laneCount">The number of rows, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="destination">q, shape stride. Unitless if s is one over feature units.</param>
    /// <remarks>Cost: 3 D operations a row.</remarks>
    public static void Scaled(
        ReadOnlySpan<double> values, ReadOnlySpan<double> centre, double scale, int stride, int laneCount, Span<double> destination)
    {
        Debug.Assert(values.Length >= centre.Length * stride && destination.Length >= laneCount);
        SumSquares(ref MemoryMarshal.GetReference(values), centre, ref scale, 0, stride, laneCount, destination);
    }

    // Four vectors of rows at once, for one sum alone would wait for each multiply-add to finish. A scale step of zero uses one scale for all.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumSquares(
        ref double x, ReadOnlySpan<double> centre, ref double scale, int scaleStep, int stride, int laneCount, Span<double> destination)
    {
        ref double q = ref MemoryMarshal.GetReference(destination);
        int i = 0;
        for (; i + (4 * Lanes.Width) <= laneCount; i += 4 * Lanes.Width)
        {
            Vector512<double> q0 = Vector512<double>.Zero, q1 = q0, q2 = q0, q3 = q0;
            ref double row = ref Unsafe.Add(ref x, i);
            ref double next = ref scale;
            for (int j = 0; j < centre.Length; j++)
            {
                Vector512<double> m = Vector512.Create(centre[j]), s = Vector512.Create(next);
                Vector512<double> z0 = (Vector512.LoadUnsafe(ref row) - m) * s;
                Vector512<double> z1 = (Vector512.LoadUnsafe(ref row, Lanes.Width) - m) * s;
                Vector512<double> z2 = (Vector512.LoadUnsafe(ref row, 2 * Lanes.Width) - m) * s;
                Vector512<double> z3 = (Vector512.LoadUnsafe(ref row, 3 * Lanes.Width) - m) * s;
                q0 = Vector512.FusedMultiplyAdd(z0, z0, q0);
                q1 = Vector512.FusedMultiplyAdd(z1, z1, q1);
                q2 = Vector512.FusedMultiplyAdd(z2, z2, q2);
                q3 = Vector512.FusedMultiplyAdd(z3, z3, q3);
                row = ref Unsafe.Add(ref row, stride);
                next = ref Unsafe.Add(ref next, scaleStep);
            }

            q0.StoreUnsafe(ref q, (nuint)i);
            q1.StoreUnsafe(ref q, (nuint)(i + Lanes.Width));
            q2.StoreUnsafe(ref q, (nuint)(i + (2 * Lanes.Width)));
            q3.StoreUnsafe(ref q, (nuint)(i + (3 * Lanes.Width)));
        }

        for (; i < laneCount; i += Lanes.Width)
        {
            Vector512<double> sum = Vector512<double>.Zero;
            for (int j = 0; j < centre.Length; j++)
            {
                Vector512<double> z = Vector512.LoadUnsafe(ref x, (nuint)((j * stride) + i)) - Vector512.Create(centre[j]);
                z *= Vector512.Create(Unsafe.Add(ref scale, j * scaleStep));
                sum = Vector512.FusedMultiplyAdd(z, z, sum);
            }

            sum.StoreUnsafe(ref q, (nuint)i);
        }
    }

    private static void Multiply<TResult>(
        ReadOnlySpan<double> centred, ReadOnlySpan<double> panels, int dimension, int stride, int laneCount, ref double destination)
        where TResult : struct, IResult
    {
        ref double z = ref MemoryMarshal.GetReference(centred);
        ref double u = ref MemoryMarshal.GetReference(panels);
        int i = 0;
        for (; i + (4 * Lanes.Width) <= laneCount; i += 4 * Lanes.Width)
        {
            FourVectors<TResult>(ref Unsafe.Add(ref z, i), ref u, dimension, stride, ref Unsafe.Add(ref destination, i));
        }

        for (; i < laneCount; i += Lanes.Width)
        {
            OneVector<TResult>(ref Unsafe.Add(ref z, i), ref u, dimension, stride, ref Unsafe.Add(ref destination, i));
        }
    }

    // Sixteen accumulators: four vectors of rows times four columns of U. One broadcast serves four multiply-adds.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourVectors<TResult>(ref double z, ref double u, int dimension, int stride, ref double result)
        where TResult : struct, IResult
    {
        Vector512<double> q0 = Vector512<double>.Zero, q1 = q0, q2 = q0, q3 = q0;
        for (int first = 0; first < dimension; first += TriangularPanels.Width)
        {
            Vector512<double> a00 = Vector512<double>.Zero, a01 = a00, a02 = a00, a03 = a00;
            Vector512<double> a10 = a00, a11 = a00, a12 = a00, a13 = a00;
            Vector512<double> a20 = a00, a21 = a00, a22 = a00, a23 = a00;
            Vector512<double> a30 = a00, a31 = a00, a32 = a00, a33 = a00;
            ref double row = ref z;
            for (int i = 0; i < first + TriangularPanels.Width; i++)
            {
                Vector512<double> x0 = Vector512.LoadUnsafe(ref row);
                Vector512<double> x1 = Vector512.LoadUnsafe(ref row, Lanes.Width);
                Vector512<double> x2 = Vector512.LoadUnsafe(ref row, 2 * Lanes.Width);
                Vector512<double> x3 = Vector512.LoadUnsafe(ref row, 3 * Lanes.Width);
                Vector512<double> c = Vector512.Create(u);
                a00 = Vector512.FusedMultiplyAdd(x0, c, a00);
                a10 = Vector512.FusedMultiplyAdd(x1, c, a10);
                a20 = Vector512.FusedMultiplyAdd(x2, c, a20);
                a30 = Vector512.FusedMultiplyAdd(x3, c, a30);
                c = Vector512.Create(Unsafe.Add(ref u, 1));
                a01 = Vector512.FusedMultiplyAdd(x0, c, a01);
                a11 = Vector512.FusedMultiplyAdd(x1, c, a11);
                a21 = Vector512.FusedMultiplyAdd(x2, c, a21);
                a31 = Vector512.FusedMultiplyAdd(x3, c, a31);
                c = Vector512.Create(Unsafe.Add(ref u, 2));
                a02 = Vector512.FusedMultiplyAdd(x0, c, a02);
                a12 = Vector512.FusedMultiplyAdd(x1, c, a12);
                a22 = Vector512.FusedMultiplyAdd(x2, c, a22);
                a32 = Vector512.FusedMultiplyAdd(x3, c, a32);
                c = Vector512.Create(Unsafe.Add(ref u, 3));
                a03 = Vector512.FusedMultiplyAdd(x0, c, a03);
                a13 = Vector512.FusedMultiplyAdd(x1, c, a13);
                a23 = Vector512.FusedMultiplyAdd(x2, c, a23);
                a33 = Vector512.FusedMultiplyAdd(x3, c, a33);
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
    private static void OneVector<TResult>(ref double z, ref double u, int dimension, int stride, ref double result)
        where TResult : struct, IResult
    {
        Vector512<double> sum = Vector512<double>.Zero;
        for (int first = 0; first < dimension; first += TriangularPanels.Width)
        {
            Vector512<double> a0 = Vector512<double>.Zero, a1 = a0, a2 = a0, a3 = a0;
            ref double row = ref z;
            for (int i = 0; i < first + TriangularPanels.Width; i++)
            {
                Vector512<double> x = Vector512.LoadUnsafe(ref row);
                a0 = Vector512.FusedMultiplyAdd(x, Vector512.Create(u), a0);
                a1 = Vector512.FusedMultiplyAdd(x, Vector512.Create(Unsafe.Add(ref u, 1)), a1);
                a2 = Vector512.FusedMultiplyAdd(x, Vector512.Create(Unsafe.Add(ref u, 2)), a2);
                a3 = Vector512.FusedMultiplyAdd(x, Vector512.Create(Unsafe.Add(ref u, 3)), a3);
                row = ref Unsafe.Add(ref row, stride);
                u = ref Unsafe.Add(ref u, TriangularPanels.Width);
            }

            if (TResult.IsSquared) sum = AddSquares(a0, a1, a2, a3, sum);
            else Store(a0, a1, a2, a3, ref Unsafe.Add(ref result, first * stride), stride);
        }

        if (TResult.IsSquared) sum.StoreUnsafe(ref result);
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
}
