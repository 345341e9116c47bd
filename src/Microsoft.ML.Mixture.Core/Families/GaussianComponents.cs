using System.Numerics.Tensors;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>K Gaussians, of any covariance structure.</summary>
/// <remarks>
/// <code>
///   log p(x | k) = c(k) - 1/2 |U(k)' (x - mu(k))|^2,   c(k) = -1/2 (D log 2 pi + log det Sigma(k)),   inverse(Sigma(k)) = U(k) U(k)'
/// </code>
/// Statistics of component k, one after the other: the sum of r (x - mu(k)), D numbers; then the sum of r (x - mu(k)) (x - mu(k))', in the
/// shape of the structure. Being taken about the current mean, they lose no digits to an offset of the data. A structure that needs the sum
/// of the scatter matrices only has the scatter of all rows, which no responsibility enters, in their place: see <see cref="CanUseTotal"/>.
/// Where rows have holes, what of the scatter nobody has seen comes after all components: see <see cref="InformationOf"/>.
/// </remarks>
internal sealed partial class GaussianComponents : MixtureComponents
{
    // Equal spheres whose centres are 0.9 standard deviations apart overlap by so much.
    private const double OverlapOfTwins = 0.9;
    private const double OverlapOfSame = 0.99;

    private readonly GaussianFamily _family;
    private readonly double[] _means;

    // Where statistics are taken about: the means, but for a start whose means lie outside the data.
    private readonly double[] _pivots;
    private readonly double[] _logConstants;
    private readonly double[] _covariances;
    private readonly double[] _factors;
    private readonly double[] _choleskyFactors;
    private readonly double[] _inverseFactors;
    private readonly double[] _logDeterminants;
    private readonly double[] _tracesOfPrior;
    private readonly int[] _badPivots;
    private readonly double[] _counts;
    private readonly double[] _diagonal;
    private readonly double[] _whitenedMeans;
    private readonly double[] _ownCovariances;
    private readonly double[] _unknown;
    private readonly double[] _unknownCounts;
    private readonly int _componentStatisticsLength;
    private readonly int _factorLength;
    private readonly bool _takesFullScatter;
    private readonly bool _isWhitened;
    private double[] _work = [];
    private double _logPrior;
    private bool _usesTotal;
    private Action<int, int>? _factorOne;
    private CancellationToken _cancellationToken;

    /// <summary>Makes components without parameters, of the shape that the structure stores.</summary>
    public GaussianComponents(GaussianFamily family, int componentCount, int dimension)
        : this(family, componentCount, dimension, family.Structure.Shape, family.Structure.IsShared)
    {
    }

    private GaussianComponents(GaussianFamily family, int componentCount, int dimension, CovarianceShape shape, bool isShared)
    {
        if (!family.Structure.Shape.FitsArrays(componentCount, dimension, family.HasHoles, hasSquares: !family.Structure.IsClosedInFactors) || !shape.FitsArrays(componentCount, dimension))
        {
            throw new ArgumentException(
                $"Full covariance matrices of {Counted.Of(componentCount, "component")} in {dimension} features take more numbers than an array holds. "
                + $"Choose a structure without correlations, such as {nameof(CovarianceStructure)}.{nameof(CovarianceStructure.Diagonal)}, or factor analysers, or pass fewer features.");
        }

        _family = family;
        Dimension = dimension;
        Shape = shape;
        IsShared = isShared;
        int matrices = isShared ? 1 : componentCount;
        _takesFullScatter = family.Structure.Shape == CovarianceShape.Full;
        _componentStatisticsLength = dimension + (_takesFullScatter ? ScatterTriangle.Length(dimension) : family.Structure.Shape.Length(dimension));
        _isWhitened = isShared && shape == CovarianceShape.Full && dimension > 1;
        _factorLength = shape switch
        {
            CovarianceShape.Full => TriangularPanels.Length(dimension),
            CovarianceShape.Diagonal => dimension,
            _ => 1,
        };
        _means = new double[componentCount * dimension];
        _pivots = new double[_means.Length];
        _logConstants = new double[componentCount];
        _covariances = new double[matrices * shape.Length(dimension)];
        _factors = new double[matrices * _factorLength];
        _choleskyFactors = new double[_covariances.Length];
        _inverseFactors = new double[_covariances.Length];
        _logDeterminants = new double[matrices];
        _tracesOfPrior = new double[matrices];
        _badPivots = new int[matrices];
        _counts = new double[componentCount];
        _diagonal = new double[dimension];
        _whitenedMeans = new double[_isWhitened ? _means.Length : 0];
        _ownCovariances = new double[isShared || family.Structure.IsClosedInFactors || shape != family.Structure.Shape ? 0 : _covariances.Length];
        Array.Fill(_ownCovariances, double.NaN);
        _unknown = new double[componentCount * UnknownLength];
        _unknownCounts = new double[_unknown.Length > 0 ? componentCount : 0];
    }

