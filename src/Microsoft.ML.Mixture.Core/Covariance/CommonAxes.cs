using System.Runtime.CompilerServices;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Covariances with the same principal axes: Sigma(k) = A' diag(v(k)) A, where the rows of A are the axes.</summary>
/// <remarks>
/// <para>
/// With b(k,j) = a(j)' W(k) a(j), W(k) = S(k) / N(k) and p(k) = N(k) / sum of N, variances are v(k,j) = b(k,j), or, with one volume for all,
/// v(k,j) = b(k,j) g / g(k), where g(k) is the geometric mean of b(k,j) over j, and g = sum of p(k) g(k). The axes minimise
/// <code>
///   D sum of p(k) log g(k),   or with one volume   D log( sum of p(k) g(k) ).
/// </code>
/// This is done two axes at a time, by the rotation of both in their plane. It takes a Newton step where one lowers the value, and else the
/// best of the wells around the angles at which some component has no covariance between the two. So no step goes up, and the axes come to
/// rest where no rotation of any two is better. As turns of pairs alone converge slowly, they alternate with Newton steps of all angles
/// together.
/// </para>
/// <para>
/// The problem has several minima as a rule. The search starts at the current axes or at those of all components together, whichever are
/// better, so that EM never loses what it has; without current ones it is done from those of all and from those of each component.
/// </para>
/// <para>
/// <see cref="EstimateNear"/> is another way: from the axes of the features into the well that they are in, without a look at others, and then always
/// from the current ones. There the axes minimise the value of one volume, also where each component has its own.
/// </para>
/// <para>
/// A rough step starts at the current axes and takes Newton steps until one gains little beside what the whole step does. Near the end of EM other
/// minima are looked for, too.
/// </para>
/// <para>
/// Sources: Flury and Gautschi (1986), An algorithm for simultaneous orthogonal transformation of several positive definite symmetric
/// matrices to nearly diagonal form, SIAM J. Sci. Stat. Comput. 7(1), 169-184, doi:10.1137/0907013, for the rotations; Browne and McNicholas
/// (2014), Estimating common principal components in high dimensions, Adv. Data Anal. Classif. 8(2), 217-226,
/// doi:10.1007/s11634-013-0139-1, for the models. Cost of a sweep over all pairs of axes: about 6 K D^3 multiplications.
/// </para>
/// </remarks>
internal sealed partial class CommonAxes
{
    private const double SmallestSquaredCorrelation = 1e-14;

    // Steps on one thread use the memory of those before, unless it is a good deal.
    private const int MostKept = 1 << 16;

    [ThreadStatic]
    private static Stack<CommonAxes>? _free;

    private readonly int _dimension;
    private readonly double[] _shares;

    // A W(k) A', shape K x D x D.
    private readonly double[] _rotated;
    private readonly double[] _axes;
    private readonly double[] _sum;
    private readonly AxisPair _pair;
    private CancellationToken _cancellationToken;
    private bool _tiesVolume;

    private CommonAxes(int componentCount, int dimension)
    {
        int square = dimension * dimension;
        (_dimension, _shares, _sum) = (dimension, new double[componentCount], new double[PackedTriangle.Length(dimension)]);
        (_rotated, _axes, _product, _turnedOver, _turn) =
            (new double[componentCount * square], new double[square], new double[square], new double[square], new double[square]);
        _pair = new AxisPair(componentCount);
    }

    /// <summary>What is minimised.</summary>
    private double Value { get; set; }

    /// <summary>Estimates the covariances of a structure with common axes.</summary>
    public static void Estimate(CovarianceScatter scatter, bool tiesVolume, Span<double> covariances)
    {
        ScatterAverages.PerComponent(scatter, covariances);
        Span<double> shares = scatter.ComponentCount <= ScatterAverages.MostOnStack ? stackalloc double[scatter.ComponentCount] : new double[scatter.ComponentCount];
        ScatterAverages.Shares(scatter, shares);
        CommonAxes best;
        if (scatter.HasCurrent)
        {
            CommonAxes current = Current(scatter, shares);
            best = Take(scatter, shares, tiesVolume, covariances, current._axes);
            bool approaches = scatter.IsRough && current.AreShared();
            if (approaches) best.Approach(best.ValueOf(current));
            current.Return();
            if (!approaches)
            {
                best = Better(best, Pooled(scatter, tiesVolume, shares, covariances));
                if (scatter.IsRough) best.LookAround();
                else best.Minimize();
            }
        }
        else
        {
            best = FromAnywhere(scatter, tiesVolume, shares, covariances);
        }

        best.Compose(covariances);
        best.Return();
    }

