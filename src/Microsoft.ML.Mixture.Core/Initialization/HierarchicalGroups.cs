using System.Numerics.Tensors;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Model-based agglomeration: groups that are united two at a time, so that one tree has a grouping for every K.</summary>
/// <remarks>
/// <para>
/// Every point begins as a group, equal points together, and those two are united that raise the sum over groups of
/// <code>
///   n log( det(W / n) + (trace(W) + t) / n )
/// </code>
/// least, where n is the weight of a group, W its scatter about its mean, and t the trace of the scatter of all points over N D. Without the
/// second term it is what Gaussians with covariances of their own make likely; that term speaks for groups of too few points for a determinant.
/// Points are turned to the principal components of the standardised features, each divided by the square root of its singular value, so that
/// leading directions count for more than they would among sphered points, and less than among standardised ones.
/// </para>
/// <para>
/// Sources: Banfield and Raftery (1993), Model-based Gaussian and non-Gaussian clustering, Biometrics 49(3), 803-821, doi:10.2307/2532201, for
/// the criterion without the second term; Fraley (1998), Algorithms for model-based Gaussian hierarchical clustering, SIAM J. Sci. Comput. 20(1),
/// 270-281, doi:10.1137/S1064827596311451, for the second term; Scrucca and Raftery (2015), Improved initialisation of model-based clustering
/// using Gaussian hierarchical partitions, Adv. Data Anal. Classif. 9(4), 447-460, doi:10.1007/s11634-015-0220-z, for the directions.
/// </para>
/// <para>Cost: about N^2 criteria of D^3 / 6 + 2 D^2 multiplications; memory for N (D^2 / 2 + D) numbers.</para>
/// </remarks>
internal sealed class HierarchicalGroups
{
    // Of more features the matrix of correlations takes long, and only a few of its axes are used.
    private const int MostExactAxes = 64;

    private const double SmallestVariance = 1e-10;

    private readonly CancellationToken _cancellationToken;
    private readonly int _rowCount;
    private readonly int[] _firstGroups;
    private readonly List<(int Kept, int United)> _unions = [];

    // Groups side by side: a number of each of them at [number * _stride + slot].
    private int _dimension;
    private int _stride;
    private int _active;
    private AlignedBuffer _counts = new(0);
    private AlignedBuffer _means = new(0);
    private AlignedBuffer _scatters = new(0);
    private AlignedBuffer _costs = new(0);
    private AlignedBuffer _totals = new(0);
    private AlignedBuffer _traces = new(0);
    private double[] _own = [];
    private double[] _nearestCosts = [];
    private int[] _nearest = [];

    // Where the nearest group has been united with another one. What it cost then is no more than what the nearest one costs now, so that it need not be
    // looked for before nothing else costs less.
    private bool[] _isOutdated = [];
    private int[] _names = [];
    private double _ridge;

    /// <summary>Builds the tree.</summary>
    /// <param name="points">Row after row, each feature with mean zero and variance one.</param>
    /// <param name="weights">One weight a point, above zero.</param>
    /// <param name="dimension">D.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public HierarchicalGroups(ReadOnlySpan<double> points, ReadOnlySpan<double> weights, int dimension, CancellationToken cancellationToken)
    {
        _cancellationToken = cancellationToken;
        _rowCount = weights.Length;
        _firstGroups = new int[_rowCount];
        double[] turned = Turn(points, weights, dimension, cancellationToken);
        Begin(turned, weights);
        FindAllNearest();
        while (_active > 1) UniteNearest();
    }

    /// <summary>The number of different points, and so the largest number of groups.</summary>
    public int PointCount => _unions.Count + 1;

    /// <summary>What would be left of the weight if every different point had no more than the lightest, as a share: one where no points of equal weight coincide.</summary>
    public double EvenShare { get; private set; }

    /// <summary>The most points for which a tree is built in about as many operations.</summary>
    /// <param name="dimension">D.</param>
    /// <param name="operations">The number of multiplications.</param>
    public static int MostPoints(int dimension, double operations) => (int)Math.Sqrt(operations / Operations(1, dimension));

    /// <summary>About how many multiplications a tree takes.</summary>
    /// <param name="pointCount">The number of points.</param>
    /// <param name="dimension">D.</param>
    public static double Operations(int pointCount, int dimension)
    {
        double directions = Math.Min(dimension, UnitedGroups.LargestDimension);
        return (double)pointCount * pointCount * 2 * directions * ((directions * directions / 6) + (2 * directions) + 4);
    }

    /// <summary>The group of each point, from 0 to K - 1 in the order of the points; fewer groups if fewer points differ.</summary>
    /// <param name="groupCount">K.</param>
    public int[] Labels(int groupCount)
    {
        int[] parents = new int[PointCount];
        for (int group = 0; group < parents.Length; group++) parents[group] = group;
        foreach ((int kept, int united) in _unions.Take(PointCount - groupCount)) parents[united] = kept;
        int[] numbers = new int[PointCount], labels = new int[_rowCount];
        Array.Fill(numbers, -1);
        int next = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            int group = _firstGroups[i];
            while (parents[group] != group) group = parents[group];
            if (numbers[group] < 0) numbers[group] = next++;
            labels[i] = numbers[group];
        }

