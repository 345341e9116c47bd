namespace Microsoft.ML.Mixture;

/// <summary>Fits every mixture of factor analysers of a search, but for those that are the same as others, several at a time. Each is what <see cref="FactorAnalyzerMixture"/> makes of its options alone.</summary>
internal sealed class FactorAnalyzerSearch
{
    private readonly SearchData _data;
    private readonly FactorAnalyzerMixtureSearchOptions _options;
    private readonly FactorAnalyzerCandidate[] _candidates;
    private readonly SeparateFits<FactorAnalyzerCandidate> _fits;
    private int _completed;

    private FactorAnalyzerSearch(
        SearchData data, FactorAnalyzerMixtureSearchOptions options, FactorAnalyzerCandidate[] candidates, SeparateFits<FactorAnalyzerCandidate> fits) =>
        (_data, _options, _candidates, _fits) = (data, options, candidates, fits);

    /// <summary>Searches.</summary>
    public static FactorAnalyzerSearchResult Run(RowSource rows, FactorAnalyzerMixtureSearchOptions options, CancellationToken cancellationToken)
    {
        FactorAnalyzerFit.CheckFactors("The minimum number of factors", options.MinimumFactorCount, rows.Dimension);
        FactorAnalyzerCandidate[] candidates = FactorAnalyzerCandidate.CreateAll(options, rows.Dimension);
        using var fits = new SeparateFits<FactorAnalyzerCandidate>(options, candidates, cancellationToken);
        FactorAnalyzerMixtureOptions first = options.FitOptions(options.MinimumComponentCount, options.MinimumFactorCount, options.SpecificVarianceStructures[0]);
        return new FactorAnalyzerSearch(SearchData.Prepare(rows, options, first, fits.Time, cancellationToken).FindDependencies(fits.Time, cancellationToken), options, candidates, fits).Run();
    }

    private FactorAnalyzerSearchResult Run()
    {
        FactorAnalyzerCandidate[] fitted = Array.FindAll(_candidates, candidate => candidate.IsItsOwn);
        _fits.Run(fitted, Fit, candidate => _options.Progress?.Report(new FactorAnalyzerSearchProgress(++_completed, fitted.Length, candidate)));
        FactorAnalyzerMixtureOptions first = _options.FitOptions(_candidates[0].ComponentCount, _candidates[0].FactorCount, _candidates[0].SpecificVarianceStructure);
        return new FactorAnalyzerSearchResult(_candidates, _options, _fits.Finish()) { LeftToReport = _data.WarningsOfMissing(first) };
    }

    private void Fit(FactorAnalyzerCandidate candidate)
    {
        FactorAnalyzerMixtureOptions options = _options.FitOptions(candidate.ComponentCount, candidate.FactorCount, candidate.SpecificVarianceStructure);
        _data.Unscaled.Check(candidate.ComponentCount, options.FeatureName);
        FactorAnalyzerMixtureModel model = FactorAnalyzerFit.Run(_data.Scaled, options, _fits.Token);
        MixtureCriteria criteria = MixtureCriteria.Compute(model, _data.Unscaled, _fits.Token);
        if (_options.Criterion == MixtureCriterion.CrossValidation)
        {
            candidate.CrossValidation = FactorAnalyzerMixture.CrossValidate(_data.Source, options, _options.FoldCount, _fits.Token);
        }

        candidate.IsDoubtful = model.Report!.SpuriousComponentCount > 0;
        (candidate.Model, candidate.Criteria) = (model, criteria);
    }
}