    /// <summary>Estimates the covariances along axes that come down from the current ones, or from those of the features; see <see cref="AxesNearFeatures"/>.</summary>
    public static void EstimateNear(CovarianceScatter scatter, bool tiesVolume, Span<double> covariances)
    {
        ScatterAverages.PerComponent(scatter, covariances);
        double[] shares = new double[scatter.ComponentCount];
        ScatterAverages.Shares(scatter, shares);
        CommonAxes axes = scatter.HasCurrent ? Current(scatter, shares) : Take(scatter, shares, tiesVolume: true);
        if (!scatter.HasCurrent) axes.BeginAtFeatures();
        axes._tiesVolume = true;
        axes._pair.Begin(scatter.Dimension);
        axes.Begin(covariances);
        axes.Follow();
        axes._tiesVolume = tiesVolume;
        axes.Compose(covariances);
        axes.Return();
    }

    private static CommonAxes Take(CovarianceScatter scatter, ReadOnlySpan<double> shares, bool tiesVolume)
    {
        int dimension = scatter.Dimension;
        CommonAxes taken;
        do
        {
            if (_free is null || !_free.TryPop(out taken!)) taken = new CommonAxes(shares.Length, dimension);
        }
        while (taken._dimension != dimension || taken._shares.Length != shares.Length);
        shares.CopyTo(taken._shares);
        taken._tiesVolume = tiesVolume;
        taken._cancellationToken = scatter.CancellationToken;
        taken._pair.Begin(tiesVolume ? dimension : 0);
        return taken;
    }

    private static CommonAxes Take(CovarianceScatter scatter, ReadOnlySpan<double> shares, bool tiesVolume, ReadOnlySpan<double> averages, ReadOnlySpan<double> axes)
    {
        CommonAxes taken = Take(scatter, shares, tiesVolume);
        axes.CopyTo(taken._axes);
        taken.Begin(averages);
        return taken;
    }

    private static CommonAxes Better(CommonAxes one, CommonAxes other)
    {
        bool isOther = other.Value < one.Value;
        (isOther ? one : other).Return();
        return isOther ? other : one;
    }

    private void Begin(ReadOnlySpan<double> averages)
    {
        Project(averages);
        Order(averages);
        Value = Evaluate();
    }

    private void BeginAtSum(ReadOnlySpan<double> averages, bool isRough)
    {
        Span<double> variances = _dimension <= SquareMatrix.MostOnStack ? stackalloc double[_dimension] : new double[_dimension];
        PrincipalAxes.Find(_sum, isRough, variances, _axes, _turn, _product, _turnedOver, _cancellationToken);
        Begin(averages);
    }

    private void BeginAtFeatures()
    {
        Array.Clear(_axes);
        for (int j = 0; j < _dimension; j++) _axes[(j * _dimension) + j] = 1;
    }

    private void Return()
    {
        _cancellationToken = default;
        if (_bends.Length + _rotated.Length <= MostKept) (_free ??= new()).Push(this);
    }

    private static CommonAxes Pooled(CovarianceScatter scatter, bool tiesVolume, ReadOnlySpan<double> shares, ReadOnlySpan<double> averages)
    {
        CommonAxes pooled = Take(scatter, shares, tiesVolume);
        ScatterAverages.OfAll(scatter, pooled._sum);
        pooled.BeginAtSum(averages, scatter.IsRough);
        return pooled;
    }

    private static CommonAxes FromAnywhere(CovarianceScatter scatter, bool tiesVolume, ReadOnlySpan<double> shares, ReadOnlySpan<double> averages)
    {
        CommonAxes best = Pooled(scatter, tiesVolume, shares, averages);
        if (scatter.IsRough) best.Settle();
        else best.Minimize();
        if (scatter.IsHasty) return best;
        double[] own = new PrincipalAxes(averages, shares.Length, scatter.Dimension, scatter.IsRough, scatter.CancellationToken).Axes;
        int square = scatter.Dimension * scatter.Dimension;
        for (int k = 0; k < shares.Length; k++)
        {
            CommonAxes other = Take(scatter, shares, tiesVolume, averages, own.AsSpan(k * square, square));
            if (scatter.IsRough) other.Settle();
            else other.Minimize();
            best = Better(best, other);
        }

        if (scatter.IsRough) best.LookAround();
        return best;
    }

