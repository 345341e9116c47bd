using CsCheck;

namespace Microsoft.ML.Mixture.Numerics.Tests;

public class WeightedMomentsTests
{
    private const int Stride = 144;

    [Fact]
    [Trait("Kind", "Reference")]
    public void AddSumsAndAddDiagonal_AnySize_MatchNaiveAndAdd() =>
        Gen.Select(TestNumbers.Dimension, TestNumbers.LaneCount, TestNumbers.Seed).Sample(
            (dimension, lanes, seed) =>
            {
                var block = new Block(dimension, lanes, seed);
                double[] sums = block.Filled(0.5), first = block.Filled(0.25), squares = block.Filled(0.125), total = [0.75], again = new double[dimension];
                WeightedMoments.AddSums(block.Values, block.Centre, block.Weights, Stride, lanes, sums);
                WeightedMoments.AddDiagonal(block.Values, block.Centre, block.Weights, Stride, lanes, first, squares);
                WeightedMoments.AddDiagonal(block.Values, block.Centre, block.Weights, Stride, lanes, again, total);
                double trace = 0.75;
                for (int j = 0; j < dimension; j++)
                {
                    double square = block.Product(j, j);
                    Assert.InRange(Math.Abs(block.Sum(j) + 0.5 - sums[j]), 0, block.Tolerance);
                    Assert.InRange(Math.Abs(block.Sum(j) + 0.25 - first[j]), 0, block.Tolerance);
                    Assert.InRange(Math.Abs(square + 0.125 - squares[j]), 0, block.Tolerance);
                    trace += square;
                }

                Assert.InRange(Math.Abs(trace - total[0]), 0, dimension * block.Tolerance);
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Reference")]
    public void AddFull_FewFeatures_MatchesNaiveAndAdds() =>
        Gen.Select(Gen.Int[1, WeightedMoments.LargestFullDimension], TestNumbers.LaneCount, TestNumbers.Seed).Sample(
            (dimension, lanes, seed) =>
            {
                var block = new Block(dimension, lanes, seed);
                double[] sums = block.Filled(0.5), scatter = [.. Enumerable.Repeat(0.25, ScatterTriangle.Length(dimension))];
                WeightedMoments.AddFull(block.Values, block.Centre, block.Weights, Stride, lanes, sums, scatter);
                for (int a = 0; a < dimension; a++)
                {
                    Assert.InRange(Math.Abs(block.Sum(a) + 0.5 - sums[a]), 0, block.Tolerance);
                    for (int b = 0; b <= a; b++)
                    {
                        Assert.InRange(Math.Abs(block.Product(a, b) + 0.25 - scatter[ScatterTriangle.RowOffset(a) + b]), 0, block.Tolerance);
                    }
                }
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "BadInput")]
    public void AddFull_MoreFeatures_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => WeightedMoments.AddFull(new double[40], new double[5], new double[8], 8, 8, new double[5], new double[64]));

    private sealed class Block
    {
        private readonly int _lanes;
        private readonly int _dimension;

        public Block(int dimension, int lanes, int seed)
        {
            var random = new Random(seed);
            (_dimension, _lanes) = (dimension, lanes);
            Values = TestNumbers.Uniform(random, dimension * Stride);
            Centre = TestNumbers.Uniform(random, dimension);
            Weights = TestNumbers.Uniform(random, Stride, 0, 2);
        }

        public double[] Values { get; }

        public double[] Centre { get; }

        public double[] Weights { get; }

        public double Tolerance => (_lanes + 4) * NaiveLinearAlgebra.Epsilon * 8 * _lanes;

        public double[] Filled(double value) => [.. Enumerable.Repeat(value, _dimension)];

        public double Sum(int j) => Enumerable.Range(0, _lanes).Sum(i => Weights[i] * Z(j, i));

        public double Product(int a, int b) => Enumerable.Range(0, _lanes).Sum(i => Weights[i] * Z(a, i) * Z(b, i));

        private double Z(int j, int i) => Values[(j * Stride) + i] - Centre[j];
    }
}
