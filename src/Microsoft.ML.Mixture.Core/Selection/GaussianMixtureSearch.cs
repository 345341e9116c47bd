using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>Fits every model of a search, several at a time.</summary>
/// <remarks>
/// In every phase each model depends on results of earlier phases alone, so that nothing depends on which thread is faster. The first phases
/// look for places to start from, with few steps each and on a sample if rows are many; the last fits to all rows.
/// </remarks>
internal sealed class GaussianMixtureSearch : IDisposable
{
    private const int MostExploredRows = 4096;
    private const int ExchangeRounds = 3;
    private const int ShortRun = 5;
    private const int LongRun = 60;
    private const int LongRunsOfExchange = 2;
    private const double ExploringTolerance = 1e-5;

    private readonly RowSource _rows;
    private readonly GaussianMixtureSearchOptions _options;
    private readonly CancellationToken _cancelled;
    private readonly TimeLimit _time;
    private readonly SearchCell[] _cells;
    private readonly int[] _counts;
    private readonly Lock _progressLock = new();
    private readonly int _totalSteps;
    private RowSource _explored;
    private SearchGroups? _groups;
    private int _steps;

    public GaussianMixtureSearch(RowSource rows, GaussianMixtureSearchOptions options, CancellationToken cancellationToken)
    {
        _rows = rows;
        _explored = rows;
        _options = options;
        _cancelled = cancellationToken;
        _time = new TimeLimit(options.TimeBudget, options.Clock, cancellationToken);
        _counts = [.. Enumerable.Range(options.MinimumComponentCount, options.MaximumComponentCount - options.MinimumComponentCount + 1)];
        _cells = [.. _counts.SelectMany(count => options.CovarianceStructures.Select(structure => new SearchCell(count, structure)))];
        for (int at = 0; at < _cells.Length; at++)
        {
            SearchCell cell = _cells[at];
            cell.Candidate.SameAs = Array.Find(_cells[..at], earlier => earlier.IsSameAs(cell, rows.Dimension))?.Candidate;
        }

        _totalSteps = _cells.Length * (2 + ExchangeRounds);
    }

    public MixtureSearchResult Run()
    {
        TrainingRows training = TrainingRows.Inspect(
            _rows, _options.MinimumComponentCount, usesHoles: false, _options.Fit(1, _options.CovarianceStructures[0]).FeatureName, _cancelled);
        bool isSampled = training.Source.RowCount > MostExploredRows;
        if (isSampled)
        {
            int[] sample = SampledRuns.Draw(training, MostExploredRows, new Xoshiro256StarStar(_options.Seed, threadSafe: false));
            _explored = new SelectedRowSource(training.Source, sample);
            training = TrainingRows.Inspect(_explored, 1, usesHoles: false, feature => $"Feature {feature}", _cancelled);
        }
        else
        {
            _explored = training.Source;
        }

        int threads = Math.Min(_options.ThreadCount ?? Environment.ProcessorCount, _cells.Length);
        using WorkerTeam? team = threads > 1 ? new WorkerTeam(threads) : null;
        _groups = new SearchGroups(training, _options.Seed, _cancelled);
        var labels = new int[_counts.Length * _options.StartCount][];
        RunAll(team, labels.Length, item => labels[item] = _groups.Labels(_counts[item / _options.StartCount], item % _options.StartCount, _time.Token));
        RunCells(team, cell => Explore(cell, labels));
        for (int round = 0; round < ExchangeRounds; round++)
        {
            foreach (SearchCell cell in _cells) cell.Published = cell.Current;
            RunCells(team, Exchange);
        }

        RunCells(team, cell => Complete(cell, isSampled));
        _cancelled.ThrowIfCancellationRequested();
        IReadOnlyList<string> warnings = Warnings();
        return new MixtureSearchResult([.. _cells.Select(Finish)], _options.Criterion, warnings);
    }

    public void Dispose() => _time.Dispose();

    private void RunCells(WorkerTeam? team, Action<SearchCell> work) => RunAll(team, _cells.Length, item =>
    {
        // Large models first, for they take longest.
        SearchCell cell = _cells[_cells.Length - 1 - item];
        if (cell.Candidate.SameAs is null) work(cell);
        Report(cell);
    });

    private void RunAll(WorkerTeam? team, int count, Action<int> work)
    {
        void Guarded(int item, int thread)
        {
            if (_time.HasEnded) return;
            try
            {
                work(item);
            }
            catch (OperationCanceledException) when (!_cancelled.IsCancellationRequested && _time.HasEnded)
            {
                // The time is over: what is there already counts.
            }
        }

        _cancelled.ThrowIfCancellationRequested();
        if (team is not null)
        {
            team.Run(count, Guarded);
        }
        else
        {
            for (int item = 0; item < count; item++) Guarded(item, 0);
        }

        _cancelled.ThrowIfCancellationRequested();
    }

    private void Report(SearchCell cell)
    {
        if (_options.Progress is not { } progress) return;
        lock (_progressLock) progress.Report(new MixtureSearchProgress(++_steps, _totalSteps, cell.Candidate.ComponentCount, cell.Candidate.CovarianceStructure));
    }

