using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>Features that copy or combine others.</summary>
internal static class DependencyWarnings
{
    /// <summary>A sentence on each feature of the first few, and one on the others.</summary>
    public static IEnumerable<string> Collect(ScaledRows scaled, GaussianMixtureOptions options) => Tell(
        [.. Worth(scaled, options)],
        options,
        isOne => options.CovarianceStructure.Shape == CovarianceShape.Full
            ? "so the covariances are singular but for the prior or floor" : $"and a structure without correlations counts twice what {(isOne ? "it says" : "they say")}");

    /// <summary>The same of factor analysers.</summary>
    /// <param name="scaled">The rows.</param>
    /// <param name="options">How they were fitted.</param>
    /// <param name="regularization">What keeps the specific variances positive.</param>
    public static IEnumerable<string> OfFactorAnalyzers(ScaledRows scaled, FactorAnalyzerMixtureOptions options, CovarianceRegularization regularization)
    {
        string consequence = options.SpecificVarianceStructure.IsSpherical() ? "and factors are spent on what is told twice"
            : "and factors are spent on what is told twice: where they reproduce it, likelihood and BIC are what the prior makes of it";
        return Tell([.. Worth(scaled, options, regularization)], options, _ => consequence);
    }

    /// <summary>What a search should say of all its models; null for nothing.</summary>
    public static string? OfSearch(ScaledRows scaled, IEnumerable<GaussianMixtureOptions> fits)
    {
        GaussianMixtureOptions[] all = [.. fits];
        if (Array.FindAll(all, options => options.CovarianceStructure.Shape == CovarianceShape.Full) is not { Length: > 0 } full || full.Length == all.Length) return null;
        FeatureDependency[] found = [.. Worth(scaled, full[0])];
        if (found.Length == 0) return null;
        IEnumerable<string> named = found.Take(SimilarWarnings.MostInFull).Select(
            (one, at) => $"{(at == 0 ? full[0].FeatureName(one.Feature) : full[0].FeatureNameWithin(one.Feature))} {Describe(one, full[0])}");
        string more = found.Length > SimilarWarnings.MostInFull ? $", and so on for {Counted.Of(found.Length - SimilarWarnings.MostInFull, "more feature")}" : string.Empty;
        return $"{string.Join("; ", named)}{more}. Structures with and without correlations cannot be compared then: in a direction in which no row has a spread, the likelihood of the former "
            + $"is what the prior makes of it. Drop {(found.Length == 1 ? "it" : "them")} and search again.";
    }

    /// <summary>Whether there are any that full and tied covariances are fitted as without.</summary>
    public static bool Any(ScaledRows scaled, GaussianMixtureOptions options) => Worth(scaled, options).Any(found => found.IsShown);

    private static IEnumerable<string> Tell(FeatureDependency[] all, MixtureOptions options, Func<bool, string> consequence) => SimilarWarnings.Tell<FeatureDependency>(
        all,
        found => $"{options.FeatureName(found.Feature)} {Describe(found, options)}, {consequence(true)}. Drop it.",
        others => $"{Counted.Of(others.Count, "more feature")} {(others.Count == 1 ? "is a copy or linear combination" : "are copies or linear combinations")} of others, "
            + $"{consequence(others.Count == 1)}: {SimilarWarnings.Names([.. others.Select(found => found.Feature)], options)}. Drop {(others.Count == 1 ? "it" : "them")}.");

    private static IEnumerable<FeatureDependency> Worth(ScaledRows scaled, GaussianMixtureOptions options) => Worth(scaled, options, GaussianFit.Regularize(scaled, options));

    // Those that are exact, and those that the prior or floor would hide.
    private static IEnumerable<FeatureDependency> Worth(ScaledRows scaled, MixtureOptions options, CovarianceRegularization regularization)
    {
        double count = scaled.Rows.RowWeightTotal / options.ComponentCount;
        return scaled.Dependencies.Found.Where(
            found => found.Sources.Count > 0 && (found.Unexplained == 0 || regularization.IsWithoutSpread(found.Feature, scaled.Moments.Variances[found.Feature], count)));
    }

    private static string Describe(FeatureDependency found, MixtureOptions options)
    {
        string source = FeatureCombination.Describe(found.Sources, options.FeatureNameWithin);
        return found.Unexplained == 0 ? $"is {source}" : $"is {source}, but for {found.Unexplained.ToString("G2", CultureInfo.InvariantCulture)} of its variance";
    }
}
