namespace Microsoft.ML.Mixture;

/// <summary>Scatter over count, entry by entry: the estimate of every structure that constrains nothing else.</summary>
internal static class ScatterAverages
{
    public static void PerComponent(CovarianceScatter scatter, Span<double> covariances)
    {
        for (int k = 0; k < scatter.ComponentCount; k++)
        {
            ReadOnlySpan<double> source = scatter.Of(k);
            Span<double> destination = covariances.Slice(k * source.Length, source.Length);
            for (int i = 0; i < source.Length; i++) destination[i] = source[i] / scatter.Counts[k];
        }
    }
}
