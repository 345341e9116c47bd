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
public static partial class SquaredNorm
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
}
