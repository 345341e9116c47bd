namespace Microsoft.ML.Mixture;

/// <summary>Moments of one feature over the rows of a component, in standard deviations from its mean.</summary>
/// <remarks>
/// Central moments are brought up to date row by row, so that rows far from the mean of the model cost no digits. Source: Pebay, Terriberry, Kolla and Bennett (2016),
/// Numerically stable, scalable formulas for parallel and online computation of higher-order multivariate central moments with arbitrary weights, Comput. Stat. 31,
/// 1305-1325, doi:10.1007/s00180-015-0637-z.
/// </remarks>
internal sealed class FeatureSums(double mean, double deviation)
{
    // Beyond it powers would overflow, and how far beyond does not matter.
    private const double Farthest = 1e50;

    private static readonly double[] _quantiles = [.. GaussianityCheck.TailLevels.Select(level => GaussianityCheck.Quantile(level, 1))];

    private readonly double[] _beyond = new double[GaussianityCheck.TailLevels.Count];
    private double _weights;
    private double _squaredWeights;
    private double _mean;

    // Of differences from the mean of the rows so far, by weight.
    private double _second;
    private double _third;
    private double _fourth;

    public double EffectiveCount => _squaredWeights > 0 ? _weights * _weights / _squaredWeights : 0;

    public void Add(double value, double weight, double responsibility)
    {
        double t = Math.Clamp((value - mean) / deviation, -Farthest, Farthest), term = weight * responsibility;
        if (term == 0) return;
        _squaredWeights += weight * term;
        for (int level = 0; level < _beyond.Length; level++)
        {
            if (t * t > _quantiles[level]) _beyond[level] += term;
        }

        double before = _weights, difference = t - _mean;
        _weights += term;
        double share = term / _weights, rest = before / _weights, step = share * difference, squares = before * difference * step;
        _fourth += (squares * difference * difference * ((rest * rest) - (rest * share) + (share * share))) + (6 * step * step * _second) - (4 * step * _third);
        _third += (squares * difference * (rest - share)) - (3 * step * _second);
        _second += squares;
        _mean += step;
    }

    public FeatureGaussianity Finish(int feature, string name)
    {
        double n = _weights, second = _second / n;
        return new FeatureGaussianity
        {
            Feature = feature,
            Name = name,
            EffectiveCount = EffectiveCount,
            TailShares = [.. _beyond.Select(sum => sum / n)],
            Shift = n > 0 ? _mean : double.NaN,
            VarianceRatio = second,
            Skewness = _third / n / Math.Pow(second, 1.5),
            Kurtosis = _fourth / n / (second * second),
        };
    }
}
