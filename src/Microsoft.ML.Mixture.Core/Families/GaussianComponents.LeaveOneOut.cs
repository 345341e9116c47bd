namespace Microsoft.ML.Mixture;

/// <content>Log-densities of rows under components fitted without them.</content>
/// <remarks>
/// <para>
/// With W the scatter of a component about its mean mu, n its count, N the count that W is divided by, w r the share of the row that goes, y = x - mu and d^2 = y' inverse(W / N) y,
/// <code>
///   mu' = mu - w r y / (n - w r),   W' = W - g w r y y',   g = n / (n - w r),   a = g w r d^2 / N
///   log det (W' / (N - w r)) = log det (W / N) + o log (N / (N - w r)) + log (1 - a),   d'^2 = g^2 (1 - w r / N) d^2 / (1 - a)
/// </code>
/// where o is the number of features that the row shows. So all that is needed is the log-density of the row and its share. N is n, or of one covariance for all the count of all rows, of which only the part by
/// this component goes; a prior, and what other structures have in common, stays as it is.
/// </para>
/// <para>
/// Source: Sherman and Morrison (1950), Adjustment of an inverse matrix corresponding to a change in one element of a given matrix, Ann. Math. Stat. 21(1), 124-127,
/// doi:10.1214/aoms/1177729893.
/// </para>
/// </remarks>
internal sealed partial class GaussianComponents
{
    // What a row alone holds open has no variance without it. The less likely of two such components stays so.
    private const double LeastOpen = 1e-12;

    internal override bool CanLeaveRowsOut => Shape == CovarianceShape.Full;

    internal override void LeaveRowsOut(RowBlock rows, ReadOnlySpan<double> shares, ReadOnlySpan<double> counts, Span<double> logDensities)
    {
        double total = 0;
        foreach (double count in counts) total += count;
        BlockHoles? holes = rows.Holes;
        GaussianRegressions? regressions = null;
        if (holes is not null)
        {
            regressions = GaussianRegressions.Of(holes);
            regressions.Prepare(this, holes);
        }

        for (int k = 0; k < ComponentCount; k++)
        {
            Span<double> own = logDensities.Slice(k * rows.Stride, rows.RowCount);
            ReadOnlySpan<double> ofRows = shares.Slice(k * rows.Stride, rows.RowCount);
            double divisor = IsShared ? total : counts[k];
            if (holes is null) LeaveOut(own, ofRows, counts[k], divisor, _logConstants[k], Dimension);
            for (int run = 0; run < holes?.Count; run++)
            {
                int pattern = holes.Pattern(run);
                bool isComplete = pattern == HolePatterns.Complete;
                double constant = isComplete ? _logConstants[k] : Regression(k, holes, run, regressions!)[0];
                int shown = isComplete ? Dimension : holes.Patterns.Observed(pattern).Length;
                LeaveOut(own[holes.First(run)..holes.End(run)], ofRows[holes.First(run)..holes.End(run)], counts[k], divisor, constant, shown);
            }
        }
    }

    private static void LeaveOut(Span<double> logDensities, ReadOnlySpan<double> shares, double count, double divisor, double constant, int shown)
    {
        for (int i = 0; i < logDensities.Length; i++)
        {
            double share = Math.Min(shares[i], (1 - LeastOpen) * count);
            if (!(share > 0)) continue;
            double distance = 2 * (constant - logDensities[i]), growth = count / (count - share), left = (divisor - share) / divisor;
            double open = Math.Max(LeastOpen, 1 - (growth * share * distance / divisor));
            double change = (shown * Math.Log(left)) - Math.Log(open) + distance - (growth * growth * left * distance / open);
            logDensities[i] += 0.5 * change;
        }
    }
}
