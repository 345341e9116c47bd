namespace Microsoft.ML.Mixture;

/// <summary>As how many rows of one weight rows of uneven weights tell: (sum of w)^2 / (sum of w^2).</summary>
/// <remarks>
/// Source: Kish (1965), Survey Sampling, Wiley, section 11.7. A log-likelihood of weights that have nothing to do with the values varies like one of so many
/// rows if they are its sum.
/// </remarks>
internal static class EffectiveRowCount
{
    public static double Of(RowSource rows, double weightTotal, CancellationToken cancellationToken)
    {
        // In units of the mean, so that no square is lost.
        double sum = 0, squares = 0, unit = rows.RowCount / weightTotal;
        foreach (RowBlock block in new RowBlocks(rows, cancellationToken))
        {
            foreach (double weight in block.Weights[..block.RowCount])
            {
                double share = weight * unit;
                sum += share;
                squares += share * share;
            }
        }

        return sum / squares * sum;
    }
}
