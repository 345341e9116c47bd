using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>A mixture as a text to read: what it is, and a line for each component.</summary>
internal static class MixtureText
{
    private const int MostComponents = 8;
    private const int MostFeatures = 6;

    /// <summary>Writes a mixture.</summary>
    /// <param name="model">The mixture.</param>
    /// <param name="kind">What mixture it is, for the beginning of the text.</param>
    /// <param name="structure">What shapes its components.</param>
    /// <param name="noiseWeight">The weight of the noise; zero without noise.</param>
    public static string Write(MixtureModel model, string kind, string structure, double noiseWeight = 0)
    {
        int listed = Math.Min(model.ComponentCount, MostComponents), features = Math.Min(model.Dimension, MostFeatures);
        var lines = new List<string> { $"{kind}: {Counted.Of(model.ComponentCount, "component")}, {Counted.Of(model.Dimension, "feature")}, {structure}" };
        for (int k = 0; k < listed; k++)
        {
            IEnumerable<string> means = model.Means.Row(k)[..features].ToArray().Select(value => value.ToString("G5", CultureInfo.InvariantCulture));
            string more = model.Dimension > features ? $", and {model.Dimension - features} more" : string.Empty;
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"  {k}: weight {model.Weights[k]:F4}, mean {string.Join(", ", means)}{more}"));
        }

        if (model.ComponentCount > listed) lines.Add($"  and {Counted.Of(model.ComponentCount - listed, "component")} more");
        if (noiseWeight > 0) lines.Add(string.Create(CultureInfo.InvariantCulture, $"  noise: weight {noiseWeight:F4}"));
        return string.Join('\n', lines);
    }
}
