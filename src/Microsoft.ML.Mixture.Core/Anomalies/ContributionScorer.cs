namespace Microsoft.ML.Mixture;

/// <summary>Tells which features make rows unusual, one row at a time. Use one in each thread.</summary>
/// <remarks>
/// <code>
///   contribution(j) = log p(x without j) - log p(x) - log( s(j) sqrt(2 pi) )
/// </code>
/// is how much the density falls by what feature j shows, beside what the others show, in nats; s(j) is the standard deviation of feature j given the
/// others, so that units do not matter. For one Gaussian it is half the squared standard score of the feature given the others; where a mixture
/// has several places for the feature, it may be negative. Everything is exact: x without j is a row with a missing feature.
/// Noise is left out. Features that are unusual in the same way hide each other, as each is then what the others make one expect:
/// <see cref="GaussianMixtureModel.Marginal"/> tells of each alone.
/// An infinite feature contributes infinity and counts as missing for the others; a missing one contributes zero.
/// Cost: D times that of scoring a row with a missing feature.
/// </remarks>
public sealed class ContributionScorer
{
    private readonly MixtureScorer _scorer;
    private readonly MissingValueFiller _filler;
    private readonly double[] _row;
    private readonly double[] _filled;
    private readonly double[] _deviations;

    internal ContributionScorer(GaussianMixtureModel model)
    {
        GaussianMixtureModel gaussians = model.WithoutNoise();
        _scorer = gaussians.CreateScorer();
        _filler = gaussians.CreateFiller();
        _row = new double[model.Dimension];
        _filled = new double[model.Dimension];
        _deviations = new double[model.Dimension];
    }

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
        _scorer.Score(_row);
        double logDensity = _scorer.LogDensity;
        for (int j = 0; j < row.Length; j++)
        {
            double value = _row[j];
            _row[j] = double.NaN;
            _filler.Fill(_row, _filled, _deviations);
            _scorer.Score(_row);
            double expectation = _filled[j], deviation = _deviations[j], contribution = 0;
            if (double.IsInfinity(row[j])) contribution = double.PositiveInfinity;
            else if (!double.IsNaN(value)) contribution = Contribution(logDensity, _scorer.LogDensity, (value - expectation) / deviation, deviation);
            contributions[j] = new FeatureContribution(j, row[j], expectation, deviation, contribution);
            _row[j] = value;
        }
    }

    // Beyond double precision, the tail of a Gaussian is all that is left to tell.
    private static double Contribution(double with, double without, double score, double deviation) => double.IsNegativeInfinity(with)
        ? 0.5 * score * score
        : without - with - Math.Log(deviation) - (0.5 * Math.Log(2 * Math.PI));
}
