using CsCheck;

namespace Microsoft.ML.Mixture.Numerics.Tests;

public class LogSumExpTests
{
    private static readonly double[] _oneWeight = [0.0];

    [Fact]
    [Trait("Kind", "Reference")]
    public void NormalizeInPlace_AnyBlock_MatchesNaive() =>
        Gen.Select(Gen.Int[1, 20], TestNumbers.LaneCount, Gen.OneOf(0.0, 1, 30, 700, 5000), TestNumbers.Seed).Sample(
            (components, lanes, spread, seed) =>
            {
                var block = new Block(components, lanes, lanes + 8, spread, new Random(seed));
                double[] before = [.. block.Joint];
                double total = block.Normalize();
                double naiveTotal = 0, magnitude = 0;
                for (int i = 0; i < lanes; i++)
                {
                    double[] a = [.. Enumerable.Range(0, components).Select(k => before[(k * block.Stride) + i] + block.LogWeights[k])];
                    double max = a.Max(), sum = a.Sum(v => Math.Exp(v - max)), logDensity = max + Math.Log(sum), shares = 0;
                    AssertClose(logDensity, block.LogDensities[i], 4 * components * NaiveLinearAlgebra.Epsilon * (1 + Math.Abs(logDensity)));
                    for (int k = 0; k < components; k++)
                    {
                        double share = block.Joint[(k * block.Stride) + i];
                        double exact = a[k] - max < LogSumExp.SmallestExponent(block.LogWeights[k]) ? 0 : block.RowWeights[i] * Math.Exp(a[k] - max) / sum;
                        AssertClose(exact, share, 4 * (components + 4) * NaiveLinearAlgebra.Epsilon * share);
                        Assert.True(share >= 0);
                        shares += share;
                    }

                    AssertClose(block.RowWeights[i], shares, 4 * components * NaiveLinearAlgebra.Epsilon * block.RowWeights[i]);
                    naiveTotal += block.RowWeights[i] * logDensity;
                    magnitude += Math.Abs(block.RowWeights[i] * logDensity);
                }

                AssertClose(naiveTotal, total, (lanes + (4 * components)) * NaiveLinearAlgebra.Epsilon * (1 + magnitude));
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Law")]
    public void NormalizeInPlace_WithoutComponentsThatHaveNoShare_GivesTheSameBits() =>
        Gen.Select(Gen.Int[2, 20], TestNumbers.LaneCount, TestNumbers.Seed).Sample(
            (components, lanes, seed) =>
            {
                var block = new Block(components, lanes, lanes, 30, new Random(seed));
                var absent = new Random(seed + 1);
                int[] present = [.. Enumerable.Range(0, components).Where(k => k == 1 || absent.Next(2) == 0)];
                for (int k = 0; k < components; k++)
                {
                    double least = Enumerable.Range(0, lanes).Min(i => block.Joint[(1 * lanes) + i]);
                    if (!present.Contains(k)) Array.Fill(block.Joint, least - 800, k * lanes, lanes);
                }

                double[] some = [.. block.Joint], someDensities = new double[lanes];
                double all = block.Normalize();
                double chosen = LogSumExp.NormalizeInPlace(some, lanes, lanes, present, block.LogWeights, block.RowWeights, someDensities);
                Assert.Equal(all, chosen);
                Assert.Equal(block.LogDensities.Take(lanes), someDensities);
                foreach (int k in present) Assert.Equal(block.Joint.Skip(k * lanes).Take(lanes), some.Skip(k * lanes).Take(lanes));
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Law")]
    public void NormalizeInPlace_RowInAnyPlace_GivesTheSameBits() =>
        Gen.Select(Gen.Int[1, 9], TestNumbers.LaneCount, TestNumbers.Seed).Sample(
            (components, lanes, seed) =>
            {
                var block = new Block(components, lanes, lanes, 50, new Random(seed));
                var alone = new Block(components, 8, 8, 50, new Random(seed));
                int row = seed % lanes;
                for (int k = 0; k < components; k++) alone.Joint[(k * 8) + 3] = block.Joint[(k * lanes) + row];
                alone.RowWeights[3] = block.RowWeights[row];
                block.LogWeights.CopyTo(alone.LogWeights, 0);
                block.Normalize();
                alone.Normalize();

                Assert.Equal(block.LogDensities[row], alone.LogDensities[3]);
                for (int k = 0; k < components; k++) Assert.Equal(block.Joint[(k * lanes) + row], alone.Joint[(k * 8) + 3]);
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Law")]
    public void ShareInPlace_AnyBlock_GivesTheSharesOfNormalizeAndTheSumOfItsLogDensities() =>
        Gen.Select(Gen.Int[1, 20], Gen.OneOf(TestNumbers.LaneCount, Gen.Const(1032)), Gen.OneOf(0.0, 1, 30, 700), Gen.Int[0, 2], TestNumbers.Seed).Sample(
            (components, lanes, spread, kindOfWeights, seed) =>
            {
                var block = new Block(components, lanes, lanes + 8, spread, new Random(seed));
                if (kindOfWeights > 0) Array.Fill(block.RowWeights, 1);
                if (kindOfWeights > 1) block.RowWeights.AsSpan(lanes - 3).Clear();
                double[] joint = [.. block.Joint];
                block.Normalize();
                double total = LogSumExp.ShareInPlace(
                    joint, block.Stride, lanes, [.. Enumerable.Range(0, components)], block.LogWeights, block.RowWeights, new double[block.Stride]);

                Assert.Equal(block.Joint, joint);
                double[] terms = [.. Enumerable.Range(0, lanes).Select(i => block.RowWeights[i] * block.LogDensities[i])];
                AssertClose(terms.Sum(), total, (lanes + 64) * NaiveLinearAlgebra.Epsilon * (1 + terms.Sum(Math.Abs)));
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void ShareInPlace_ImpossibleRow_CountsUnlessItsWeightIsZero()
    {
        double[] joint = [.. Enumerable.Repeat(-1.0, 24)], weights = [.. Enumerable.Repeat(1.0, 8)];
        for (int k = 0; k < 3; k++) joint[(k * 8) + 2] = double.NegativeInfinity;
        double[] again = [.. joint];

        Assert.Equal(double.NegativeInfinity, LogSumExp.ShareInPlace(joint, 8, 8, [0, 1, 2], [0.0, 0, 0], weights, new double[8]));
        Assert.Equal(0, joint[2]);
        weights[2] = 0;
        Assert.Equal(7 * (Math.Log(3) - 1), LogSumExp.ShareInPlace(again, 8, 8, [0, 1, 2], [0.0, 0, 0], weights, new double[8]), 1e-14);
        Assert.Equal(0, again[2]);
    }

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void ShareInPlace_ManyEqualComponents_DoesNotOverflow()
    {
        foreach ((int components, int rowCount) in new[] { (1 << 15, 512), (40_000, 8) })
        {
            double[] joint = new double[components * rowCount], weights = [.. Enumerable.Repeat(1.0, rowCount)];
            double total = LogSumExp.ShareInPlace(
                joint, rowCount, rowCount, [.. Enumerable.Range(0, components)], new double[components], weights, new double[rowCount]);

            AssertClose(rowCount * Math.Log(components), total, 1e-12 * total);
        }
    }

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void NormalizeInPlace_ImpossibleRow_GivesZeroSharesAndNegativeInfinity()
    {
        var block = new Block(3, 8, 8, 1, new Random(1));
        for (int k = 0; k < 3; k++) block.Joint[(k * 8) + 2] = double.NegativeInfinity;

        double total = block.Normalize();

        Assert.Equal(double.NegativeInfinity, total);
        Assert.Equal(double.NegativeInfinity, block.LogDensities[2]);
        Assert.All(Enumerable.Range(0, 3), k => Assert.Equal(0, block.Joint[(k * 8) + 2]));
        Assert.All(block.Joint, share => Assert.True(double.IsFinite(share)));
    }

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void NormalizeInPlace_ImpossibleRowOfWeightZero_DoesNotCount()
    {
        var block = new Block(2, 8, 8, 1, new Random(2));
        double expected = new Block(2, 8, 8, 1, new Random(2)) { SkippedRow = 4 }.Normalize();
        block.RowWeights[4] = 0;
        block.Joint[4] = block.Joint[8 + 4] = double.NegativeInfinity;

        Assert.Equal(expected, block.Normalize());
        Assert.Equal(0, block.Joint[4]);
    }

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void NormalizeInPlace_AbsentComponent_GetsNoShare()
    {
        var block = new Block(3, 16, 16, 10, new Random(3));
        block.LogWeights[1] = double.NegativeInfinity;

        Assert.True(double.IsFinite(block.Normalize()));

        Assert.All(Enumerable.Range(16, 16), at => Assert.Equal(0, block.Joint[at]));
    }

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void NormalizeInPlace_AllComponentsAbsent_GivesZeroShares()
    {
        var block = new Block(2, 8, 8, 10, new Random(3));
        block.LogWeights.AsSpan().Fill(double.NegativeInfinity);

        Assert.Equal(double.NegativeInfinity, block.Normalize());
        Assert.All(block.Joint, share => Assert.Equal(0, share));
    }

    [Theory]
    [Trait("Kind", "Degenerate")]
    [InlineData(0.0, -1e5)]
    [InlineData(-1e300, -1.1e300)]
    [InlineData(-1e18, -1e18 + 1e6)]
    [InlineData(1e300, -1e300)]
    [InlineData(-double.MaxValue, 1e10)]
    public void NormalizeInPlace_ExtremeSpread_GivesAllToTheNearest(double first, double second)
    {
        double[] joint = new double[16], densities = new double[8];
        joint.AsSpan(0, 8).Fill(first);
        joint.AsSpan(8, 8).Fill(second);

        LogSumExp.NormalizeInPlace(joint, 8, 8, [0.0, 0.0], [1.0, 1, 1, 1, 1, 1, 1, 1], densities);

        Assert.Equal(first > second ? (1.0, 0.0) : (0.0, 1.0), (joint[0], joint[8]));
        Assert.Equal(Math.Max(first, second), densities[0]);
    }

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void NormalizeInPlace_RowsBeyondLaneCount_AreNotTouched()
    {
        double[] joint = [.. Enumerable.Repeat(-1.0, 8), .. Enumerable.Repeat(77.0, 8)], densities = [.. Enumerable.Repeat(55.0, 16)];

        LogSumExp.NormalizeInPlace(joint, 16, 8, _oneWeight, [.. Enumerable.Repeat(1.0, 16)], densities);

        Assert.All(joint[8..], value => Assert.Equal(77, value));
        Assert.All(densities[8..], value => Assert.Equal(55, value));
    }

    private static void AssertClose(double expected, double actual, double tolerance) =>
        Assert.True(expected == actual || Math.Abs(expected - actual) <= tolerance + 1e-305, $"{actual:R} is not {expected:R} within {tolerance:G3}");

    private sealed class Block
    {
        private readonly int _lanes;

        public Block(int components, int lanes, int stride, double spread, Random random)
        {
            (_lanes, Stride) = (lanes, stride);
            Joint = TestNumbers.Uniform(random, components * stride, -spread - 10, spread);
            LogWeights = TestNumbers.Uniform(random, components, -4, 0);
            RowWeights = TestNumbers.Uniform(random, stride, 0, 3);
            for (int i = 0; i < stride; i += 5) RowWeights[i] = 0;
            LogDensities = new double[stride];
        }

        public int Stride { get; }

        public double[] Joint { get; }

        public double[] LogWeights { get; }

        public double[] RowWeights { get; }

        public double[] LogDensities { get; }

        public int SkippedRow { init => RowWeights[value] = 0; }

        public double Normalize() => LogSumExp.NormalizeInPlace(Joint, Stride, _lanes, LogWeights, RowWeights, LogDensities);
    }
}
