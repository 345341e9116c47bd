namespace Microsoft.ML.Mixture;

/// <summary>Sums of powers of one feature over the rows of a component, in standard deviations from its mean.</summary>
internal sealed class FeatureSums(double mean, double deviation)
{
    // Beyond it powers would overflow, and how far beyond does not matter.
    private const double Farthest = 1e50;

    private static readonly double[] _quantiles = [.. GaussianityCheck.TailLevels.Select(level => GaussianityCheck.Quantile(level, 1))];

    private readonly double[] _powers = new double[5];
    private readonly double[] _beyond = new double[GaussianityCheck.TailLevels.Count];
    private double _squaredWeights;

    public double EffectiveCount => _squaredWeights > 0 ? _powers[0] * _powers[0] / _squaredWeights : 0;

    public void Add(double value, double weight, double responsibility)
    {
        double t = Math.Clamp((value - mean) / deviation, -Farthest, Farthest), term = weight * responsibility;
        _squaredWeights += weight * term;
        for (int level = 0; level < _beyond.Length; level++)
        {
            if (t * t > _quantiles[level]) _beyond[level] += term;
        }

        for (int power = 0; power < _powers.Length; power++, term *= t) _powers[power] += term;
    }

    public FeatureGaussianity Finish(int feature, string name)
    {
        double n = _powers[0], shift = _powers[1] / n;
        double second = (_powers[2] / n) - (shift * shift);
        double third = (_powers[3] / n) - (3 * shift * _powers[2] / n) + (2 * shift * shift * shift);
        double fourth = (_powers[4] / n) - (4 * shift * _powers[3] / n) + (6 * shift * shift * _powers[2] / n) - (3 * shift * shift * shift * shift);
        return new FeatureGaussianity
        {
            Feature = feature,
            Name = name,
            EffectiveCount = EffectiveCount,
            TailShares = [.. _beyond.Select(sum => sum / n)],
            Shift = shift,
            VarianceRatio = second,
            Skewness = third / Math.Pow(second, 1.5),
            Kurtosis = fourth / (second * second),
        };
    }
}
