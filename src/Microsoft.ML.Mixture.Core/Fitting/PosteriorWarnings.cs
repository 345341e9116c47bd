using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>What the prior of a fit by variational Bayes makes of components that are hardly as wide as it, or not at all.</summary>
internal static class PosteriorWarnings
{
    // A tight component among wider ones is told of where it is more of the prior's than of its rows.
    private const double LargestShare = 0.5;

    /// <summary>Looks for it.</summary>
    /// <param name="groups">The components in use, and the prior; null where that cannot be told.</param>
    /// <param name="inUse">Their numbers among all components.</param>
    /// <param name="options">How they were fitted.</param>
    public static IEnumerable<string> Collect(PriorOfGroups? groups, int[] inUse, BayesianGaussianMixtureOptions options)
    {
        if (groups is null) yield break;
        int[] coinciding = [.. groups.Coinciding.Intersect(inUse)];
        if (coinciding.Length > 0)
        {
            int first = coinciding[0], others = coinciding.Length - 1;
            string where = groups.FeatureOf(first) is { } feature ? $"in {options.FeatureNameWithin(feature)}" : "in some direction across the features";
            string also = others == 0 ? string.Empty : $", nor do those of {Counted.Of(others, "more component")} somewhere";
            yield return $"The rows of component {Array.IndexOf(inUse, first)} do not vary {where}{also}, so that the width there is the prior's alone. Rows that share values raise the evidence lower bound for themselves, whether they are a group or not. "
                + $"If values are rounded, or answers on a scale, use {nameof(GaussianMixture)} with as many components as there may be groups, or leave the feature out.";
        }

        // Where none is given it follows the groups, as far as one can for all.
        if ((options.CovariancePrior is null && options.MeanPrecisionPrior is null) || groups.Widest is not { Share: > LargestShare } widest || Array.IndexOf(inUse, widest.Component) is not (>= 0 and var component)) yield break;
        yield return $"The prior makes up {(100 * widest.Share).ToString("F0", CultureInfo.InvariantCulture)} % of the variance of component {component} in {options.FeatureNameWithin(widest.Feature)}, "
            + "so wide is it beside the group: densities are lower for it, and groups hardly farther apart than that are one. "
            + $"Leave {nameof(options.CovariancePrior)} and {nameof(options.MeanPrecisionPrior)} null, so that they follow the groups, or pass smaller ones.";
    }
}
