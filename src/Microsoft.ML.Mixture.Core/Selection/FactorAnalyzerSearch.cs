namespace Microsoft.ML.Mixture;

/// <summary>Fits every mixture of factor analysers of a search, several at a time. Each is what <see cref="FactorAnalyzerMixture"/> makes of its options alone.</summary>
internal sealed class FactorAnalyzerSearch : IDisposable
{
    private readonly RowSource _source;
    private readonly FactorAnalyzerMixtureSearchOptions _options;
    private readonly CancellationToken _cancelled;
    private readonly TimeLimit _time;
    private readonly FactorAnalyzerCandidate[] _candidates;
    private readonly Lock _progressLock = new();
    private TrainingRows _rows = null!;
    private ScaledRows _scaled = null!;
    private int _completed;

    public FactorAnalyzerSearch(RowSource rows, FactorAnalyzerMixtureSearchOptions options, CancellationToken cancellationToken)
    {
        FactorAnalyzerFit.CheckFactors(nameof(options.MinimumFactorCount), options.MinimumFactorCount, rows.Dimension);
        _source = rows;
        _options = options;
        _cancelled = cancellationToken;
        _time = new TimeLimit(options.TimeBudget, options.Clock, cancellationToken);
        int[] factors = [.. Enumerable.Range(options.MinimumFactorCount, Math.Min(options.MaximumFactorCount, rows.Dimension) - options.MinimumFactorCount + 1)];
        _candidates = [.. options.ComponentCounts.SelectMany(count => options.SpecificVarianceStructures.SelectMany(
            structure => factors.Select(q => new FactorAnalyzerCandidate(count, q, structure))))];
    }

    public FactorAnalyzerSearchResult Run()
    {
        FactorAnalyzerMixtureOptions first = OptionsOf(_candidates[0]);
        _rows = TrainingRows.InspectUpTo(_options.MaximumComponentCount, _source, usesHoles: true, first.FeatureName, _cancelled);
        _rows.Check(_options.MinimumComponentCount, first.FeatureName);
        _scaled = GaussianFit.Prepare(_rows, first, _cancelled);
        int threads = Math.Min(_options.ThreadCount ?? Environment.ProcessorCount, _candidates.Length);
        using WorkerTeam? team = threads > 1 ? new WorkerTeam(threads) : null;

        // Small models first: where there is a time budget, more of them are done.
        new SearchThreads(_time, _cancelled).Run(team, _candidates.Length, item => Complete(_candidates[item]));
        FactorAnalyzerCandidate[] unfinished = [.. _candidates.Where(candidate => candidate.Model is null && candidate.Failure is null)];
        foreach (FactorAnalyzerCandidate candidate in unfinished)
        {
            candidate.Criteria = null;
            candidate.Failure = _options.UnfinishedReason;
        }

        return new FactorAnalyzerSearchResult(_candidates, _options, unfinished.Length == 0 ? [] : [_options.WarnOfTime(unfinished.Length, _candidates.Length)]);
    }

    public void Dispose() => _time.Dispose();

    private FactorAnalyzerMixtureOptions OptionsOf(FactorAnalyzerCandidate candidate) =>
        _options.FitOptions(candidate.ComponentCount, candidate.FactorCount, candidate.SpecificVarianceStructure);

    private void Complete(FactorAnalyzerCandidate candidate)
    {
        try
        {
            Fit(candidate);
        }
        catch (Exception exception) when (exception is MixtureFitException or ArgumentException)
        {
            candidate.Criteria = null;
            candidate.Failure = exception.Message;
        }

        if (_options.Progress is not { } progress) return;
        lock (_progressLock) progress.Report(new FactorAnalyzerSearchProgress(++_completed, _candidates.Length, candidate));
    }

    private void Fit(FactorAnalyzerCandidate candidate)
    {
        FactorAnalyzerMixtureOptions options = OptionsOf(candidate);
        _rows.Check(candidate.ComponentCount, options.FeatureName);
        FactorAnalyzerMixtureModel model = FactorAnalyzerFit.Run(_scaled, options, _time.Token);
        candidate.Criteria = MixtureCriteria.Compute(model, _rows, _time.Token);
        if (_options.Criterion == MixtureCriterion.CrossValidation)
        {
            candidate.CrossValidation = FactorAnalyzerMixture.CrossValidate(_source, options, _options.FoldCount, _time.Token);
        }

        candidate.IsDoubtful = model.Report!.SpuriousComponentCount > 0;
        candidate.Model = model;
    }
}
