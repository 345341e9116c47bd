using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>Features whose values repeat as those of no Gaussian do.</summary>
internal static class RepeatedValueWarnings
{
    /// <summary>A sentence on values that many rows share, and one on features with few values.</summary>
    /// <param name="scaled">The rows, whose values have been looked at.</param>
    /// <param name="options">How the features are called.</param>
    /// <param name="isSpherical">Whether features share their variance, which is not small then where one of them is constant.</param>
    public static IEnumerable<string> Collect(ScaledRows scaled, MixtureOptions options, bool isSpherical)
    {
        if (scaled.PointMasses is { Count: > 0 } masses)
        {
            string named = Name(masses, (mass, isFirst) =>
            {
                string value = Number(double.ScaleB(mass.Value, -scaled.Exponent), "G6"), share = Number(100 * mass.Share, mass.Share < 0.1 ? "F1" : "F0") + " %";
                return isFirst ? $"{options.FeatureName(mass.Feature)} is exactly {value} in {share} of the rows" : $"{options.FeatureNameWithin(mass.Feature)} {value} in {share}";
            });
            yield return
                $"{named}, and no other value is nearly as frequent. No Gaussian describes that, and a component may settle on such rows. "
                + "If the value stands for a missing one or for a limit of measurement, set it to NaN; else leave the feature out, or fit those rows apart.";
        }

        if (!isSpherical && scaled.Categories is { Count: > 0 } categories)
        {
            string named = Name(categories, (category, isFirst) => isFirst
                ? $"{options.FeatureName(category.Feature)} takes only {Counted.Of(category.ValueCount, "value")}" : $"{options.FeatureNameWithin(category.Feature)} only {category.ValueCount}");
            string it = categories.Count == 1 ? "it" : "them";
            yield return
                $"{named}. A component within which such a feature is constant is likely without bound, so that it and models with more components look better than they are. "
                + $"Leave {it} out, and compare the components with {it} afterwards.";
        }
    }

    private static string Name<T>(IReadOnlyList<T> found, Func<T, bool, string> tell)
    {
        int more = found.Count - SimilarWarnings.MostInFull;
        return string.Join(", ", found.Take(SimilarWarnings.MostInFull).Select((one, at) => tell(one, at == 0)))
            + (more > 0 ? $", and so on for {Counted.Of(more, "more feature")}" : string.Empty);
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
