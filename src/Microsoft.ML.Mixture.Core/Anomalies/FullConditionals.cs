using System.Numerics.Tensors;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Each feature given all others, of rows that lack nothing. One object serves one thread, row after row.</summary>
/// <remarks>
/// With P = inverse(Sigma) and w = P (x - mu), given component k
/// <code>
///   x(j) | others ~ N( x(j) - w(j) / P(j,j), 1 / P(j,j) ),   log p(x without j) = log p(x) + 1/2 (log 2 pi - log P(j,j) + w(j)^2 / P(j,j))
/// </code>
/// so that two products with the triangle of each component tell of all features. Where the last term is so large that the sum has few digits left, x(j) is
/// put to what the others make one expect, and the distance taken anew. Source: Rue and Held (2005), Gaussian Markov random fields, section 2.2,
/// doi:10.1201/9780203492024.
/// Cost: K D^2 operations and K D exponentials a row, K D for diagonal and spherical covariances; features a hundred standard deviations from what is expected another
/// D^2 / 2 each, for each component that counts.
/// </remarks>
internal sealed class FullConditionals
{
    // Standard scores whose squares leave sums too few digits, what rounding makes of squared distances at most, and how far below others log-densities do not count.
    private const double FarScore = 100, Rounding = 1e-10, Negligible = 100;

    private readonly GaussianComponents _components;
    private readonly double[] _logWeights;
    private readonly bool _isFull;

    // Of each feature in each component: one over its standard deviation given the others, and what its density has for a factor, inverted, as a logarithm.
    private readonly double[] _scales;
    private readonly double[] _logNorms;

    private readonly double[] _difference;
    private readonly double[] _whitened;
    private readonly double[] _squares;
    private readonly double[] _joint;

    // Of each feature in each component.
    private readonly double[] _products;

    // Of one feature in each component.
    private readonly double[] _without;
    private readonly double[] _expectations;

    // Of the row that was read last: the largest log( pi(k) p(x | k) ), but for what all components have in common, and log p(x) beside it.
    private double _largest;
    private double _logDensity;

    private FullConditionals(GaussianMixtureModel model)
    {
        _components = model.Components;
        _logWeights = model.LogWeights;
        _isFull = _components.Shape == CovarianceShape.Full;
        int dimension = model.Dimension, components = model.ComponentCount;
        _scales = new double[_components.MatrixCount * dimension];
        _logNorms = new double[_scales.Length];
        _difference = new double[dimension];
        _whitened = new double[components * dimension];
        _squares = new double[components];
        _joint = new double[components];
        _products = new double[_whitened.Length];
        _without = new double[components];
        _expectations = new double[components];
    }

    /// <summary>The number of doubles that are kept, with those of the model.</summary>
    public long Length => (4L * _components.InverseFactors.Length) + _scales.Length + _logNorms.Length + _whitened.Length + _products.Length;

    /// <summary>Prepares a mixture without noise; null if a precision is beyond double precision.</summary>
    public static FullConditionals? TryCreate(GaussianMixtureModel model)
    {
        var conditionals = new FullConditionals(model);
        for (int matrix = 0; matrix < conditionals._components.MatrixCount; matrix++) conditionals.Prepare(matrix);
        return Array.TrueForAll(conditionals._scales, scale => scale > 0 && double.IsFinite(scale)) ? conditionals : null;
    }

    /// <summary>Reads a row. If it is too far away for squares, the result is false, and nothing can be told of it.</summary>
    public bool TryRead(ReadOnlySpan<double> row)
    {
        _largest = double.NegativeInfinity;
        for (int k = 0; k < _joint.Length; k++)
        {
            _joint[k] = double.NegativeInfinity;
            if (double.IsNegativeInfinity(_logWeights[k])) continue;
            _squares[k] = Whiten(k, row);
            if (!double.IsFinite(_squares[k])) return false;
            _joint[k] = _logWeights[k] + _components.LogConstant(k) - (0.5 * _squares[k]);
            _largest = Math.Max(_largest, _joint[k]);
        }

        for (int k = 0; k < _joint.Length; k++) _without[k] = _joint[k] - _largest;
        _logDensity = LogSumOf(_without);
        return true;
    }

    /// <summary>What can be told of a feature of the row that was read, given the others.</summary>
    /// <param name="row">The row.</param>
    /// <param name="feature">j.</param>
    /// <param name="expectation">Its expectation.</param>
    /// <param name="deviation">Its standard deviation.</param>
    /// <param name="logRatio">log p(x without j) - log p(x), in nats.</param>
    /// <returns>Whether all of these are finite.</returns>
    public bool TryTell(ReadOnlySpan<double> row, int feature, out double expectation, out double deviation, out double logRatio)
    {
        Condition(row, feature);

        // Before distances are taken anew, which have other errors than those of the whole row.
        logRatio = LogSumOf(_without) - _logDensity;
        ReplaceFar(row, feature);
        double logSum = LogSumOf(_without), total = 0, variance = 0;
        expectation = 0;
        for (int k = 0; k < _without.Length; k++)
        {
            double share = Math.Exp(_without[k] - logSum);
            total += share;
            if (share == 0) continue;

            // About the mean so far, so that an offset costs no digits.
            double before = expectation, scale = ScalesOf(k)[feature];
            expectation += share / total * (_expectations[k] - before);
            variance += share * ((1 / scale / scale) + ((_expectations[k] - before) * (_expectations[k] - expectation)));
        }

        deviation = Math.Sqrt(variance / total);
        return double.IsFinite(expectation) && deviation > 0 && double.IsFinite(deviation) && double.IsFinite(logRatio);
    }

