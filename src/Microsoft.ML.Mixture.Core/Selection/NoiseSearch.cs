namespace Microsoft.ML.Mixture;

/// <summary>Fits every Gaussian mixture of a search with a component of noise, several at a time.</summary>
/// <remarks>
/// What is noise to one model is a component to another, so that models start by themselves, and not from each other as those without noise do. All are fitted
/// from few starts, and those near the best then from many; and all are, where that brings any of these more than
/// the others are behind. The density of the noise is the same for all.
/// </remarks>
internal sealed class NoiseSearch
{
    private static readonly MixtureStart _fewStarts = new NoiseStart(MixtureStart.KMeansPlusPlus, rounds: 1);

    // No races: with a component more than there are groups they find the clumps that chance makes of stray rows, and K would be one too many.
    private static readonly MixtureStart _manyStarts = new NoiseStart(MixtureStart.KMeansPlusPlus);

    private readonly SearchData _data;
    private readonly GaussianMixtureSearchOptions _options;
    private readonly MixtureCandidate[] _candidates;
    private readonly MixtureCandidate[] _fitted;
    private readonly SeparateFits<MixtureCandidate> _fits;
    private int _completed;

    private NoiseSearch(SearchData data, GaussianMixtureSearchOptions options, MixtureCandidate[] candidates, SeparateFits<MixtureCandidate> fits)
    {
        (_data, _options, _candidates, _fits) = (data, options, candidates, fits);
        _fitted = Array.FindAll(candidates, candidate => candidate.IsItsOwn);
    }

    private bool CrossValidates => _options.Criterion == MixtureCriterion.CrossValidation;

    /// <summary>Searches.</summary>
    public static MixtureSearchResult Run(RowSource rows, GaussianMixtureSearchOptions options, CancellationToken cancellationToken)
    {
        using var time = new TimeLimit(options.TimeBudget, options.Clock, cancellationToken);
        GaussianMixtureOptions first = options.FitOptions(options.MinimumComponentCount, options.CovarianceStructures[0]);
        SearchData data = SearchData.Prepare(rows, options, first, time, cancellationToken).FindDependencies(time, cancellationToken);
        string[] ofNumber = data.Limit(options);
        MixtureCandidate[] candidates = MixtureCandidate.CreateAll(options, rows.Dimension);
        double share = options.Criterion == MixtureCriterion.CrossValidation ? FoldSearches.ShareOfAllRows(options) : 1;
        using var fits = new SeparateFits<MixtureCandidate>(options, candidates, time, cancellationToken, share);

        // As each fit looks at them.
        (ScaledRows near, bool[]? far) = time.Within(cancelled => FarRows.Screen(data.Scaled, first, known: null, cancelled), (data.Scaled, null), cancellationToken);
        return new NoiseSearch(data, options, candidates, fits).Run(far is null ? near : time.Within(near.FindDependencies, near, cancellationToken), time, ofNumber, cancellationToken);
    }

    private MixtureSearchResult Run(ScaledRows near, TimeLimit time, string[] ofNumber, CancellationToken cancellationToken)
    {
        var features = new SearchedFeatures(near, _candidates.Select(OptionsOf));
        Fit();
        bool areShort = _fits.HaveEnded;
        if (CrossValidates) areShort |= FoldSearches.Run(_data, _fitted, _options, time, Report, cancellationToken);
        string[] ofTime = _fits.Finish(areShort);
        var result = new MixtureSearchResult(_candidates, _options.Criterion, [.. ofNumber, .. ofTime], features.Warnings, features.Told, isLimited: ofNumber.Length > 0) { LeftToReport = _data.WarningsOfMissing(OptionsOf(_candidates[0])) };
        result.CompareOnRowsLeftOut(cancellationToken);
        return ofTime.Length > 0 || _options.IsOfFold ? result : result.Check(new GridLines(_data, _options, time, cancellationToken));
    }

    private void Fit()
    {
        MixtureCandidate[] left = _fitted;
        _fits.Run(left, candidate => Fit(candidate, _fewStarts), Report);
        bool isRugged = !_options.StopsLosersEarly;
        while (true)
        {
            double best = _fitted.Where(candidate => candidate is { HasModel: true, IsDoubtful: false }).Select(Value).DefaultIfEmpty(double.PositiveInfinity).Min();
            MixtureCandidate[] near = Array.FindAll(left, candidate => isRugged || !candidate.HasModel || Value(candidate) <= best + SearchContest.Reach);
            if (near.Length == 0) break;
            double[] before = [.. near.Select(Value)];
            _fits.Run(near, candidate => Fit(candidate, _manyStarts), Report);
            left = [.. left.Except(near)];
            for (int at = 0; at < near.Length; at++) isRugged |= before[at] - Value(near[at]) > SearchContest.Reach;
        }

        // What is not needed is done.
        Array.ForEach(left, Report);
    }

    private GaussianMixtureOptions OptionsOf(MixtureCandidate candidate) => _options.FitOptions(candidate.ComponentCount, candidate.CovarianceStructure);

    // BIC stands for what takes more than the model itself.
    private double Value(MixtureCandidate candidate) => candidate.Value(CrossValidates ? MixtureCriterion.Bayesian : _options.Criterion);

    private void Fit(MixtureCandidate candidate, MixtureStart start)
    {
        GaussianMixtureOptions options = OptionsOf(candidate);
        options.Start = start;
        _data.Unscaled.Check(candidate.ComponentCount, options.FeatureName);
        if (candidate.WhyExcluded(_data, options, _options.CovarianceStructures) is { } reason) throw new MixtureFitException(reason);
        GaussianMixtureModel model = GaussianFit.Run(_data.Source, options, _fits.Token);
        MixtureCriteria criteria = MixtureCriteria.Compute(model, _data.Unscaled, _fits.Token);
        bool isDoubtful = candidate.IsOverfitted(_data.Unscaled) || model.Report!.SpuriousComponentCount > 0;
        if (candidate.Criteria is not { } before || (candidate.IsDoubtful, -before.LogLikelihood).CompareTo((isDoubtful, -criteria.LogLikelihood)) > 0)
        {
            (candidate.Model, candidate.Criteria, candidate.IsDoubtful, candidate.Failure) = (model, criteria, isDoubtful, null);
        }

        candidate.EndedEarly = start == _fewStarts || candidate.Model!.Report!.StopReason != StopReason.Converged;
    }

    private void Report(MixtureCandidate candidate)
    {
        int total = _fitted.Length * (2 + (CrossValidates ? _options.FoldCount : 0));
        _options.Progress?.Report(new MixtureSearchProgress(Math.Min(++_completed, total), total, candidate.ComponentCount, candidate.CovarianceStructure));
    }
}
