using System.Runtime.CompilerServices;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Covariances that are multiples of one matrix, full or diagonal: Sigma(k) = v(k) C.</summary>
/// <remarks>
/// <para>
/// Given the volumes, C = sum of p(k) W(k) / v(k), with W(k) = S(k) / N(k) and p(k) = N(k) / sum of N. What is left to minimise,
/// <code>
///   f(l) = D sum of p(k) l(k) + log det( sum of p(k) exp(-l(k)) W(k) ),   l(k) = log v(k),
/// </code>
/// is convex, so it has one minimum, up to a constant that is added to all l. Newton steps in the K numbers find it; where one does not
/// lower f, the step of Celeux and Govaert, v(k) = trace(inverse(C) W(k)) / D, which always does, takes its place.
/// </para>
/// <para>
/// Source of the model: Celeux and Govaert (1995), Gaussian parsimonious clustering models, Pattern Recognition 28(5), 781-793,
/// doi:10.1016/0031-3203(94)00125-6. Cost of a step, about ten of which are taken: K D^3 + K^2 D^2 multiplications, K^2 D if diagonal.
/// </para>
/// </remarks>
internal sealed class CommonShape
{
    private const int MostSteps = 500;

    // Of full matrices whose estimate is to be done soon: volumes are of the right size then.
    private const int MostHastySteps = 2;
    private const double Precision = 1e-14;

    // Of a rough estimate, which begins at the current volumes. The value is flat there, so it is exact to the square of this.
    private const double RoughPrecision = 1e-5;

    // A difference of f below this is rounding.
    private const double Rounding = 1e-14;

    private readonly CovarianceShape _shape;
    private readonly int _dimension;
    private readonly int _length;
    private readonly double[] _shares;
    private readonly double[] _averages;
    private readonly double[] _common;
    private readonly double[] _factor;
    private readonly double[] _square;

    // T(k) = p(k) / v(k) inverse(L) W(k) inverse(L)' with C = L L', off its diagonal times sqrt(2), so that trace(T(k) T(l)) is a dot product.
    private readonly double[] _standardized;
    private readonly double[] _traces;
    private readonly double[] _hessian;
    private readonly double[] _image;
    private readonly double[] _logVolumes;
    private readonly double[] _plain;
    private readonly double[] _newton;
    private CancellationToken _cancellationToken;

    private CommonShape(CovarianceShape shape, int componentCount, int dimension)
    {
        (_shape, _dimension, _length) = (shape, dimension, shape.Length(dimension));
        _common = new double[_length];
        _factor = new double[_length];
        _square = new double[shape == CovarianceShape.Full ? dimension * dimension : 0];
        _averages = new double[componentCount * _length];
        _standardized = new double[_averages.Length];
        _hessian = new double[PackedTriangle.Length(componentCount)];
        (_shares, _traces, _image) = (new double[componentCount], new double[componentCount], new double[componentCount]);
        (_logVolumes, _plain, _newton) = (new double[componentCount], new double[componentCount], new double[componentCount]);
    }

    /// <summary>Estimates the covariances of a structure of which nothing but the volumes differ.</summary>
    public static void Estimate(CovarianceScatter scatter, Span<double> covariances)
    {
        ScatterAverages.PerComponent(scatter, covariances);
        int length = scatter.Shape.Length(scatter.Dimension);
        CommonShape problem = Take(scatter, scatter.Shape, covariances);

        // Where there is no maximum, the averages show the caller which component has no variance left.
        bool isFound = problem.TryMinimize(scatter);
        for (int k = 0; k < scatter.ComponentCount && isFound; k++)
        {
            double volume = Math.Exp(problem._logVolumes[k]);
            for (int at = 0; at < length; at++) covariances[(k * length) + at] = volume * problem._common[at];
        }

        problem.Return();
    }

    /// <summary>Finds v and C.</summary>
    /// <param name="scatter">What is estimated from: it knows the current covariances.</param>
    /// <param name="shape">Full or diagonal, of all matrices here.</param>
    /// <param name="averages">W(k), one after the other.</param>
    /// <param name="volumes">On return v(k), shape K.</param>
    /// <param name="common">On return C.</param>
    /// <returns>False if all W(k) together, or one of them, are zero in some direction, so that there is no maximum.</returns>
    public static bool TryFind(CovarianceScatter scatter, CovarianceShape shape, ReadOnlySpan<double> averages, Span<double> volumes, Span<double> common)
    {
        CommonShape problem = Take(scatter, shape, averages);
        bool isFound = problem.TryMinimize(scatter);
        for (int k = 0; k < volumes.Length; k++) volumes[k] = Math.Exp(problem._logVolumes[k]);
        problem._common.CopyTo(common);
        problem.Return();
        return isFound;
    }

    private static CommonShape Take(CovarianceScatter scatter, CovarianceShape shape, ReadOnlySpan<double> averages)
    {
        CommonShape? kept = Reused<CommonShape>.Take();
        bool fits = kept is not null && kept._shape == shape && kept._dimension == scatter.Dimension && kept._shares.Length == scatter.ComponentCount;
        CommonShape taken = fits ? kept! : new CommonShape(shape, scatter.ComponentCount, scatter.Dimension);
        taken._cancellationToken = scatter.CancellationToken;
        averages.CopyTo(taken._averages);
        ScatterAverages.Shares(scatter, taken._shares);
        return taken;
    }

    private void Return()
    {
        _cancellationToken = default;
        Reused<CommonShape>.Return(this, (2 * _averages.Length) + (2 * _common.Length) + _square.Length + _hessian.Length);
    }

