using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>Row weights that cannot be counts of rows, for which BIC and ICL take their sum.</summary>
internal static class WeightWarnings
{
    // Weights that are about one on average are no matter.
    private const double Much = 2;

    // What of weights may be whole numbers by chance.
    private const double FewWhole = 0.1;

    public static IEnumerable<string> Collect(TrainingRows rows, MixtureFit fit, CancellationToken cancellationToken)
    {
        int count = rows.Source.RowCount;
        double total = rows.RowWeightTotal, mean = total / count;
        long parameters = fit.Components.FreeParameterCount + fit.Components.ComponentCount - 1;
        if (count == 1 || (mean < Much && mean > 1 / Much)) yield break;
        string factor = Text(1 / mean);
        if (rows.AreWeightsEqual)
        {
            yield return $"All row weights are {Text(mean)}, so BIC and ICL take the {count} rows for {Text(total)}. Unless each row stands for so many, leave the weights out or multiply them by {factor}.";
        }
        else if (total < parameters && count >= parameters)
        {
            yield return $"The row weights sum to {Text(total)}, less than the {parameters} free parameters, though there are {count} rows, and BIC and ICL take the sum for the number of rows. "
                + $"If the weights were normalised, multiply them by {factor}, so that they are one on average; if not, ask for fewer components.";
        }
        else if (mean >= Much)
        {
            (double heaviest, int whole) = Look(rows.Source, cancellationToken);
            if (whole > FewWhole * count) yield break;
            yield return $"The row weights are from {Text(rows.LightestWeight)} to {Text(heaviest)} and no counts, but BIC and ICL take their sum, {Text(total)}, for the number of rows, of which there are {count}. "
                + $"Multiply the weights by {factor}, so that they are one on average.";
        }
    }

    private static (double Heaviest, int Whole) Look(RowSource rows, CancellationToken cancellationToken)
    {
        double heaviest = 0;
        int whole = 0;
        foreach (RowBlock block in new RowBlocks(rows, cancellationToken))
        {
            foreach (double weight in block.Weights[..block.RowCount])
            {
                heaviest = Math.Max(heaviest, weight);
                if (weight == Math.Floor(weight)) whole++;
            }
        }

        return (heaviest, whole);
    }

    private static string Text(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
