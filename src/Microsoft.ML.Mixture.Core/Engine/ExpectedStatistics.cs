namespace Microsoft.ML.Mixture;

/// <summary>What one pass over the rows adds up: one flat vector, so that parts merge by addition.</summary>
/// <remarks>Layout: the log-likelihood; the K effective counts; the statistics of the family.</remarks>
internal readonly struct ExpectedStatistics(double[] values, int componentCount)
{
    public static int Length(MixtureComponents components) => 1 + components.ComponentCount + components.StatisticsLength;

    public double LogLikelihood => values[0];

    public ReadOnlySpan<double> EffectiveCounts => values.AsSpan(1, componentCount);

    public ReadOnlySpan<double> FamilyStatistics => values.AsSpan(1 + componentCount);

    /// <summary>N(k) over the sum of all N(k).</summary>
    public void CopyNextWeights(Span<double> weights)
    {
        double total = 0;
        foreach (double count in EffectiveCounts) total += count;
        for (int k = 0; k < weights.Length; k++) weights[k] = EffectiveCounts[k] / total;
    }
}
