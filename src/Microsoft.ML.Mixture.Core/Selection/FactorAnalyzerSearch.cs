namespace Microsoft.ML.Mixture;

/// <summary>Fits every mixture of factor analysers of a search, but for those that are the same as others, several at a time. Each is what <see cref="FactorAnalyzerMixture"/> makes of its options alone.</summary>
internal sealed class FactorAnalyzerSearch : IDisposable
{
    private readonly RowSource _source;
    private readonly FactorAnalyzerMixtureSearchOptions _options;
    private readonly CancellationToken _cancelled;
    private readonly FactorAnalyzerCandidate[] _candidates;
    private readonly FactorAnalyzerCandidate[] _fitted;
    private readonly SeparateFits<FactorAnalyzerCandidate> _fits;
    private TrainingRows _rows = null!;
    private ScaledRows _scaled = null!;
    private int _completed;

    public FactorAnalyzerSearch(RowSource rows, FactorAnalyzerMixtureSearchOptions options, CancellationToken cancellationToken)
    {
        FactorAnalyzerFit.CheckFactors(nameof(options.MinimumFactorCount), options.MinimumFactorCount, rows.Dimension);
        _source = rows;
        _options = options;
        _cancelled = cancellationToken;
        _candidates = FactorAnalyzerCandidate.CreateAll(options, rows.Dimension);
        _fitted = Array.FindAll(_candidates, candidate => candidate.IsItsOwn);
        _fits = new SeparateFits<FactorAnalyzerCandidate>(options, _candidates, cancellationToken);
    }

    public FactorAnalyzerSearchResult Run()
    {
        FactorAnalyzerMixtureOptions first = OptionsOf(_candidates[0]);
        _rows = TrainingRows.InspectUpTo(_options.MaximumComponentCount, _source, usesHoles: true, first.FeatureName, _cancelled);
        _rows.Check(_options.MinimumComponentCount, first.FeatureName);
        _scaled = GaussianFit.Prepare(_rows, first, _cancelled).FindPointMasses(_cancelled);
        _fits.Run(_fitted, Fit, candidate => _options.Progress?.Report(new FactorAnalyzerSearchProgress(++_completed, _fitted.Length, candidate)));
        return new FactorAnalyzerSearchResult(_candidates, _options, _fits.Finish());
    }

    public void Dispose() => _fits.Dispose();

    private FactorAnalyzerMixtureOptions OptionsOf(FactorAnalyzerCandidate candidate) =>
        _options.FitOptions(candidate.ComponentCount, candidate.FactorCount, candidate.SpecificVarianceStructure);

    private void Fit(FactorAnalyzerCandidate candidate)
    {
        FactorAnalyzerMixtureOptions options = OptionsOf(candidate);
        _rows.Check(candidate.ComponentCount, options.FeatureName);
        FactorAnalyzerMixtureModel model = FactorAnalyzerFit.Run(_scaled, options, _fits.Token);
        MixtureCriteria criteria = MixtureCriteria.Compute(model, _rows, _fits.Token);
        if (_options.Criterion == MixtureCriterion.CrossValidation)
        {
            candidate.CrossValidation = FactorAnalyzerMixture.CrossValidate(_source, options, _options.FoldCount, _fits.Token);
        }

        candidate.IsDoubtful = model.Report!.SpuriousComponentCount > 0;
        (candidate.Model, candidate.Criteria) = (model, criteria);
    }
}
