using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>Noise that has a good part of the rows, which may be ordinary ones.</summary>
internal static class NoiseWarnings
{
    // Of clean rows, normal or with longer tails, noise has more in most fits to 50, in hardly any to 200, and in none to 1,000.
    private const double MuchWeight = 0.2;
    private const int FewRows = 200;

    // Of any number of rows; less is what noise is for.
    private const double LargeShare = 0.25;

    public static IEnumerable<string> Collect(TrainingRows rows, MixtureFit fit, GaussianMixtureOptions options)
    {
        // Whoever says what is noise knows that there is some.
        int count = rows.Source.RowCount;
        if (fit.Components is not NoiseComponents || options.InitialNoise is not null || !(fit.Weights[^1] > (count < FewRows ? MuchWeight : LargeShare))) yield break;
        string share = (100 * fit.Weights[^1]).ToString("F0", CultureInfo.InvariantCulture);
        if (count >= FewRows)
        {
            yield return $"The noise has {share} % of the weight: so many rows are said to belong to no group. It takes ordinary rows, too, where {Counted.Of(options.ComponentCount, "component")} of this structure cannot follow them. "
                + $"Unless so many are known to be stray ones, compare the BIC with that of a fit without {nameof(options.NoiseComponent)}, and, unless a search has, with that of more components.";
            yield break;
        }

        yield return $"The noise has {share} % of the weight. In as few as {Counted.Of(count, "row")} it often takes ordinary rows, for a uniform density and narrow components are then as likely as wide components. "
            + $"Unless so many rows are known to belong to no group, fit without {nameof(options.NoiseComponent)}, pass more rows, or give {nameof(options.InitialNoise)}.";
    }
}
