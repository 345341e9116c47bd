using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mixture.Numerics;

/// <summary>Squared lengths of a block of rows about a point, after a linear map: the squared Mahalanobis distances of a Gaussian.</summary>
/// <remarks>
/// Rows stand in lanes, so a triangle is exact and nothing is added across lanes. Each row's result depends on that row alone and is the
/// same whichever rows stand beside it.
/// </remarks>
public static partial class SquaredNorm
{
    /// <summary>Computes q(i) = |U' (x_i - m)|^2 for an upper triangular U.</summary>
    /// <param name="values">x, feature-major, shape D x stride.</param>
    /// <param name="centre">m, shape D, in feature units.</param>
    /// <param name="panels">U; see <see cref="TriangularPanels"/>.</param>
    /// <param name="stride">The distance between features, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="laneCount">The number of rows, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="destination">q, shape stride. Unitless.</param>
    /// <remarks>
    /// Cost: D (D + 1) / 2 + D fused multiply-adds a row. Differences are taken anew for each panel, in units of the processor that
    /// multiplications leave idle.
    /// </remarks>
    public static void Triangular(
        ReadOnlySpan<double> values, ReadOnlySpan<double> centre, ReadOnlySpan<double> panels, int stride, int laneCount, Span<double> destination)
    {
        Debug.Assert(values.Length >= centre.Length * stride && panels.Length >= TriangularPanels.Length(centre.Length));
        Debug.Assert(laneCount <= stride && destination.Length >= laneCount);
        Multiply<Squares>(values, centre, panels, stride, laneCount, ref MemoryMarshal.GetReference(destination));
    }

    /// <summary>Computes y_i = U' (x_i - m) for an upper triangular U: with the factor of a precision matrix, rows whose covariance is one.</summary>
    /// <param name="values">x, feature-major, shape D x stride.</param>
    /// <param name="centre">m, shape D, in feature units.</param>
    /// <param name="panels">U; see <see cref="TriangularPanels"/>.</param>
    /// <param name="stride">The distance between features, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="laneCount">The number of rows, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="destination">y, feature-major, shape ceil(D / 4) * 4 x stride. Must not overlap <paramref name="values"/>.</param>
    /// <remarks>Cost: D (D + 1) / 2 fused multiply-adds a row.</remarks>
    public static void Whiten(
        ReadOnlySpan<double> values, ReadOnlySpan<double> centre, ReadOnlySpan<double> panels, int stride, int laneCount, Span<double> destination)
    {
        Debug.Assert(values.Length >= centre.Length * stride && panels.Length >= TriangularPanels.Length(centre.Length));
        Debug.Assert(laneCount <= stride && destination.Length >= TriangularPanels.PadDimension(centre.Length) * stride);
        Multiply<Products>(values, centre, panels, stride, laneCount, ref MemoryMarshal.GetReference(destination));
    }

