using CsCheck;
using MathNet.Numerics.Random;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Initialization.Tests;

/// <summary>Each part of k-means keeps or lowers the weighted sum of squared distances, and each group keeps a point.</summary>
public class KMeansGroupsTests
{
    private static readonly Gen<PointCase> _points = Gen.Select(Gen.Int[1, 5], Gen.Int[1, 12], Gen.Int[0, 200], Gen.Int[0, 3], Gen.Int[0, int.MaxValue]).Select(
        (dimension, groups, more, kind, seed) => new PointCase(dimension, groups, (2 * groups) + more, kind, seed));

    [Fact]
    [Trait("Kind", "Law")]
    public void SwapAndRefine_AnyPoints_NeverRaiseTheCostNorLoseAGroup()
    {
        int lowered = 0;
        _points.Sample(
            data =>
            {
                KMeansGroups groups = data.Groups();
                var random = new Xoshiro256StarStar(data.Random.Next(), threadSafe: false);
                groups.Seed(random);
                double seeded = data.Cost(groups.Centres);
                Assert.All(data.CentrePoints(groups.Centres), point => Assert.True(point >= 0 && data.Weights[point] > 0, "A centre is no point, or one of weight zero."));

                groups.Swap(random);
                double swapped = data.Cost(groups.Centres);
                Assert.True(swapped <= seeded * (1 + 1e-12), $"The swaps raised the cost from {seeded:R} to {swapped:R}.");
                Assert.All(data.CentrePoints(groups.Centres), point => Assert.True(point >= 0 && data.Weights[point] > 0, "A centre is no point, or one of weight zero."));
                if (swapped < seeded) Interlocked.Increment(ref lowered);

                groups.Refine();
                double refined = data.Cost(groups.Centres);
                Assert.True(refined <= (swapped * (1 + 1e-12)) + 1e-28, $"The rounds raised the cost from {swapped:R} to {refined:R}.");
                data.CheckNearest(groups.Centres, groups.Labels);
                Assert.Equal(Enumerable.Range(0, data.GroupCount), groups.Labels.Where((_, i) => data.Weights[i] > 0).Distinct().Order());
            },
            iter: MixtureCase.Cases);
        Assert.True(lowered > 20, $"swaps lowered the cost {lowered} times");
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void SeedAtRandom_AnyPoints_TakesDifferentPointsOfPositiveWeight() => _points.Sample(
        data =>
        {
            KMeansGroups groups = data.Groups();
            groups.SeedAtRandom(new Xoshiro256StarStar(data.Random.Next(), threadSafe: false));
            int[] points = data.CentrePoints(groups.Centres);
            Assert.All(points, point => Assert.True(point >= 0 && data.Weights[point] > 0, "A centre is no point, or one of weight zero."));
            Assert.Equal(data.GroupCount, points.Select(data.Key).Distinct().Count());
            data.CheckNearest(groups.Centres, groups.Labels);
        },
        iter: MixtureCase.Cases);

    [Theory]
    [Trait("Kind", "Law")]
    [InlineData(1)]
    [InlineData(4)]
    public void Swap_TwoCentresInOneGroupAndNoneInAnother_MendsThat(int dimension)
    {
        // Five groups far apart; the last two centres stand in the first.
        const int GroupCount = 5;
        var random = new Random(dimension);
        double[] points = new double[500 * dimension], weights = [.. Enumerable.Repeat(1.0, 500)];
        for (int at = 0; at < points.Length; at++) points[at] = (100 * (at / dimension % GroupCount)) + MixtureCase.Normal(random);
        var groups = new KMeansGroups(points, weights, dimension, GroupCount, CancellationToken.None);
        for (int k = 0; k < GroupCount; k++) points.AsSpan((k < 4 ? k : GroupCount) * dimension, dimension).CopyTo(groups.Centres.AsSpan(k * dimension));

        groups.Swap(new Xoshiro256StarStar(1, threadSafe: false));
        groups.Refine();

        Assert.Equal([0, 1, 2, 3, 4], Enumerable.Range(0, GroupCount).Select(k => (int)Math.Round(groups.Centres[k * dimension] / 100)).Order());
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Swap_CentreBesideItsGroup_MovesIntoIt()
    {
        double[] points = [0, 1, 2, 1000, 1001, 1002], weights = [1, 1, 1, 1, 1, 1];
        var groups = new KMeansGroups(points, weights, 1, 2, CancellationToken.None);
        (groups.Centres[0], groups.Centres[1]) = (-50, 1001);

        groups.Swap(new Xoshiro256StarStar(1, threadSafe: false));

        Assert.InRange(groups.Centres[0], 0, 2);
        Assert.InRange(groups.Centres[1], 1000, 1002);
    }

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void Refine_GroupWithoutPoints_TakesTheFarthestOfPositiveWeight()
    {
        // Nobody is nearest to the last centre. The points that are farthest of all count for nothing, and are more than rounds.
        double[] near = [0, 1, 2, 10, 11, 19], far = [.. Enumerable.Range(0, 40).Select(i => 1000.0 + (50 * i))];
        double[] weights = [.. near.Select(_ => 1.0), .. far.Select(_ => 0.0)];
        var groups = new KMeansGroups([.. near, .. far], weights, 1, 3, CancellationToken.None);
        (groups.Centres[0], groups.Centres[1], groups.Centres[2]) = (1, 12, -5000);

        groups.Refine();

        Assert.Equal([1, 10.5, 19], groups.Centres);
        Assert.Equal([0, 0, 0, 1, 1, 2], groups.Labels[..6]);
    }

    /// <summary>Points, some of them many times over, and some without weight that lie far outside.</summary>
    private sealed class PointCase
    {
        public PointCase(int dimension, int groupCount, int count, int kind, int seed)
        {
            Random = new Random(seed);
            (Dimension, GroupCount) = (dimension, groupCount);
            Points = new double[count * dimension];
            Weights = new double[count];
            for (int i = 0; i < count; i++)
            {
                // Different for the first few, so that there are as many different points of positive weight as groups.
                bool isCopy = kind == 1 && i >= groupCount && i % 3 > 0, isAbsent = kind >= 2 && i >= groupCount && i % 4 == 1;
                for (int j = 0; j < dimension; j++)
                {
                    Points[(i * dimension) + j] = isCopy
                        ? Points[(i % groupCount * dimension) + j]
                        : ((isAbsent ? 1000 : 1) * MixtureCase.Normal(Random)) + (6 * (i % groupCount % 4)) + (i < groupCount ? 0.01 * i : 0);
                }

                Weights[i] = isAbsent ? 0 : kind == 3 ? Math.Exp(3 * MixtureCase.Normal(Random)) : 1;
            }
        }

        public Random Random { get; }

        public int Dimension { get; }

        public int GroupCount { get; }

        public double[] Points { get; }

        public double[] Weights { get; }

        public KMeansGroups Groups() => new(Points, Weights, Dimension, GroupCount, CancellationToken.None);

        public double Cost(double[] centres) =>
            Enumerable.Range(0, Weights.Length).Sum(i => Weights[i] * Enumerable.Range(0, GroupCount).Min(k => SquaredDistance(i, centres, k)));

        /// <summary>No centre is nearer to a point than that of its label.</summary>
        public void CheckNearest(double[] centres, int[] labels)
        {
            for (int i = 0; i < labels.Length; i++)
            {
                double nearest = Enumerable.Range(0, GroupCount).Min(k => SquaredDistance(i, centres, k));
                Assert.True(SquaredDistance(i, centres, labels[i]) <= nearest + (1e-12 * (1 + nearest)), $"Point {i} has a nearer centre than that of its label.");
            }
        }

        /// <summary>For each centre a point where it stands, of the largest weight; -1 for none.</summary>
        public int[] CentrePoints(double[] centres) =>
        [
            .. Enumerable.Range(0, GroupCount).Select(k => Enumerable.Range(0, Weights.Length).Where(i => SquaredDistance(i, centres, k) == 0)
                .OrderByDescending(i => Weights[i]).FirstOrDefault(-1)),
        ];

        public string Key(int point) => string.Join(' ', Enumerable.Range(0, Dimension).Select(j => Points[(point * Dimension) + j].ToString("R")));

        private double SquaredDistance(int point, double[] centres, int group)
        {
            double sum = 0;
            for (int j = 0; j < Dimension; j++) sum += Math.Pow(Points[(point * Dimension) + j] - centres[(group * Dimension) + j], 2);
            return sum;
        }
    }
}
