using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>Fits every model of a search, several at a time.</summary>
/// <remarks>
/// In every phase each model depends on results of earlier phases alone, so that nothing depends on which thread is faster. All models start from
/// one tree of groups. Those that may still win go on from other groups and from what other models have found; the rest must only not be below a
/// model that they contain. If rows are many all this is done on a sample; then all models are fitted to all rows, from what they have found and
/// from what the likeliest model of their K has.
/// </remarks>
internal sealed partial class GaussianMixtureSearch : IDisposable
{
    private const int MostExploredRows = 2048;
    private const int RepairRounds = 2;
    private const int LooksAgain = 2;
    private const int ExchangeRounds = 2;
    private const int MostExchangeRounds = 5;

    /// <summary>A model whose criterion is above the best by more than this, twice what counts as very strong evidence, is not started again.</summary>
    public const double Reach = 20;

    // Of so few rows, models with many components may gain more than that, and a step costs next to nothing.
    private const int FewRows = 60;

    // Of the time budget: what is explored is still to be fitted to all rows, or at least to the end.
    private const double ShareOfSample = 0.6;
    private const double ShareOfExploring = 0.9;

    private readonly RowSource _source;
    private readonly GaussianMixtureSearchOptions _options;
    private readonly CancellationToken _cancelled;
    private readonly TimeLimit _whole;
    private readonly FitBudget _budget;
    private readonly SearchCell[] _cells;
    private readonly int[] _counts;
    private readonly Lock _progressLock = new();
    private TrainingRows _unscaled = null!;
    private ScaledRows _rows = null!;
    private SearchFits _fits = null!;
    private SearchRows _all = null!;
    private SearchRows _explored = null!;
    private SearchGroups _groups = null!;

    // Those of a phase, which has its share of the time budget.
    private TimeLimit _time;
    private SearchThreads _threads;

    // Those that take longest first, or last where there may be no time for all.
    private SearchCell[] _order;
    private (SearchCell? Cell, MixtureFit? Fit) _winner;
    private bool _areTwins;
    private bool _hasSample;

    // Whether time has ended before the work did.
    private bool _isCut;

    // Whether a model near the best has gained more than its margin by being started again: then others may as well, and the rounds begin anew with none spared.
    private bool _isRugged;

    // What starting models again has brought: the best of each time.
    private double? _firstBest;
    private double _surprise;
    private int _steps;
    private int _toldSteps;
    private int _totalSteps;

    public GaussianMixtureSearch(RowSource rows, GaussianMixtureSearchOptions options, CancellationToken cancellationToken)
    {
        _source = rows;
        _options = options;
        _cancelled = cancellationToken;
        _time = _whole = new TimeLimit(options.TimeBudget, options.Clock, cancellationToken);
        _threads = new SearchThreads(_whole, cancellationToken);
        _counts = [.. options.ComponentCounts];
        _cells = [.. MixtureCandidate.CreateAll(options, rows.Dimension).Select(
            candidate => new SearchCell(candidate, options.FitOptions(candidate.ComponentCount, candidate.CovarianceStructure)))];
        _order = options.TimeBudget is null ? [.. _cells.Reverse()] : [.. _cells.OrderBy(cell => cell.FindsAxes)];

        // For what makes models of fits: their time is that of the search.
        _budget = new FitBudget(_cells[0].Options, _whole.Token);
    }

    private bool IsSampled => !ReferenceEquals(_all, _explored);

    public MixtureSearchResult Run()
    {
        GaussianMixtureOptions first = _cells[0].Options;
        _unscaled = TrainingRows.InspectUpTo(_options.MaximumComponentCount, _source, usesHoles: true, first.FeatureName, _cancelled);
        _unscaled.Check(_options.MinimumComponentCount, first.FeatureName);
        _rows = GaussianFit.Prepare(_unscaled, first, _cancelled).FindDependencies(_cancelled).FindPointMasses(_cancelled);
        Array.ForEach(_cells, cell => cell.Judge(_unscaled.Source, _options.CovarianceStructures));
        _all = new SearchRows(_rows.Rows.Source, _rows.Rows.RowWeightTotal);
        _explored = Sample();
        _hasSample = IsSampled;
        _totalSteps = _cells.Length * (2 + RepairRounds + MostExchangeRounds + (_hasSample ? LooksAgain + 1 : 0));
        int threads = Math.Min(_options.ThreadCount ?? Environment.ProcessorCount, _cells.Length);
        using WorkerTeam? team = threads > 1 ? new WorkerTeam(threads) : null;
        using (var exploring = new TimeLimit(_whole.Left * (IsSampled ? ShareOfSample : ShareOfExploring), _options.Clock, _cancelled))
        {
            Enter(exploring);
            try
            {
                Explore(team);
            }
            catch (OperationCanceledException) when (!_cancelled.IsCancellationRequested && exploring.HasEnded)
            {
                // The time is over: what is there already counts.
            }

            _isCut = exploring.HasEnded;
        }

        Enter(_whole);
        if (_isCut) _order = [.. Promising()];
        RunCells(team, Complete);
        if (_hasSample)
        {
            for (int look = 0; look < LooksAgain; look++)
            {
                Publish();
                RunCells(team, LookAgain);
            }

            _explored = _all;
            Publish();
            ChooseContenders();
            RunCells(team, LookFurther);
        }

        _cancelled.ThrowIfCancellationRequested();
        _isCut |= _whole.HasEnded;
        if (_whole.HasEnded) FinishFound();
        MixtureCandidate[] candidates = [.. _cells.Select(Finish)];
        return Tell(candidates);
    }

