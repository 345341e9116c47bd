namespace Microsoft.ML.Mixture;

/// <summary>Factor analysers that owe their likelihood to a handful of rows, or to rows that their factors reproduce, and not to a group in the data.</summary>
internal static class SpuriousFactorAnalyzers
{
    public static IReadOnlyList<DegenerateComponent> Find(
        FactorAnalyzerComponents components, FactorAnalyzerFamily family, ReadOnlySpan<double> effectiveCounts, RowsOfComponents rowsOf)
    {
        var found = new List<DegenerateComponent>();
        int dimension = components.Dimension, factors = family.FactorCount;
        double total = 0;
        foreach (double count in effectiveCounts) total += count;
        for (int k = 0; k < effectiveCounts.Length; k++)
        {
            double rows = rowsOf.Counts[k];
            if (rows < factors + 2)
            {
                found.Add(new DegenerateComponent(
                    k, $"Component {k} rests on {rowsOf.Describe(k)}, too few for {Counted.Of(factors, "factor")} of its own. "
                        + $"{rowsOf.RemedyOf(k)}Ask for fewer components or factors, try restarts, or strengthen the prior on the specific variances."));
                continue;
            }

            if (family.IsTied && k > 0) continue;
            int[] flat = FlatFeatures(components, family.Regularization, family.IsTied ? total / effectiveCounts.Length : effectiveCounts[k], k);

            // One in which the rows coincide is no factor either.
            double count = effectiveCounts[k];
            int component = k, still = Array.FindIndex(flat, j => !Varies(components, family.Regularization, count, component, j));
            if (still >= 0)
            {
                found.Add(new DegenerateComponent(
                    k, $"Component {k} has next to no variance in {family.FeatureName(flat[still])}, which is nearly constant there, so that likelihood and BIC mean little. "
                        + $"Ask for fewer components, drop the feature, {Remedy(family)}."));
                continue;
            }

            // As many features as there are factors may do without a variance of their own: each is then a factor itself.
            if (flat.Length <= Math.Min(factors, dimension - 1)) continue;
            found.Add(new DegenerateComponent(
                k, $"Component {k} has next to no variance of its own in {flat.Length} of {Counted.Of(dimension, "feature")}, {family.FeatureName(flat[0])} the first of them: its "
                    + $"{Counted.Of(factors, "factor")} {(factors == 1 ? "reproduces" : "reproduce")} its rows there, and likelihood and BIC mean little. Ask for fewer components or factors, {Remedy(family)}."));
        }

        return found;
    }

    // One variance for all features is never that of a flat one.
    private static string Remedy(FactorAnalyzerFamily family) => family.IsSpherical
        ? "or strengthen the prior on the specific variances"
        : "strengthen the prior on the specific variances, or, if features have one scale as pixels do, set "
            + $"{nameof(SpecificVarianceStructure)} to {nameof(SpecificVarianceStructure.Spherical)} or {nameof(SpecificVarianceStructure.TiedSpherical)}";

    // Whether a feature varies in a component, be it with the factors.
    private static bool Varies(FactorAnalyzerComponents components, CovarianceRegularization prior, double count, int component, int feature)
    {
        double variance = components.SpecificVariances[(component * components.Dimension) + feature];
        foreach (double loading in components.Loadings(component, feature)) variance += loading * loading;
        return prior.LeavesSpread(variance, prior.PriorVariances[feature], count);
    }

    private static int[] FlatFeatures(FactorAnalyzerComponents components, CovarianceRegularization prior, double count, int component)
    {
        if (prior.PriorCount <= 0) return [];
        int first = component * components.Dimension;
        return [.. Enumerable.Range(0, components.Dimension)
            .Where(j => prior.RowVariances[j] <= 0 && !prior.LeavesSpread(components.SpecificVariances[first + j], prior.PriorVariances[j], count))];
    }
}
