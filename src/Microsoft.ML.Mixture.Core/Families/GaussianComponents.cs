using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>K Gaussians, of any covariance structure.</summary>
/// <remarks>
/// <code>
///   log p(x | k) = c(k) - 1/2 |U(k)' (x - mu(k))|^2,   c(k) = -1/2 (D log 2 pi + log det Sigma(k)),   inverse(Sigma(k)) = U(k) U(k)'
/// </code>
/// Statistics of component k, one after the other: the sum of r (x - mu(k)), D numbers; then the sum of r (x - mu(k)) (x - mu(k))', in the
/// shape of the structure. Being taken about the current mean, they lose no digits to an offset of the data.
/// </remarks>
internal sealed class GaussianComponents : MixtureComponents
{
    // Above this share of rows it is cheaper to pass over all of them, eight at a time.
    private const double MostActiveShare = 0.4;

    private readonly GaussianFamily _family;
    private readonly double[] _means;

    // Where statistics are taken about: the means, but for a start whose means lie outside the data.
    private readonly double[] _pivots;
    private readonly double[] _logConstants;
    private readonly double[] _covariances;
    private readonly double[] _factors;
    private readonly double[] _counts;
    private readonly double[] _diagonal;
    private readonly double[] _whitenedMeans;
    private double[] _work = [];
    private double _logPrior;

    /// <summary>Makes components without parameters, of the shape that the structure stores.</summary>
    public GaussianComponents(GaussianFamily family, int componentCount, int dimension)
        : this(family, componentCount, dimension, family.Structure.Shape, family.Structure.IsShared)
    {
    }

    private GaussianComponents(GaussianFamily family, int componentCount, int dimension, CovarianceShape shape, bool isShared)
    {
        _family = family;
        Dimension = dimension;
        Shape = shape;
        IsShared = isShared;
        int matrices = isShared ? 1 : componentCount;
        _means = new double[componentCount * dimension];
        _pivots = new double[_means.Length];
        _logConstants = new double[componentCount];
        _covariances = new double[matrices * shape.Length(dimension)];
        _factors = new double[matrices * FactorLength];
        _counts = new double[componentCount];
        _diagonal = new double[dimension];
        _whitenedMeans = new double[IsWhitened ? _means.Length : 0];
    }

    public override int ComponentCount => _logConstants.Length;

    public override int Dimension { get; }

    /// <summary>How the covariances are stored; a start may need a wider shape than the structure that is to be fitted.</summary>
    public CovarianceShape Shape { get; }

    /// <summary>Whether there is one covariance for all components.</summary>
    public bool IsShared { get; }

    public ReadOnlySpan<double> Means => _means;

    public ReadOnlySpan<double> Covariances => _covariances;

    public override double LogPrior => _logPrior;

    public override bool ObjectiveMayFall => _family.Regularization.Floor > 0;

    public override long FreeParameterCount =>
        ((long)ComponentCount * Dimension) + _family.Structure.FreeParameterCount(ComponentCount, Dimension);

    public override int StatisticsLength => ComponentCount * ComponentStatisticsLength;

    /// <summary>
    /// What to add to every log-density to have it in the units of the data: it is left out because it is the same for all components, so
    /// that responsibilities do not depend on units, not even by rounding.
    /// </summary>
    public double UnitLogDensity => -Dimension * _family.UnitExponent * Math.Log(2);

    private int ComponentStatisticsLength => Dimension
        + (_family.Structure.Shape == CovarianceShape.Full ? ScatterTriangle.Length(Dimension) : _family.Structure.Shape.Length(Dimension));

    private bool IsWhitened => IsShared && Shape == CovarianceShape.Full && Dimension > 1;

    private int FactorLength => Shape switch
    {
        CovarianceShape.Full => TriangularPanels.Length(Dimension),
        CovarianceShape.Diagonal => Dimension,
        _ => 1,
    };