    private void Explore(SearchCell cell, int[][] labels)
    {
        int first = (cell.Candidate.ComponentCount - _counts[0]) * _options.StartCount;
        int starts = cell.Candidate.ComponentCount == 1 ? 1 : _options.StartCount;
        for (int start = 0; start < starts; start++)
        {
            if (labels[first + start] is { } groups) cell.Offer(TryFit(cell, _explored, MixtureStart.FromLabels(groups), LongRun, ExploringTolerance));
        }
    }

    // Starts from what neighbours have found, and goes on with what is best after a few steps.
    private void Exchange(SearchCell cell)
    {
        if (cell.Candidate.ComponentCount == 1) return;
        var found = new List<GaussianMixtureModel>();
        foreach (SearchCell other in _cells)
        {
            if (other == cell || other.Published is null || !IsNeighbour(cell, other) || !cell.Seen.Add(other.Published)) continue;
            foreach (MixtureStart start in Starts(cell, other.Published))
            {
                if (TryFit(cell, _explored, start, ShortRun, ExploringTolerance) is { } model) found.Add(model);
            }
        }

        foreach (GaussianMixtureModel model in found.OrderBy(model => model.Report!.SpuriousComponentCount).ThenByDescending(SearchCell.Objective).Take(LongRunsOfExchange))
        {
            cell.Offer(TryFit(cell, _explored, MixtureStart.FromModel(model), LongRun, ExploringTolerance));
        }
    }

    // The same K, or the same structure and one component more or less.
    private static bool IsNeighbour(SearchCell cell, SearchCell other)
    {
        int difference = Math.Abs(cell.Candidate.ComponentCount - other.Candidate.ComponentCount);
        return difference == 0 || (difference == 1 && cell.Candidate.CovarianceStructure == other.Candidate.CovarianceStructure);
    }

    private static IEnumerable<MixtureStart> Starts(SearchCell cell, GaussianMixtureModel neighbour) =>
        neighbour.ComponentCount == cell.Candidate.ComponentCount ? [MixtureStart.FromModel(neighbour)]
        : neighbour.ComponentCount < cell.Candidate.ComponentCount ? NeighbourStarts.Split(neighbour) : NeighbourStarts.Drop(neighbour);

    private void Complete(SearchCell cell, bool isSampled)
    {
        MixtureStart start = cell.Current is { } current ? MixtureStart.FromModel(current) : MixtureStart.KMeansPlusPlus;
        if (isSampled) cell.Current = null;
        GaussianMixtureModel? model = TryFit(cell, _rows, start, _options.MaximumIterations, _options.Tolerance);
        MixtureCandidate candidate = cell.Candidate;
        if (model is null)
        {
            candidate.Failure = cell.LastFailure;
            return;
        }

        candidate.Criteria = MixtureCriteria.Compute(model, _rows, _time.Token);
        if (_options.Criterion == MixtureCriterion.CrossValidation)
        {
            try
            {
                candidate.CrossValidation = MixtureCrossValidation.Run(
                    _rows, _options.Fit(candidate.ComponentCount, candidate.CovarianceStructure), _options.FoldCount, _time.Token);
            }
            catch (Exception exception) when (exception is MixtureFitException or ArgumentException)
            {
                candidate.Failure = $"It could not be cross-validated. {exception.Message}";
                return;
            }
        }

        candidate.IsDoubtful = model.Report!.SpuriousComponentCount > 0;
        candidate.Model = model;
    }

    private MixtureCandidate Finish(SearchCell cell)
    {
        MixtureCandidate candidate = cell.Candidate;
        if (candidate.SameAs is { } same)
        {
            (candidate.Model, candidate.Criteria, candidate.CrossValidation) = (same.Model, same.Criteria, same.CrossValidation);
            (candidate.Failure, candidate.IsDoubtful) = (same.Failure, same.IsDoubtful);
            return candidate;
        }

        if (candidate.Model is not null) return candidate;
        (candidate.Criteria, candidate.CrossValidation) = (null, null);
        candidate.Failure ??= $"The time budget of {_options.TimeBudget} ended before the fit did. Raise it, or try fewer models.";
        return candidate;
    }

    private string[] Warnings()
    {
        int unfinished = _cells.Count(cell => cell.Candidate.SameAs is null && cell.Candidate.Model is null && cell.Candidate.Failure is null);
        return unfinished == 0 ? []
            : [$"The time budget of {_options.TimeBudget} ended before {unfinished} of {_cells.Length} models were fitted, and the winner is the best of the others."];
    }

    private GaussianMixtureModel? TryFit(SearchCell cell, RowSource rows, MixtureStart start, int maximumIterations, double tolerance)
    {
        GaussianMixtureOptions options = _options.Fit(cell.Candidate.ComponentCount, cell.Candidate.CovarianceStructure);
        options.Start = start;
        options.MaximumIterations = Math.Min(maximumIterations, options.MaximumIterations);
        options.Tolerance = Math.Max(tolerance, options.Tolerance);
        try
        {
            return GaussianFit.Run(rows, options, _time.Token);
        }
        catch (Exception exception) when (exception is MixtureFitException or ArgumentException)
        {
            cell.LastFailure = exception.Message;
            return null;
        }
    }
}
