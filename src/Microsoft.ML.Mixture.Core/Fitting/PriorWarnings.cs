using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>Components so tight beside the distances between them that the prior makes up a good part of their variances.</summary>
internal static class PriorWarnings
{
    // What a weaker prior may still be of a variance.
    private const double LittleShare = 0.01;

    // With less that is not the prior's, a variance is all the prior's but for rounding.
    private const double Rounding = 1e-14;

    public static IEnumerable<string> Collect(GaussianComponents components, CovarianceRegularization prior, MixtureFit fit, int exponent, GaussianMixtureOptions options)
    {
        // Variational Bayes has another prior.
        if (options.CovariancePriorStrength <= 0 || fit.Components is not (GaussianComponents or NoiseComponents)) yield break;
        double average = fit.EffectiveCounts.Take(components.ComponentCount).Average();
        (int tightest, int feature, double largest) = (-1, -1, 0);
        for (int k = 0; k < (components.IsShared ? 1 : components.ComponentCount); k++)
        {
            int component = k;
            if (fit.Spurious.Any(found => found.Component == component)) continue;
            double count = components.IsShared || options.CovarianceStructure.TiesShape ? average : fit.EffectiveCounts[k];
            for (int j = 0; j < components.Dimension; j++)
            {
                double variance = components.CovarianceOf(k, j, j), priorVariance = prior.PriorVariances[j];
                if (prior.Follows(j) || prior.LeavesSpread(variance, priorVariance, count)) continue;
                double share = prior.ShareOf(variance, priorVariance, count);
                if (share > largest) (tightest, feature, largest) = (k, j, share);
            }
        }

        if (tightest < 0) yield break;
        string whose = components.IsShared ? "the common variance" : $"the variance of component {tightest}";
        string percent = (100 * Math.Min(largest, 1)).ToString("F0", CultureInfo.InvariantCulture), now = options.CovariancePriorStrength.ToString("G2", CultureInfo.InvariantCulture);
        double weaker = options.CovariancePriorStrength * LittleShare * (1 - largest) / largest;
        string remedy = 1 - largest > Rounding
            ? $"Lower {nameof(options.CovariancePriorStrength)} from {now} to {Math.Pow(10, Math.Floor(Math.Log10(weaker))).ToString("G1", CultureInfo.InvariantCulture)}."
            : "The rows far from it are so far away that double precision does not show how wide it is: leave them out, or take the feature's logarithm.";
        double deviation = double.ScaleB(Math.Sqrt(prior.PriorCount / (average + prior.PriorCount) * prior.PriorVariances[feature]), -exponent);
        yield return
            $"The covariance prior makes up {percent} % of {whose} in {options.FeatureNameWithin(feature)}, so wide is it, with a standard deviation of {deviation.ToString("G2", CultureInfo.InvariantCulture)} there, "
            + $"beside the group: likelihood and criteria are lower for it, and groups hardly farther apart than that are one. {remedy}";
    }
}
