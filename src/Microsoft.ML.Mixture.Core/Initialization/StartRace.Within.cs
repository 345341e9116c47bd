namespace Microsoft.ML.Mixture;

/// <content>A race that may take no more than a multiple of a plain fit.</content>
/// <remarks>
/// Its starts have no time to agree. What they cost before EM, which else is small beside all that a race may take, counts in passes; a run that the end cuts short does not win, for it would have to go on to its
/// end; and what starts and checks leave is for the run from the winner.
/// </remarks>
internal sealed partial class StartRace
{
    // Of what is left beside the first start: for other starts, and with them for the checks whether the best is a maximum.
    private const double ShareOfStarts = 0.85;
    private const double ShareWithChecks = 0.95;

    // What the run from the winner takes, as a share of the first one: it has to show that less is left.
    private const double ShareOfLastRun = 0.25;

    // Of a race on a sample, beside what goes on with all rows.
    private const double ShareOfSample = 0.5;

    // So many in a row that take more than is left.
    private const int MostSkipped = 16;

    /// <summary>The most that a race and the run from its winner take, as a multiple of a plain fit; infinite for as long as a race finds worth its while.</summary>
    public double MostPlainFits { get; init; } = double.PositiveInfinity;

    private bool IsLimited => double.IsFinite(MostPlainFits);

    private int MostBeforeChecks => Most(ShareOfStarts);

    private int MostWithChecks => Most(ShareWithChecks);

    private double MostLed => IsLimited ? PassesOfFirst * (1 + (Others * ShareWithChecks * (1 - ShareOfSample))) : double.PositiveInfinity;

    private double Others => Math.Max(0, MostPlainFits - 1 - ShareOfLastRun);

    private int Most(double share)
    {
        if (!IsLimited || _best is null) return int.MaxValue / 2;
        double ratio = (double)_context.Rows.Source.RowCount / _rows.RowCount;
        return (int)Math.Min(int.MaxValue / 2, PassesOfFirst * (1 + (Others * share * (ratio > 1 ? ShareOfSample * ratio : 1))));
    }

    // The first of all goes on to its end.
    private int MostOf(double most) => IsLimited && _best is not null ? (int)Math.Max(_passes + 1, most) : int.MaxValue / 2;

    private bool IsAffordable(StartStep step, int most) => !IsLimited || _passes + 1 + PassesBefore(step) + (step.LeavesRowsOut ? StartGroups.StepsWithoutRows : 0) < most;

    private int PassesBefore(StartStep step) => IsLimited ? (int)Math.Ceiling(_groups.OperationsBefore(step) / _groups.Operations) : 0;
}
