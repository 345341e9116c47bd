using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>Components so tight beside the distances between them, or across a direction in which they are long, that the prior makes up a good part of their variances.</summary>
internal static class PriorWarnings
{
    // What a weaker prior may still be of a variance.
    private const double LittleShare = 0.01;

    // With less that is not the prior's, a variance is all the prior's but for rounding, which leaves less of one beside other features.
    private const double Rounding = 1e-14;
    private const double RoundingBesideOthers = 1e-8;

    /// <summary>Looks for them.</summary>
    /// <param name="components">The components, in the units of the fit.</param>
    /// <param name="ended">The fit.</param>
    /// <param name="options">How it was fitted.</param>
    /// <param name="planes">Components whose rows lie in a plane, of which that is told; null where features follow from others, so that all do.</param>
    public static IEnumerable<string> Collect(GaussianComponents components, EndedFit ended, GaussianMixtureOptions options, IReadOnlyList<ComponentPlane>? planes)
    {
        // Variational Bayes has another prior.
        if (options.CovariancePriorStrength <= 0 || ended.Fit.Components is not (GaussianComponents or NoiseComponents)) return [];
        CovarianceRegularization prior = GaussianFit.Regularize(ended.Near, options);
        string? warning = OfFeatures(components, prior, ended, options) ?? (planes is null || components.Shape != CovarianceShape.Full || components.Dimension == 1 ? null : OfDirections(components, prior, ended, options, planes));
        return warning is null ? [] : [warning];
    }

    private static string? OfFeatures(GaussianComponents components, CovarianceRegularization prior, EndedFit ended, GaussianMixtureOptions options)
    {
        MixtureFit fit = ended.Fit;
        double average = AverageCount(components, fit);
        (int tightest, int feature, double largest) = (-1, -1, 0);
        foreach (int k in Sound(components, fit))
        {
            double count = components.IsShared || options.CovarianceStructure.TiesShape ? average : fit.EffectiveCounts[k];
            for (int j = 0; j < components.Dimension; j++)
            {
                double variance = components.CovarianceOf(k, j, j), priorVariance = prior.PriorVariances[j];
                if (prior.Follows(j) || prior.LeavesSpread(variance, priorVariance, count)) continue;
                double share = prior.ShareOf(variance, priorVariance, count);
                if (share > largest) (tightest, feature, largest) = (k, j, share);
            }
        }

        if (tightest < 0) return null;
        string remedy = 1 - largest > Rounding ? Weaken(options, largest)
            : "The rows far from it are so far away that double precision does not show how wide it is: leave them out, or take the feature's logarithm.";
        double deviation = double.ScaleB(Math.Sqrt(prior.PriorCount / (average + prior.PriorCount) * prior.PriorVariances[feature]), -ended.Scaled.Exponent);
        return $"{Beginning(components, tightest, largest)} in {options.FeatureNameWithin(feature)}, so wide is it, with a standard deviation of {deviation.ToString("G2", CultureInfo.InvariantCulture)} there, "
            + $"beside the group: likelihood and criteria are lower for it, and groups hardly farther apart than that are one. {remedy}";
    }

    private static string? OfDirections(GaussianComponents components, CovarianceRegularization prior, EndedFit ended, GaussianMixtureOptions options, IReadOnlyList<ComponentPlane> planes)
    {
        double average = AverageCount(components, ended.Fit);
        (int Component, PriorDirection Direction)[] found = [.. Sound(components, ended.Fit)
            .Where(k => !planes.Any(plane => plane.Component == k))
            .Select(k => (k, PriorDirection.Find(components, k, prior, ended.Fit.EffectiveCounts[k], average) ?? default))
            .Where(both => both.Item2 is { Added: > 0, IsWithoutSpread: true })];
        if (found.Length == 0) return null;
        (int tightest, PriorDirection largest) = found.MaxBy(both => both.Direction.Share);
        string remedy = 1 - largest.Share > RoundingBesideOthers ? Weaken(options, largest.Share) : $"Lower {nameof(options.CovariancePriorStrength)} until this is no longer said, or drop the feature.";
        return $"{Beginning(components, tightest, largest.Share)} in {options.FeatureNameWithin(largest.Feature)} beside the other features, of which it is nearly a combination there: "
            + $"likelihood and criteria are lower for it. {remedy}";
    }

    private static double AverageCount(GaussianComponents components, MixtureFit fit) => fit.EffectiveCounts.Take(components.ComponentCount).Average();

    private static IEnumerable<int> Sound(GaussianComponents components, MixtureFit fit) =>
        Enumerable.Range(0, components.IsShared ? 1 : components.ComponentCount).Where(k => !fit.Spurious.Any(found => found.Component == k));

    private static string Beginning(GaussianComponents components, int component, double share) =>
        $"The covariance prior makes up {(100 * Math.Min(share, 1)).ToString("F0", CultureInfo.InvariantCulture)} % of {(components.IsShared ? "the common variance" : $"the variance of component {component}")}";

    private static string Weaken(GaussianMixtureOptions options, double share)
    {
        double now = options.CovariancePriorStrength, weaker = now * LittleShare * (1 - share) / share;
        return $"Lower {nameof(options.CovariancePriorStrength)} from {now.ToString("G2", CultureInfo.InvariantCulture)} to {Math.Pow(10, Math.Floor(Math.Log10(weaker))).ToString("G1", CultureInfo.InvariantCulture)}.";
    }
}
