namespace Microsoft.ML.Mixture;

/// <summary>Features that hardly any row of a factor analyser shows: its mean and loadings there are what the start has made of them.</summary>
internal static class UnseenFeatureWarnings
{
    // A mean and a variance, beside the loadings.
    private const int NumbersOfFeature = 2;

    /// <summary>Tells of them. Cost: a pass over the rows where something is missing.</summary>
    public static IEnumerable<string> Collect(TrainingRows rows, MixtureFit fit, FactorAnalyzerMixtureOptions options, CancellationToken cancellationToken)
    {
        if (rows.Source.Holes is null) return [];
        double[] shown = Count(rows, fit, cancellationToken);
        int dimension = rows.Source.Dimension, fewest = Math.Min(options.FactorCount, dimension - 1) + NumbersOfFeature;
        var found = new List<(int Component, int[] Features)>();
        for (int k = 0; k < options.ComponentCount; k++)
        {
            // Of a component on no more rows than that worse is said.
            int component = k;
            int[] few = [.. Enumerable.Range(0, dimension).Where(j => shown[(component * dimension) + j] < fewest - 0.5)];
            if (few.Length > 0 && fit.RowCounts[k] >= fewest) found.Add((k, few));
        }

        return SimilarWarnings.Tell(
            found,
            one => $"Component {one.Component} rests on {Counted.Of(fit.RowCounts[one.Component], "row")}, but fewer than {fewest} of them show {SimilarWarnings.Names(one.Features, options)}: "
                + "its mean and loadings there say nothing. Ask for fewer components, or drop features that are often missing.",
            "component");
    }

    // As how many rows of one weight those that show a feature count, shape K x D.
    private static double[] Count(TrainingRows rows, MixtureFit fit, CancellationToken cancellationToken)
    {
        int count = fit.Components.ComponentCount, dimension = rows.Source.Dimension;
        double[] logWeights = new double[count], shown = new double[count * dimension];
        MixtureState.Log([.. fit.Weights], logWeights);
        var shares = new BlockResponsibilities(fit.Components, logWeights);
        foreach (RowBlock block in new RowBlocks(rows.Source, cancellationToken))
        {
            double[] responsibilities = shares.Of(block);
            for (int j = 0; j < dimension; j++)
            {
                ReadOnlySpan<double> feature = block.Feature(j);
                for (int i = 0; i < block.RowCount; i++)
                {
                    if (double.IsNaN(feature[i])) continue;
                    for (int k = 0; k < count; k++) shown[(k * dimension) + j] += responsibilities[(k * block.Stride) + i];
                }
            }
        }

        for (int k = 0; k < count; k++)
        {
            double rowsOfUnitWeight = fit.EffectiveCounts[k] > 0 ? fit.RowCounts[k] / fit.EffectiveCounts[k] : 0;
            for (int j = 0; j < dimension; j++) shown[(k * dimension) + j] *= rowsOfUnitWeight;
        }

        return shown;
    }
}
