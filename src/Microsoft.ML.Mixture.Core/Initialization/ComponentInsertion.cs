using MathNet.Numerics.Random;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Looks for components whose addition to a mixture makes rows likelier, the components of the mixture staying as they are.</summary>
/// <remarks>
/// EM of the new component alone: a step costs one density a row, so that many places can be tried. A candidate has the shape of the component that its first
/// row belongs to, made larger or smaller; its weight, mean and size are fitted. Source: Verbeek, Vlassis and Kroese (2003), Efficient greedy learning of
/// Gaussian mixture models, Neural Comput. 15(2), 469-485.
/// </remarks>
internal sealed class ComponentInsertion
{
    // Steps of every candidate, and of those that look best.
    private const int FirstSteps = 2;
    private const int FurtherSteps = 2;
    private const double ShareThatGoesOn = 0.3;
    private const int CandidatesOfKept = 8;

    // The size of a candidate over that of a component: at least this for two features, and for others as much of its volume.
    private const double SmallestScale = 0.03;
    private const double SmallestOfAnyDimension = 0.01;
    private const double FirstShare = 0.3;

    // On more rows candidates are tried on some of them.
    private const int MostValues = 1 << 17;
    private const int FewestRows = 512;

    private readonly MixtureState _mixture;
    private readonly GaussianComponents _components;
    private readonly int _rowCount;
    private readonly int _lanes;
    private readonly double[] _values;
    private readonly double[] _weights;
    private readonly double[] _logDensities;
    private readonly int[] _sources;
    private readonly double[]?[] _whitened;
    private readonly double[] _joint;
    private readonly double[] _scratch;
    private readonly double _weightTotal;
    private readonly double _leastWeight;
    private readonly CancellationToken _cancellationToken;

    /// <summary>Looks at rows.</summary>
    /// <param name="rows">The rows. Those with holes are not looked at.</param>
    /// <param name="mixture">The mixture.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public ComponentInsertion(RowSource rows, MixtureState mixture, CancellationToken cancellationToken)
    {
        (_mixture, _components, _cancellationToken) = (mixture, (GaussianComponents)mixture.Components, cancellationToken);
        int dimension = rows.Dimension, most = Math.Max(FewestRows, MostValues / dimension), count = mixture.Weights.Length;
        rows = SelectedRowSource.Spread(rows, most);
        _rowCount = rows.RowCount;
        _lanes = Lanes.Pad(_rowCount);
        _values = new double[dimension * _lanes];
        _weights = new double[_lanes];
        _logDensities = new double[_lanes];
        _sources = new int[_rowCount];
        _whitened = new double[count][];
        _joint = new double[2 * _lanes];
        _scratch = new double[_lanes];
        double[] logWeights = [.. mixture.Weights.Select(weight => Math.Log(weight))];
        int first = 0;
        double[] joint = [], densities = [];
        AlignedBuffer? scratch = null;
        foreach (RowBlock block in new RowBlocks(rows, cancellationToken))
        {
            if (scratch is null) (joint, densities, scratch) = (new double[count * block.Stride], new double[block.Stride], new AlignedBuffer(_components.ScratchLength(block.Stride)));
            _components.LogDensities(block, joint, scratch.Span);
            LogSumExp.NormalizeInPlace(joint, block.Stride, block.LaneCount, logWeights, block.Weights, densities);
            for (int i = 0; i < block.RowCount; i++) Add(block, i, first + i, joint, densities[i]);
            first += block.RowCount;
        }

        _weightTotal = Lanes.Sum(_weights);
        _leastWeight = (dimension + 1.0) / _rowCount;
    }

    /// <summary>The best of many candidates, best first, no two of which are at the same place.</summary>
    /// <param name="seed">Draws them.</param>
    /// <param name="most">The most of them.</param>
    public IReadOnlyList<InsertedComponent> Find(int seed, int most)
    {
        var random = new Xoshiro256StarStar(seed, threadSafe: false);
        double smallest = Math.Max(SmallestOfAnyDimension, Math.Pow(SmallestScale, 2.0 / _components.Dimension));
        var found = new List<InsertedComponent>();
        for (int candidate = 0; candidate < CandidatesOfKept * most; candidate++)
        {
            int row = (int)(random.NextDouble() * _rowCount);
            double scale = _components.IsShared ? 1 : Math.Pow(smallest, random.NextDouble());
            if (_weights[row] > 0 && Improve(Begin(row, scale), FirstSteps) is { } better) found.Add(better);
        }

        IEnumerable<InsertedComponent> goingOn = found.OrderByDescending(candidate => candidate.LogLikelihood).Take((int)Math.Ceiling(ShareThatGoesOn * found.Count));
        var distinct = new List<InsertedComponent>();
        foreach (InsertedComponent candidate in goingOn
            .Select(candidate => Improve(candidate, FurtherSteps)).OfType<InsertedComponent>().OrderByDescending(candidate => candidate.LogLikelihood))
        {
            if (distinct.Count == most) break;
            if (!distinct.Exists(candidate.IsLike)) distinct.Add(candidate);
        }

        return distinct;
    }

