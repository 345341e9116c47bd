using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>Features whose values repeat as those of no Gaussian do.</summary>
internal static class RepeatedValueWarnings
{
    // Where a value is in fewer rows, it does not repeat: these rows are heavy.
    private const int FewestRepeats = 5;

    /// <summary>A sentence on values beyond all others that some rows share, one on values that many rows share, one on heavy rows that count like many of one value, and one on features with few values.</summary>
    /// <param name="scaled">The rows, whose values have been looked at.</param>
    /// <param name="options">How the features are called.</param>
    /// <param name="isSpherical">Whether features share their variance, which is not small then where one of them is constant.</param>
    public static IEnumerable<string> Collect(ScaledRows scaled, MixtureOptions options, bool isSpherical)
    {
        PointMass[] apart = [.. scaled.PointMasses.Where(mass => mass.IsApart)], repeated = [.. scaled.PointMasses.Except(apart).Where(mass => mass.RowCount >= FewestRepeats)];
        PointMass[] heavy = [.. scaled.PointMasses.Except(apart).Except(repeated)];
        if (apart.Length > 0)
        {
            yield return
                $"{Name(apart, (mass, isFirst) => Tell(mass, isFirst, OfRows(mass, isFirst)))}, farther from all other values than these are from each other. "
                + "If it stands for missing values, set it to NaN; as a number it has a component to itself, or makes one so wide that groups are one.";
        }

        if (repeated.Length > 0)
        {
            yield return
                $"{Name(repeated, (mass, isFirst) => Tell(mass, isFirst, OfRows(mass, isFirst)))}, and no other value is nearly as frequent. No Gaussian describes that, and a component may settle on such rows. "
                + "If the value stands for a missing one, set it to NaN; else leave the feature out, or fit those rows apart, also where it is a limit of measurement, for NaN would say that the true value may be any.";
        }

        if (heavy.Length > 0)
        {
            yield return
                $"{Name(heavy, (mass, isFirst) => Tell(mass, isFirst, OfWeight(mass, isFirst)))}, and no other value has nearly as much. "
                + "No Gaussian describes so much weight in one place, and a component may settle on such rows. Unless such a weight is a number of equal rows, bring the weights nearer to each other; if it is, fit those rows apart.";
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

        string Tell(PointMass mass, bool isFirst, string where)
        {
            string value = Number(double.ScaleB(mass.Value, -scaled.Exponent), "G6");
            return isFirst ? $"{options.FeatureName(mass.Feature)} is exactly {value} in {where}" : $"{options.FeatureNameWithin(mass.Feature)} {value} in {where}";
        }

        string OfWeight(PointMass mass, bool isFirst)
        {
            string rows = PointMass.LooksAtAll(scaled.Rows.Source) ? Counted.Of(mass.RowCount, "row") : "few rows";
            return $"{rows} with {Share(mass.Share)}{(isFirst ? " of the weight" : string.Empty)}";
        }
    }

    // Shares that weights make larger or smaller are told both ways.
    private static string OfRows(PointMass mass, bool isFirst)
    {
        string byWeight = Share(mass.Share), byNumber = Share(mass.ShareOfRows);
        if (byWeight == byNumber) return byWeight + (isFirst ? " of the rows" : string.Empty);
        return isFirst ? $"{byNumber} of the rows, which have {byWeight} of the weight" : $"{byNumber}, with {byWeight} of the weight";
    }

    private static string Name<T>(IReadOnlyList<T> found, Func<T, bool, string> tell)
    {
        int more = found.Count - SimilarWarnings.MostInFull;
        return string.Join(", ", found.Take(SimilarWarnings.MostInFull).Select((one, at) => tell(one, at == 0)))
            + (more > 0 ? $", and so on for {Counted.Of(more, "more feature")}" : string.Empty);
    }

    private static string Share(double share) => Number(100 * share, share < 0.1 ? "F1" : "F0") + " %";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
