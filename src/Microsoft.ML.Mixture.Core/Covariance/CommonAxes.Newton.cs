using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
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
    /// <summary>D above which there are no Newton steps: a matrix for every axis is D^3 numbers.</summary>
    public const int MostAxes = 128;

    private const int FewestAxes = 3;
    private const int MostProducts = 60;
    private const double Forcing = 1e-3;
    private const double Rounding = 1e-14;
    private const double SmallestCurvature = 1e-12;

    // Of a rough step. Angles beyond the largest are outside of what a quadratic tells of the value.
    private const int MostRoughProducts = 12;
    private const double RoughForcing = 0.1;
    private const double LargestAngle = 0.5;
    private const int MostHalvings = 2;

    private readonly double[] _product;
    private readonly double[] _turnedOver;
    private readonly double[] _turn;
    private double[] _slope = [];
    private double[] _curvature = [];
    private double[] _step = [];
    private double[] _residual = [];
    private double[] _direction = [];
    private double[] _image = [];
    private double[] _axesBefore = [];
    private double[] _rotatedBefore = [];
    private double[] _inverses = [];

    // Leaves everything as it is if the step turns out to be none.
    private bool TryNewtonStep()
    {
        if (_dimension is < FewestAxes or > MostAxes) return false;
        double steepness = FindSlope();
        if (!(steepness > 0) || !TrySolve(Forcing, MostProducts)) return false;
        double value = Value;
        Save();
        Apply(1);
        if (Value <= value + (Rounding * (1 + Math.Abs(value))) && FindSlope() < steepness) return true;
        Restore(value);
        return false;
    }

    // A step that has to gain; shorter, if it does not.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool TryRoughNewtonStep(double leastGain)
    {
        // Half of the steepness is what a step gains if pairs have nothing to do with each other.
        if (_dimension is < FewestAxes or > MostAxes || !(FindSlope() > leastGain) || !TrySolve(RoughForcing, MostRoughProducts)) return false;
        double value = Value, largest = 0;
        foreach (double angle in _step) largest = Math.Max(largest, Math.Abs(angle));
        double length = largest > LargestAngle ? LargestAngle / largest : 1;
        Save();
        for (int halving = 0; halving <= MostHalvings; halving++, length /= 2)
        {
            Apply(length);
            if (Value < value) return true;
            Restore(value);
        }

        return false;
    }

    private void Reserve()
    {
        if (_slope.Length > 0) return;
        int square = _dimension * _dimension;
        (_slope, _curvature, _step, _residual) = (new double[square], new double[square], new double[square], new double[square]);
        (_direction, _image, _axesBefore, _rotatedBefore) = (new double[square], new double[square], new double[square], new double[_rotated.Length]);
        _inverses = new double[_shares.Length * _dimension];
    }

    private void Save()
    {
        _axes.CopyTo(_axesBefore, 0);
        _rotated.CopyTo(_rotatedBefore, 0);
    }

    // Weights are those of the value.
    private void Restore(double value)
    {
        _axesBefore.CopyTo(_axes, 0);
        _rotatedBefore.CopyTo(_rotated, 0);
        Evaluate();
        Value = value;
    }

    // From what has been saved, by the product of the rotations of all pairs.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Apply(double length)
    {
        int dimension = _dimension, square = dimension * dimension;
        Array.Clear(_turn);
        for (int j = 0; j < dimension; j++) _turn[(j * dimension) + j] = 1;
        for (int p = 0; p < dimension - 1; p++)
        {
            for (int q = p + 1; q < dimension; q++)
            {
                (double sine, double cosine) = Math.SinCos(length * _step[(p * dimension) + q]);
                PrincipalAxes.RotateRows(_turn, dimension, p, q, cosine, sine);
            }
        }

        SquareProduct.Multiply(_turn, _axesBefore, dimension, _axes);
        Transpose(_turn, _turnedOver);
        for (int k = 0; k < _shares.Length; k++)
        {
            Rotate(_turn, _rotatedBefore.AsSpan(k * square, square), _turnedOver, _product, Rotated(k));
        }

        Value = Evaluate();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Transpose(ReadOnlySpan<double> source, Span<double> destination)
    {
        for (int i = 0; i < _dimension; i++)
        {
            for (int j = 0; j < _dimension; j++) destination[(j * _dimension) + i] = source[(i * _dimension) + j];
        }
    }

    // F' and the curvatures of single pairs; returns twice what a step would gain if pairs had nothing to do with each other.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double FindSlope()
    {
        Reserve();
        Array.Clear(_slope);
        Array.Clear(_curvature);
        for (int k = 0; k < _shares.Length; k++)
        {
            Span<double> matrix = Rotated(k), inverses = _inverses.AsSpan(k * _dimension, _dimension), variances = _step.AsSpan(0, _dimension);
            for (int j = 0; j < _dimension; j++)
            {
                variances[j] = matrix[(j * _dimension) + j];
                inverses[j] = 1 / variances[j];
            }

            double weight = 2 * _pair.Weights[k];
            for (int i = 0; i < _dimension; i++)
            {
                AddSlopes(
                    matrix.Slice(i * _dimension, _dimension), variances, inverses, weight, variances[i], inverses[i],
                    _slope.AsSpan(i * _dimension, _dimension), _curvature.AsSpan(i * _dimension, _dimension));
            }
        }

        double steepness = 0;
        for (int at = 0; at < _slope.Length; at++) steepness += _slope[at] * _slope[at] / (_curvature[at] += SmallestCurvature);
        return steepness;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddSlopes(
        ReadOnlySpan<double> row, ReadOnlySpan<double> variances, ReadOnlySpan<double> inverses, double weight, double own, double ownInverse,
        Span<double> slopes, Span<double> curvatures)
    {
        ref double b = ref MemoryMarshal.GetReference(row), variance = ref MemoryMarshal.GetReference(variances), inverse = ref MemoryMarshal.GetReference(inverses);
        ref double slope = ref MemoryMarshal.GetReference(slopes), curvature = ref MemoryMarshal.GetReference(curvatures);
        Vector256<double> w = Vector256.Create(weight), o = Vector256.Create(own), r = Vector256.Create(ownInverse);
        int j = 0;
        for (; j + Vector256<double>.Count <= row.Length; j += Vector256<double>.Count)
        {
            Vector256<double> other = Vector256.LoadUnsafe(ref inverse, (nuint)j), difference = o - Vector256.LoadUnsafe(ref variance, (nuint)j);
            (Vector256.LoadUnsafe(ref slope, (nuint)j) + (w * Vector256.LoadUnsafe(ref b, (nuint)j) * (r - other))).StoreUnsafe(ref slope, (nuint)j);
            (Vector256.LoadUnsafe(ref curvature, (nuint)j) + (w * (difference * r) * (difference * other))).StoreUnsafe(ref curvature, (nuint)j);
        }

        for (; j < row.Length; j++)
        {
            double difference = own - variances[j];
            slopes[j] += weight * row[j] * (ownInverse - inverses[j]);
            curvatures[j] += weight * (difference * ownInverse) * (difference * inverses[j]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool TrySolve(double forcing, int mostProducts)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        FindBends();
        Array.Clear(_step);
        for (int at = 0; at < _slope.Length; at++)
        {
            _residual[at] = -_slope[at];
            _direction[at] = _residual[at] / _curvature[at];
        }

        double squared = Dot(_residual, _direction), first = squared;
        int product = 0;
        for (; product < mostProducts && squared > forcing * forcing * first; product++)
        {
            Curve(_direction, _image);
            double bend = Dot(_direction, _image);
            if (!(bend > 0))
            {
                // Along the slope the value bends down: the single pairs tell how far to go.
                if (product == 0) _direction.CopyTo(_step, 0);
                product++;
                break;
            }

            double length = squared / bend;
            Lanes.AddScaled(_direction, length, _step);
            Lanes.AddScaled(_image, -length, _residual);
            double before = squared;
            squared = 0;
            for (int at = 0; at < _step.Length; at++)
            {
                _image[at] = _residual[at] / _curvature[at];
                squared += _residual[at] * _image[at];
            }

            double share = squared / before;
            for (int at = 0; at < _step.Length; at++) _direction[at] = _image[at] + (share * _direction[at]);
        }

        return product > 0 && Array.TrueForAll(_step, double.IsFinite);
    }

    private static double Dot(double[] x, double[] y) => Lanes.Dot(x, y);
}