    /// <summary>The mixture with a component more.</summary>
    /// <param name="inserted">The component.</param>
    /// <param name="family">The family of the mixture that is made.</param>
    /// <param name="state">The mixture.</param>
    public bool TryInsert(InsertedComponent inserted, GaussianFamily family, out MixtureState state)
    {
        int count = _mixture.Weights.Length, dimension = _components.Dimension, source = inserted.Source;
        double[] means = [.. _components.Means, .. new double[dimension]];
        for (int i = 0; i < dimension; i++)
        {
            double value = means[(source * dimension) + i];
            ReadOnlySpan<double> factor = _components.Factor(_components.IsShared ? 0 : source);
            for (int j = 0; j <= i; j++)
            {
                int at = _components.Shape.Index(i, j);
                if (at >= 0) value += factor[at] * inserted.Centre[j];
            }

            means[(count * dimension) + i] = value;
        }

        double[] covariances = _components.IsShared ? _components.Covariances.ToArray()
            : [.. _components.Covariances, .. _components.Covariance(source).ToArray().Select(value => value * inserted.Scale)];
        double[] weights = [.. _mixture.Weights.Select(weight => weight * (1 - inserted.Weight)), inserted.Weight];
        bool created = GaussianComponents.TryCreate(
            family, dimension, _components.Shape, _components.IsShared, means, covariances, out GaussianComponents components, out _);
        state = new MixtureState(weights, components);
        return created;
    }

    private void Add(RowBlock block, int row, int to, double[] joint, double logDensity)
    {
        bool isWhole = true;
        for (int j = 0; j < block.Dimension; j++)
        {
            double value = block.Values[(j * block.Stride) + row];
            isWhole &= !double.IsNaN(value);
            _values[(j * _lanes) + to] = double.IsNaN(value) ? 0 : value;
        }

        for (int k = 1; k < _mixture.Weights.Length; k++)
        {
            if (joint[(k * block.Stride) + row] > joint[(_sources[to] * block.Stride) + row]) _sources[to] = k;
        }

        bool counts = isWhole && double.IsFinite(logDensity);
        _weights[to] = counts ? block.Weights[row] : 0;
        _logDensities[to] = counts ? logDensity : 0;
    }

    // The rows in units in which a component is a standard Gaussian.
    private double[] Whitened(int component)
    {
        if (_whitened[component] is { } before) return before;
        int dimension = _components.Dimension;
        double[] inverse = new double[PackedTriangle.Length(dimension)], result = new double[_values.Length];
        _components.CopyInverseFactor(_components.IsShared ? 0 : component, inverse);
        ReadOnlySpan<double> mean = _components.Means.Slice(component * dimension, dimension);
        for (int i = 0; i < dimension; i++)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            Span<double> to = result.AsSpan(i * _lanes, _lanes);
            double offset = 0;
            for (int j = 0; j <= i; j++)
            {
                double factor = inverse[PackedTriangle.Index(i, j)];
                if (factor == 0) continue;
                Lanes.AddScaled(_values.AsSpan(j * _lanes, _lanes), factor, to);
                offset -= factor * mean[j];
            }

            Lanes.MultiplyAddInPlace(to, 1, offset);
        }

        return _whitened[component] = result;
    }

    private InsertedComponent Begin(int row, double scale)
    {
        int source = _sources[row], dimension = _components.Dimension;
        double[] whitened = Whitened(source);
        return new InsertedComponent(
            source, [.. Enumerable.Range(0, dimension).Select(j => whitened[(j * _lanes) + row])], scale, FirstShare * _mixture.Weights[source], 0);
    }

    // Null where it loses its rows.
    private InsertedComponent? Improve(InsertedComponent from, int steps)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        int dimension = _components.Dimension;
        double[] whitened = Whitened(from.Source), centre = [.. from.Centre], sums = new double[dimension], logWeights = new double[2];
        Span<double> squares = stackalloc double[1];
        Span<double> own = _joint.AsSpan(_lanes, _lanes);
        double scale = from.Scale, weight = from.Weight, logLikelihood = from.LogLikelihood;
        for (int step = 0; step < steps; step++)
        {
            _logDensities.CopyTo(_joint, 0);
            SquaredNorm.Scaled(whitened, centre, 1 / Math.Sqrt(scale), _lanes, _lanes, own);
            Lanes.MultiplyAddInPlace(own, -0.5, _components.LogConstant(from.Source) - (0.5 * dimension * Math.Log(scale)));
            (logWeights[0], logWeights[1]) = (Math.Log(1 - weight), Math.Log(weight));
            logLikelihood = LogSumExp.ShareInPlace(_joint, _lanes, _lanes, [0, 1], logWeights, _weights, _scratch);
            double count = Lanes.Sum(own);
            weight = count / _weightTotal;
            if (!(weight > _leastWeight && weight < 1)) return null;
            Array.Clear(sums);
            squares.Clear();
            WeightedMoments.AddDiagonal(whitened, centre, own, _lanes, _lanes, sums, squares);
            double moved = 0;
            for (int j = 0; j < dimension; j++)
            {
                double shift = sums[j] / count;
                centre[j] += shift;
                moved += shift * shift;
            }

            if (!_components.IsShared) scale = ((squares[0] / count) - moved) / dimension;
            if (!(scale > 0)) return null;
        }

        return new InsertedComponent(from.Source, centre, scale, weight, logLikelihood);
    }
}
