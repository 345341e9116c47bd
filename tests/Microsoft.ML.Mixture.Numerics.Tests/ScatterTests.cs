using System.Runtime.Intrinsics;
using CsCheck;

namespace Microsoft.ML.Mixture.Numerics.Tests;

public class ScatterTests
{
    private const int Stride = 144;

    private static double[] Rows(double[] values, int dimension, int lanes)
    {
        int stride = SparseScatter.RowStride(dimension);
        double[] rows = [.. Enumerable.Repeat(7.0, stride * Stride)];
        RowTransposition.ToRows(values, dimension, Stride, lanes, rows, stride);
        return rows;
    }

    [Fact]
    [Trait("Kind", "Reference")]
    public void Subtract_AnySize_IsTheDifferenceAndZeroBeyond() =>
        Gen.Select(TestNumbers.Dimension, TestNumbers.LaneCount, TestNumbers.Seed).Sample(
            (dimension, lanes, seed) =>
            {
                var random = new Random(seed);
                double[] values = TestNumbers.Uniform(random, dimension * Stride), centre = TestNumbers.Uniform(random, dimension);
                int padded = Lanes.Pad(dimension);
                double[] z = [.. Enumerable.Repeat(7.0, padded * Stride)], weighted = [.. z];
                Centring.WeighAndAddSums(values, centre, TestNumbers.Uniform(random, Stride), Stride, lanes, z, weighted, new double[dimension]);
                for (int j = 0; j < padded; j++)
                {
                    for (int i = 0; i < Stride; i++)
                    {
                        double expected = i >= lanes ? 7 : j < dimension ? values[(j * Stride) + i] - centre[j] : 0;
                        Assert.Equal(expected, z[(j * Stride) + i]);
                    }
                }
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Reference")]
    public void AddFullAndAdd_AnySize_MatchNaiveAndEachOtherAndAdd() =>
        Gen.Select(TestNumbers.Dimension, TestNumbers.LaneCount, TestNumbers.Seed).Sample(
            (dimension, lanes, seed) =>
            {
                var random = new Random(seed);
                int padded = Lanes.Pad(dimension);
                double[] values = TestNumbers.Uniform(random, dimension * Stride), centre = TestNumbers.Uniform(random, dimension), rowWeights = TestNumbers.Uniform(random, Stride, 0, 2);
                double[] z = new double[padded * Stride], weighted = new double[padded * Stride];
                double[] sums = [.. Enumerable.Repeat(0.5, dimension)], full = [.. Enumerable.Repeat(0.25, ScatterTriangle.Length(dimension))];
                double[] sumsAtOnce = [.. sums], fullAtOnce = [.. full], work = [.. Enumerable.Repeat(double.NaN, WeightedScatter.WorkLength(dimension, Stride))];
                Centring.WeighAndAddSums(values, centre, rowWeights, Stride, lanes, z, weighted, sums);
                WeightedScatter.AddFull(z, weighted, dimension, Stride, lanes, full);
                WeightedScatter.Add(values, centre, rowWeights, Stride, lanes, work, sumsAtOnce, fullAtOnce);
                Assert.Equal(sums, sumsAtOnce);
                Assert.Equal(full, fullAtOnce);
                double tolerance = (lanes + 4) * NaiveLinearAlgebra.Epsilon * 8 * lanes;
                for (int a = 0; a < dimension; a++)
                {
                    double sum = 0.5;
                    for (int i = 0; i < lanes; i++)
                    {
                        sum += rowWeights[i] * (values[(a * Stride) + i] - centre[a]);
                        Assert.Equal(rowWeights[i] * z[(a * Stride) + i], weighted[(a * Stride) + i]);
                    }

                    Assert.InRange(Math.Abs(sum - sums[a]), 0, tolerance);
                    for (int b = 0; b <= a; b++)
                    {
                        double product = 0;
                        for (int i = 0; i < lanes; i++) product += rowWeights[i] * (values[(a * Stride) + i] - centre[a]) * (values[(b * Stride) + i] - centre[b]);
                        Assert.InRange(Math.Abs(product + 0.25 - full[ScatterTriangle.RowOffset(a) + b]), 0, tolerance);
                    }
                }
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Reference")]
    public void ToRows_AnySize_PutsFeaturesSideBySideAndZerosBeyond() =>
        Gen.Select(TestNumbers.Dimension, TestNumbers.LaneCount, TestNumbers.Seed).Sample(
            (dimension, lanes, seed) =>
            {
                double[] values = TestNumbers.Uniform(new Random(seed), dimension * Stride);
                double[] rows = Rows(values, dimension, lanes);
                int stride = SparseScatter.RowStride(dimension), padded = Lanes.Pad(dimension);
                for (int i = 0; i < Stride; i++)
                {
                    for (int j = 0; j < stride; j++)
                    {
                        double expected = i >= lanes || j >= padded ? 7 : j < dimension ? values[(j * Stride) + i] : 0;
                        Assert.Equal(expected, rows[(i * stride) + j]);
                    }
                }
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Reference")]
    public void SparseScatter_AnyRows_MatchesTheDenseSums() =>
        Gen.Select(TestNumbers.Dimension, TestNumbers.LaneCount, Gen.Double[0, 1], TestNumbers.Seed).Sample(
            (dimension, lanes, share, seed) =>
            {
                var random = new Random(seed);
                int padded = Lanes.Pad(dimension);
                double[] values = TestNumbers.Uniform(random, dimension * Stride), centre = TestNumbers.Uniform(random, dimension);
                double[] weights = [.. TestNumbers.Uniform(random, Stride, 0, 2).Select(weight => random.NextDouble() < share ? weight : 0)];
                int[] rows = new int[lanes];
                int count = SparseScatter.FindRows(weights.AsSpan(0, lanes), rows);
                Assert.Equal(Enumerable.Range(0, lanes).Where(i => weights[i] != 0), rows.Take(count));

                double[] dense = new double[padded * Stride], denseWeighted = new double[padded * Stride], denseSums = new double[dimension];
                Centring.WeighAndAddSums(values, centre, weights, Stride, lanes, dense, denseWeighted, denseSums);
                double[] work = [.. Enumerable.Repeat(double.NaN, SparseScatter.WorkLength(dimension))], sparseSums = new double[dimension];
                double[] denseFull = new double[ScatterTriangle.Length(dimension)], sparseFull = new double[denseFull.Length];
                WeightedScatter.AddFull(dense, denseWeighted, dimension, Stride, lanes, denseFull);
                SparseScatter.Add(
                    Rows(values, dimension, lanes), centre, weights.AsSpan(0, lanes), rows.AsSpan(0, count), work, sparseSums, sparseFull);
                for (int a = 0; a < dimension; a++)
                {
                    Assert.InRange(Math.Abs(denseSums[a] - sparseSums[a]), 0, 1e-11);
                    for (int b = 0; b <= a; b++)
                    {
                        int at = ScatterTriangle.RowOffset(a) + b;
                        Assert.InRange(Math.Abs(denseFull[at] - sparseFull[at]), 0, 1e-11);
                    }
                }
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Law")]
    public void AddFull_OfParts_AddsToTheWhole() =>
        Gen.Select(TestNumbers.Dimension, Gen.Int[1, 8], Gen.Int[1, 9], TestNumbers.Seed).Sample(
            (dimension, first, second, seed) =>
            {
                int padded = Lanes.Pad(dimension), lanes = 8 * (first + second);
                double[] z = TestNumbers.Uniform(new Random(seed), padded * Stride);
                z.AsSpan(dimension * Stride).Clear();
                double[] wholeFilled = new double[ScatterTriangle.Length(dimension)], partsFilled = new double[wholeFilled.Length];
                WeightedScatter.AddFull(z, z, dimension, Stride, lanes, wholeFilled);
                WeightedScatter.AddFull(z, z, dimension, Stride, 8 * first, partsFilled);
                double[] rest = new double[z.Length];
                z.AsSpan(8 * first).CopyTo(rest);
                WeightedScatter.AddFull(rest, rest, dimension, Stride, 8 * second, partsFilled);
                double[] whole = new double[PackedTriangle.Length(dimension)], parts = new double[whole.Length];
                ScatterTriangle.Pack(wholeFilled, dimension, whole);
                ScatterTriangle.Pack(partsFilled, dimension, parts);
                for (int at = 0; at < whole.Length; at++) Assert.InRange(Math.Abs(whole[at] - parts[at]), 0, 1e-12);
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Determinism")]
    public void Sum_OfLanes_HasTheDocumentedOrder() =>
        Gen.Double[-1e10, 1e10].Array[8].Sample(
            v =>
            {
                double expected = ((v[0] + v[1]) + (v[2] + v[3])) + ((v[4] + v[5]) + (v[6] + v[7]));
                Assert.Equal(expected, Lanes.Sum(Vector512.Create(v)));
                Assert.Equal(expected, Lanes.Sum(v.AsSpan()));
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Reference")]
    public void Sum_OfVectors_MatchesNaive() =>
        Gen.Int[0, 20].SelectMany(vectors => Gen.Double[-1, 1].Array[8 * vectors]).Sample(
            values => Assert.InRange(Math.Abs(values.Sum() - Lanes.Sum(values.AsSpan())), 0, 1e-13),
            iter: TestNumbers.Cases);

    [Theory]
    [Trait("Kind", "Reference")]
    [InlineData(0, 0)]
    [InlineData(1, 8)]
    [InlineData(8, 8)]
    [InlineData(9, 16)]
    [InlineData(129, 136)]
    public void Pad_RowCount_IsTheNextMultipleOfEight(int rows, int expected) => Assert.Equal(expected, Lanes.Pad(rows));

    [Fact]
    [Trait("Kind", "Reference")]
    public void PackedTriangle_EveryEntry_HasItsPlaceInOrder()
    {
        int next = 0;
        for (int i = 0; i < 50; i++)
        {
            for (int j = 0; j <= i; j++) Assert.Equal(next++, PackedTriangle.Index(i, j));
            Assert.Equal(next, PackedTriangle.Length(i + 1));
        }
    }
}
