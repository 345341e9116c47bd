namespace Microsoft.ML.Mixture;

/// <summary>Sums over the rows of a component: tails, and third and fourth moments of all features together.</summary>
internal sealed class ComponentSums
{
    private const double Farthest = 1e100;

    // In standard deviations: third moments about the mean of rows farther from that of the model have lost their digits.
    private const double FarthestMean = 1e4;

    private readonly double[] _beyond = new double[GaussianityCheck.TailLevels.Count];
    private readonly double[] _first;
    private readonly double[] _second;
    private readonly double[] _third;
    private double _weights;
    private double _squaredWeights;
    private double _distances;
    private double _squaredDistances;
    private double _features;
    private double _expectedSquares;
    private double _complete;
    private double _squaredComplete;

    /// <summary>Makes empty sums.</summary>
    /// <param name="model">The mixture.</param>
    /// <param name="component">k.</param>
    /// <param name="completeCount">The number of features that a row without holes has here: those that are not constant.</param>
    public ComponentSums(GaussianMixtureModel model, int component, int completeCount)
    {
        int dimension = model.Dimension;
        CompleteFeatureCount = completeCount;
        Component = component;
        Features = [.. Enumerable.Range(0, dimension).Select(j => new FeatureSums(model.Means[component, j], Math.Sqrt(model.Components.CovarianceOf(component, j, j))))];
        HasThird = completeCount is > 0 and <= GaussianityCheck.MostFeaturesOfSkewness;
        _first = new double[completeCount];
        _second = HasThird ? new double[completeCount * completeCount] : [];
        _third = HasThird ? new double[completeCount * completeCount * completeCount] : [];
    }

    public int Component { get; }

    public FeatureSums[] Features { get; }

    /// <summary>The number of features of a row without holes.</summary>
    public int CompleteFeatureCount { get; }

    public double EffectiveCount => _squaredWeights > 0 ? _weights * _weights / _squaredWeights : 0;

    public double EffectiveCompleteCount => _squaredComplete > 0 ? _complete * _complete / _squaredComplete : 0;

    /// <summary>The mean number of observed features.</summary>
    public double MeanFeatureCount => _features / _weights;

    private bool HasThird { get; }

    /// <summary>Adds a row.</summary>
    /// <param name="whitened">What is observed of it, of unit covariance under the model.</param>
    /// <param name="quantiles">The chi-square quantiles for so many features.</param>
    /// <param name="weight">w.</param>
    /// <param name="responsibility">r.</param>
    public void Add(ReadOnlySpan<double> whitened, double[] quantiles, double weight, double responsibility)
    {
        double share = weight * responsibility, distance = 0, p = whitened.Length;
        foreach (double z in whitened) distance += z * z;
        distance = Math.Min(distance, Farthest);
        _weights += share;
        _squaredWeights += weight * share;
        _distances += share * distance;
        _squaredDistances += share * distance * distance;
        _features += share * p;
        _expectedSquares += share * p * (p + 2);
        for (int level = 0; level < _beyond.Length; level++)
        {
            if (distance > quantiles[level]) _beyond[level] += share;
        }

        if (whitened.Length < CompleteFeatureCount || distance == Farthest) return;
        _complete += share;
        _squaredComplete += weight * share;
        if (HasThird) AddThird(whitened, share);
    }

    public ComponentGaussianity Finish(Func<int, string> featureName)
    {
        double scale = _distances / _features;
        return new ComponentGaussianity
        {
            Component = Component,
            EffectiveCount = EffectiveCount,
            TailShares = [.. _beyond.Select(sum => sum / _weights)],
            Skewness = HasThird && _complete > 0 ? Skewness() : double.NaN,
            Kurtosis = _squaredDistances / _weights / (scale * scale),
            ExpectedKurtosis = _expectedSquares / _weights,
            Features = [.. Features.Select((sums, j) => sums.Finish(j, featureName(j)))],
            IsJudged = EffectiveCount >= Math.Max(GaussianityCheck.FewestRows, GaussianityVerdict.RowsPerFeature * CompleteFeatureCount),
        };
    }

    // For a >= b >= c; the others follow.
    private void AddThird(ReadOnlySpan<double> z, double share)
    {
        int dimension = z.Length;
        for (int a = 0; a < dimension; a++)
        {
            double one = share * z[a];
            _first[a] += one;
            for (int b = 0; b <= a; b++)
            {
                double two = one * z[b];
                _second[(a * dimension) + b] += two;
                for (int c = 0; c <= b; c++) _third[(((a * dimension) + b) * dimension) + c] += two * z[c];
            }
        }
    }

    private double Skewness()
    {
        int dimension = CompleteFeatureCount;
        if (Array.Exists(_first, first => Math.Abs(first) > FarthestMean * _complete)) return double.NaN;
        double[] covariance = new double[_second.Length], third = new double[_third.Length];
        for (int a = 0; a < dimension; a++)
        {
            for (int b = 0; b <= a; b++)
            {
                double x = _first[a] / _complete, y = _first[b] / _complete;
                covariance[(a * dimension) + b] = (_second[(a * dimension) + b] / _complete) - (x * y);
                for (int c = 0; c <= b; c++)
                {
                    double z = _first[c] / _complete;
                    double moment = (_third[(((a * dimension) + b) * dimension) + c] - (x * _second[(b * dimension) + c]) - (y * _second[(a * dimension) + c])
                        - (z * _second[(a * dimension) + b])) / _complete;
                    moment += 2 * x * y * z;
                    Set(third, a, b, c, moment);
                    Set(third, b, c, a, moment);
                    Set(third, c, a, b, moment);
                }
            }
        }

        return ThirdMoments.SumOfSquares(third, covariance, dimension);
    }

    private void Set(double[] third, int a, int b, int c, double moment)
    {
        int dimension = CompleteFeatureCount;
        third[(((a * dimension) + b) * dimension) + c] = moment;
        third[(((a * dimension) + c) * dimension) + b] = moment;
    }
}