    public override int ComponentCount => _logConstants.Length;

    public override int Dimension { get; }

    /// <summary>How the covariances are stored; a start may need a wider shape than the structure that is to be fitted.</summary>
    public CovarianceShape Shape { get; }

    /// <summary>Whether there is one covariance for all components.</summary>
    public bool IsShared { get; }

    /// <summary>What they are of.</summary>
    public GaussianFamily Family => _family;

    public ReadOnlySpan<double> Means => _means;

    public ReadOnlySpan<double> Covariances => _covariances;

    /// <summary>inverse(L) of every covariance, stored as the covariances.</summary>
    public ReadOnlySpan<double> InverseFactors => _inverseFactors;

    /// <summary>
    /// Which component of the statistics each component is to be made of in the next M-step that has this object as its destination; null for the same.
    /// </summary>
    public int[]? Order { get; set; }

    public override double LogPrior => _logPrior;

    public override bool ObjectiveMayFall => _family.Structure.MayLowerObjective || _family.Regularization.Floor > 0 || (_family.Regularization.HasRowVariances && !_family.Structure.IsClosedInFactors);

    public override long FreeParameterCount => _family.FreeParameterCount(ComponentCount, Dimension);

    public override int StatisticsLength => (ComponentCount * (_componentStatisticsLength + UnknownLength)) + ConstantStatisticsLength;

    internal override int ConstantStatisticsLength => _family.Structure.NeedsSumOfScatterOnly ? ScatterTriangle.Length(Dimension) : 0;

    internal override object? ConstantStatisticsKey => _usesTotal ? _family.Origin : null;

    /// <summary>Log-densities are those of rows times 2^-UnitExponent.</summary>
    public int UnitExponent => _family.UnitExponent;

    /// <summary>Makes components of given parameters, which are copied. It may be cancelled between components.</summary>
    public static bool TryCreate(
        GaussianFamily family, int dimension, CovarianceShape shape, bool isShared, ReadOnlySpan<double> means, ReadOnlySpan<double> covariances,
        out GaussianComponents components, out DegenerateComponent? failure, CancellationToken cancellationToken = default)
    {
        components = new GaussianComponents(family, means.Length / dimension, dimension, shape, isShared);
        components.SetMeans(means);
        covariances.CopyTo(components._covariances);
        return components.TryFactor(team: null, cancellationToken, out failure);
    }

    /// <summary>Sets the means, and takes statistics about them.</summary>
    public void SetMeans(ReadOnlySpan<double> means)
    {
        means.CopyTo(_means);
        means.CopyTo(_pivots);
    }

    /// <summary>Moves the points about which statistics are taken into a box, so that a mean far from all rows costs no digits.</summary>
    public void ClampPivots(ReadOnlySpan<double> minimum, ReadOnlySpan<double> maximum)
    {
        for (int at = 0; at < _pivots.Length; at++) _pivots[at] = Math.Clamp(_pivots[at], minimum[at % Dimension], maximum[at % Dimension]);
    }

