using System.Globalization;
using System.Text;

namespace Microsoft.ML.Mixture;

/// <summary>Estimates and their standard errors as a text.</summary>
internal static class StandardErrorText
{
    private const int MostComponents = 8;
    private const int MostFeatures = 10;

    public static string Write(GaussianMixtureModel model, MixtureStandardErrors errors)
    {
        var text = new StringBuilder();
        var names = new GaussianMixtureOptions { FeatureNames = errors.FeatureNames };
        int listed = Math.Min(model.ComponentCount, MostComponents), features = Math.Min(model.Dimension, MostFeatures);
        string[][] cells =
        [
            .. Enumerable.Range(0, listed).SelectMany(k => Enumerable.Range(0, features).Select(j => new[]
            {
                names.FeatureNameWithin(j), Pair(model.Means[k, j], errors.Means[k, j]), Pair(model.Covariances[k][j, j], errors.Covariances[k][j, j]),
            })),
        ];
        int name = cells.Max(row => row[0].Length), mean = cells.Max(row => row[1].Length);
        text.Append($"Estimates +/- standard errors: {Counted.Of(model.ComponentCount, "component")}, {Counted.Of(model.Dimension, "feature")}, {model.CovarianceStructure.Title} covariances\n");
        for (int k = 0; k < listed; k++)
        {
            text.Append(CultureInfo.InvariantCulture, $"Component {k}: weight {Pair(model.Weights[k], errors.Weights[k])}\n");
            foreach (string[] row in cells.AsSpan(k * features, features))
            {
                text.Append(CultureInfo.InvariantCulture, $"  {row[0].PadRight(name)}  mean {row[1].PadRight(mean)}  variance {row[2]}\n");
            }

            if (model.Dimension > features) text.Append(CultureInfo.InvariantCulture, $"  and {Counted.Of(model.Dimension - features, "feature")} more\n");
        }

        if (model.ComponentCount > listed) text.Append(CultureInfo.InvariantCulture, $"and {Counted.Of(model.ComponentCount - listed, "component")} more\n");
        if (model.HasNoise) text.Append(CultureInfo.InvariantCulture, $"Noise: weight {Pair(model.NoiseWeight, errors.NoiseWeight)}\n");
        foreach (string warning in errors.Warnings) text.Append(CultureInfo.InvariantCulture, $"Warning: {warning}\n");
        return text.ToString().TrimEnd('\n');
    }

    // As many decimals of the estimate as its error has with two digits.
    private static string Pair(double estimate, double error)
    {
        if (!(error > 0) || !double.IsFinite(error)) return string.Create(CultureInfo.InvariantCulture, $"{estimate:G5} +/- {error:G2}");
        int decimals = 1 - (int)Math.Floor(Math.Log10(error));
        if (decimals is < -6 or > 9) return string.Create(CultureInfo.InvariantCulture, $"{estimate:G5} +/- {error:G2}");
        string format = "F" + Math.Max(0, decimals).ToString(CultureInfo.InvariantCulture);
        return $"{estimate.ToString(format, CultureInfo.InvariantCulture)} +/- {error.ToString(format, CultureInfo.InvariantCulture)}";
    }
}