        return labels;
    }

    // Principal components of the correlations, over the square root of singular values.
    private static double[] Turn(ReadOnlySpan<double> points, ReadOnlySpan<double> weights, int dimension, CancellationToken cancellationToken)
    {
        (double[] variances, double[] axes) = dimension > MostExactAxes
            ? LeadingAxes.Find(points, weights, dimension, UnitedGroups.LargestDimension, cancellationToken) : FindAxes(points, weights, dimension);
        int kept = 1;
        while (kept < Math.Min(dimension, UnitedGroups.LargestDimension) && variances[kept] > SmallestVariance * variances[0]) kept++;

        // With variances by N - 1 the singular values are sqrt((N - 1) variance).
        double[] scales = new double[kept], turned = new double[weights.Length * kept];
        double unbiased = Math.Sqrt(Math.Max(1, weights.Length - 1) / (double)weights.Length);
        for (int a = 0; a < kept; a++) scales[a] = variances[a] > 0 ? unbiased / Math.Sqrt(Math.Sqrt(Math.Max(1, weights.Length - 1) * variances[a])) : 0;
        for (int i = 0; i < weights.Length; i++)
        {
            ReadOnlySpan<double> point = points.Slice(i * dimension, dimension);
            for (int a = 0; a < kept; a++) turned[(i * kept) + a] = scales[a] * Lanes.Dot(point, axes.AsSpan(a * dimension, dimension));
        }

        return turned;
    }

    private static (double[] Variances, double[] Axes) FindAxes(ReadOnlySpan<double> points, ReadOnlySpan<double> weights, int dimension)
    {
        double[] correlations = new double[PackedTriangle.Length(dimension)];
        double total = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            ReadOnlySpan<double> point = points.Slice(i * dimension, dimension);
            for (int j = 0; j < dimension; j++) Lanes.AddScaled(point[..(j + 1)], weights[i] * point[j], correlations.AsSpan(PackedTriangle.Index(j, 0)));
            total += weights[i];
        }

        foreach (ref double entry in correlations.AsSpan()) entry /= total;
        var found = new PrincipalAxes(correlations, 1, dimension);
        return (found.Variances, found.Axes);
    }

    private void Begin(double[] points, ReadOnlySpan<double> weights)
    {
        _dimension = points.Length / weights.Length;
        var groups = new Dictionary<double[], int>(RowComparer.Instance);
        Dictionary<double[], int>.AlternateLookup<ReadOnlySpan<double>> lookup = groups.GetAlternateLookup<ReadOnlySpan<double>>();
        double total = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            ReadOnlySpan<double> point = points.AsSpan(i * _dimension, _dimension);
            if (!lookup.TryGetValue(point, out int group)) lookup[point] = group = groups.Count;
            _firstGroups[i] = group;
            total += weights[i];
        }

        _active = groups.Count;

        // One line more, or numbers would stand a power of two apart and fall into the same place of the cache.
        _stride = Lanes.Pad(_active) + Lanes.Width;
        (_counts, _means, _scatters) = (new AlignedBuffer(_stride), new AlignedBuffer(_stride * _dimension), new AlignedBuffer(_stride * PackedTriangle.Length(_dimension)));
        (_costs, _totals, _traces) = (new AlignedBuffer(_stride), new AlignedBuffer(_stride), new AlignedBuffer(_stride));
        (_own, _nearestCosts, _nearest, _names, _isOutdated) = (new double[_active], new double[_active], new int[_active], new int[_active], new bool[_active]);
        double share = weights.Length / total, squares = 0;
        for (int i = 0; i < weights.Length; i++) _counts.Span[_firstGroups[i]] += share * weights[i];
        EvenShare = _active * TensorPrimitives.Min(_counts.Span[.._active]) / TensorPrimitives.Sum(_counts.Span[.._active]);
        foreach ((double[] point, int group) in groups)
        {
            for (int j = 0; j < _dimension; j++)
            {
                _means.Span[(j * _stride) + group] = point[j];
                squares += _counts.Span[group] * point[j] * point[j];
            }
        }

        _ridge = squares > 0 ? squares / (weights.Length * _dimension) : 1;
        for (int slot = 0; slot < _active; slot++)
        {
            _own[slot] = _counts.Span[slot] * Math.Log(_ridge / _counts.Span[slot]);
            _names[slot] = slot;
        }

        // Slots that only fill a vector.
        _counts.Span[_active..].Fill(1);
    }

    // What uniting one group with each of those from a slot on costs.
    private Span<double> Costs(int slot, int first)
    {
        int length = PackedTriangle.Length(_dimension), start = first & -Lanes.Width, lanes = Lanes.Pad(_active) - start;
        Span<double> mean = stackalloc double[_dimension], scatter = stackalloc double[length];
        for (int j = 0; j < _dimension; j++) mean[j] = _means.Span[(j * _stride) + slot];
        for (int e = 0; e < length; e++) scatter[e] = _scatters.Span[(e * _stride) + slot];
        Span<double> costs = _costs.Span[..lanes], totals = _totals.Span[..lanes], traces = _traces.Span[..lanes];
        UnitedGroups.Spread(
            _counts.Span[slot], mean, scatter, _counts.Span.Slice(start, lanes), _means.Span[start..], _scatters.Span[start..], _stride, totals, costs, traces);
        for (int k = 0; k < lanes; k++) costs[k] += (traces[k] + _ridge) / totals[k];
        TensorPrimitives.Log(costs, costs);
        for (int k = 0; k < lanes && start + k < _active; k++) costs[k] = (totals[k] * costs[k]) - _own[slot] - _own[start + k];
        return costs[(first - start)..(_active - start)];
    }

    private void FindAllNearest()
    {
        Array.Fill(_nearestCosts, double.PositiveInfinity);
        for (int slot = 0; slot < _active - 1; slot++)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            Span<double> costs = Costs(slot, slot + 1);
            for (int k = 0; k < costs.Length; k++)
            {
                if (costs[k] < _nearestCosts[slot]) (_nearestCosts[slot], _nearest[slot]) = (costs[k], slot + 1 + k);
                if (costs[k] < _nearestCosts[slot + 1 + k]) (_nearestCosts[slot + 1 + k], _nearest[slot + 1 + k]) = (costs[k], slot);
            }
        }
    }

    private void UniteNearest()
    {
        _cancellationToken.ThrowIfCancellationRequested();
        int one = Cheapest();
        while (_isOutdated[one])
        {
            FindNearest(one);
            one = Cheapest();
        }

        int kept = Math.Min(one, _nearest[one]), united = Math.Max(one, _nearest[one]), last = _active - 1;
        double cost = _nearestCosts[one];
        _unions.Add((_names[kept], _names[united]));
        Unite(kept, united);
        _own[kept] += _own[united] + cost;
        Move(last, united);
        _active--;
        if (_active == 1) return;
        Span<double> costs = FindNearest(kept);
        for (int slot = 0; slot < _active; slot++)
        {
            if (slot == kept) continue;
            int before = _nearest[slot];
            if (before == last) _nearest[slot] = united;
            if (costs[slot] < _nearestCosts[slot]) (_nearestCosts[slot], _nearest[slot], _isOutdated[slot]) = (costs[slot], kept, false);
            else _isOutdated[slot] |= before == kept || before == united;
        }
    }

    private int Cheapest() => TensorPrimitives.IndexOfMin<double>(_nearestCosts.AsSpan(0, _active));

    private Span<double> FindNearest(int slot)
    {
        Span<double> costs = Costs(slot, 0);
        costs[slot] = double.PositiveInfinity;
        _nearest[slot] = costs.IndexOf(TensorPrimitives.Min<double>(costs));
        (_nearestCosts[slot], _isOutdated[slot]) = (costs[_nearest[slot]], false);
        return costs;
    }

    private void Unite(int kept, int united)
    {
        double first = _counts.Span[kept], second = _counts.Span[united], total = first + second, factor = first * second / total;
        Span<double> offsets = stackalloc double[_dimension];
        for (int j = 0; j < _dimension; j++) offsets[j] = _means.Span[(j * _stride) + united] - _means.Span[(j * _stride) + kept];
        for (int i = 0, at = 0; i < _dimension; i++)
        {
            for (int j = 0; j <= i; j++, at++) _scatters.Span[(at * _stride) + kept] += _scatters.Span[(at * _stride) + united] + (factor * offsets[i] * offsets[j]);
        }

        for (int j = 0; j < _dimension; j++) _means.Span[(j * _stride) + kept] += second / total * offsets[j];
        _counts.Span[kept] = total;
    }

    private void Move(int from, int to)
    {
        if (from != to)
        {
            for (int j = 0; j < _dimension; j++) _means.Span[(j * _stride) + to] = _means.Span[(j * _stride) + from];
            for (int e = 0; e < PackedTriangle.Length(_dimension); e++) _scatters.Span[(e * _stride) + to] = _scatters.Span[(e * _stride) + from];
            (_counts.Span[to], _own[to], _names[to]) = (_counts.Span[from], _own[from], _names[from]);
            (_nearest[to], _nearestCosts[to], _isOutdated[to]) = (_nearest[from], _nearestCosts[from], _isOutdated[from]);
        }

        _counts.Span[from] = 1;
        _own[from] = 0;
    }
}
