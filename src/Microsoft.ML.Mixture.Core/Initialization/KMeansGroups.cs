using System.Numerics.Tensors;
using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>Greedy k-means++ and weighted k-means of points in memory.</summary>
/// <remarks>
/// Sources: Arthur and Vassilvitskii (2007), k-means++: the advantages of careful seeding, SODA 2007, 1027-1035, section 6 for the greedy
/// choice; Lloyd (1982), Least squares quantization in PCM, IEEE Trans. Inf. Theory 28(2), 129-137.
/// </remarks>
internal sealed class KMeansGroups(double[] points, double[] weights, int dimension, int groupCount, CancellationToken cancellationToken)
{
    private const int MostRounds = 20;
    private const int PointsBetweenChecks = 256;

    private readonly double[] _distances = new double[weights.Length];

    /// <summary>The centres, shape K x D, row-major.</summary>
    public double[] Centres { get; } = new double[groupCount * dimension];

    /// <summary>The group of each point.</summary>
    public int[] Labels { get; } = new int[weights.Length];

    /// <summary>
    /// Draws the centres one by one, each a point with probability proportional to weight times squared distance to the nearest centre so
    /// far; of several draws the one that lowers the sum of those most is taken.
    /// </summary>
    public void Seed(Xoshiro256StarStar random)
    {
        int draws = 2 + (int)Math.Log(groupCount);
        double[] shares = [.. weights], candidate = new double[weights.Length], best = new double[weights.Length];
        Array.Fill(_distances, double.PositiveInfinity);
        for (int k = 0; k < groupCount; k++)
        {
            double bestPotential = double.PositiveInfinity;
            int bestPoint = 0;
            for (int draw = 0; draw < (k == 0 ? 1 : draws); draw++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int point = Draw(shares, random);
                double potential = 0;
                for (int i = 0; i < candidate.Length; i++)
                {
                    candidate[i] = Math.Min(_distances[i], SquaredDistance(i, points.AsSpan(point * dimension, dimension)));
                    potential += weights[i] * candidate[i];
                }

                if (potential < bestPotential)
                {
                    bestPotential = potential;
                    bestPoint = point;
                    (best, candidate) = (candidate, best);
                }
            }

            best.CopyTo(_distances, 0);
            points.AsSpan(bestPoint * dimension, dimension).CopyTo(Centres.AsSpan(k * dimension));
            for (int i = 0; i < shares.Length; i++) shares[i] = weights[i] * _distances[i];
        }
    }

    /// <summary>Draws the centres by weight from points that differ from each other, and gives each point to the nearest.</summary>
    public void SeedAtRandom(Xoshiro256StarStar random)
    {
        double[] shares = [.. weights];
        for (int k = 0; k < groupCount; k++)
        {
            int point = Draw(shares, random);
            ReadOnlySpan<double> centre = points.AsSpan(point * dimension, dimension);
            centre.CopyTo(Centres.AsSpan(k * dimension));
            for (int i = 0; i < shares.Length; i++)
            {
                if (shares[i] > 0 && SquaredDistance(i, centre) == 0) shares[i] = 0;
            }
        }

        Assign();
    }

    /// <summary>A few rounds of k-means. A group that loses its points takes the point that is farthest from its centre.</summary>
    public void Refine()
    {
        double[] counts = new double[groupCount], sums = new double[Centres.Length];
        for (int round = 0; round < MostRounds; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            bool moved = Assign() || round == 0;
            if (!moved) return;
            Array.Clear(counts);
            Array.Clear(sums);
            for (int i = 0; i < Labels.Length; i++)
            {
                Span<double> sum = sums.AsSpan(Labels[i] * dimension, dimension);
                counts[Labels[i]] += weights[i];
                for (int j = 0; j < sum.Length; j++) sum[j] += weights[i] * points[(i * dimension) + j];
            }

            for (int k = 0; k < groupCount; k++)
            {
                if (counts[k] > 0)
                {
                    for (int j = 0; j < dimension; j++) Centres[(k * dimension) + j] = sums[(k * dimension) + j] / counts[k];
                    continue;
                }

                int farthest = TensorPrimitives.IndexOfMax(_distances);
                points.AsSpan(farthest * dimension, dimension).CopyTo(Centres.AsSpan(k * dimension));
                _distances[farthest] = 0;
            }
        }

        Assign();
    }

    private bool Assign()
    {
        bool moved = false;
        for (int i = 0; i < Labels.Length; i++)
        {
            if (i % PointsBetweenChecks == 0) cancellationToken.ThrowIfCancellationRequested();
            int nearest = 0;
            double least = double.PositiveInfinity;
            for (int k = 0; k < groupCount; k++)
            {
                double distance = SquaredDistance(i, Centres.AsSpan(k * dimension, dimension));
                if (distance < least) (least, nearest) = (distance, k);
            }

            moved |= Labels[i] != nearest;
            Labels[i] = nearest;
            _distances[i] = least;
        }

        return moved;
    }

    private static int Draw(double[] shares, Xoshiro256StarStar random)
    {
        double total = 0;
        foreach (double share in shares) total += share;
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

    private double SquaredDistance(int point, ReadOnlySpan<double> centre)
    {
        ReadOnlySpan<double> values = points.AsSpan(point * dimension, dimension);
        double sum = 0;
        for (int j = 0; j < values.Length; j++)
        {
            double difference = values[j] - centre[j];
            sum += difference * difference;
        }

        return sum;
    }
}
