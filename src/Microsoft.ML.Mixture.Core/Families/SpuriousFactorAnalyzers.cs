using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Factor analysers that owe their likelihood to a handful of rows, or to rows that their factors reproduce, and not to a group in the data.</summary>
internal static class SpuriousFactorAnalyzers
{
    // Where factors reproduce rows, they leave less of the variance of a feature than this. By sizes alone that is not to be told where the prior is wider than a group.
    private const double LeastLeftByFactors = 0.1;

    public static IReadOnlyList<DegenerateComponent> Find(
        FactorAnalyzerComponents components, FactorAnalyzerFamily family, ReadOnlySpan<double> effectiveCounts, RowsOfComponents rowsOf)
    {
        var found = new List<DegenerateComponent>();
        int dimension = components.Dimension, factors = family.FactorCount, count = effectiveCounts.Length;
        double total = 0, totalRows = 0;
        for (int k = 0; k < count; k++) (total, totalRows) = (total + effectiveCounts[k], totalRows + rowsOf.Counts[k]);
        for (int k = 0; k < count; k++)
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
            var own = SpuriousGaussians.Share.Of(effectiveCounts[k], total, rows, dimension);
            var estimated = family.IsTied ? SpuriousGaussians.Share.Of(total / count, total, totalRows / count, dimension) : own;
            int[] flat = FlatFeatures(components, family.Regularization, estimated, k);

            // One in which the rows coincide is no factor either.
            int component = k, still = Array.FindIndex(flat, j => !SpuriousGaussians.LeavesSpread(family.Regularization, j, components.VarianceOf(component, j), components.VarianceOf(component, j), own));
            if (still >= 0)
            {
                found.Add(new DegenerateComponent(
                    k, $"Component {k} has next to no variance in {family.FeatureName(flat[still])}, which is nearly constant there, so that likelihood and BIC mean little. "
                        + $"Ask for fewer components, drop the feature, {Remedy(family)}."));
                continue;
            }

            // As many features as there are factors may do without a variance of their own: each is then a factor itself, unless it follows from those before it.
            (int first, double narrowness, int following) = Following(components, family.Regularization, estimated, k, flat);
            if (flat.Length <= Math.Min(factors, dimension - 1) && following == 0) continue;
            string beside = following == 0 || flat.Length > factors ? string.Empty : $", nor any in {family.FeatureName(first)} beside the others";
            string drop = beside.Length == 0 ? string.Empty : $"drop {family.FeatureName(first)}, ";
            bool haveFew = SpuriousGaussians.FlatFeaturesOfAll * following <= dimension;
            found.Add(new DegenerateComponent(
                k, $"Component {k} has next to no variance of its own in {flat.Length} of {Counted.Of(dimension, "feature")}, {family.FeatureName(flat[0])} the first of them{beside}: its "
                    + $"{Counted.Of(factors, "factor")} {(factors == 1 ? "reproduces" : "reproduce")} its rows there, and likelihood and BIC mean little. Ask for fewer components or factors, {drop}{Remedy(family)}.")
            {
                HasManyRows = estimated.AreMany,
                Owed = estimated.AreMany && following > 0 && haveFew ? (family.IsTied ? total : effectiveCounts[k]) * narrowness : null,
            });
        }

        return found;
    }

    // One variance for all features is never that of a flat one.
    private static string Remedy(FactorAnalyzerFamily family) => family.IsSpherical
        ? "or strengthen the prior on the specific variances"
        : "strengthen the prior on the specific variances, or, if features have one scale as pixels do, set "
            + $"{nameof(SpecificVarianceStructure)} to {nameof(SpecificVarianceStructure.Spherical)} or {nameof(SpecificVarianceStructure.TiedSpherical)}";

    private static int[] FlatFeatures(FactorAnalyzerComponents components, CovarianceRegularization prior, SpuriousGaussians.Share rows, int component)
    {
        if (prior.PriorCount <= 0) return [];
        return [.. Enumerable.Range(0, components.Dimension).Where(j => prior.RowVariances[j] <= 0 && !HasVarianceOfItsOwn(components, prior, rows, component, j))];
    }

    // Many rows that lie close together are a group: their spread in a feature is one beside the factors if these leave a good part of it.
    private static bool HasVarianceOfItsOwn(FactorAnalyzerComponents components, CovarianceRegularization prior, SpuriousGaussians.Share rows, int component, int feature)
    {
        double variance = components.SpecificVariances[(component * components.Dimension) + feature], priorVariance = prior.PriorVariances[feature];
        if (prior.LeavesSpread(variance, priorVariance, rows.Count)) return true;
        if (!rows.AreMany) return false;
        double whole = components.VarianceOf(component, feature), left = variance * (1 - prior.ShareOf(variance, priorVariance, rows.Count));
        return left >= LeastLeftByFactors * whole * (1 - prior.ShareOf(whole, priorVariance, rows.Count)) && SpuriousGaussians.LeavesSpread(prior, feature, whole, whole, rows);
    }

    // Of flat features the first of which factors say nothing that they do not say of those before it, how much denser all such features make a row than if they had the variance of
    // all rows, in nats, and how many they are. Loadings are orthogonalised feature by feature.
    private static (int First, double Narrowness, int Count) Following(
        FactorAnalyzerComponents components, CovarianceRegularization prior, SpuriousGaussians.Share rows, int component, int[] flat)
    {
        (int first, double narrowness, int count) = (-1, 0, 0);
        var directions = new List<double[]>();
        foreach (int j in flat)
        {
            double[] left = components.Loadings(component, j).ToArray();
            double whole = Lanes.Dot(left, left);
            foreach (double[] direction in directions)
            {
                double along = Lanes.Dot(left, direction);
                for (int m = 0; m < left.Length; m++) left[m] -= along * direction[m];
            }

            double variance = components.SpecificVariances[(component * components.Dimension) + j], own = Lanes.Dot(left, left), priorVariance = prior.PriorVariances[j];
            double added = prior.ShareOf(variance, priorVariance, rows.Count) * variance;
            if (own < LeastLeftByFactors * whole && !prior.LeavesSpread(own + added, priorVariance, rows.Count))
            {
                if (first < 0) first = j;
                narrowness += Math.Max(0, 0.5 * Math.Log(priorVariance / variance));
                count++;
                continue;
            }

            double length = Math.Sqrt(own);
            for (int m = 0; m < left.Length && length > 0; m++) left[m] /= length;
            directions.Add(left);
        }

        return (first, narrowness, count);
    }
}
