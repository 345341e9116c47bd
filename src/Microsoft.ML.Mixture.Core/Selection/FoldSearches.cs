namespace Microsoft.ML.Mixture;

/// <summary>Cross-validates all models of a search: of each fold the rows of the others are searched as all rows are, and its own are scored.</summary>
/// <remarks>Folds are searched at the same time, each on one thread and by itself, so that nothing depends on the threads.</remarks>
internal sealed class FoldSearches
{
    // A quarter of a gigabyte. A covariance has its factors with it.
    private const double MostKept = 1 << 25;
    private const double TriangleAndFactors = 5;

    private readonly RowSource _source;
    private readonly MixtureCandidate[] _candidates;
    private readonly GaussianMixtureSearchOptions _options;
    private readonly RowFolds _folds;
    private readonly TimeLimit _time;
    private readonly int _threadCount;
    private readonly double[] _weights;

    // By candidate and fold; null for what is not done, or has not failed.
    private readonly double?[][] _logLikelihoods;
    private readonly string?[][] _failures;
    private readonly bool[] _haveEndedEarly;

    // Until the first two are compared; null where they would take too much memory.
    private readonly GaussianMixtureModel?[][]? _models;
    private readonly Lock _lock = new();
    private bool _isCut;

    private FoldSearches(SearchData data, MixtureCandidate[] candidates, GaussianMixtureSearchOptions options, TimeLimit time, CancellationToken cancellationToken)
    {
        (_source, _candidates, _options, _time) = (data.Source, candidates, options, time);
        _folds = RowFolds.Deal(data.Source, data.Scaled.Rows, options.FoldCount, options.Seed, cancellationToken);
        _threadCount = ThreadCount(options);
        _weights = new double[_folds.Count];
        _logLikelihoods = [.. candidates.Select(_ => new double?[_folds.Count])];
        _haveEndedEarly = new bool[candidates.Length];
        double kept = candidates.Sum(candidate => TriangleAndFactors * candidate.ComponentCount * candidate.CovarianceStructure.Shape.Length(data.Source.Dimension)) * _folds.Count;
        if (kept <= MostKept) _models = [.. candidates.Select(_ => new GaussianMixtureModel?[_folds.Count])];
        _failures = [.. candidates.Select(_ => new string?[_folds.Count])];
    }

    /// <summary>What of a time budget the search of all rows may take: as much as each round of folds, one a thread.</summary>
    public static double ShareOfAllRows(GaussianMixtureSearchOptions options) => 1.0 / (1 + Rounds(options.FoldCount, ThreadCount(options)));

    /// <summary>Cross-validates those of the candidates that have models. One that cannot be has none any more, and a reason unless that is the time.</summary>
    /// <param name="data">All rows.</param>
    /// <param name="candidates">The candidates.</param>
    /// <param name="options">Those of the search.</param>
    /// <param name="time">The time of the search.</param>
    /// <param name="report">Is told of every candidate after every fold, by one thread at a time.</param>
    /// <param name="cancellationToken">The caller's token.</param>
    /// <returns>Whether the time was over before all was done.</returns>
    public static bool Run(
        SearchData data, MixtureCandidate[] candidates, GaussianMixtureSearchOptions options, TimeLimit time, Action<MixtureCandidate> report, CancellationToken cancellationToken)
    {
        var searches = new FoldSearches(data, Array.FindAll(candidates, candidate => candidate is { IsItsOwn: true, HasModel: true }), options, time, cancellationToken);
        using WorkerTeam? team = SearchThreads.CreateTeam(options, options.FoldCount);
        new SearchThreads(team, time, cancellationToken).Run(options.FoldCount, fold => searches.Search(fold, candidates, report));
        return searches.Finish();
    }

    private static int ThreadCount(GaussianMixtureSearchOptions options) => Math.Min(options.ThreadCount ?? Environment.ProcessorCount, options.FoldCount);

    private static int Rounds(int folds, int threads) => (folds + threads - 1) / threads;

    private void Search(int fold, MixtureCandidate[] all, Action<MixtureCandidate> report)
    {
        GaussianMixtureSearchOptions options = _options.Clone();
        (options.Criterion, options.ThreadCount, options.Progress, options.IsOfFold) = (MixtureCriterion.Bayesian, 1, null, true);
        int rounds = Rounds(_folds.Count - fold, _threadCount);
        options.TimeBudget = rounds == 1 ? _time.Left : _time.Left / rounds;
        if (options.TimeBudget <= TimeSpan.Zero) return;
        using var time = new TimeLimit(options.TimeBudget, options.Clock, CancellationToken.None);
        RowSource others = _folds.Others(fold);
        MixtureSearchResult? found = TrySearch(others, options);
        bool isOver = time.HasEnded;
        if (isOver) Volatile.Write(ref _isCut, true);
        if (found is null && isOver) return;
        TrainingRows heldOut = _folds.HeldOut(fold, _time.Token);
        _weights[fold] = heldOut.RowWeightTotal;
        for (int at = 0; at < _candidates.Length; at++) _logLikelihoods[at][fold] = Score(at, fold, found, others, options.UnfinishedReason, heldOut);
        lock (_lock) Array.ForEach(all, report);
    }

    // Null where none of the models can be fitted, each of which then says why.
    private MixtureSearchResult? TrySearch(RowSource others, GaussianMixtureSearchOptions options)
    {
        try
        {
            return GaussianMixture.Search(others, options, _time.Token);
        }
        catch (Exception exception) when (exception is MixtureFitException or ArgumentException)
        {
            return null;
        }
    }

    private double? Score(int at, int fold, MixtureSearchResult? found, RowSource others, string unfinished, TrainingRows heldOut)
    {
        MixtureCandidate candidate = _candidates[at], own = found?.Find(candidate.ComponentCount, candidate.CovarianceStructure) ?? candidate;
        if (_time.HasEnded || own.Failure == unfinished) return null;
        try
        {
            // Rows of all folds but one may be left without a model that all rows have; then it is fitted by itself, and fails for its own reason.
            GaussianMixtureModel? model = own == candidate ? null : own.Model;
            bool isByItself = model is null;
            model ??= GaussianFit.Run(others, _options.FitOptions(candidate.ComponentCount, candidate.CovarianceStructure), _time.Token);
            if (isByItself ? model.Report!.StopReason != StopReason.Converged : own.EndedEarly) Volatile.Write(ref _haveEndedEarly[at], true);
            if (_models is not null) _models[at][fold] = model;
            return MixtureCriteria.Compute(model, heldOut, _time.Token).LogLikelihood;
        }
        catch (Exception exception) when (exception is MixtureFitException or ArgumentException)
        {
            _failures[at][fold] = $"It could not be cross-validated. {exception.Message}";
            return double.NaN;
        }
    }

    private bool Finish()
    {
        for (int at = 0; at < _candidates.Length; at++)
        {
            MixtureCandidate candidate = _candidates[at];
            double?[] found = _logLikelihoods[at];
            candidate.EndedEarly |= _haveEndedEarly[at];
            string? failure = Array.Find(_failures[at], reason => reason is not null);
            if (failure is null && Array.TrueForAll(found, logLikelihood => logLikelihood is not null))
            {
                candidate.CrossValidation = new MixtureCrossValidation([.. found.Select(logLikelihood => logLikelihood!.Value)], [.. _weights])
                {
                    Models = _models is null ? null : new HeldOutModels(_folds, _models[at]!),
                };
                continue;
            }

            _isCut |= failure is null;
            (candidate.Model, candidate.Failure) = (null, failure);
        }

        return _isCut;
    }
}
