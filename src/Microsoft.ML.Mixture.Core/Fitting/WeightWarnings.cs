using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>Row weights that cannot be counts of rows, for which BIC and ICL take their sum.</summary>
internal static class WeightWarnings
{
    // Equal weights that are about one are no matter.
    private const double Much = 2;

    // Nor are uneven ones whose sum is not much more than the rows that they tell as much as.
    private const double MostTimesAsTold = 1.25;

    // Nor much less: weights that fall off with age from 1 sum to half of it, and are meant so.
    private const double LeastTimesAsTold = 0.4;

    // Weights of rows that were counted are whole, but for the rounding of sums and quotients.
    private const double Rounding = 4e-16;

    // Of weights that are whole otherwise, so few may be slips.
    private const double FewFractions = 0.1;

    public static IEnumerable<string> Collect(TrainingRows rows, MixtureFit fit, CancellationToken cancellationToken)
    {
        int count = rows.Source.RowCount;
        double total = rows.RowWeightTotal, mean = total / count;
        long parameters = fit.Components.FreeParameterCount + fit.Components.ComponentCount - 1;
        if (count == 1) yield break;
        if (rows.AreWeightsEqual)
        {
            if (mean < Much && mean > 1 / Much) yield break;
            yield return $"All row weights are {Text(mean)}, so BIC and ICL take the {count} rows for {Text(total)}. Unless each row stands for so many, leave the weights out or multiply them by {Text(1 / mean)}.";
            yield break;
        }

        double told = EffectiveRowCount.Of(rows.Source, total, cancellationToken);
        if (mean <= 1 / Much && total < parameters && count >= parameters)
        {
            yield return $"The row weights sum to {Text(total)}, less than the {parameters} free parameters, though there are {count} rows, and BIC and ICL take the sum for the number of rows. "
                + $"If the weights were normalised, multiply them by {Text(told / total)}: they tell as much as {Text(told)} rows of one weight; if not, ask for fewer components.";
        }
        else if (total < LeastTimesAsTold * told)
        {
            yield return $"The row weights sum to {Text(total)}, but tell as much as {Text(told)} rows of one weight, and BIC and ICL take the sum for the number of rows, as tests and standard errors do. "
                + $"Unless the rows are meant to count for less, multiply the weights by {Text(told / total)}, or too few components seem to be told apart.";
        }
        else if (total > MostTimesAsTold * told)
        {
            // A number that is whole may be any weight, but a fraction is no count.
            (double heaviest, int fractions) = Look(rows.Source, cancellationToken);
            if (fractions == 0) yield break;
            string why = fractions == count ? string.Empty : $" ({fractions} of {count} {(fractions == 1 ? "is a fraction" : "are fractions")})";
            string unless = fractions <= FewFractions * count ? $"If they were meant as counts, round {(fractions == 1 ? "it" : "these")}; if not, they" : "They";
            yield return $"The row weights are from {Text(rows.LightestWeight)} to {Text(heaviest)} and no counts{why}, but BIC and ICL take their sum, {Text(total)}, for the number of rows, as tests and standard errors do. "
                + $"{unless} tell as much as {Text(told)} rows of one weight: multiply them by {Text(told / total)}, or too many components seem to be told apart.";
        }
    }

    private static (double Heaviest, int Fractions) Look(RowSource rows, CancellationToken cancellationToken)
    {
        double heaviest = 0;
        int fractions = 0;
        foreach (RowBlock block in new RowBlocks(rows, cancellationToken))
        {
            foreach (double weight in block.Weights[..block.RowCount])
            {
                heaviest = Math.Max(heaviest, weight);
                if (Math.Abs(weight - Math.Round(weight)) > Rounding * weight) fractions++;
            }
        }

        return (heaviest, fractions);
    }

    private static string Text(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
