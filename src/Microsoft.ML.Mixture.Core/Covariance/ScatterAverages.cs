using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mixture;

/// <summary>Scatter over count, entry by entry: the estimate of every structure that constrains nothing else.</summary>
internal static class ScatterAverages
{
    /// <summary>Of so many components at most numbers stand on the stack, which holds no more for as many as one likes.</summary>
    public const int MostOnStack = 512;

    /// <summary>W(k) = S(k) / N(k) of each component.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PerComponent(CovarianceScatter scatter, Span<double> covariances)
    {
        for (int k = 0; k < scatter.ComponentCount; k++)
        {
            ReadOnlySpan<double> source = scatter.Of(k);
            Span<double> destination = covariances.Slice(k * source.Length, source.Length);
            for (int i = 0; i < source.Length; i++) destination[i] = source[i] / scatter.Counts[k];
        }
    }

    /// <summary>W = sum of S(k) / sum of N(k).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void OfAll(CovarianceScatter scatter, Span<double> covariance)
    {
        covariance.Clear();
        double count = 0;
        for (int k = 0; k < scatter.ComponentCount; k++)
        {
            ReadOnlySpan<double> source = scatter.Of(k);
            for (int i = 0; i < source.Length; i++) covariance[i] += source[i];
            count += scatter.Counts[k];
        }

        for (int i = 0; i < covariance.Length; i++) covariance[i] /= count;
    }

    /// <summary>p(k) = N(k) / sum of N: estimates that depend on counts by these alone do not change when all weights are multiplied.</summary>
    public static void Shares(CovarianceScatter scatter, Span<double> shares)
    {
        double count = 0;
        foreach (double value in scatter.Counts) count += value;
        for (int k = 0; k < shares.Length; k++) shares[k] = scatter.Counts[k] / count;
    }
}