    private static double Trace(ReadOnlySpan<double> matrix, CovarianceShape shape, int dimension)
    {
        double trace = 0;
        for (int j = 0; j < dimension; j++) trace += matrix[shape.Index(j, j)];
        return trace;
    }

    // Leaves the logarithms of the volumes and C.
    private bool TryMinimize(CovarianceScatter scatter)
    {
        double[] logVolumes = _logVolumes, plain = _plain, newton = _newton;
        bool isRough = scatter.IsRough && scatter.HasCurrent;
        for (int k = 0; k < logVolumes.Length; k++) logVolumes[k] = isRough ? Math.Log(Trace(scatter.CurrentOf(k), scatter.Shape, scatter.Dimension)) : 0;
        if (!TryEvaluate(logVolumes, out double value)) return false;
        int mostSteps = scatter.IsHasty && _shape == CovarianceShape.Full ? MostHastySteps : MostSteps;
        for (int step = 0; step < mostSteps; step++)
        {
            double error = 0;
            for (int k = 0; k < plain.Length; k++)
            {
                double ratio = _traces[k] / (_dimension * _shares[k]);
                if (!(ratio > 0) || !double.IsFinite(ratio)) return false;
                error = Math.Max(error, Math.Abs(ratio - 1));
                plain[k] = logVolumes[k] + Math.Log(ratio);
            }

            if (error <= (isRough ? RoughPrecision : Precision)) return true;

            // The first step brings volumes to their size, unless they have it.
            double before = value;
            bool takesNewton = (step > 0 || isRough) && TryNewton(logVolumes, newton);
            if (!takesNewton || !TryEvaluate(newton, out value) || !(value <= before + (Rounding * (1 + Math.Abs(before)))))
            {
                takesNewton = false;
                if (!TryEvaluate(plain, out value)) return false;
            }

            (takesNewton ? newton : plain).CopyTo(logVolumes, 0);
        }

        return true;
    }

    // C, its factor, T, the traces of T, and f.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool TryEvaluate(double[] logVolumes, out double value)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        value = 0;
        Array.Clear(_common);
        for (int k = 0; k < logVolumes.Length; k++)
        {
            double factor = _shares[k] * Math.Exp(-logVolumes[k]);
            for (int at = 0; at < _length; at++) _common[at] += factor * _averages[(k * _length) + at];
            value += _dimension * _shares[k] * logVolumes[k];
        }

        if (_shape != CovarianceShape.Full)
        {
            foreach (double variance in _common) value += Math.Log(variance);
        }
        else
        {
            _common.CopyTo(_factor, 0);
            if (!Cholesky.TryFactorInPlace(_factor, _dimension, out _)) return false;
            value += Cholesky.LogDeterminant(_factor, _dimension);
            Cholesky.InvertInPlace(_factor, _dimension);
        }

        for (int k = 0; k < logVolumes.Length; k++)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            double factor = _shares[k] * Math.Exp(-logVolumes[k]);
            Span<double> standardized = _standardized.AsSpan(k * _length, _length);
            Standardize(_averages.AsSpan(k * _length, _length), standardized);
            foreach (ref double entry in standardized) entry *= factor;
            _traces[k] = 0;
            for (int j = 0; j < _dimension; j++) _traces[k] += standardized[_shape.Index(j, j)];
        }

        return double.IsFinite(value);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Standardize(ReadOnlySpan<double> matrix, Span<double> destination)
    {
        if (_shape != CovarianceShape.Full)
        {
            for (int j = 0; j < destination.Length; j++) destination[j] = matrix[j] / _common[j];
            return;
        }

        // Row i of inverse(L) W, then times inverse(L)'.
        int dimension = _dimension;
        PrincipalAxes.Unpack(matrix, dimension, _square);
        Span<double> row = dimension <= SquareMatrix.MostOnStack ? stackalloc double[dimension] : new double[dimension];
        for (int i = 0; i < dimension; i++)
        {
            row.Clear();
            for (int m = 0; m <= i; m++) Lanes.AddScaled(_square.AsSpan(m * dimension, i + 1), _factor[PackedTriangle.Index(i, m)], row[..(i + 1)]);
            for (int j = 0; j <= i; j++)
            {
                double entry = Lanes.Dot(row[..(j + 1)], _factor.AsSpan(PackedTriangle.Index(j, 0), j + 1));
                destination[PackedTriangle.Index(i, j)] = i == j ? entry : Math.Sqrt(2) * entry;
            }
        }
    }

    // The Hessian diag(t) - [trace(T(k) T(l))] is singular along l + constant; t t' / D adds nothing to a step, and makes it invertible.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool TryNewton(double[] logVolumes, double[] destination)
    {
        int count = logVolumes.Length;
        for (int k = 0; k < count; k++)
        {
            for (int l = 0; l <= k; l++)
            {
                _hessian[PackedTriangle.Index(k, l)] = (k == l ? _traces[k] : 0) + (_traces[k] * _traces[l] / _dimension)
                    - Lanes.Dot(_standardized.AsSpan(k * _length, _length), _standardized.AsSpan(l * _length, _length));
            }
        }

        if (!Cholesky.TryFactorInPlace(_hessian, count, out _)) return false;
        Cholesky.InvertInPlace(_hessian, count);
        Array.Clear(_image);
        for (int k = 0; k < count; k++)
        {
            for (int l = 0; l <= k; l++) _image[k] += _hessian[PackedTriangle.Index(k, l)] * (_traces[l] - (_dimension * _shares[l]));
        }

        for (int l = 0; l < count; l++)
        {
            destination[l] = logVolumes[l];
            for (int k = l; k < count; k++) destination[l] += _hessian[PackedTriangle.Index(k, l)] * _image[k];
        }

        return Array.TrueForAll(destination, double.IsFinite);
    }
}
