namespace Microsoft.ML.Mixture;

/// <summary>What a search has to say of features that copy or combine others.</summary>
internal sealed class SearchDependencies
{
    /// <summary>Looks at all models of a search.</summary>
    /// <param name="rows">The rows, whose dependencies are known.</param>
    /// <param name="fits">How each model is fitted.</param>
    public SearchDependencies(ScaledRows rows, IEnumerable<GaussianMixtureOptions> fits)
    {
        GaussianMixtureOptions[] all = [.. fits];
        if (DependencyWarnings.OfSearch(rows, all) is not { } warning) return;
        Warnings = [warning];
        Told = [.. all.SelectMany(options => DependencyWarnings.Collect(rows, options)).Distinct()];
    }

    /// <summary>One warning, or none.</summary>
    public string[] Warnings { get; } = [];

    /// <summary>The warnings of single models that it stands for.</summary>
    public string[] Told { get; } = [];
}
