using System.Runtime.Intrinsics;
using CsCheck;

namespace Microsoft.ML.Mixture.Numerics.Tests;

public class ScatterTests
{
    private const int Stride = 144;

    [Fact]
    [Trait("Kind", "Reference")]
    public void Subtract_AnySize_IsTheDifferenceAndZeroBeyond() =>
        Gen.Select(TestNumbers.Dimension, TestNumbers.LaneCount, TestNumbers.Seed).Sample(
            (dimension, lanes, seed) =>
            {
                var random = new Random(seed);
                double[] values = TestNumbers.Uniform(random, dimension * Stride), centre = TestNumbers.Uniform(random, dimension);
                int padded = TriangularPanels.PadDimension(dimension);
                double[] z = [.. Enumerable.Repeat(7.0, padded * Stride)];
                Centring.Subtract(values, centre, Stride, lanes, z);
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
    public void AddFullDiagonalAndTrace_AnySize_MatchNaiveAndAdd() =>
        Gen.Select(TestNumbers.Dimension, TestNumbers.LaneCount, TestNumbers.Seed).Sample(
            (dimension, lanes, seed) =>
            {
                var random = new Random(seed);
                int padded = TriangularPanels.PadDimension(dimension);
                double[] values = TestNumbers.Uniform(random, dimension * Stride), centre = TestNumbers.Uniform(random, dimension), rowWeights = TestNumbers.Uniform(random, Stride, 0, 2);
                double[] z = new double[padded * Stride], weighted = new double[padded * Stride];
                double[] sums = [.. Enumerable.Repeat(0.5, dimension)], full = [.. Enumerable.Repeat(0.25, PackedTriangle.Length(dimension))], diagonal = [.. Enumerable.Repeat(0.125, dimension)];
                Centring.Subtract(values, centre, Stride, lanes, z);
                Centring.WeighAndAddSums(z, rowWeights, Stride, lanes, weighted, sums);
                WeightedScatter.AddFull(z, weighted, dimension, Stride, lanes, full);
                WeightedScatter.AddDiagonal(z, weighted, Stride, lanes, diagonal);
                double trace = WeightedScatter.Trace(z, weighted, dimension, Stride, lanes), expectedTrace = 0;
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
                        Assert.InRange(Math.Abs(product + 0.25 - full[PackedTriangle.Index(a, b)]), 0, tolerance);
                        if (a != b) continue;
                        Assert.InRange(Math.Abs(product + 0.125 - diagonal[a]), 0, tolerance);
                        expectedTrace += product;
                    }
                }

                Assert.InRange(Math.Abs(expectedTrace - trace), 0, tolerance * dimension);
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Law")]
    public void AddFull_OfParts_AddsToTheWhole() =>
        Gen.Select(TestNumbers.Dimension, Gen.Int[1, 8], Gen.Int[1, 9], TestNumbers.Seed).Sample(
            (dimension, first, second, seed) =>
            {
                int padded = TriangularPanels.PadDimension(dimension), lanes = 8 * (first + second);
                double[] z = TestNumbers.Uniform(new Random(seed), padded * Stride);
                double[] whole = new double[PackedTriangle.Length(dimension)], parts = new double[whole.Length];
                WeightedScatter.AddFull(z, z, dimension, Stride, lanes, whole);
                WeightedScatter.AddFull(z, z, dimension, Stride, 8 * first, parts);
                double[] rest = new double[z.Length];
                z.AsSpan(8 * first).CopyTo(rest);
                WeightedScatter.AddFull(rest, rest, dimension, Stride, 8 * second, parts);
                for (int at = 0; at < whole.Length; at++) Assert.InRange(Math.Abs(whole[at] - parts[at]), 0, 1e-12);
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Determinism")]
    public void Sum_OfLanes_HasTheDocumentedOrder() =>
        Gen.Double[-1e10, 1e10].Array[8].Sample(
            v =>
            {
                double expected = ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
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
