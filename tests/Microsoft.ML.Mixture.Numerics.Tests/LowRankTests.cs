using CsCheck;

namespace Microsoft.ML.Mixture.Numerics.Tests;

public class LowRankTests
{
    private const int Stride = 136;

    [Fact]
    [Trait("Kind", "Reference")]
    public void Kernels_AnySize_MatchPlainLoops() =>
        Gen.Select(TestNumbers.Dimension, TestNumbers.LaneCount, Gen.Int[1, 11], TestNumbers.Seed).Sample(
            (dimension, lanes, rank, seed) =>
            {
                var random = new Random(seed);
                int padded = LowRank.PadRank(rank);
                Assert.True(padded >= rank && padded < rank + 4 && padded % 4 == 0);
                double[] values = TestNumbers.Uniform(random, dimension * Stride), centre = TestNumbers.Uniform(random, dimension), scales = TestNumbers.Uniform(random, dimension, 0, 2);
                double[] matrix = FilledUp(TestNumbers.Uniform(random, dimension * rank), dimension, rank);
                double[] y = [.. Enumerable.Repeat(7.0, padded * Stride)], q = [.. Enumerable.Repeat(7.0, Stride)], products = [.. Enumerable.Repeat(0.5, dimension * padded)];

                LowRank.Project(values, centre, matrix, Stride, lanes, y);
                LowRank.ResidualNorm(values, centre, matrix, scales, y, Stride, lanes, q);
                LowRank.AddProducts(values, centre, y, Stride, lanes, products);

                double Difference(int j, int i) => values[(j * Stride) + i] - centre[j];
                double tolerance = 16 * (dimension + lanes + rank) * NaiveLinearAlgebra.Epsilon;
                for (int i = 0; i < Stride; i++)
                {
                    for (int m = 0; m < padded; m++)
                    {
                        double expected = i >= lanes ? 7 : m >= rank ? 0 : Enumerable.Range(0, dimension).Sum(j => matrix[(j * padded) + m] * Difference(j, i));
                        Assert.InRange(Math.Abs(y[(m * Stride) + i] - expected), 0, tolerance * dimension);
                    }

                    double norm = 0;
                    for (int m = 0; m < rank; m++) norm += y[(m * Stride) + i] * y[(m * Stride) + i];
                    for (int j = 0; j < dimension; j++)
                    {
                        double residual = Difference(j, i);
                        for (int m = 0; m < rank; m++) residual -= matrix[(j * padded) + m] * y[(m * Stride) + i];
                        norm += scales[j] * residual * scales[j] * residual;
                    }

                    Assert.InRange(Math.Abs(q[i] - (i >= lanes ? 7 : norm)), 0, i >= lanes ? 0 : tolerance * norm * 16);
                }

                for (int j = 0; j < dimension; j++)
                {
                    for (int m = 0; m < padded; m++)
                    {
                        double expected = 0.5, size = 1;
                        for (int i = 0; i < lanes; i++)
                        {
                            expected += Difference(j, i) * y[(m * Stride) + i];
                            size += Math.Abs(Difference(j, i) * y[(m * Stride) + i]);
                        }

                        Assert.InRange(Math.Abs(products[(j * padded) + m] - expected), 0, tolerance * size);
                    }
                }
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Law")]
    public void ProjectAndResidualNorm_RowBesideOthers_IsTheSameBits() =>
        Gen.Select(TestNumbers.Dimension, Gen.Int[1, 9], TestNumbers.Seed).Sample(
            (dimension, rank, seed) =>
            {
                var random = new Random(seed);
                int padded = LowRank.PadRank(rank), row = random.Next(Stride);
                double[] values = TestNumbers.Uniform(random, dimension * Stride), centre = TestNumbers.Uniform(random, dimension), scales = TestNumbers.Uniform(random, dimension);
                double[] matrix = FilledUp(TestNumbers.Uniform(random, dimension * rank), dimension, rank), y = new double[padded * Stride], q = new double[Stride];
                LowRank.Project(values, centre, matrix, Stride, Stride, y);
                LowRank.ResidualNorm(values, centre, matrix, scales, y, Stride, Stride, q);
                double[] alone = new double[dimension * 8], ofOne = new double[padded * 8], norm = new double[8];
                for (int j = 0; j < dimension; j++) alone[j * 8] = values[(j * Stride) + row];

                LowRank.Project(alone, centre, matrix, 8, 8, ofOne);
                LowRank.ResidualNorm(alone, centre, matrix, scales, ofOne, 8, 8, norm);

                for (int m = 0; m < padded; m++) Assert.Equal(y[(m * Stride) + row], ofOne[m * 8]);
                Assert.Equal(q[row], norm[0]);
            },
            iter: TestNumbers.Cases);

    [Theory]
    [Trait("Kind", "Numerics")]
    [InlineData(1e200)]
    [InlineData(1e308)]
    [InlineData(-1.7e308)]
    public void ResidualNorm_RowTooFarAway_IsInfiniteAndNotNaN(double value)
    {
        double[] values = [.. Enumerable.Repeat(value, 5 * 8)], centre = new double[5], scales = [1e3, 1, 1, 1, 1], y = new double[4 * 8], q = new double[8];
        double[] matrix = FilledUp([3, -2, 1e5, -1e5, 7, 7, 1, 1, 1, 1], 5, 2);

        LowRank.Project(values, centre, matrix, 8, 8, y);
        LowRank.ResidualNorm(values, centre, matrix, scales, y, 8, 8, q);

        Assert.All(q, length => Assert.Equal(double.PositiveInfinity, length));
    }

    private static double[] FilledUp(double[] matrix, int dimension, int rank)
    {
        int padded = LowRank.PadRank(rank);
        double[] filled = new double[dimension * padded];
        for (int j = 0; j < dimension; j++) Array.Copy(matrix, j * rank, filled, j * padded, rank);
        return filled;
    }
}
