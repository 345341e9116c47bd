namespace Microsoft.ML.Mixture;

/// <summary>What a search has to say of features, for all its models.</summary>
internal sealed class SearchedFeatures
{
    /// <summary>Looks at all models of a search.</summary>
    /// <param name="rows">The rows, whose dependencies and repeated values are known.</param>
    /// <param name="fits">How each model is fitted.</param>
    public SearchedFeatures(ScaledRows rows, IEnumerable<GaussianMixtureOptions> fits)
    {
        GaussianMixtureOptions[] all = [.. fits];
        bool areSpherical = Array.TrueForAll(all, options => options.CovarianceStructure.Shape == CovarianceShape.Spherical);
        string[] repeated = [.. RepeatedValueWarnings.Collect(rows, all[0], areSpherical)];
        (Warnings, Told) = (repeated, repeated);
        if (DependencyWarnings.OfSearch(rows, all) is not { } warning) return;
        Warnings = [warning, .. repeated];
        Told = [.. all.SelectMany(options => DependencyWarnings.Collect(rows, options)).Distinct(), .. repeated];
    }

    /// <summary>A warning on features that copy or combine others, and those on values that repeat.</summary>
    public string[] Warnings { get; }

    /// <summary>The warnings of single models that they stand for.</summary>
    public string[] Told { get; }
}
