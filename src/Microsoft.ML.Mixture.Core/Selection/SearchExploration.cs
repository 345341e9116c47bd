namespace Microsoft.ML.Mixture;

/// <summary>Finds out what models may win and where their fits begin, on a sample if rows are many.</summary>
/// <remarks>
/// All models start from one tree of groups. Those that may still win go on from other groups and from what other models have found, round after round until
/// the winner stays; the rest must only not be below a model that they contain.
/// </remarks>
internal sealed class SearchExploration
{
    private const int RepairRounds = 2;
    private const int ExchangeRounds = 2;
    private const int MostExchangeRounds = 5;
    private const double LeastEvenShare = 0.97;

    private readonly SearchGrid _grid;
    private readonly SearchContest _contest;
    private readonly SearchPhase _phase;
    private readonly GaussianMixtureSearchOptions _options;

    public SearchExploration(SearchGrid grid, SearchContest contest, SearchPhase phase, GaussianMixtureSearchOptions options)
    {
        (_grid, _contest, _phase, _options) = (grid, contest, phase, options);
        Order = options.TimeBudget is null ? [.. grid.Cells.Reverse()] : [.. grid.Cells.OrderBy(cell => cell.FindsAxes)];
    }

    /// <summary>How many steps of a model are told of.</summary>
    public static int StepCountOf(bool areSample) => 1 + RepairRounds + MostExchangeRounds + SearchRetries.StepCountOf(areSample);

    /// <summary>Those that take longest first, or last where there may be no time for all.</summary>
    public SearchCell[] Order { get; private set; }

    /// <summary>Whether so many rows coincide that likelihoods have many maxima.</summary>
    public bool AreTwins { get; private set; }

    /// <summary>Does all of it.</summary>
    public void Run()
    {
        var groups = new SearchGroups(_phase.Scaled, _phase.Rows.Source, _options.Seed, _phase.Token);
        var groupings = new SearchGroupings(_grid, groups, _phase, _options.StartCount);
        if (_phase.Rows.AreSample) groupings.FindOthers();
        SearchMoves first = CreateMoves();

        // The tree is the work of one thread.
        _phase.Run(_phase.Rows.AreSample ? 1 + _grid.Cells.Length : 1, item =>
        {
            if (item == 0) groups.GrowTree(_phase.Token);
            else first.StartOnSample(Order[item - 1], groupings.Of(Order[item - 1]));
        });
        if (_phase.HasEnded) return;
        SearchGrouping?[] trees = groupings.Trees();
        FindOpen(groups, cell => trees[groupings.PlaceOf(cell)]);
        IReadOnlyList<SearchGrouping>[] byRepeatedValues = groupings.ByRepeatedValues();
        SearchMoves moves = CreateMoves();
        _phase.RunCells(Order, cell =>
        {
            moves.Start(cell, trees[groupings.PlaceOf(cell)]);
            foreach (SearchGrouping grouping in byRepeatedValues[groupings.PlaceOf(cell)]) moves.Start(cell, grouping);
        });
        for (int repair = 0; repair < RepairRounds; repair++)
        {
            _grid.Publish();
            _phase.RunCells(Order, moves.Repair);
        }

        Array.ForEach(_grid.Cells, cell => cell.Remember());
        ExchangeInRounds(moves, groupings);
        new SearchRetries(_grid, _phase, moves, groupings).Run(Order);
    }

    private void ExchangeInRounds(SearchMoves moves, SearchGroupings groupings)
    {
        int round = 0;
        while (true)
        {
            _grid.Publish();
            (SearchCell? Cell, MixtureFit? Fit) before = _contest.Winner;
            bool wasRugged = _contest.IsRugged;
            _contest.Choose(_phase.Rows);
            if (_contest.IsRugged && !wasRugged && round > 0)
            {
                // From here on as if no loser had been stopped.
                Array.ForEach(_grid.Cells, cell => cell.GoBack());
                _phase.GoBack(_grid.Cells, round);
                _contest.GoBack();
                round = 0;
                continue;
            }

            if (round == MostExchangeRounds || (round >= ExchangeRounds && _contest.Winner == before && !Array.Exists(_grid.Cells, cell => cell.TriesGroups))) break;
            groupings.FindOthers();
            bool isFirst = round == 0;
            Order = [.. Order.OrderByDescending(cell => cell.IsContender).ThenByDescending(cell => cell.Candidate.ComponentCount)];
            _phase.RunCells(Order, cell => moves.Exchange(cell, groupings.Of(cell), isFirst));
            round++;
        }

        _phase.Skip(_grid.Cells, MostExchangeRounds - round);
    }

    // Where the first groups leave open where EM begins: with axes that are found by search, or that rows fewer than features do not tell. Trees of rows
    // on a grid, many of which coincide, hang on rounding, and those of a sample on chance.
    private void FindOpen(SearchGroups groups, Func<SearchCell, SearchGrouping?> treeOf)
    {
        AreTwins = groups.EvenShare < LeastEvenShare;
        int dimension = _phase.Rows.Source.Dimension;
        foreach (SearchCell cell in _grid.Cells)
        {
            if (treeOf(cell) is not { } tree) continue;
            CovarianceStructure structure = cell.Candidate.CovarianceStructure;
            bool hasOwnAxes = structure.Shape == CovarianceShape.Full && !structure.IsShared && structure.TiesShape && !structure.TiesOrientation;
            cell.IsOpen = AreTwins || _phase.Rows.AreSample || (dimension > 1 && (cell.FindsAxes || (hasOwnAxes && tree.SmallestCount <= dimension)));
        }
    }

    private SearchMoves CreateMoves() => new(_grid, _phase, _options, AreTwins);
}