    /// <summary>Makes components of given parameters, which are copied.</summary>
    public static bool TryCreate(
        GaussianFamily family, int dimension, CovarianceShape shape, bool isShared, ReadOnlySpan<double> means, ReadOnlySpan<double> covariances,
        out GaussianComponents components, out DegenerateComponent? failure)
    {
        components = new GaussianComponents(family, means.Length / dimension, dimension, shape, isShared);
        components.SetMeans(means);
        covariances.CopyTo(components._covariances);
        return components.TryFactor(out failure);
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
        ReadOnlySpan<double> covariance = Covariance(component);
        for (int i = 0; i < Dimension; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                int at = Shape.Index(i, j);
                if (at >= 0) lower[PackedTriangle.Index(i, j)] = covariance[at];
            }
        }

        Cholesky.TryFactorInPlace(lower, Dimension, out _);
        Cholesky.InvertInPlace(lower, Dimension);
    }

    /// <summary>The covariance of one component, as it is stored.</summary>
    public ReadOnlySpan<double> Covariance(int component) => Slice(_covariances, component, Shape.Length(Dimension));

    public override int ScratchLength(int stride) => 2 * Lanes.Pad(Dimension) * stride;

    public override void LogDensities(RowBlock rows, Span<double> logDensities, Span<double> scratch)
    {
        int stride = rows.Stride, lanes = rows.LaneCount;
        if (IsWhitened)
        {
            WhitenedLogDensities(rows, logDensities, scratch);
            return;
        }

        for (int k = 0; k < ComponentCount; k++)
        {
            ReadOnlySpan<double> mean = _means.AsSpan(k * Dimension, Dimension);
            ReadOnlySpan<double> factor = Slice(_factors, k, FactorLength);
            Span<double> destination = logDensities.Slice(k * stride, lanes);
            switch (Shape)
            {
                case CovarianceShape.Full when Dimension > 1:
                    Centring.Subtract(rows.Values, mean, stride, lanes, scratch);
                    SquaredNorm.Triangular(scratch, factor, Dimension, stride, lanes, destination);
                    break;
                case CovarianceShape.Diagonal:
                    SquaredNorm.Diagonal(rows.Values, mean, factor, stride, lanes, destination);
                    break;
                default:
                    SquaredNorm.Scaled(rows.Values, mean, factor[0], stride, lanes, destination);
                    break;
            }

            Lanes.MultiplyAddInPlace(destination, -0.5, _logConstants[k]);
        }
    }

    public override void Accumulate(RowBlock rows, ReadOnlySpan<double> responsibilities, Span<double> statistics, Span<double> scratch)
    {
        int stride = rows.Stride, lanes = rows.LaneCount;
        Span<double> centred = scratch[..(Lanes.Pad(Dimension) * stride)];
        Span<double> weighted = scratch.Slice(centred.Length, centred.Length);
        Span<int> active = stackalloc int[stride];
        for (int k = 0; k < ComponentCount; k++)
        {
            ReadOnlySpan<double> shares = responsibilities.Slice(k * stride, lanes);
            int count = SparseScatter.FindRows(shares, active);
            if (count == 0) continue;
            Span<double> sums = statistics.Slice(k * ComponentStatisticsLength, Dimension);
            Span<double> scatter = statistics.Slice((k * ComponentStatisticsLength) + Dimension, ComponentStatisticsLength - Dimension);
            ReadOnlySpan<double> pivot = _pivots.AsSpan(k * Dimension, Dimension);
            if (count < lanes * MostActiveShare)
            {
                SparseScatter.Gather(rows.Values, pivot, shares, stride, active[..count], centred, weighted, sums);
                AddSparse(centred, weighted, count, scatter);
            }
            else
            {
                Centring.Subtract(rows.Values, pivot, stride, lanes, centred);
                Centring.WeighAndAddSums(centred, shares, stride, lanes, weighted, sums);
                AddDense(centred, weighted, stride, lanes, scatter);
            }
        }
    }

    public override IReadOnlyList<DegenerateComponent> FindSpurious(ReadOnlySpan<double> effectiveCounts, double rowsOfUnitWeight) =>
        SpuriousGaussians.Find(this, _family, effectiveCounts, rowsOfUnitWeight);

    public override MixtureComponents CreateEmpty() => new GaussianComponents(_family, ComponentCount, Dimension);

    public override bool TryMaximize(
        ReadOnlySpan<double> effectiveCounts, ReadOnlySpan<double> statistics, MixtureComponents destination, out DegenerateComponent? failure)
    {
        var next = (GaussianComponents)destination;
        CovarianceShape shape = _family.Structure.Shape;
        CovarianceRegularization regularization = _family.Regularization;
        int length = shape.Length(Dimension);
        for (int k = 0; k < ComponentCount; k++)
        {
            ReadOnlySpan<double> sums = statistics.Slice(k * ComponentStatisticsLength, Dimension);
            Span<double> scatter = next.Work(ComponentCount * length).Slice(k * length, length);
            ReadOnlySpan<double> summed = statistics.Slice((k * ComponentStatisticsLength) + Dimension, ComponentStatisticsLength - Dimension);
            if (shape == CovarianceShape.Full) ScatterTriangle.Pack(summed, Dimension, scatter);
            else summed.CopyTo(scatter);
            double count = effectiveCounts[k];
            if (count <= GaussianLimits.EmptyCount)
            {
                if (regularization.PriorCount <= 0)
                {
                    failure = new DegenerateComponent(
                        k, $"Component {k} is empty: no row belongs to it. Ask for fewer components, use another seed or start, or leave the covariance prior on.");
                    return false;
                }

                count = 0;
                scatter.Clear();
            }

            for (int j = 0; j < shape.DiagonalLength(Dimension); j++) next._diagonal[j] = scatter[shape.Index(j, j)];
            for (int j = 0; j < Dimension; j++)
            {
                double shift = count > 0 ? sums[j] / count : 0;
                next._means[(k * Dimension) + j] = _pivots[(k * Dimension) + j] + shift;
                for (int i = j; i < Dimension && count > 0; i++)
                {
                    int at = shape.Index(i, j);
                    if (at >= 0) scatter[at] -= shift * sums[i];
                }
            }

            for (int j = 0; j < shape.DiagonalLength(Dimension); j++)
            {
                // What is left of a sum after a difference may be rounding only.
                int at = shape.Index(j, j);
                if (scatter[at] <= GaussianLimits.RelativePivot * next._diagonal[j]) scatter[at] = 0;
            }

            for (int j = 0; j < Dimension; j++)
            {
                scatter[shape.Index(j, j)] += (count * regularization.RowVariances[j]) + (regularization.PriorCount * regularization.PriorVariances[j]);
            }

            next._counts[k] = count + regularization.PriorCount;
        }

        next._means.CopyTo(next._pivots, 0);
        _family.Structure.Estimate(new CovarianceScatter(shape, Dimension, next._counts, next.Work(ComponentCount * length)), next._covariances);
        if (regularization.Floor > 0) next.AddFloor(regularization.Floor);
        return next.TryFactor(out failure);
    }

    // With one covariance for all, rows are whitened once and each component only takes a difference.
    private void WhitenedLogDensities(RowBlock rows, Span<double> logDensities, Span<double> scratch)
    {
        int stride = rows.Stride, lanes = rows.LaneCount, block = Lanes.Pad(Dimension) * stride;
        Span<double> centred = scratch[..block], whitened = scratch.Slice(block, block);
        Centring.Subtract(rows.Values, _means.AsSpan(0, Dimension), stride, lanes, centred);
        SquaredNorm.Whiten(centred, _factors, Dimension, stride, lanes, whitened);
        for (int k = 0; k < ComponentCount; k++)
        {
            Span<double> destination = logDensities.Slice(k * stride, lanes);
            SquaredNorm.Scaled(whitened, _whitenedMeans.AsSpan(k * Dimension, Dimension), 1, stride, lanes, destination);
            Lanes.MultiplyAddInPlace(destination, -0.5, _logConstants[k]);
        }
    }

    // U' (mu(k) - mu(0)) = T (mu(k) - mu(0)), with T = inverse(L) as the factorisation has left it.
    private void WhitenMeans(ReadOnlySpan<double> inverseFactor)
    {
        for (int k = 0; k < ComponentCount; k++)
        {
            for (int i = 0; i < Dimension; i++)
            {
                double sum = 0;
                for (int j = 0; j <= i; j++) sum += inverseFactor[PackedTriangle.Index(i, j)] * (_means[(k * Dimension) + j] - _means[j]);
                _whitenedMeans[(k * Dimension) + i] = sum;
            }
        }
    }

    private void AddDense(ReadOnlySpan<double> centred, ReadOnlySpan<double> weighted, int stride, int lanes, Span<double> scatter)
    {
        switch (_family.Structure.Shape)
        {
            case CovarianceShape.Full when Dimension > 1:
                WeightedScatter.AddFull(centred, weighted, Dimension, stride, lanes, scatter);
                break;
            case CovarianceShape.Full or CovarianceShape.Diagonal:
                WeightedScatter.AddDiagonal(centred, weighted, stride, lanes, scatter[..Dimension]);
                break;
            default:
                scatter[0] += WeightedScatter.Trace(centred, weighted, Dimension, stride, lanes);
                break;
        }
    }

    private void AddSparse(ReadOnlySpan<double> centred, ReadOnlySpan<double> weighted, int rowCount, Span<double> scatter)
    {
        switch (_family.Structure.Shape)
        {
            case CovarianceShape.Full:
                SparseScatter.AddFull(centred, weighted, Dimension, rowCount, scatter);
                break;
            case CovarianceShape.Diagonal:
                SparseScatter.AddDiagonal(centred, weighted, rowCount, scatter);
                break;
            default:
                scatter[0] += SparseScatter.Trace(centred, weighted, Dimension, rowCount);
                break;
        }
    }

    private void AddFloor(double floor)
    {
        int length = Shape.Length(Dimension);
        for (int first = 0; first < _covariances.Length; first += length)
        {
            for (int j = 0; j < Shape.DiagonalLength(Dimension); j++) _covariances[first + Shape.Index(j, j)] += floor;
        }
    }

    // Grows on demand, so that a model that is only scored, such as one from a file, takes no memory for an M-step.
    private Span<double> Work(int length)
    {
        if (_work.Length < length) _work = new double[length];
        return _work.AsSpan(0, length);
    }

    private Span<double> Slice(double[] values, int component, int length) => values.AsSpan(IsShared ? 0 : component * length, length);

    // Turns covariances into what the densities need. Fails where a covariance is not positive definite beyond rounding.
    private bool TryFactor(out DegenerateComponent? failure)
    {
        CovarianceRegularization prior = _family.Regularization;
        _logPrior = 0;
        double logDeterminant = 0, traceOfPrior = 0;
        for (int k = 0; k < ComponentCount; k++)
        {
            if (k == 0 || !IsShared)
            {
                Span<double> lower = Work(Shape.Length(Dimension));
                int badPivot = GaussianFactor.Factor(
                    Shape, Dimension, _family.UnitExponent, Covariance(k), prior.PriorVariances, lower, Slice(_factors, k, FactorLength), out logDeterminant, out traceOfPrior);
                if (badPivot >= 0)
                {
                    failure = new DegenerateComponent(k, GaussianFactor.Explain(k, _family.FeatureName(badPivot)));
                    return false;
                }

                if (IsWhitened) WhitenMeans(lower);
            }

            _logConstants[k] = -0.5 * ((Dimension * Math.Log(2 * Math.PI)) + logDeterminant);
            _logPrior -= 0.5 * prior.PriorCount * (logDeterminant + traceOfPrior);
        }

        failure = null;
        return true;
    }
}
