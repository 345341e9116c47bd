using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mixture.Numerics;

/// <summary>How widely points would lie if a group of them were united with each of several others.</summary>
/// <remarks>The other groups stand side by side, as rows do elsewhere: a number of each of them fills a vector.</remarks>
public static class UnitedGroups
{
    /// <summary>The largest D.</summary>
    public const int LargestDimension = 32;

    // A pivot that keeps no more than this of what it began with is rounding.
    private const double RelativePivot = 1e-13;

    /// <summary>Computes the determinant and the trace of the covariance of every union.</summary>
    /// <param name="count">n, the weight of the one group.</param>
    /// <param name="mean">Its mean, shape D.</param>
    /// <param name="scatter">Its scatter matrix about its mean, as <see cref="PackedTriangle"/>.</param>
    /// <param name="counts">The weights of the others, a multiple of <see cref="Lanes.Width"/> of them, each above zero.</param>
    /// <param name="means">Their means, shape D x stride.</param>
    /// <param name="scatters">Their scatter matrices: entry e of group k at [e * stride + k].</param>
    /// <param name="stride">The distance between numbers of a group.</param>
    /// <param name="totals">On return the weights of the unions.</param>
    /// <param name="determinants">On return det(W / n) of each union, zero where n is not above D.</param>
    /// <param name="traces">On return trace(W) of each union.</param>
    /// <remarks>Cost: about D^3 / 6 + 2 D^2 operations a group; with weights of at most D in all lanes of a vector, 3 D.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Spread(
        double count, ReadOnlySpan<double> mean, ReadOnlySpan<double> scatter, ReadOnlySpan<double> counts, ReadOnlySpan<double> means,
        ReadOnlySpan<double> scatters, int stride, Span<double> totals, Span<double> determinants, Span<double> traces)
    {
        int dimension = mean.Length, lanes = counts.Length;
        Debug.Assert(dimension <= LargestDimension && lanes % Lanes.Width == 0 && totals.Length >= lanes && determinants.Length >= lanes && traces.Length >= lanes);
        ref double m = ref MemoryMarshal.GetReference(means);
        ref double s = ref MemoryMarshal.GetReference(scatters);
        Span<Vector512<double>> offsets = stackalloc Vector512<double>[dimension];
        Span<Vector512<double>> entries = stackalloc Vector512<double>[PackedTriangle.Length(dimension)];
        Vector512<double> own = Vector512.Create(count), fewest = Vector512.Create((double)dimension);
        for (int k = 0; k < lanes; k += Lanes.Width)
        {
            Vector512<double> other = Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(counts), (nuint)k), total = own + other;
            Vector512<double> factor = own * other / total, trace = Vector512<double>.Zero;
            for (int j = 0; j < dimension; j++)
            {
                offsets[j] = Vector512.LoadUnsafe(ref m, (nuint)((j * stride) + k)) - Vector512.Create(mean[j]);
                int at = PackedTriangle.Index(j, j);
                trace += Vector512.FusedMultiplyAdd(
                    factor * offsets[j], offsets[j], Vector512.LoadUnsafe(ref s, (nuint)((at * stride) + k)) + Vector512.Create(scatter[at]));
            }

            total.StoreUnsafe(ref MemoryMarshal.GetReference(totals), (nuint)k);
            trace.StoreUnsafe(ref MemoryMarshal.GetReference(traces), (nuint)k);
            Vector512<double> determinant = Vector512<double>.Zero;
            if (Vector512.GreaterThanAny(total, fewest))
            {
                Vector512<double> share = Vector512<double>.One / total;
                for (int i = 0, at = 0; i < dimension; i++)
                {
                    Vector512<double> scaled = factor * offsets[i];
                    for (int j = 0; j <= i; j++, at++)
                    {
                        entries[at] = share * Vector512.FusedMultiplyAdd(
                            scaled, offsets[j], Vector512.LoadUnsafe(ref s, (nuint)((at * stride) + k)) + Vector512.Create(scatter[at]));
                    }
                }

                determinant = Vector512.ConditionalSelect(Vector512.GreaterThan(total, fewest), Determinant(entries, dimension), Vector512<double>.Zero);
            }

            determinant.StoreUnsafe(ref MemoryMarshal.GetReference(determinants), (nuint)k);
        }
    }

    // By elimination, in place; zero where a pivot is none.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector512<double> Determinant(Span<Vector512<double>> entries, int dimension)
    {
        Vector512<double> determinant = Vector512<double>.One, rounding = Vector512.Create(RelativePivot);
        Span<Vector512<double>> diagonal = stackalloc Vector512<double>[dimension];
        for (int j = 0; j < dimension; j++) diagonal[j] = entries[PackedTriangle.Index(j, j)];
        for (int p = 0; p < dimension; p++)
        {
            Vector512<double> pivot = entries[PackedTriangle.Index(p, p)];
            pivot = Vector512.ConditionalSelect(Vector512.GreaterThan(pivot, rounding * diagonal[p]), pivot, Vector512<double>.Zero);
            determinant *= pivot;
            Vector512<double> inverse = Vector512.ConditionalSelect(
                Vector512.GreaterThan(pivot, Vector512<double>.Zero), Vector512<double>.One / pivot, Vector512<double>.Zero);
            for (int i = p + 1; i < dimension; i++)
            {
                int row = PackedTriangle.Index(i, 0);
                Vector512<double> factor = -inverse * entries[row + p];
                for (int j = p + 1; j <= i; j++) entries[row + j] = Vector512.FusedMultiplyAdd(factor, entries[PackedTriangle.Index(j, p)], entries[row + j]);
            }
        }

        return determinant;
    }
}