    public void Dispose()
    {
        _budget.Dispose();
        _whole.Dispose();
    }

    private void Enter(TimeLimit time) => (_time, _threads, _fits) = (time, new SearchThreads(time, _cancelled), new SearchFits(_rows, time.Token));

    private IEnumerable<SearchCell> Promising() => _cells
        .OrderBy(cell => cell.Current is null).ThenBy(cell => !cell.IsSound).ThenBy(cell => cell.Current is { } fit ? Criterion(cell, fit) : 0);

    private void Explore(WorkerTeam? team)
    {
        _groups = new SearchGroups(_rows, _explored.Source, _options.Seed, _time.Token);
        var groupings = new SearchGrouping?[_counts.Length * (_options.StartCount - 1)];
        if (IsSampled) FindGroupings(team, groupings);

        // The tree is the work of one thread.
        _threads.Run(team, IsSampled ? 1 + _cells.Length : 1, item =>
        {
            if (item == 0) _groups.GrowTree(_time.Token);
            else StartOnSample(_order[item - 1], groupings);
        });
        if (_time.HasEnded) return;
        SearchGrouping?[] trees = [.. _counts.Select(count => Group(count, 0))];
        FindOpen(trees);
        SearchGrouping?[] atMasses = [.. _counts.Select(count => _groups.FindAtMasses(count, _time.Token))];
        RunCells(team, cell =>
        {
            Start(cell, trees[cell.Candidate.ComponentCount - _counts[0]]);
            if (cell.Candidate.ComponentCount > 1) Start(cell, atMasses[cell.Candidate.ComponentCount - _counts[0]]);
        });
        for (int repair = 0; repair < RepairRounds; repair++)
        {
            Publish();
            RunCells(team, Repair);
        }

        Array.ForEach(_cells, cell => cell.Remember());
        int round = 0;
        while (true)
        {
            Publish();
            (SearchCell? Cell, MixtureFit? Fit) before = _winner;
            bool wasRugged = _isRugged;
            ChooseContenders();
            if (_isRugged && !wasRugged && round > 0)
            {
                // From here on as if no loser had been stopped.
                Array.ForEach(_cells, cell => cell.GoBack());
                _steps -= round * _cells.Length;
                (_winner, round) = (default, 0);
                continue;
            }

            if (round == MostExchangeRounds || (round >= ExchangeRounds && _winner == before && !Array.Exists(_cells, cell => cell.TriesGroups))) break;
            FindGroupings(team, groupings);
            bool isFirst = round == 0;
            _order = [.. _order.OrderByDescending(cell => cell.IsContender).ThenByDescending(cell => cell.Candidate.ComponentCount)];
            RunCells(team, cell => Exchange(cell, groupings, isFirst));
            round++;
        }

        // Rounds that are not needed are done.
        for (; round < MostExchangeRounds; round++) Array.ForEach(_cells, Report);
    }

    // For each K with a model that is to try them.
    private void FindGroupings(WorkerTeam? team, SearchGrouping?[] groupings) => _threads.Run(team, groupings.Length, item =>
    {
        int count = _counts[item / (_options.StartCount - 1)];
        bool isForLosers = IsSampled && item % (_options.StartCount - 1) < GroupingsOfLosers;
        if (groupings[item] is not null || !(isForLosers || Array.Exists(_cells, cell => cell.TriesGroups && cell.Candidate.ComponentCount == count))) return;
        groupings[item] = Group(count, 1 + (item % (_options.StartCount - 1)));
    });

