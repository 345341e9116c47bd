namespace Microsoft.ML.Mixture;

/// <summary>Fits every model of a search, several at a time.</summary>
/// <remarks>
/// In every phase each model depends on results of earlier phases alone, so that nothing depends on which thread is faster. What models may win is explored, if
/// rows are many on a sample; then all models are fitted to all rows, from what they have found and from what the likeliest model of their K has.
/// </remarks>
internal sealed class GaussianMixtureSearch
{
    // Of the time budget: what is explored is still to be fitted to all rows, or at least to the end.
    private const double ShareOfSample = 0.6;
    private const double ShareOfExploring = 0.9;

    private readonly SearchData _data;
    private readonly GaussianMixtureSearchOptions _options;
    private readonly SearchGrid _grid;
    private readonly TimeLimit _time;
    private readonly TimeLimit _timeOfFolds;
    private readonly FitBudget _budget;
    private readonly WorkerTeam? _team;
    private readonly CancellationToken _cancelled;
    private readonly SearchRows _all;
    private readonly SearchRows _explored;
    private readonly SearchContest _contest;
    private readonly SearchProgress _progress;

    private GaussianMixtureSearch(
        SearchData data, GaussianMixtureSearchOptions options, SearchGrid grid, TimeLimit time, TimeLimit timeOfFolds, FitBudget budget, WorkerTeam? team, CancellationToken cancellationToken)
    {
        (_data, _options, _grid, _time, _timeOfFolds, _budget, _team, _cancelled) = (data, options, grid, time, timeOfFolds, budget, team, cancellationToken);
        _all = SearchRows.All(data.Scaled);
        _explored = _all.Explored(data.Scaled, options, cancellationToken);
        _contest = new SearchContest(grid, options, _all, hasSample: _explored.AreSample);
        int steps = SearchExploration.StepCountOf(_explored.AreSample) + 1 + (_explored.AreSample ? 2 : 0);
        _progress = new SearchProgress(options.Progress, grid.Cells.Length * (steps + (CrossValidates ? options.FoldCount : 0)));
    }

    private bool CrossValidates => _options.Criterion == MixtureCriterion.CrossValidation;

    /// <summary>Searches.</summary>
    public static MixtureSearchResult Run(RowSource rows, GaussianMixtureSearchOptions options, CancellationToken cancellationToken)
    {
        using var time = new TimeLimit(options.TimeBudget, options.Clock, cancellationToken);
        using TimeLimit? part = options.Criterion == MixtureCriterion.CrossValidation ? new TimeLimit(time.Left * FoldSearches.ShareOfAllRows(options), options.Clock, time.Token) : null;
        GaussianMixtureOptions first = options.FitOptions(options.MinimumComponentCount, options.CovarianceStructures[0]);

        // For what makes models of fits: their time is that of the search.
        using var budget = new FitBudget(first, time.Token);
        SearchData data = SearchData.Prepare(rows, options, first, time, cancellationToken).FindDependencies(time, cancellationToken);
        string[] ofNumber = data.Limit(options);
        var grid = new SearchGrid(options, data);
        using WorkerTeam? team = SearchThreads.CreateTeam(options, grid.Cells.Length);
        return new GaussianMixtureSearch(data, options, grid, part ?? time, time, budget, team, cancellationToken).Run(ofNumber);
    }

    private MixtureSearchResult Run(string[] ofNumber)
    {
        SearchPhase phase = PhaseOn(_all, _time);
        (SearchCell[] order, bool areTwins, bool isCut) = Explore();
        foreach (SearchCell cell in order) cell.WasGivenUp = !cell.IsContender || cell.TriesGroups;
        if (_options.TimeBudget is not null) order = new SearchPromise(_grid, _contest, _explored).Order(phase, _options.Seed);
        SearchCompletion completion = CompletionIn(phase);
        phase.RunCells(order, completion.Complete);
        if (_explored.AreSample)
        {
            _grid.Publish();
            phase.RunCells(order, completion.LookAgain);
            _grid.Publish();
            _contest.Choose(_all);
            foreach (SearchCell cell in order) cell.WasGivenUp |= !cell.IsContender;
            var moves = new SearchMoves(_grid, phase, _options, areTwins);
            phase.RunCells(order, cell => completion.LookFurther(cell, moves));
        }

        if (!CrossValidates)
        {
            phase.Run(1, _ => completion.Settle());
            phase.Run(1, _ => _contest.Surprise = Math.Max(_contest.Surprise, completion.Race()));
        }

        _cancelled.ThrowIfCancellationRequested();
        bool isOver = _time.HasEnded;
        if (isOver || isCut) completion.FinishFound(order, _cancelled);
        foreach (SearchCell cell in order)
        {
            cell.WasGivenUp |= isOver || isCut;
            cell.Candidate.EndedEarly = !cell.IsFittedToTheEnd;
        }

        if (CrossValidates)
        {
            isOver |= FoldSearches.Run(_data, [.. _grid.Cells.Select(cell => cell.Candidate)], _options, _timeOfFolds, _progress.Report, _cancelled);
            SearchPhase last = PhaseOn(_all, _timeOfFolds);
            last.Run(1, _ => CompletionIn(last).Settle());
        }

        foreach (SearchCell cell in _grid.Cells) cell.Candidate.Close(_options.UnfinishedReason);
        return Tell([.. _grid.Cells.Select(cell => cell.Candidate)], isCut || isOver, ofNumber);
    }

    // The order in which to go on, and whether the time has ended before the work did.
    private (SearchCell[] Order, bool AreTwins, bool IsCut) Explore()
    {
        using var time = new TimeLimit(_time.Left * (_explored.AreSample ? ShareOfSample : ShareOfExploring), _options.Clock, _cancelled);
        var exploration = new SearchExploration(_grid, _contest, PhaseOn(_explored, time), _options);
        try
        {
            exploration.Run();
        }
        catch (OperationCanceledException) when (!_cancelled.IsCancellationRequested && time.HasEnded)
        {
            // The time is over: what is there already counts.
        }

        bool isCut = time.HasEnded;
        return (exploration.Order, exploration.AreTwins, isCut);
    }

    private SearchCompletion CompletionIn(SearchPhase phase) => new(_grid, phase, _explored, new SearchModels(_data), _budget, _options);

    private SearchPhase PhaseOn(SearchRows rows, TimeLimit time) => new(_data.Scaled, rows, _options, new SearchThreads(_team, time, _cancelled), _progress);

    private MixtureSearchResult Tell(MixtureCandidate[] candidates, bool isCut, string[] ofNumber)
    {
        var features = new SearchedFeatures(_data.Scaled, _grid.Cells.Select(cell => cell.Options));
        string[] ofTime = isCut ? [_options.WarnOfTime(candidates.Count(candidate => candidate.Failure == _options.UnfinishedReason), candidates.Length)] : [];
        double surprise = _contest.Surprise > SearchContest.Reach ? _contest.Surprise : 0;
        var result = new MixtureSearchResult(candidates, _options.Criterion, [.. ofNumber, .. ofTime], features.Warnings, features.Told, surprise, isLimited: ofNumber.Length > 0) { LeftToReport = _data.WarningsOfMissing(_grid.Cells[0].Options) };
        result.CompareOnRowsLeftOut(_cancelled);
        return isCut || _options.IsOfFold ? result : result.Check(new GridLines(_data, _options, _timeOfFolds, _cancelled));
    }
}