    private ReadOnlySpan<double> ScalesOf(int component) => Slice(_scales, component);

    private Span<double> Slice(double[] values, int component) => values.AsSpan(_components.IsShared ? 0 : component * _difference.Length, _difference.Length);

    // inverse(L), stored as the covariance.
    private ReadOnlySpan<double> Inverse(int component)
    {
        int length = _components.Shape.Length(_difference.Length);
        return _components.InverseFactors.Slice(_components.IsShared ? 0 : component * length, length);
    }

    private void Prepare(int matrix)
    {
        ReadOnlySpan<double> inverse = Inverse(matrix);
        Span<double> scales = Slice(_scales, matrix), logNorms = Slice(_logNorms, matrix);
        for (int i = 0; i < scales.Length; i++)
        {
            ReadOnlySpan<double> left = Left(inverse, i);
            int first = i + 1 - left.Length;
            for (int a = 0; a < left.Length; a++) scales[first + a] += left[a] * left[a];
        }

        for (int j = 0; j < scales.Length; j++)
        {
            scales[j] = Math.Sqrt(scales[j]);
            logNorms[j] = (0.5 * Math.Log(2 * Math.PI)) - Math.Log(scales[j]);
        }
    }

    // What row i of a triangle has that is not always zero, up to the diagonal.
    private ReadOnlySpan<double> Left(ReadOnlySpan<double> triangle, int i) => _isFull ? triangle.Slice(PackedTriangle.Index(i, 0), i + 1) : triangle.Slice(_components.Shape.Index(i, i), 1);

    // The squared distance; on the way z = inverse(L) (x - mu) and w.
    private double Whiten(int component, ReadOnlySpan<double> row)
    {
        int dimension = row.Length;
        ReadOnlySpan<double> mean = _components.Means.Slice(component * dimension, dimension), inverse = Inverse(component);
        Span<double> whitened = _whitened.AsSpan(component * dimension, dimension), products = _products.AsSpan(component * dimension, dimension);
        for (int j = 0; j < dimension; j++) _difference[j] = row[j] - mean[j];
        products.Clear();
        double sum = 0;
        for (int i = 0; i < dimension; i++)
        {
            ReadOnlySpan<double> left = Left(inverse, i);
            int first = i + 1 - left.Length;
            whitened[i] = Lanes.Dot(left, _difference.AsSpan(first, left.Length));
            Lanes.AddScaled(left, whitened[i], products.Slice(first, left.Length));
            sum += whitened[i] * whitened[i];
        }

        return sum;
    }

    // log( pi(k) p(x without j | k) ), beside the largest of the whole row, and the expectation of x(j) in each component.
    private void Condition(ReadOnlySpan<double> row, int feature)
    {
        for (int k = 0; k < _without.Length; k++)
        {
            double scale = ScalesOf(k)[feature], score = _products[(k * row.Length) + feature] / scale;
            _without[k] = _joint[k] - _largest + Slice(_logNorms, k)[feature] + (0.5 * score * score);
            _expectations[k] = row[feature] - (score / scale);
        }
    }

    // Beside zero from then on, for the largest of the whole row may be far from all that are left.
    private void ReplaceFar(ReadOnlySpan<double> row, int feature)
    {
        bool isAnyFar = false;
        for (int k = 0; k < _without.Length; k++) isAnyFar |= ScoreOf(k, feature) > FarScore;
        if (!isAnyFar) return;
        double atLeast = double.NegativeInfinity;
        for (int k = 0; k < _without.Length; k++)
        {
            double score = ScoreOf(k, feature);
            _without[k] = _joint[k] + Slice(_logNorms, k)[feature] + (0.5 * score * score);
            atLeast = Math.Max(atLeast, _without[k] - (Rounding * _squares[k]));
        }

        for (int k = 0; k < _without.Length; k++)
        {
            if (ScoreOf(k, feature) > FarScore && _without[k] + (Rounding * _squares[k]) > atLeast - Negligible) Replace(k, row, feature);
        }
    }

    // The standard score of a feature given the others, without its sign.
    private double ScoreOf(int component, int feature) => Math.Abs(_products[(component * _difference.Length) + feature] / ScalesOf(component)[feature]);

    // The distance is least at the expectation, so that the latter need not have all digits for the former; a step from there gives it those that are left.
    private void Replace(int component, ReadOnlySpan<double> row, int feature)
    {
        int dimension = row.Length;
        ReadOnlySpan<double> mean = _components.Means.Slice(component * dimension, dimension), inverse = Inverse(component);
        double scale = ScalesOf(component)[feature], sum = 0, product = 0, difference = 0;
        for (int i = 0; i < dimension; i++) _difference[i] = row[i] - mean[i];
        if (_isFull) difference = _difference[feature] -= _products[(component * dimension) + feature] / scale / scale;
        for (int i = 0; i < dimension; i++)
        {
            double value = _whitened[(component * dimension) + i];
            if (i == feature && !_isFull) continue;
            if (i >= feature && _isFull)
            {
                ReadOnlySpan<double> left = Left(inverse, i);
                value = Lanes.Dot(left, _difference.AsSpan(0, i + 1));
                product += left[feature] * value;
            }

            sum += value * value;
        }

        double score = product / scale;
        _expectations[component] = mean[feature] + difference - (score / scale);
        _without[component] = _logWeights[component] + _components.LogConstant(component) + Slice(_logNorms, component)[feature] - (0.5 * (sum - (score * score)));
    }

    private static double LogSumOf(ReadOnlySpan<double> values)
    {
        double largest = TensorPrimitives.Max(values), sum = 0;
        foreach (double value in values) sum += Math.Exp(value - largest);
        return largest + Math.Log(sum);
    }
}
