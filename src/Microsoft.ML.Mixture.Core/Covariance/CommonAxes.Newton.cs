using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <content>Newton steps of all axes together.</content>
/// <remarks>
/// With exp(X) A in place of the axes A, where X is skew-symmetric, the slope and the curvature of the value at X = 0 are
/// <code>
///   F'(i,j) = 2 sum of w(k) B(i,j) (1/b(i) - 1/b(j)),   with B = A W(k) A' and b its diagonal, both of component k,
/// </code>
/// and the change of this when B changes by Y B - B Y. Conjugate gradients solve for the step, with the curvatures of single pairs to precondition.
/// The rotations by the angles X(i,j), one after the other, differ from exp(X) in second order only.
/// </remarks>
internal sealed partial class CommonAxes
{
    private const int FewestAxes = 3;
    private const int MostProducts = 60;
    private const double Forcing = 1e-3;
    private const double Rounding = 1e-14;
    private const double SmallestCurvature = 1e-12;

    private double[] _slope = [];
    private double[] _curvature = [];
    private double[] _step = [];
    private double[] _residual = [];
    private double[] _direction = [];
    private double[] _image = [];
    private double[] _product = [];

    // Leaves everything as it is if the step turns out to be none.
    private bool TryNewtonStep()
    {
        if (_dimension < FewestAxes) return false;
        int square = _dimension * _dimension;
        if (_slope.Length == 0)
        {
            (_slope, _curvature, _step, _residual) = (new double[square], new double[square], new double[square], new double[square]);
            (_direction, _image, _product) = (new double[square], new double[square], new double[square]);
        }

        double steepness = FindSlope();
        if (!(steepness > 0) || !TrySolve()) return false;
        double[] axes = [.. _axes], rotated = [.. _rotated];
        double value = Value;
        for (int p = 0; p < _dimension - 1; p++)
        {
            for (int q = p + 1; q < _dimension; q++)
            {
                Consider(p, q);
                Apply(p, q, _step[(p * _dimension) + q]);
            }
        }

        Value = Evaluate();
        if (Value <= value + (Rounding * (1 + Math.Abs(value))) && FindSlope() < steepness) return true;
        axes.CopyTo(_axes, 0);
        rotated.CopyTo(_rotated, 0);
        Value = Evaluate();
        return false;
    }

    // F' and the curvatures of single pairs; returns twice what a step would gain if pairs had nothing to do with each other.
    private double FindSlope()
    {
        Array.Clear(_slope);
        Array.Clear(_curvature);
        for (int k = 0; k < _shares.Length; k++)
        {
            Span<double> matrix = Rotated(k);
            double weight = _pair.Weights[k];
            for (int i = 0; i < _dimension; i++)
            {
                double own = matrix[(i * _dimension) + i];
                for (int j = 0; j < _dimension; j++)
                {
                    double other = matrix[(j * _dimension) + j], difference = own - other;
                    _slope[(i * _dimension) + j] += 2 * weight * matrix[(i * _dimension) + j] * ((1 / own) - (1 / other));
                    _curvature[(i * _dimension) + j] += 2 * weight * (difference / own) * (difference / other);
                }
            }
        }

        double steepness = 0;
        for (int at = 0; at < _slope.Length; at++) steepness += _slope[at] * _slope[at] / (_curvature[at] += SmallestCurvature);
        return steepness;
    }

    private bool TrySolve()
    {
        Array.Clear(_step);
        for (int at = 0; at < _slope.Length; at++)
        {
            _residual[at] = -_slope[at];
            _direction[at] = _residual[at] / _curvature[at];
        }

        double squared = Dot(_residual, _direction), first = squared;
        int product = 0;
        for (; product < MostProducts && squared > Forcing * Forcing * first; product++)
        {
            Curve(_direction, _image);
            double bend = Dot(_direction, _image);
            if (!(bend > 0)) break;
            double length = squared / bend;
            for (int at = 0; at < _step.Length; at++)
            {
                _step[at] += length * _direction[at];
                _residual[at] -= length * _image[at];
            }

            double before = squared;
            squared = 0;
            for (int at = 0; at < _step.Length; at++) squared += _residual[at] * _residual[at] / _curvature[at];
            for (int at = 0; at < _step.Length; at++) _direction[at] = (_residual[at] / _curvature[at]) + (squared / before * _direction[at]);
        }

        return product > 0 && Array.TrueForAll(_step, double.IsFinite);
    }

    // F'' times a skew-symmetric matrix.
    private void Curve(double[] turn, double[] destination)
    {
        Array.Clear(destination);
        double mean = 0;
        Span<double> changes = stackalloc double[_shares.Length];
        for (int k = 0; k < _shares.Length; k++)
        {
            Span<double> matrix = Rotated(k);
            if (_tiesVolume)
            {
                // d log det = 2 sum over j of (Y B)(j,j) / b(j)
                for (int j = 0; j < _dimension; j++)
                {
                    Span<double> row = matrix.Slice(j * _dimension, _dimension);
                    changes[k] += 2 * Lanes.Dot(turn.AsSpan(j * _dimension, _dimension), row) / row[j];
                }

                mean += _pair.Weights[k] * changes[k];
            }
        }

        for (int k = 0; k < _shares.Length; k++)
        {
            Span<double> matrix = Rotated(k);
            double weight = 2 * _pair.Weights[k], change = _tiesVolume ? weight * (changes[k] - mean) / _dimension : 0;
            Array.Clear(_product);
            for (int i = 0; i < _dimension; i++)
            {
                Span<double> row = _product.AsSpan(i * _dimension, _dimension);
                for (int m = 0; m < _dimension; m++) Lanes.AddScaled(matrix.Slice(m * _dimension, _dimension), turn[(i * _dimension) + m], row);
            }

            for (int i = 0; i < _dimension; i++)
            {
                double own = matrix[(i * _dimension) + i], ownChange = 2 * _product[(i * _dimension) + i] / own;
                for (int j = 0; j < i; j++)
                {
                    double other = matrix[(j * _dimension) + j], otherChange = 2 * _product[(j * _dimension) + j] / other;
                    double entry = matrix[(i * _dimension) + j], entryChange = _product[(i * _dimension) + j] + _product[(j * _dimension) + i];
                    double contrast = (1 / own) - (1 / other);
                    double bend = (weight * ((entryChange * contrast) - (entry * ((ownChange / own) - (otherChange / other))))) + (change * entry * contrast);
                    destination[(i * _dimension) + j] += bend;
                    destination[(j * _dimension) + i] -= bend;
                }
            }
        }
    }

    private static double Dot(double[] x, double[] y) => Lanes.Dot(x, y);
}
