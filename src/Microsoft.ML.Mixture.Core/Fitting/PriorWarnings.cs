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
        var subject = new Subject(
            ended.Fit, components.ComponentCount, components.IsShared, components.IsShared || options.CovarianceStructure.TiesShape,
            new Cause("covariance prior", options.CovariancePriorStrength, nameof(options.CovariancePriorStrength)), new Cause("covariance floor", options.CovarianceFloor, nameof(options.CovarianceFloor)),
            (component, feature) => components.CovarianceOf(component, feature, feature));
        string? warning = OfFeatures(subject, prior, ended.Scaled.Exponent, options)
            ?? (planes is null || components.Shape != CovarianceShape.Full || components.Dimension == 1 ? null : OfDirections(subject, components, prior, options, planes));
        return warning is null ? [] : [warning];
    }

    /// <summary>The same of factor analysers: what features vary by with the factors is no prior's.</summary>
    public static IEnumerable<string> Collect(FactorAnalyzerComponents components, CovarianceRegularization prior, MixtureFit fit, int exponent, FactorAnalyzerMixtureOptions options)
    {
        if (options.SpecificVariancePriorStrength <= 0) return [];
        var subject = new Subject(
            fit, components.ComponentCount, IsShared: false, options.SpecificVarianceStructure.IsTied(),
            new Cause("prior on the specific variances", options.SpecificVariancePriorStrength, nameof(options.SpecificVariancePriorStrength)), Floor: null, components.VarianceOf);
        return OfFeatures(subject, prior, exponent, options) is { } warning ? [warning] : [];
    }

    private static string? OfFeatures(Subject subject, CovarianceRegularization prior, int exponent, MixtureOptions options)
    {
        (int tightest, int feature, double largest, double added, bool isOfFloor) = (-1, -1, 0, 0, false);
        foreach (int k in subject.Sound)
        {
            double count = subject.IsOfAverageCount ? subject.AverageCount : subject.Fit.EffectiveCounts[k];
            for (int j = 0; j < prior.PriorVariances.Length; j++)
            {
                double variance = subject.VarianceOf(k, j), priorVariance = prior.PriorVariances[j];
                if (prior.Follows(j) || prior.LeavesSpread(variance, priorVariance, count)) continue;
                double ofPrior = prior.ShareOf(variance, priorVariance, count), ofFloor = prior.Floor / variance, share = Math.Max(ofPrior, ofFloor);
                if (share > largest) (tightest, feature, largest, added, isOfFloor) = (k, j, share, ofPrior + ofFloor, ofFloor > ofPrior);
            }
        }

        if (tightest < 0) return null;
        Cause cause = isOfFloor ? subject.Floor! : subject.Prior;
        string remedy = 1 - added > Rounding ? cause.Weaken(added)
            : isOfFloor ? cause.LowerTo(LittleShare * Math.Min(cause.Strength, double.ScaleB(prior.PriorVariances[feature], -2 * exponent)))
            : "The rows far from it are so far away that double precision does not show how wide it is: leave them out, or take the feature's logarithm.";
        double deviation = isOfFloor ? Math.Sqrt(cause.Strength) : double.ScaleB(Math.Sqrt(prior.PriorCount / (subject.AverageCount + prior.PriorCount) * prior.PriorVariances[feature]), -exponent);
        return $"{subject.Begin(cause, tightest, largest)} in {options.FeatureNameWithin(feature)}, so wide is it, with a standard deviation of {deviation.ToString("G2", CultureInfo.InvariantCulture)} there, "
            + $"beside the group: likelihood and criteria are lower for it, and groups hardly farther apart than that are one. {remedy}";
    }

    private static string? OfDirections(Subject subject, GaussianComponents components, CovarianceRegularization prior, MixtureOptions options, IReadOnlyList<ComponentPlane> planes)
    {
        (int Component, PriorDirection Direction)[] found = [.. subject.Sound
            .Where(k => !planes.Any(plane => plane.Component == k))
            .Select(k => (k, PriorDirection.Find(components, k, prior, subject.Fit.EffectiveCounts[k], subject.AverageCount) ?? default))
            .Where(both => both.Item2 is { Added: > 0, IsWithoutSpread: true })];
        if (found.Length == 0) return null;
        (int tightest, PriorDirection largest) = found.MaxBy(both => both.Direction.Share);

        // A few rows may lie near a plane by chance.
        double rows = components.IsShared ? subject.Fit.RowCounts.Sum() : subject.Fit.RowCounts[tightest];
        Cause cause = largest.OfFloor > largest.Added / 2 ? subject.Floor! : subject.Prior;
        string remedy = !SpuriousGaussians.AreMany(rows, components.Dimension) ? $"Its {Counted.Of(rows, "row")} are few for that: ask for fewer components, or try restarts."
            : 1 - largest.Share > RoundingBesideOthers ? cause.Weaken(largest.Share) : $"Lower {cause.Option} until this is no longer said, or drop the feature.";
        return $"{subject.Begin(cause, tightest, largest.Share)} in {options.FeatureNameWithin(largest.Feature)} beside the other features, of which it is nearly a combination there: "
            + $"likelihood and criteria are lower for it. {remedy}";
    }

    // Whose variances they are, and the prior; variances that components share in part are estimated from as many rows as one has on average.
    private sealed record Subject(
        MixtureFit Fit, int ComponentCount, bool IsShared, bool IsOfAverageCount, Cause Prior, Cause? Floor, Func<int, int, double> VarianceOf)
    {
        public double AverageCount { get; } = Fit.EffectiveCounts.Take(ComponentCount).Average();

        public IEnumerable<int> Sound => Enumerable.Range(0, IsShared ? 1 : ComponentCount).Where(k => !Fit.Spurious.Any(found => found.Component == k));

        public string Begin(Cause cause, int component, double share) =>
            $"The {cause.Name} makes up {(100 * Math.Min(share, 1)).ToString("F0", CultureInfo.InvariantCulture)} % of {(IsShared ? "the common variance" : $"the variance of component {component}")}";
    }

    // What widens a variance.
    private sealed record Cause(string Name, double Strength, string Option)
    {
        public string Weaken(double share) => LowerTo(Strength * LittleShare * (1 - share) / share);

        public string LowerTo(double weaker) =>
            $"Lower {Option} from {Strength.ToString("G2", CultureInfo.InvariantCulture)} to {Math.Pow(10, Math.Floor(Math.Log10(weaker))).ToString("G1", CultureInfo.InvariantCulture)}.";
    }
}
