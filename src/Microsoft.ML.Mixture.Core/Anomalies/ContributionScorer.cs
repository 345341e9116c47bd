namespace Microsoft.ML.Mixture;

/// <summary>Tells which features make rows unusual, one row at a time. Use one in each thread.</summary>
/// <remarks>
/// <code>
///   contribution(j) = log p(x without j) - log p(x) - log( s(j) sqrt(2 pi) )
/// </code>
/// is how much the density falls by what feature j shows, beside what the others show, in nats; s(j) is the standard deviation of feature j given the
/// others, so that units do not matter. For one Gaussian it is half the squared standard score of the feature given the others; where a mixture
/// has several places for the feature, it may be negative. Everything is exact: x without j is a row with a missing feature.
/// Noise is left out. Features that are unusual in the same way hide each other, as each is then what the others make one expect, and put the blame on an ordinary one that agrees with them
/// otherwise, which may have the largest contribution of all: <see cref="GaussianMixtureModel.Marginal"/> tells of each alone, and <see cref="AnomalyCalibration.PValueOf"/> of a row with NaN for some features
/// whether the rest is ordinary without them.
/// An infinite feature contributes infinity and counts as missing for the others; a missing one contributes zero.
/// Cost: a few times that of scoring the row, O(K D^2), or O(K D) for diagonal and spherical covariances. Rows with missing features take O(K D^3) more for a set of missing
/// features that is new; what depends on the set only is kept for rows to come until it takes 32 MB. Only rows so far away that squares overflow, and mixtures that are singular without a feature,
/// take D times what scoring a row with a missing feature does.
/// </remarks>
public sealed class ContributionScorer
{
    private const long MostKept = 1 << 22;

    private readonly GaussianMixtureModel _gaussians;
    private readonly double[] _row;
    private readonly double[] _filled;
    private readonly double[] _deviations;

    // Of each set of missing features that came; null where there are none.
    private readonly List<FullConditionals?> _conditionals = [];
    private HolePatterns _patterns;
    private long _kept;

    // Most rows need neither.
    private MixtureScorer? _scorer;
    private MissingValueFiller? _filler;

    internal ContributionScorer(GaussianMixtureModel model)
    {
        _gaussians = model.WithoutNoise();
        _row = new double[model.Dimension];
        _filled = new double[model.Dimension];
        _deviations = new double[model.Dimension];
        _patterns = new HolePatterns(model.Dimension);
    }

    private MissingValueFiller Filler => _filler ??= _gaussians.CreateFiller();

    /// <summary>Tells what each feature of a row contributes.</summary>
    /// <param name="row">x, shape D, in feature units; NaN for a missing feature.</param>
    /// <param name="contributions">On return the contributions, shape D, in the order of the features.</param>
    /// <exception cref="ArgumentException">A span is not of length D.</exception>
    public void Score(ReadOnlySpan<double> row, Span<FeatureContribution> contributions)
    {
        if (contributions.Length != _row.Length)
        {
            throw new ArgumentException($"There is room for {Counted.Of(contributions.Length, "contribution")}, but the mixture has {Counted.Of(_row.Length, "feature")}. Pass one place a feature.", nameof(contributions));
        }

        MixtureScorer.CheckLength(row, _row.Length);
        for (int j = 0; j < row.Length; j++) _row[j] = double.IsInfinity(row[j]) ? double.NaN : row[j];
        if (!TryScoreTogether(row, contributions)) ScoreOneByOne(row, contributions);
    }

    private bool TryScoreTogether(ReadOnlySpan<double> row, Span<FeatureContribution> contributions)
    {
        int pattern = FindPattern();
        ReadOnlySpan<int> observed = _patterns.Observed(pattern), missing = _patterns.Missing(pattern);
        if (!observed.IsEmpty)
        {
            Span<double> shown = _filled.AsSpan(0, observed.Length);
            for (int a = 0; a < observed.Length; a++) shown[a] = _row[observed[a]];
            if (_conditionals[pattern] is not { } conditionals || !conditionals.TryRead(shown)) return false;
            for (int a = 0; a < observed.Length; a++)
            {
                if (!conditionals.TryTell(shown, a, out double expectation, out double deviation, out double logRatio)) return false;
                contributions[observed[a]] = new FeatureContribution(observed[a], shown[a], expectation, deviation, Contribution(logRatio, deviation));
            }
        }

        if (missing.IsEmpty) return true;
        Filler.Fill(_row, _filled, _deviations);
        foreach (int j in missing) contributions[j] = new FeatureContribution(j, row[j], _filled[j], _deviations[j], double.IsInfinity(row[j]) ? double.PositiveInfinity : 0);
        return true;
    }

    private int FindPattern()
    {
        int pattern = _patterns.Find(_row);
        if (pattern < _conditionals.Count) return pattern;
        if (_kept > MostKept || pattern >= RowHoles.MostPatterns(_row.Length))
        {
            _patterns = new HolePatterns(_row.Length);
            _conditionals.Clear();
            _kept = 0;
            pattern = _patterns.Find(_row);
        }

        while (_conditionals.Count <= pattern) _conditionals.Add(Create(_conditionals.Count));
        return pattern;
    }

    private FullConditionals? Create(int pattern)
    {
        ReadOnlySpan<int> observed = _patterns.Observed(pattern);
        GaussianMixtureModel? model = _gaussians;
        if (observed.IsEmpty || (pattern != HolePatterns.Complete && !_gaussians.TryMarginal(observed, out model, out _))) return null;
        var conditionals = FullConditionals.TryCreate(model!);
        if (pattern != HolePatterns.Complete) _kept += conditionals?.Length ?? 0;
        return conditionals;
    }

    // Each feature in turn as if it were missing.
    private void ScoreOneByOne(ReadOnlySpan<double> row, Span<FeatureContribution> contributions)
    {
        _scorer ??= _gaussians.CreateScorer();
        _scorer.Score(_row);
        double logDensity = _scorer.LogDensity;
        for (int j = 0; j < row.Length; j++)
        {
            double value = _row[j];
            _row[j] = double.NaN;
            Filler.Fill(_row, _filled, _deviations);
            _scorer.Score(_row);
            double expectation = _filled[j], deviation = _deviations[j], score = (value - expectation) / deviation, contribution = 0;
            if (double.IsInfinity(row[j])) contribution = double.PositiveInfinity;

            // Beyond double precision, the tail of a Gaussian is all that is left to tell.
            else if (!double.IsNaN(value)) contribution = double.IsNegativeInfinity(logDensity) ? 0.5 * score * score : Contribution(_scorer.LogDensity - logDensity, deviation);
            contributions[j] = new FeatureContribution(j, row[j], expectation, deviation, contribution);
            _row[j] = value;
        }
    }

    private static double Contribution(double logRatio, double deviation) => logRatio - Math.Log(deviation) - (0.5 * Math.Log(2 * Math.PI));
}
