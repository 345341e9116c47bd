using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using MathNet.Numerics.Random;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Greedy k-means++ and weighted k-means of points in memory.</summary>
/// <remarks>
/// Sources: Arthur and Vassilvitskii (2007), k-means++: the advantages of careful seeding, SODA 2007, 1027-1035, section 6 for the greedy
/// choice; Lattanzi and Sohler (2019), A better k-means++ algorithm via local search, ICML 2019, PMLR 97, 3662-3671; Lloyd (1982), Least
/// squares quantization in PCM, IEEE Trans. Inf. Theory 28(2), 129-137.
/// </remarks>
internal sealed class KMeansGroups
{
    private const int MostRounds = 20;
    private const int SwapsOfGroup = 2;
    private const int MostSwaps = 64;

    private double[] _points;
    private readonly int _dimension;
    private readonly int _groupCount;
    private readonly CancellationToken _cancellationToken;

    // Feature after feature, filled up to whole vectors with points of weight zero.
    private readonly int _laneCount;
    private readonly int _stride;
    private readonly AlignedBuffer _columns;
    private readonly AlignedBuffer _weights;
    private readonly AlignedBuffer _distances;
    private readonly AlignedBuffer _second;
    private readonly AlignedBuffer _candidate;
    private readonly AlignedBuffer _nearest;
    private readonly AlignedBuffer _shares;
    private readonly AlignedBuffer _best;

    /// <summary>Takes points.</summary>
    /// <param name="points">Row after row.</param>
    /// <param name="weights">One weight a point.</param>
    /// <param name="dimension">D.</param>
    /// <param name="groupCount">K.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public KMeansGroups(double[] points, double[] weights, int dimension, int groupCount, CancellationToken cancellationToken)
    {
        _dimension = dimension;
        _groupCount = groupCount;
        _cancellationToken = cancellationToken;
        Centres = new double[groupCount * dimension];
        Labels = new int[weights.Length];
        _laneCount = Lanes.Pad(weights.Length);

        // One line more, or features would stand a power of two apart and fall into the same place of the cache.
        _stride = _laneCount + Lanes.Width;
        _columns = new AlignedBuffer(_stride * dimension);
        _weights = new AlignedBuffer(_laneCount);
        Take(points, weights);
        _distances = new AlignedBuffer(_laneCount);
        _second = new AlignedBuffer(_laneCount);
        _candidate = new AlignedBuffer(_laneCount);
        _nearest = new AlignedBuffer(_laneCount);
        _shares = new AlignedBuffer(_laneCount);
        _best = new AlignedBuffer(_laneCount);
    }

    /// <summary>The centres, shape K x D, row-major.</summary>
    public double[] Centres { get; }

    /// <summary>The group of each point.</summary>
    public int[] Labels { get; }

    /// <summary>Takes as many other points.</summary>
    /// <param name="points">Row after row.</param>
    /// <param name="weights">One weight a point.</param>
    [MemberNotNull(nameof(_points))]
    public void Take(double[] points, ReadOnlySpan<double> weights)
    {
        _points = points;
        RowTransposition.Copy<double>(points, _dimension, 0, weights.Length, 1, _columns.Span, _stride);
        SetWeights(weights);
    }

    /// <summary>Gives the points other weights.</summary>
    public void SetWeights(ReadOnlySpan<double> weights) => weights.CopyTo(_weights.Span);

    /// <summary>
    /// Draws the centres one by one, each a point with probability proportional to weight times squared distance to the nearest centre so
    /// far; of several draws the one that lowers the sum of those most is taken.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Seed(Xoshiro256StarStar random)
    {
        int draws = 2 + (int)Math.Log(_groupCount);
        AlignedBuffer shares = _shares, candidate = _candidate, best = _best;
        _weights.Span.CopyTo(shares.Span);
        _distances.Span.Fill(double.PositiveInfinity);
        for (int k = 0; k < _groupCount; k++)
        {
            double bestPotential = double.PositiveInfinity, total = Lanes.Sum(shares.Span);
            int bestPoint = 0;
            for (int draw = 0; draw < (k == 0 ? 1 : draws); draw++)
            {
                _cancellationToken.ThrowIfCancellationRequested();
                int point = Draw(shares.Span, total, random);
                SquaredDistances(Point(point), candidate.Span);
                double potential = NearestPoint.Lower(_distances.Span, _weights.Span, candidate.Span);
                if (potential < bestPotential)
                {
                    bestPotential = potential;
                    bestPoint = point;
                    (best, candidate) = (candidate, best);
                }
            }

            best.Span.CopyTo(_distances.Span);
            Point(bestPoint).CopyTo(Centres.AsSpan(k * _dimension));
            Span<double> share = shares.Span, weight = _weights.Span, distance = _distances.Span;
            for (int i = 0; i < share.Length; i++) share[i] = weight[i] * distance[i];
        }
    }

