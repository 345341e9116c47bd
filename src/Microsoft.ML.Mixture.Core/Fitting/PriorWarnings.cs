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
        if (fit.Components is not (GaussianComponents or NoiseComponents)) return [];
        var subject = new Subject(components.ComponentCount, components.IsShared, components.IsShared || options.CovarianceStructure.TiesShape, components.CovarianceOf);
        return Collect(subject, prior, fit, exponent, options, "covariance prior", options.CovariancePriorStrength, nameof(options.CovariancePriorStrength));
    }

    /// <summary>The same of factor analysers: what features vary by with the factors is no prior's.</summary>
    public static IEnumerable<string> Collect(FactorAnalyzerComponents components, CovarianceRegularization prior, MixtureFit fit, int exponent, FactorAnalyzerMixtureOptions options)
    {
        var subject = new Subject(components.ComponentCount, IsShared: false, options.SpecificVarianceStructure.IsTied(), (component, feature, _) => components.VarianceOf(component, feature));
        return Collect(subject, prior, fit, exponent, options, "prior on the specific variances", options.SpecificVariancePriorStrength, nameof(options.SpecificVariancePriorStrength));
    }

    private static IEnumerable<string> Collect(
        Subject subject, CovarianceRegularization prior, MixtureFit fit, int exponent, MixtureOptions options, string name, double strength, string option)
    {
        if (strength <= 0) yield break;
        double average = fit.EffectiveCounts.Take(subject.ComponentCount).Average();
        (int tightest, int feature, double largest) = (-1, -1, 0);
        for (int k = 0; k < (subject.IsShared ? 1 : subject.ComponentCount); k++)
        {
            int component = k;
            if (fit.Spurious.Any(found => found.Component == component)) continue;
            double count = subject.IsOfAverageCount ? average : fit.EffectiveCounts[k];
            for (int j = 0; j < prior.PriorVariances.Length; j++)
            {
                double variance = subject.CovarianceOf(k, j, j), priorVariance = prior.PriorVariances[j];
                if (prior.RowVariances[j] > 0 || prior.LeavesSpread(variance, priorVariance, count)) continue;
                double share = prior.ShareOf(variance, priorVariance, count);
                if (share > largest) (tightest, feature, largest) = (k, j, share);
            }
        }

        if (tightest < 0) yield break;
        string whose = subject.IsShared ? "the common variance" : $"the variance of component {tightest}";
        string percent = (100 * Math.Min(largest, 1)).ToString("F0", CultureInfo.InvariantCulture), now = strength.ToString("G2", CultureInfo.InvariantCulture);
        double weaker = strength * LittleShare * (1 - largest) / largest;
        string remedy = 1 - largest > Rounding
            ? $"Lower {option} from {now} to {Math.Pow(10, Math.Floor(Math.Log10(weaker))).ToString("G1", CultureInfo.InvariantCulture)}."
            : "The rows far from it are so far away that double precision does not show how wide it is: leave them out, or take the feature's logarithm.";
        double deviation = double.ScaleB(Math.Sqrt(prior.PriorCount / (average + prior.PriorCount) * prior.PriorVariances[feature]), -exponent);
        yield return
            $"The {name} makes up {percent} % of {whose} in {options.FeatureNameWithin(feature)}, so wide is it, with a standard deviation of {deviation.ToString("G2", CultureInfo.InvariantCulture)} there, "
            + $"beside the group: likelihood and criteria are lower for it, and groups hardly farther apart than that are one. {remedy}";
    }

    // Whose variances they are; those that components share in part are estimated from as many rows as one has on average.
    private sealed record Subject(int ComponentCount, bool IsShared, bool IsOfAverageCount, Func<int, int, int, double> CovarianceOf);
}
