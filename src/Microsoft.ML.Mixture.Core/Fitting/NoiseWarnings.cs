using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>Noise that has a good part of few rows, which may be ordinary ones.</summary>
internal static class NoiseWarnings
{
    // Of clean rows, normal or with longer tails, noise has more in most fits to 50, in hardly any to 200, and in none to 1,000.
    private const double MuchWeight = 0.2;
    private const int FewRows = 200;

    public static IEnumerable<string> Collect(TrainingRows rows, MixtureFit fit, GaussianMixtureOptions options)
    {
        // Whoever says what is noise knows that there is some.
        int count = rows.Source.RowCount;
        if (fit.Components is not NoiseComponents || count >= FewRows || options.InitialNoise is not null || !(fit.Weights[^1] > MuchWeight)) yield break;
        string share = (100 * fit.Weights[^1]).ToString("F0", CultureInfo.InvariantCulture);
        yield return $"The noise has {share} % of the weight. In as few as {Counted.Of(count, "row")} it often takes ordinary rows, for a uniform density and narrow components are then as likely as wide components. "
            + $"Unless so many rows are known to belong to no group, fit without {nameof(options.NoiseComponent)}, pass more rows, or give {nameof(options.InitialNoise)}.";
    }
}
