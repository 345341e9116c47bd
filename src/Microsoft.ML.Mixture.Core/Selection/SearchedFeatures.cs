namespace Microsoft.ML.Mixture;

/// <summary>What a search has to say of features, for all its models.</summary>
internal sealed class SearchedFeatures
{
    /// <summary>Looks at all models of a search.</summary>
    /// <param name="rows">The rows, whose dependencies and point masses are known.</param>
    /// <param name="fits">How each model is fitted.</param>
    public SearchedFeatures(ScaledRows rows, IEnumerable<GaussianMixtureOptions> fits)
    {
        GaussianMixtureOptions[] all = [.. fits];
        string[] masses = [.. PointMassWarnings.Collect(rows, all[0])];
        (Warnings, Told) = (masses, masses);
        if (DependencyWarnings.OfSearch(rows, all) is not { } warning) return;
        Warnings = [warning, .. masses];
        Told = [.. all.SelectMany(options => DependencyWarnings.Collect(rows, options)).Distinct(), .. masses];
    }

    /// <summary>A warning on features that copy or combine others, and one on values that many rows share, or none.</summary>
    public string[] Warnings { get; }

    /// <summary>The warnings of single models that they stand for.</summary>
    public string[] Told { get; }
}