    // The axes that the current covariances have in common: they have to be told from the matrices, as nothing else is kept of a mixture.
    private static CommonAxes Current(CovarianceScatter scatter, ReadOnlySpan<double> shares)
    {
        CommonAxes axes = Take(scatter, shares, tiesVolume: false);
        Array.Clear(axes._sum);
        for (int k = 0; k < shares.Length; k++) Lanes.AddScaled(scatter.CurrentOf(k), shares[k], axes._sum);

        // Where variances of the sum coincide, its axes are not yet those of each.
        axes.BeginAtSum(scatter.Current, scatter.IsRough);
        if (!scatter.IsRough) axes.Minimize();
        return axes;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool AreShared()
    {
        for (int k = 0; k < _shares.Length; k++)
        {
            Span<double> rotated = Rotated(k);
            for (int i = 0; i < _dimension; i++)
            {
                for (int j = 0; j < i; j++)
                {
                    double entry = rotated[(i * _dimension) + j];
                    if (entry * entry > SmallestSquaredCorrelation * rotated[(i * _dimension) + i] * rotated[(j * _dimension) + j]) return false;
                }
            }
        }

        return true;
    }

    // What the current covariances make of the averages, on the scale of the value: sum of p(k) ( log det Sigma(k) + trace( inverse(Sigma(k)) W(k) ) ) - D.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double ValueOf(CommonAxes current)
    {
        double value = -_dimension;
        for (int k = 0; k < _shares.Length; k++)
        {
            Span<double> rotated = Rotated(k), variances = current.Rotated(k);
            for (int j = 0; j < _dimension; j++)
            {
                int at = (j * _dimension) + j;
                value += _shares[k] * (Math.Log(variances[at]) + (rotated[at] / variances[at]));
            }
        }

        return value;
    }

    private Span<double> Rotated(int component) => _rotated.AsSpan(component * _dimension * _dimension, _dimension * _dimension);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Project(ReadOnlySpan<double> averages)
    {
        int length = PackedTriangle.Length(_dimension);
        Transpose(_axes, _turnedOver);
        for (int k = 0; k < _shares.Length; k++)
        {
            // One for all there may be of current ones.
            PrincipalAxes.Unpack(averages.Length == length ? averages : averages.Slice(k * length, length), _dimension, _turn);
            Rotate(_axes, _turn, _turnedOver, _product, Rotated(k));
        }
    }

    // Of A, W and A' the product, which is symmetric.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Rotate(ReadOnlySpan<double> axes, ReadOnlySpan<double> matrix, ReadOnlySpan<double> axesTurnedOver, Span<double> work, Span<double> destination)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        SquareProduct.Multiply(axes, matrix, _dimension, work);
        _cancellationToken.ThrowIfCancellationRequested();
        SquareProduct.Multiply(work, axesTurnedOver, _dimension, destination);
        for (int i = 1; i < _dimension; i++)
        {
            for (int j = 0; j < i; j++) destination[(j * _dimension) + i] = destination[(i * _dimension) + j];
        }
    }

    // The axis with the largest variance first, whatever the order of the features.
    private void Order(ReadOnlySpan<double> averages)
    {
        Span<double> along = _dimension <= SquareMatrix.MostOnStack ? stackalloc double[_dimension] : new double[_dimension];
        along.Clear();
        for (int j = 0; j < _dimension; j++)
        {
            for (int k = 0; k < _shares.Length; k++) along[j] += _shares[k] * Rotated(k)[(j * _dimension) + j];
        }

        bool isOrdered = true;
        for (int j = 1; j < _dimension; j++) isOrdered &= along[j] <= along[j - 1];
        if (isOrdered) return;
        double[] variances = along.ToArray(), axes = [.. _axes];
        int[] order = [.. Enumerable.Range(0, _dimension).OrderByDescending(j => variances[j])];
        for (int j = 0; j < _dimension; j++) axes.AsSpan(order[j] * _dimension, _dimension).CopyTo(_axes.AsSpan(j * _dimension, _dimension));
        Project(averages);
    }

    private double Evaluate()
    {
        double value = 0, sum = 0;
        for (int k = 0; k < _shares.Length; k++)
        {
            double logarithm = LogDeterminant(k);
            value += _shares[k] * logarithm;
            sum += _pair.Weights[k] = _shares[k] * (_tiesVolume ? Math.Exp(logarithm / _dimension) : 1);
        }

        for (int k = 0; k < _shares.Length; k++) _pair.Weights[k] /= sum;
        return _tiesVolume ? _dimension * Math.Log(sum) : value;
    }

    private double LogDeterminant(int component)
    {
        Span<double> rotated = Rotated(component);
        double sum = 0;
        for (int j = 0; j < _dimension; j++) sum += Math.Log(rotated[(j * _dimension) + j]);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Compose(Span<double> covariances)
    {
        int length = PackedTriangle.Length(_dimension);
        Span<double> variances = _dimension <= SquareMatrix.MostOnStack ? stackalloc double[_dimension] : new double[_dimension];
        Span<double> geometricMeans = _shares.Length <= ScatterAverages.MostOnStack ? stackalloc double[_shares.Length] : new double[_shares.Length];
        double volume = 0;
        for (int k = 0; k < _shares.Length; k++)
        {
            geometricMeans[k] = Math.Exp(LogDeterminant(k) / _dimension);
            volume += _shares[k] * geometricMeans[k];
        }

        for (int k = 0; k < _shares.Length; k++)
        {
            // One without variance in some direction stays as it is, for the caller to find.
            if (!(geometricMeans[k] > 0)) continue;
            for (int j = 0; j < _dimension; j++) variances[j] = Rotated(k)[(j * _dimension) + j] * (_tiesVolume ? volume / geometricMeans[k] : 1);
            PrincipalAxes.Compose(variances, _axes, covariances.Slice(k * length, length));
        }
    }
}
