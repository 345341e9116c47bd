namespace Microsoft.ML.Mixture;

/// <summary>Components of many rows that lie in a plane, of which nothing is wrong but what is made of their likelihood.</summary>
internal static class PlaneWarnings
{
    /// <summary>Looks for them.</summary>
    public static IReadOnlyList<ComponentPlane> Find(EndedFit ended)
    {
        // Variational Bayes has another prior.
        if (ended.Fit.Components is not (GaussianComponents or NoiseComponents)) return [];
        GaussianComponents components = NoiseComponents.GaussiansOf(ended.Fit.Components);
        double[] counts = [.. ended.Fit.EffectiveCounts.Take(components.ComponentCount)];
        return ComponentPlane.FindAll(ended.Scaled.Rows.Source, components, counts, ended.Fit.Spurious, ended.Budget.FinishingToken);
    }

    public static IEnumerable<string> Collect(IReadOnlyList<ComponentPlane> planes, GaussianMixtureOptions options) => SimilarWarnings.Tell(
        planes,
        plane => $"The rows of component {plane.Component} lie in a plane, {plane.Describe(options.FeatureNameWithin)}, and the variance across is not that of rows, so that likelihood and BIC mean little. "
            + "If that is by chance, ask for fewer components, try restarts, or strengthen the covariance prior; if it is a rule of these rows, fit to them apart, or without the feature.",
        "component");
}
