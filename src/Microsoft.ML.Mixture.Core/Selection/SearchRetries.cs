namespace Microsoft.ML.Mixture;

/// <summary>
/// What models try in the end, so that the table of a search owes less to where they began: of few rows those that cannot win, which have started from a tree alone, and of a
/// sample all of them, for all rows may have maxima that the sample has not.
/// </summary>
/// <param name="grid">The models.</param>
/// <param name="phase">The phase.</param>
/// <param name="moves">What they start from.</param>
/// <param name="groupings">Groupings of the rows.</param>
internal sealed class SearchRetries(SearchGrid grid, SearchPhase phase, SearchMoves moves, SearchGroupings groupings)
{
    // From so even a start runs on all rows are long, and of more components they bring next to nothing.
    private const int MostComponentsOfLongRuns = 5;

    private readonly SearchAnnealing _annealing = new(phase);

    /// <summary>How many steps of a model are told of.</summary>
    public static int StepCountOf(bool areSample) => areSample ? 1 : 2;

    /// <summary>Lets models try again.</summary>
    public void Run(SearchCell[] order)
    {
        if (phase.Rows.AreSample)
        {
            phase.RunCells(order, PrepareForAllRows);
            return;
        }

        groupings.FindForLosers();
        phase.RunCells(order, TryAgain);
        grid.Publish();
        phase.RunCells(order, TakeOver);
    }

    // Models whose axes are found by search would take as long as all others together.
    private void PrepareForAllRows(SearchCell cell)
    {
        if (cell.FindsAxes || cell.Candidate.ComponentCount == 1 || cell.Current is not { } current) return;
        SearchGrouping groups = _annealing.Group(current);
        if (!phase.Fits.TryStart(cell, groups, out MixtureState start)) return;
        MixtureFit? fit = moves.Explore(cell, start);

        // Where the sample leads back, all rows may not.
        bool leadsBack = fit is null || Math.Abs(fit.Objective - current.Objective) <= SearchMoves.OtherObjective * phase.Rows.WeightTotal;
        if (!leadsBack) cell.Annealed = fit!.ToState();
        else if (cell.Candidate.ComponentCount <= MostComponentsOfLongRuns && phase.Fits.TryStart(cell, groups, out start)) cell.Annealed = start;
    }

    private void TryAgain(SearchCell cell)
    {
        if (cell.IsContender || cell.FindsAxes || cell.Current is null || groupings.Of(cell).FirstOrDefault() is not { } groups) return;
        if (phase.Fits.TryStart(cell, groups, out MixtureState start)) moves.Retry(cell, start);
    }

    private void TakeOver(SearchCell cell)
    {
        if (cell.IsContender) return;
        if (cell.FindsAxes) moves.Contain(cell);
        else moves.Repair(cell);
    }
}