    // Some rows of many, and only whole ones if there are enough.
    private SearchRows Sample()
    {
        RowSource source = _all.Source;
        int[]? whole = source.Holes is null ? null : [.. Enumerable.Range(0, source.RowCount).Where(i => source.PatternOf(i) == HolePatterns.Complete)];
        if (whole is not null && whole.Length < 2 * _options.MaximumComponentCount * (source.Dimension + 1)) whole = null;
        int[]? sample = whole;
        if (whole is null && source.RowCount > MostExploredRows)
        {
            sample = SampledRuns.Draw(_rows.Rows, MostExploredRows, new Xoshiro256StarStar(_options.Seed, threadSafe: false));
        }
        else if (whole is not null && whole.Length > MostExploredRows)
        {
            sample = [.. Enumerable.Range(0, MostExploredRows).Select(i => whole[(int)((long)i * whole.Length / MostExploredRows)])];
        }

        if (sample is null) return _all;
        var rows = new SelectedRowSource(source, sample);
        double total = 0;
        foreach (RowBlock block in new RowBlocks(rows, _cancelled))
        {
            foreach (double weight in block.Weights[..block.RowCount]) total += weight;
        }

        return new SearchRows(rows, total);
    }

    private SearchGrouping? Group(int count, int index)
    {
        try
        {
            _rows.Rows.Check(count, _cells[0].Options.FeatureName);
        }
        catch (ArgumentException exception)
        {
            foreach (SearchCell cell in _cells.Where(cell => cell.Candidate.ComponentCount == count)) cell.Exclude(exception.Message);
            return null;
        }

        return _groups.Find(count, index, _time.Token);
    }

    private void RunCells(WorkerTeam? team, Action<SearchCell> work) => _threads.Run(team, _cells.Length, item =>
    {
        SearchCell cell = _order[item];
        if (cell.Candidate.SameAs is null && !cell.IsExcluded) work(cell);
        Report(cell);
    });

    private void Report(SearchCell cell)
    {
        if (_options.Progress is not { } progress) return;
        lock (_progressLock)
        {
            // Rounds that are done again have been told of.
            if (++_steps <= _toldSteps) return;
            _toldSteps = _steps;
            progress.Report(new MixtureSearchProgress(_steps, _totalSteps, cell.Candidate.ComponentCount, cell.Candidate.CovarianceStructure));
        }
    }

    private void Publish()
    {
        foreach (SearchCell cell in _cells) cell.Published = cell.Current;
    }

    private void ChooseContenders()
    {
        double best = double.PositiveInfinity;
        _winner = default;
        foreach (SearchCell cell in _cells)
        {
            if (!cell.IsSound || cell.Current is not { } fit || !(Criterion(cell, fit) < best)) continue;
            best = Criterion(cell, fit);
            _winner = (cell, fit);
        }

        // Criteria of a sample do not compare with those of all rows.
        bool areComparable = IsSampled || !_hasSample;
        if (areComparable && double.IsFinite(best)) _surprise = (_firstBest ??= best) - best;
        double[] gains = !areComparable ? [] : [.. _cells
            .Where(cell => cell.IsSound && Criterion(cell, cell.Current!) <= best + Reach)
            .Select(cell => (cell.FirstCriterion - Criterion(cell, cell.Current!)) ?? 0)];
        _isRugged |= _all.Source.RowCount < FewRows || (!_hasSample && Array.Exists(gains, gain => gain > Reach));
        foreach (SearchCell cell in _cells)
        {
            double own = cell.Current is { } fit ? Criterion(cell, fit) : double.PositiveInfinity;
            cell.FirstCriterion ??= own;

            // A doubtful fit may give way to a sound one.
            cell.IsContender = !cell.IsExcluded && (!_options.StopsLosersEarly || _isRugged || _winner.Cell is null || own <= best + Reach);
            cell.IsNearWinner = !cell.IsExcluded && _winner.Cell is { } winner && winner.Candidate.CovarianceStructure == cell.Candidate.CovarianceStructure
                && Math.Abs(winner.Candidate.ComponentCount - cell.Candidate.ComponentCount) == 1;
        }
    }

    // BIC or AIC in the units of the fits; BIC stands for criteria that take more than a likelihood.
    private double Criterion(SearchCell cell, MixtureFit fit)
    {
        double penalty = _options.Criterion == MixtureCriterion.Akaike ? 2 : Math.Log(_all.WeightTotal);
        return (-2 * fit.LogLikelihood * (_all.WeightTotal / fit.RowWeightTotal)) + (cell.Candidate.FreeParameterCount(_source.Dimension) * penalty);
    }
}
