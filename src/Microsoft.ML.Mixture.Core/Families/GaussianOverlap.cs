using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>The overlap of pairs of Gaussians, in closed form; see <see cref="ComponentOverlap"/>.</summary>
/// <remarks>
/// With S the mean of the two covariances and d the difference of the means,
/// <code>
///   log coefficient = -1/8 d' inverse(S) d - 1/2 log det S + 1/4 log det Sigma(i) + 1/4 log det Sigma(j)
/// </code>
/// No two distributions overlap more than they do in one feature alone, which costs D operations and not D^3 / 3, and tells most pairs from the closest.
/// </remarks>
internal sealed class GaussianOverlap
{
    private readonly GaussianComponents _components;
    private readonly IReadOnlyList<double> _weights;
    private readonly double[] _logDeterminants;
    private readonly double[] _between;
    private readonly double[] _difference;

    public GaussianOverlap(GaussianComponents components, IReadOnlyList<double> weights)
    {
        _components = components;
        _weights = weights;
        _difference = new double[components.Dimension];
        bool isFull = components.Shape == CovarianceShape.Full;
        _between = new double[isFull ? PackedTriangle.Length(components.Dimension) : 0];
        _logDeterminants = new double[isFull ? components.ComponentCount : 0];
        for (int k = 0; k < _logDeterminants.Length; k++) _logDeterminants[k] = Cholesky.LogDeterminant(components.Factor(k), components.Dimension);
    }

    /// <summary>The overlap of two components.</summary>
    public ComponentOverlap Compute(int first, int second)
    {
        double coefficient = Math.Exp(Math.Min(0, LogCoefficient(first, second)));
        double total = _weights[first] + _weights[second], share = total > 0 ? _weights[first] / total : 0;
        return new ComponentOverlap(first, second, coefficient, Math.Sqrt(share * (1 - share)) * coefficient);
    }

    /// <summary>The pair that overlaps most, by the coefficient; null if none overlaps by more than a given one. It may be cancelled between pairs.</summary>
    public ComponentOverlap? FindLargest(double coefficient, CancellationToken cancellationToken = default)
    {
        int count = _components.ComponentCount, first = -1, second = -1;
        double best = Math.Log(coefficient), mostPossible = best;

        // The most promising pair first, so that few others have to be looked at closely.
        for (int pass = 0; pass < 2; pass++)
        {
            (int i, int j) promising = (-1, -1);
            for (int i = 1; i < count; i++)
            {
                for (int j = 0; j < i; j++)
                {
                    double limit = pass == 0 ? mostPossible : best;
                    if (!(LogBound(j, i, limit) > limit)) continue;
                    if (pass == 0)
                    {
                        promising = (j, i);
                        mostPossible = LogBound(j, i, double.NegativeInfinity);
                        continue;
                    }

                    cancellationToken.ThrowIfCancellationRequested();
                    double exact = LogCoefficient(j, i);
                    if (exact > best) (best, first, second) = (exact, j, i);
                }
            }

            if (promising.i < 0) continue;
            cancellationToken.ThrowIfCancellationRequested();
            double closest = LogCoefficient(promising.i, promising.j);
            if (closest > best) (best, first, second) = (closest, promising.i, promising.j);
        }

        return first < 0 ? null : Compute(first, second);
    }

    // An upper bound; looks no further once it is not above the limit. It is exact for structures without covariances between features.
    private double LogBound(int first, int second, double limit)
    {
        bool isExact = _components.Shape != CovarianceShape.Full;
        ReadOnlySpan<double> a = _components.Covariance(first), b = _components.Covariance(second);
        double bound = 0;
        for (int j = 0; j < _components.Dimension && bound > limit; j++)
        {
            int at = _components.Shape.Index(j, j);
            double difference = Difference(first, second, j), deviation = Math.Sqrt(a[at]), other = Math.Sqrt(b[at]);
            double ratio = deviation / other, distance = difference / Math.Sqrt((a[at] / 2) + (b[at] / 2));
            double ofFeature = -(distance * distance / 8) - (Math.Log((ratio + (1 / ratio)) / 2) / 2);
            bound = isExact ? bound + ofFeature : Math.Min(bound, ofFeature);
        }

        return bound;
    }

    private double LogCoefficient(int first, int second)
    {
        if (_components.Shape != CovarianceShape.Full) return LogBound(first, second, double.NegativeInfinity);
        int dimension = _components.Dimension;
        ReadOnlySpan<double> a = _components.Covariance(first), b = _components.Covariance(second);
        for (int j = 0; j < dimension; j++) _difference[j] = Difference(first, second, j);
        for (int at = 0; at < _between.Length; at++) _between[at] = (a[at] / 2) + (b[at] / 2);
        if (!Cholesky.TryFactorInPlace(_between, dimension, out _)) return LogBound(first, second, double.NegativeInfinity);
        double distance = 0;
        for (int i = 0; i < dimension; i++)
        {
            // Forward substitution.
            ReadOnlySpan<double> row = _between.AsSpan(PackedTriangle.Index(i, 0), i + 1);
            _difference[i] = (_difference[i] - Lanes.Dot(row[..i], _difference.AsSpan(0, i))) / row[i];
            distance += _difference[i] * _difference[i];
        }

        return -(distance / 8) - (Cholesky.LogDeterminant(_between, dimension) / 2) + ((_logDeterminants[first] + _logDeterminants[second]) / 4);
    }

    private double Difference(int first, int second, int feature) =>
        _components.Means[(first * _components.Dimension) + feature] - _components.Means[(second * _components.Dimension) + feature];
}