    /// <summary>Computes q(i) = sum over j of (s(j) z(j,i))^2.</summary>
    /// <param name="values">x, feature-major, shape D x stride.</param>
    /// <param name="centre">m, shape D: z = x - m.</param>
    /// <param name="scales">s, shape D: for a Gaussian one over the standard deviations.</param>
    /// <param name="stride">The distance between features, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="laneCount">The number of rows, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="destination">q, shape stride. Unitless.</param>
    /// <remarks>The difference is taken before the scaling, so values far from zero lose nothing. Cost: 3 D operations a row.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Diagonal(
        ReadOnlySpan<double> values, ReadOnlySpan<double> centre, ReadOnlySpan<double> scales, int stride, int laneCount, Span<double> destination)
    {
        Debug.Assert(values.Length >= centre.Length * stride && scales.Length == centre.Length && destination.Length >= laneCount);
        ref double x = ref MemoryMarshal.GetReference(values);
        ref double m = ref MemoryMarshal.GetReference(centre);
        ref double s = ref MemoryMarshal.GetReference(scales);
        ref double q = ref MemoryMarshal.GetReference(destination);
        int i = 0;
        for (; !Vector512.IsHardwareAccelerated && i + LanesOfEightHalves <= laneCount; i += LanesOfEightHalves)
        {
            DiagonalOfEightHalves(ref Unsafe.Add(ref x, i), ref m, ref s, centre.Length, stride, ref Unsafe.Add(ref q, i));
        }

        // Four vectors of rows at once, for one sum alone would wait for each multiply-add to finish.
        for (; i + (4 * Lanes.Width) <= laneCount; i += 4 * Lanes.Width)
        {
            Vector512<double> q0 = Vector512<double>.Zero, q1 = q0, q2 = q0, q3 = q0;
            ref double row = ref Unsafe.Add(ref x, i);
            for (int j = 0; j < centre.Length; j++)
            {
                Vector512<double> c = Vector512.Create(Unsafe.Add(ref m, j)), scale = Vector512.Create(Unsafe.Add(ref s, j));
                Vector512<double> z0 = (Vector512.LoadUnsafe(ref row) - c) * scale;
                Vector512<double> z1 = (Vector512.LoadUnsafe(ref row, Lanes.Width) - c) * scale;
                Vector512<double> z2 = (Vector512.LoadUnsafe(ref row, 2 * Lanes.Width) - c) * scale;
                Vector512<double> z3 = (Vector512.LoadUnsafe(ref row, 3 * Lanes.Width) - c) * scale;
                q0 = Vector512.FusedMultiplyAdd(z0, z0, q0);
                q1 = Vector512.FusedMultiplyAdd(z1, z1, q1);
                q2 = Vector512.FusedMultiplyAdd(z2, z2, q2);
                q3 = Vector512.FusedMultiplyAdd(z3, z3, q3);
                row = ref Unsafe.Add(ref row, stride);
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
                Vector512<double> z = Vector512.LoadUnsafe(ref x, (nuint)((j * stride) + i)) - Vector512.Create(Unsafe.Add(ref m, j));
                z *= Vector512.Create(Unsafe.Add(ref s, j));
                sum = Vector512.FusedMultiplyAdd(z, z, sum);
            }

            sum.StoreUnsafe(ref q, (nuint)i);
        }
    }

    /// <summary>Computes q(i) = s^2 times the sum over j of z(j,i)^2.</summary>
    /// <param name="values">x, feature-major, shape D x stride.</param>
    /// <param name="centre">m, shape D: z = x - m.</param>
    /// <param name="scale">s: for a spherical Gaussian one over the standard deviation.</param>
    /// <param name="stride">The distance between features, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="laneCount">The number of rows, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="destination">q, shape stride. Unitless if s is one over feature units.</param>
    /// <remarks>Cost: 2 D + 1 operations a row.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scaled(
        ReadOnlySpan<double> values, ReadOnlySpan<double> centre, double scale, int stride, int laneCount, Span<double> destination)
    {
        Debug.Assert(values.Length >= centre.Length * stride && destination.Length >= laneCount);
        ref double x = ref MemoryMarshal.GetReference(values);
        ref double m = ref MemoryMarshal.GetReference(centre);
        ref double q = ref MemoryMarshal.GetReference(destination);
        Vector512<double> square = Vector512.Create(scale * scale);
        int i = 0;

        for (; !Vector512.IsHardwareAccelerated && i + LanesOfEightHalves <= laneCount; i += LanesOfEightHalves)
        {
            ScaledOfEightHalves(ref Unsafe.Add(ref x, i), ref m, scale * scale, centre.Length, stride, ref Unsafe.Add(ref q, i));
        }

        // Eight vectors of rows share what is loaded of m.
        for (; Vector512.IsHardwareAccelerated && i + (8 * Lanes.Width) <= laneCount; i += 8 * Lanes.Width)
        {
            Vector512<double> q0 = Vector512<double>.Zero, q1 = q0, q2 = q0, q3 = q0, q4 = q0, q5 = q0, q6 = q0, q7 = q0;
            ref double row = ref Unsafe.Add(ref x, i);
            for (int j = 0; j < centre.Length; j++)
            {
                Vector512<double> c = Vector512.Create(Unsafe.Add(ref m, j));
                q0 = AddSquare(Vector512.LoadUnsafe(ref row) - c, q0);
                q1 = AddSquare(Vector512.LoadUnsafe(ref row, Lanes.Width) - c, q1);
                q2 = AddSquare(Vector512.LoadUnsafe(ref row, 2 * Lanes.Width) - c, q2);
                q3 = AddSquare(Vector512.LoadUnsafe(ref row, 3 * Lanes.Width) - c, q3);
                q4 = AddSquare(Vector512.LoadUnsafe(ref row, 4 * Lanes.Width) - c, q4);
                q5 = AddSquare(Vector512.LoadUnsafe(ref row, 5 * Lanes.Width) - c, q5);
                q6 = AddSquare(Vector512.LoadUnsafe(ref row, 6 * Lanes.Width) - c, q6);
                q7 = AddSquare(Vector512.LoadUnsafe(ref row, 7 * Lanes.Width) - c, q7);
                row = ref Unsafe.Add(ref row, stride);
            }

            ref double result = ref Unsafe.Add(ref q, i);
            (q0 * square).StoreUnsafe(ref result);
            (q1 * square).StoreUnsafe(ref result, Lanes.Width);
            (q2 * square).StoreUnsafe(ref result, 2 * Lanes.Width);
            (q3 * square).StoreUnsafe(ref result, 3 * Lanes.Width);
            (q4 * square).StoreUnsafe(ref result, 4 * Lanes.Width);
            (q5 * square).StoreUnsafe(ref result, 5 * Lanes.Width);
            (q6 * square).StoreUnsafe(ref result, 6 * Lanes.Width);
            (q7 * square).StoreUnsafe(ref result, 7 * Lanes.Width);
        }

        for (; i + (4 * Lanes.Width) <= laneCount; i += 4 * Lanes.Width)
        {
            Vector512<double> q0 = Vector512<double>.Zero, q1 = q0, q2 = q0, q3 = q0;
            ref double row = ref Unsafe.Add(ref x, i);
            for (int j = 0; j < centre.Length; j++)
            {
                Vector512<double> c = Vector512.Create(Unsafe.Add(ref m, j));
                q0 = AddSquare(Vector512.LoadUnsafe(ref row) - c, q0);
                q1 = AddSquare(Vector512.LoadUnsafe(ref row, Lanes.Width) - c, q1);
                q2 = AddSquare(Vector512.LoadUnsafe(ref row, 2 * Lanes.Width) - c, q2);
                q3 = AddSquare(Vector512.LoadUnsafe(ref row, 3 * Lanes.Width) - c, q3);
                row = ref Unsafe.Add(ref row, stride);
            }

            ref double result = ref Unsafe.Add(ref q, i);
            (q0 * square).StoreUnsafe(ref result);
            (q1 * square).StoreUnsafe(ref result, Lanes.Width);
            (q2 * square).StoreUnsafe(ref result, 2 * Lanes.Width);
            (q3 * square).StoreUnsafe(ref result, 3 * Lanes.Width);
        }

        for (; i < laneCount; i += Lanes.Width)
        {
            Vector512<double> last = Vector512<double>.Zero;
            for (int j = 0; j < centre.Length; j++) last = AddSquare(Vector512.LoadUnsafe(ref x, (nuint)((j * stride) + i)) - Vector512.Create(Unsafe.Add(ref m, j)), last);
            (last * square).StoreUnsafe(ref q, (nuint)i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> AddSquare(Vector512<double> z, Vector512<double> sum) => Vector512.FusedMultiplyAdd(z, z, sum);
}
