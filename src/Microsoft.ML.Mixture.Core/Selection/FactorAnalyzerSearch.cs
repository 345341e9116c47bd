namespace Microsoft.ML.Mixture;

/// <summary>Fits every mixture of factor analysers of a search, but for those that are the same as others, several at a time. Each is what <see cref="FactorAnalyzerMixture"/> makes of its options alone.</summary>
internal sealed class FactorAnalyzerSearch
{
    // What a single component may take beyond the time of a search that has no model: as long as that, or a second.
    private static readonly TimeSpan _leastTimeOfLast = TimeSpan.FromSeconds(1);

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
        using var time = new TimeLimit(options.TimeBudget, options.Clock, cancellationToken);
        FactorAnalyzerMixtureOptions first = options.FitOptions(options.MinimumComponentCount, options.MinimumFactorCount, options.SpecificVarianceStructures[0]);
        SearchData data = SearchData.Prepare(rows, options, first, time, cancellationToken).FindDependencies(time, cancellationToken);
        string[] ofNumber = data.Limit(options);
        FactorAnalyzerCandidate[] candidates = FactorAnalyzerCandidate.CreateAll(options, rows.Dimension);
        using var fits = new SeparateFits<FactorAnalyzerCandidate>(options, candidates, time, cancellationToken);
        return new FactorAnalyzerSearch(data, options, candidates, fits).Run(ofNumber, cancellationToken);
    }

    private FactorAnalyzerSearchResult Run(string[] ofNumber, CancellationToken cancellationToken)
    {
        FactorAnalyzerCandidate[] fitted = Array.FindAll(_candidates, candidate => candidate.IsItsOwn);
        _fits.Run(fitted, Fit, candidate => _options.Progress?.Report(new FactorAnalyzerSearchProgress(++_completed, fitted.Length, candidate)));
        if (_options.TimeBudget is { } asked && _fits.HaveEnded && !Array.Exists(_candidates, candidate => candidate.HasModel)) FitSingleComponent(asked, cancellationToken);
        FactorAnalyzerMixtureOptions first = OptionsOf(_candidates[0]);
        var result = new FactorAnalyzerSearchResult(_candidates, _options, [.. ofNumber, .. _fits.Finish()], isLimited: ofNumber.Length > 0) { LeftToReport = _data.WarningsOfMissing(first) };
        result.CompareOnRowsLeftOut(cancellationToken);
        return result;
    }

    // Not where folds are to judge it, which would take as many fits.
    private void FitSingleComponent(TimeSpan asked, CancellationToken cancellationToken)
    {
        FactorAnalyzerCandidate candidate = _candidates[0];
        if (candidate.ComponentCount > 1 || candidate.Failure is not null || _options.Criterion == MixtureCriterion.CrossValidation) return;
        FactorAnalyzerMixtureOptions options = OptionsOf(candidate);
        (options.RestartCount, options.TimeBudget) = (1, asked > _leastTimeOfLast ? asked : _leastTimeOfLast);
        try
        {
            Fit(candidate, options, cancellationToken);
        }
        catch (MixtureFitException)
        {
            // The reason stays that the time of the search was over.
        }
    }

    private FactorAnalyzerMixtureOptions OptionsOf(FactorAnalyzerCandidate candidate) =>
        _options.FitOptions(candidate.ComponentCount, candidate.FactorCount, candidate.SpecificVarianceStructure);

    private void Fit(FactorAnalyzerCandidate candidate) => Fit(candidate, OptionsOf(candidate), _fits.Token);

    private void Fit(FactorAnalyzerCandidate candidate, FactorAnalyzerMixtureOptions options, CancellationToken token)
    {
        _data.Unscaled.Check(candidate.ComponentCount, options.FeatureName);
        FactorAnalyzerMixtureModel model = FactorAnalyzerFit.Run(_data.Scaled, options, token);
        MixtureCriteria criteria = MixtureCriteria.Compute(model, _data.Unscaled, token);
        if (_options.Criterion == MixtureCriterion.CrossValidation)
        {
            candidate.CrossValidation = FactorAnalyzerMixture.CrossValidateToCompare(_data.Source, options, _options.FoldCount, token);
        }

        candidate.EndedEarly = model.Report!.StopReason != StopReason.Converged;
        candidate.IsDoubtful = model.Report!.SpuriousComponentCount > 0;
        (candidate.Model, candidate.Criteria) = (model, criteria);
    }
}