    /// <summary>
    /// Draws points with probability proportional to weight times squared distance to the nearest centre, and moves to each the centre
    /// that is least missed elsewhere, if that lowers the sum of those. It mends two centres in one group and none in another.
    /// </summary>
    public void Swap(Xoshiro256StarStar random)
    {
        if (_groupCount == 1) return;
        double[] removal = new double[_groupCount];
        AlignedBuffer shares = _shares;
        Nearest();
        double potential = Shares(shares.Span);
        for (int attempt = 0; attempt < Math.Min(SwapsOfGroup * _groupCount, MostSwaps) && potential > 0; attempt++)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            int point = Draw(shares.Span, potential, random);
            SquaredDistances(Point(point), _candidate.Span);
            double changed = RemovalCosts(removal);
            int group = Array.IndexOf(removal, removal.Min());
            if (!(changed + removal[group] < potential)) continue;
            Point(point).CopyTo(Centres.AsSpan(group * _dimension));
            Nearest();
            potential = Shares(shares.Span);
        }
    }

    /// <summary>Draws the centres by weight from points that differ from each other, and gives each point to the nearest.</summary>
    public void SeedAtRandom(Xoshiro256StarStar random)
    {
        Span<double> shares = _shares.Span, distances = _candidate.Span;
        _weights.Span.CopyTo(shares);
        for (int k = 0; k < _groupCount; k++)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            ReadOnlySpan<double> centre = Point(Draw(shares, Lanes.Sum(shares), random));
            centre.CopyTo(Centres.AsSpan(k * _dimension));
            SquaredDistances(centre, distances);
            for (int i = 0; i < shares.Length; i++)
            {
                if (distances[i] == 0) shares[i] = 0;
            }
        }

        Assign();
    }

    /// <summary>Seeds groups, improves the seeds and refines the groups.</summary>
    public void Find(Xoshiro256StarStar random)
    {
        Seed(random);
        Swap(random);
        Refine();
    }

    /// <summary>A few rounds of k-means. A group that loses its points takes the point that is farthest from its centre.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Refine()
    {
        double[] counts = new double[_groupCount], sums = new double[Centres.Length];
        for (int round = 0; round < MostRounds; round++)
        {
            bool moved = Assign() || round == 0;
            if (!moved) return;
            Array.Clear(counts);
            Array.Clear(sums);
            ReadOnlySpan<double> weights = _weights.Span;
            for (int i = 0; i < Labels.Length; i++)
            {
                counts[Labels[i]] += weights[i];
                Lanes.AddScaled(Point(i), weights[i], sums.AsSpan(Labels[i] * _dimension, _dimension));
            }

            for (int k = 0; k < _groupCount; k++)
            {
                if (counts[k] > 0)
                {
                    for (int j = 0; j < _dimension; j++) Centres[(k * _dimension) + j] = sums[(k * _dimension) + j] / counts[k];
                    continue;
                }

                int farthest = 0;
                Span<double> distances = _distances.Span;
                for (int i = 1; i < Labels.Length; i++)
                {
                    if (weights[i] > 0 && (distances[i] > distances[farthest] || weights[farthest] == 0)) farthest = i;
                }

                Point(farthest).CopyTo(Centres.AsSpan(k * _dimension));
                distances[farthest] = 0;
            }
        }

        Assign();
    }

    // Weight times squared distance of each point, and their sum.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Shares(Span<double> shares)
    {
        ReadOnlySpan<double> weights = _weights.Span, distances = _distances.Span;
        for (int i = 0; i < shares.Length; i++) shares[i] = weights[i] * distances[i];
        return Lanes.Sum(shares);
    }

    // The potential with the candidate as one more centre, and what it would rise by without each of the others.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double RemovalCosts(double[] removal)
    {
        Array.Clear(removal);
        ReadOnlySpan<double> weights = _weights.Span, distances = _distances.Span, second = _second.Span, candidate = _candidate.Span, nearest = _nearest.Span;
        double potential = 0;
        for (int i = 0; i < Labels.Length; i++)
        {
            double least = Math.Min(distances[i], candidate[i]);
            potential += weights[i] * least;
            removal[(int)nearest[i]] += weights[i] * (Math.Min(second[i], candidate[i]) - least);
        }

        return potential;
    }

    private void Nearest()
    {
        _distances.Span.Fill(double.PositiveInfinity);
        _second.Span.Fill(double.PositiveInfinity);
        for (int k = 0; k < _groupCount; k++)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            SquaredDistances(Centres.AsSpan(k * _dimension, _dimension), _candidate.Span);
            NearestPoint.Assign(_candidate.Span, k, _distances.Span, _second.Span, _nearest.Span);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Assign()
    {
        Nearest();
        bool moved = false;
        ReadOnlySpan<double> nearest = _nearest.Span;
        for (int i = 0; i < Labels.Length; i++)
        {
            int label = (int)nearest[i];
            moved |= Labels[i] != label;
            Labels[i] = label;
        }

        return moved;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Draw(ReadOnlySpan<double> shares, double total, Xoshiro256StarStar random)
    {
        double target = random.NextDouble() * total, sum = 0;
        int last = 0;
        for (int i = 0; i < shares.Length; i++)
        {
            if (shares[i] <= 0) continue;
            sum += shares[i];
            last = i;
            if (sum > target) break;
        }

        return last;
    }

    private ReadOnlySpan<double> Point(int point) => _points.AsSpan(point * _dimension, _dimension);

    private void SquaredDistances(ReadOnlySpan<double> centre, Span<double> destination) =>
        SquaredNorm.Scaled(_columns.Span, centre, 1, _stride, _laneCount, destination);
}
