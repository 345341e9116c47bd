using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>Features whose units a covariance with one variance for all takes for comparable.</summary>
internal static class UnitWarnings
{
    // The other features are next to nothing in a distance then.
    private const double FewestDeviations = 1000;

    /// <summary>A sentence where a feature varies a thousand times as much as another.</summary>
    /// <param name="moments">The moments of all rows.</param>
    /// <param name="options">How the features are called, and the structure.</param>
    public static IEnumerable<string> Collect(FeatureMoments moments, GaussianMixtureOptions options)
    {
        int[] varying = [.. Enumerable.Range(0, moments.Variances.Length).Where(j => moments.Variances[j] > 0)];
        if (options.CovarianceStructure.Shape != CovarianceShape.Spherical || varying.Length < 2) yield break;
        int widest = varying.MaxBy(j => moments.Variances[j]), narrowest = varying.MinBy(j => moments.Variances[j]);
        double ratio = Math.Sqrt(moments.Variances[widest]) / Math.Sqrt(moments.Variances[narrowest]);
        if (!(ratio >= FewestDeviations)) yield break;
        yield return
            $"{options.FeatureName(widest)} varies {ratio.ToString("G3", CultureInfo.InvariantCulture)} times as much as {options.FeatureNameWithin(narrowest)}, and a spherical covariance takes their units for comparable: features that vary little hardly count. "
            + "Unless they are to, bring the features to a common scale first, or use a diagonal structure.";
    }
}
