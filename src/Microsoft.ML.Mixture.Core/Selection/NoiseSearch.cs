namespace Microsoft.ML.Mixture;

/// <summary>Fits every Gaussian mixture of a search with a component of noise, several at a time.</summary>
/// <remarks>
/// What is noise to one model is a component to another, so that models start by themselves, and not from each other as those without noise do. All are fitted
/// from few starts. Those near the best are then what <see cref="GaussianMixture"/> makes of their options alone, from many; and all are, where that brings any of these more than
/// the others are behind. The density of the noise is the same for all.
/// </remarks>
internal sealed class NoiseSearch : IDisposable
{
    private static readonly MixtureStart _fewStarts = new NoiseStart(MixtureStart.KMeansPlusPlus, rounds: 1);

    private readonly RowSource _source;
    private readonly GaussianMixtureSearchOptions _options;
    private readonly CancellationToken _cancelled;
    private readonly MixtureCandidate[] _candidates;
    private readonly MixtureCandidate[] _fitted;
    private readonly SeparateFits<MixtureCandidate> _fits;
    private TrainingRows _rows = null!;
    private int _completed;

    public NoiseSearch(RowSource rows, GaussianMixtureSearchOptions options, CancellationToken cancellationToken)
    {
        _source = rows;
        _options = options;
        _cancelled = cancellationToken;
        _candidates = MixtureCandidate.CreateAll(options, rows.Dimension);
        _fitted = Array.FindAll(_candidates, candidate => candidate.IsItsOwn);
        _fits = new SeparateFits<MixtureCandidate>(options, _candidates, cancellationToken);
    }

    private bool CrossValidates => _options.Criterion == MixtureCriterion.CrossValidation;

    public MixtureSearchResult Run()
    {
        GaussianMixtureOptions first = OptionsOf(_candidates[0]);
        _rows = TrainingRows.InspectUpTo(_options.MaximumComponentCount, _source, usesHoles: true, first.FeatureName, _cancelled);
        _rows.Check(_options.MinimumComponentCount, first.FeatureName);
        var features = new SearchedFeatures(GaussianFit.Prepare(_rows, first, _cancelled).FindDependencies(_cancelled).FindPointMasses(_cancelled), _candidates.Select(OptionsOf));
        Fit();
        return new MixtureSearchResult(_candidates, _options.Criterion, [.. _fits.Finish(mayBeShort: true), .. features.Warnings], features.Told);
    }

    public void Dispose() => _fits.Dispose();

    private void Fit()
    {
        MixtureCandidate[] left = _fitted;
        _fits.Run(left, candidate => Fit(candidate, _fewStarts), Report);
        bool isRugged = !_options.StopsLosersEarly;
        while (true)
        {
            double best = _fitted.Where(candidate => candidate is { HasModel: true, IsDoubtful: false }).Select(Value).DefaultIfEmpty(double.PositiveInfinity).Min();
            MixtureCandidate[] near = Array.FindAll(left, candidate => isRugged || !candidate.HasModel || Value(candidate) <= best + GaussianMixtureSearch.Reach);
            if (near.Length == 0) break;
            double[] before = [.. near.Select(Value)];
            _fits.Run(near, candidate => Fit(candidate, start: null), Report);
            left = [.. left.Except(near)];
            for (int at = 0; at < near.Length; at++) isRugged |= before[at] - Value(near[at]) > GaussianMixtureSearch.Reach;
        }

        // What is not needed is done.
        Array.ForEach(left, Report);
        if (CrossValidates) _fits.Run(Array.FindAll(_fitted, candidate => candidate.HasModel), CrossValidate, Report);
    }

    private GaussianMixtureOptions OptionsOf(MixtureCandidate candidate) => _options.FitOptions(candidate.ComponentCount, candidate.CovarianceStructure);

    // BIC stands for what takes more than the model itself.
    private double Value(MixtureCandidate candidate) => candidate.Value(CrossValidates ? MixtureCriterion.Bayesian : _options.Criterion);

    private void Fit(MixtureCandidate candidate, MixtureStart? start)
    {
        GaussianMixtureOptions options = OptionsOf(candidate);
        options.Start = start;
        _rows.Check(candidate.ComponentCount, options.FeatureName);
        if (candidate.WhyExcluded(_rows.Source, _options.CovarianceStructures) is { } reason) throw new MixtureFitException(reason);
        GaussianMixtureModel model = GaussianFit.Run(_source, options, _fits.Token);
        MixtureCriteria criteria = MixtureCriteria.Compute(model, _rows, _fits.Token);
        bool isDoubtful = candidate.IsOverfitted(_rows.Source) || model.Report!.SpuriousComponentCount > 0;
        if (candidate.Criteria is { } before && (candidate.IsDoubtful, -before.LogLikelihood).CompareTo((isDoubtful, -criteria.LogLikelihood)) <= 0) return;
        (candidate.Model, candidate.Criteria, candidate.IsDoubtful, candidate.Failure) = (model, criteria, isDoubtful, null);
    }

    // What cannot be cross-validated has no model.
    private void CrossValidate(MixtureCandidate candidate)
    {
        GaussianMixtureModel? model = candidate.Model;
        candidate.Model = null;
        candidate.CrossValidation = GaussianMixture.CrossValidate(_source, OptionsOf(candidate), _options.FoldCount, _fits.Token);
        candidate.Model = model;
    }

    private void Report(MixtureCandidate candidate)
    {
        int total = _fitted.Length * (CrossValidates ? 3 : 2);
        _options.Progress?.Report(new MixtureSearchProgress(Math.Min(++_completed, total), total, candidate.ComponentCount, candidate.CovarianceStructure));
    }
}
