using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>Components that can hardly be told apart, and covariances that cost digits.</summary>
internal static class ComponentWarnings
{
    // Equal spheres whose centres are 0.4 standard deviations apart overlap by so much.
    private const double NearlyEntire = 0.98;

    // Of the 16 digits of a number, so many may be lost.
    private const double MostLostDigits = 10;

    public static IEnumerable<string> Collect(
        GaussianComponents components, double[] weights, IReadOnlyList<DegenerateComponent> spurious, GaussianMixtureOptions options, bool namesFlatOnes,
        CancellationToken cancellationToken)
    {
        if (components.ComponentCount > 1 && new GaussianOverlap(components, weights).FindLargest(NearlyEntire, cancellationToken) is { } pair)
        {
            string overlap = pair.BhattacharyyaCoefficient.ToString("F3", CultureInfo.InvariantCulture);
            yield return $"Components {pair.First} and {pair.Second} overlap nearly entirely (Bhattacharyya coefficient {overlap} of 1), so rows can hardly be told apart by them. "
                + "Ask for fewer components, or compare numbers of components by BIC.";
        }

        if (!namesFlatOnes || components.Shape != CovarianceShape.Full) yield break;
        var flat = new List<(int Component, int Feature, double Inflation)>();
        for (int k = 0; k < (components.IsShared ? 1 : components.ComponentCount); k++)
        {
            int component = k;
            cancellationToken.ThrowIfCancellationRequested();
            if (spurious.Any(found => found.Component == component)) continue;
            (int feature, double inflation) = VarianceInflation.FindLargest(components, k);
            if (Math.Log10(inflation) > MostLostDigits) flat.Add((k, feature, inflation));
        }

        IEnumerable<string> ofFlat = SimilarWarnings.Tell(
            flat,
            found => $"{(components.IsShared ? "The common covariance" : $"The covariance of component {found.Component}")} is nearly singular: {options.FeatureNameWithin(found.Feature)} follows from the others "
                + $"but for {(1 / found.Inflation).ToString("G2", CultureInfo.InvariantCulture)} of its variance, so about {Math.Log10(found.Inflation).ToString("F0", CultureInfo.InvariantCulture)} of 16 digits of densities are lost. "
                + "Drop the feature, or strengthen the covariance prior or floor.",
            "component");
        foreach (string warning in ofFlat) yield return warning;
    }
}
