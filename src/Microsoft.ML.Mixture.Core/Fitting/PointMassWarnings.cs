using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>Values that many rows share, though the feature hardly repeats any other.</summary>
internal static class PointMassWarnings
{
    /// <summary>One sentence on all of them, or none.</summary>
    public static IEnumerable<string> Collect(ScaledRows scaled, MixtureOptions options)
    {
        IReadOnlyList<PointMass> masses = scaled.PointMasses;
        if (masses.Count == 0) yield break;
        IEnumerable<string> named = masses.Take(SimilarWarnings.MostInFull).Select((mass, at) =>
        {
            string value = Number(double.ScaleB(mass.Value, -scaled.Exponent), "G6"), share = Number(100 * mass.Share, mass.Share < 0.1 ? "F1" : "F0") + " %";
            return at == 0 ? $"{options.FeatureName(mass.Feature)} is exactly {value} in {share} of the rows" : $"{options.FeatureNameWithin(mass.Feature)} {value} in {share}";
        });
        int more = masses.Count - SimilarWarnings.MostInFull;
        yield return
            $"{string.Join(", ", named)}{(more > 0 ? $", and so on for {Counted.Of(more, "more feature")}" : string.Empty)}, and hardly any other value repeats. No Gaussian describes that, "
            + "and a component may settle on such rows. If the value stands for a missing one or for a limit of measurement, set it to NaN; else leave the feature out, or fit those rows apart.";
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