    /// <summary>Copies the lower triangle of inverse(L(k)), where Sigma(k) = L(k) L(k)'; its transpose is U(k).</summary>
    public void CopyInverseFactor(int component, Span<double> lower)
    {
        lower.Clear();
        ReadOnlySpan<double> inverse = Slice(_inverseFactors, component, Shape.Length(Dimension));
        for (int i = 0; i < Dimension; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                int at = Shape.Index(i, j);
                if (at >= 0) lower[PackedTriangle.Index(i, j)] = inverse[at];
            }
        }
    }

    /// <summary>L(k), stored as the covariance.</summary>
    public ReadOnlySpan<double> Factor(int component) => Slice(_choleskyFactors, component, Shape.Length(Dimension));

    /// <summary>The squared Mahalanobis distance of a point from a component.</summary>
    public double SquaredDistance(int component, ReadOnlySpan<double> point)
    {
        ReadOnlySpan<double> inverse = Slice(_inverseFactors, component, Shape.Length(Dimension)), mean = _means.AsSpan(component * Dimension, Dimension);
        double distance = 0;
        for (int i = 0; i < Dimension; i++)
        {
            double sum = 0;
            for (int j = Shape == CovarianceShape.Full ? 0 : i; j <= i; j++) sum += inverse[Shape.Index(i, j)] * (point[j] - mean[j]);
            distance += sum * sum;
        }

        return distance;
    }

    /// <summary>Whether trace(inverse(Sigma(unit)) Sigma(k)), the sum of the variances of one component where those of another are one, is above a bound.</summary>
    public bool SumOfVariancesExceeds(double bound, int component, int unit)
    {
        ReadOnlySpan<double> factor = Factor(component), inverse = Slice(_inverseFactors, unit, factor.Length);
        double sum = 0;
        if (Shape != CovarianceShape.Full)
        {
            for (int j = 0; j < Dimension; j++) sum += Math.Pow(inverse[Shape.Index(j, j)] * factor[Shape.Index(j, j)], 2);
            return sum > bound;
        }

        // The squares of the product of both triangles, row by row.
        Span<double> row = Dimension <= SquareMatrix.MostOnStack ? stackalloc double[Dimension] : new double[Dimension];
        for (int i = 0; i < Dimension && sum <= bound; i++)
        {
            row[..(i + 1)].Clear();
            for (int m = 0; m <= i; m++) Lanes.AddScaled(factor.Slice(PackedTriangle.Index(m, 0), m + 1), inverse[PackedTriangle.Index(i, m)], row[..(m + 1)]);
            sum += TensorPrimitives.SumOfSquares(row[..(i + 1)]);
        }

        return sum > bound;
    }

    /// <summary>c(k), without the weight of the component.</summary>
    public double LogConstant(int component) => _logConstants[component];

    /// <summary>Moves the means of two components apart, each by a step; before statistics are taken.</summary>
    public void MoveApart(int first, int second, ReadOnlySpan<double> step)
    {
        for (int j = 0; j < Dimension; j++)
        {
            _means[(first * Dimension) + j] -= step[j];
            _means[(second * Dimension) + j] += step[j];
        }

        if (_isWhitened) WhitenMeans(_inverseFactors);
    }

    /// <summary>The covariance of two features in one component.</summary>
    public double CovarianceOf(int component, int i, int j)
    {
        int at = Shape.Index(Math.Max(i, j), Math.Min(i, j));
        return at < 0 ? 0 : Covariance(component)[at];
    }

    /// <summary>The covariance of one component, as it is stored.</summary>
    public ReadOnlySpan<double> Covariance(int component) => Slice(_covariances, component, Shape.Length(Dimension));

    /// <summary>
    /// What the variance of a feature in a component would be if it had nothing in common with the others, where a structure makes something else of it; NaN if that is not known.
    /// </summary>
    public double OwnVariance(int component, int feature) => _ownCovariances.Length == 0 ? double.NaN : Slice(_ownCovariances, component, Shape.Length(Dimension))[Shape.Index(feature, feature)];

    /// <summary>The same of all features, stored as the covariance, where it is known.</summary>
    public ReadOnlySpan<double> OwnCovariance(int component) => Slice(_ownCovariances, component, Shape.Length(Dimension));

    public override IReadOnlyList<DegenerateComponent> FindSpurious(ReadOnlySpan<double> effectiveCounts, ReadOnlySpan<double> rowCounts) =>
        FindSpuriousAmong(effectiveCounts, new RowsOfComponents(rowCounts));

    internal override IReadOnlyList<DegenerateComponent> FindSpuriousAmong(ReadOnlySpan<double> effectiveCounts, RowsOfComponents rows)
    {
        IReadOnlyList<DegenerateComponent> found = SpuriousGaussians.Find(this, _family, effectiveCounts, rows);
        return rows.Source is null ? found : [.. found, .. SpuriousGaussians.FindInPlanes(this, ComponentPlane.FindAll(rows.Source, this, effectiveCounts, found, rows.CancellationToken), rows)];
    }

    internal override bool HaveTwins(CancellationToken cancellationToken) => Overlap(OverlapOfTwins, cancellationToken);

    internal override bool Coincide => Overlap(OverlapOfSame, CancellationToken.None);

    public override MixtureComponents CreateEmpty() => new GaussianComponents(_family, ComponentCount, Dimension);

    private bool Overlap(double coefficient, CancellationToken cancellationToken) =>
        ComponentCount > 1 && new GaussianOverlap(this, new double[ComponentCount]).FindLargest(coefficient, cancellationToken) is not null;

    // Grows on demand, so that a model that is only scored, such as one from a file, takes no memory for an M-step.
    private Span<double> Work(int length)
    {
        if (_work.Length < length) _work = new double[length];
        return _work.AsSpan(0, length);
    }

    private Span<double> Slice(double[] values, int component, int length) => values.AsSpan(IsShared ? 0 : component * length, length);
}
