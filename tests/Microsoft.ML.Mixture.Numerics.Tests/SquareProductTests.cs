using CsCheck;

namespace Microsoft.ML.Mixture.Numerics.Tests;

public class SquareProductTests
{
    [Fact]
    [Trait("Kind", "Reference")]
    public void Products_RandomMatrices_MatchTheNaiveLoops() => Gen.Select(Gen.Int[1, 40], TestNumbers.Seed).Sample(
        (dimension, seed) =>
        {
            var random = new Random(seed);
            double[,] a = Draw(), b = Draw();
            double[] product = new double[(dimension * dimension) + 3];
            Array.Fill(product, -7);

            SquareProduct.Multiply([.. a.Cast<double>()], [.. b.Cast<double>()], dimension, product);

            double[,] expected = NaiveLinearAlgebra.Multiply(a, b);
            for (int i = 0; i < dimension; i++)
            {
                for (int j = 0; j < dimension; j++) Assert.Equal(expected[i, j], product[(i * dimension) + j], 1e-14 * dimension);
            }

            double[] row = new double[dimension + 3];
            Array.Fill(row, -7);
            SquareProduct.MultiplyRow([.. a.Cast<double>().Take(dimension)], [.. b.Cast<double>()], row);
            Assert.Equal(product[..dimension], row[..dimension]);
            Assert.All(row[dimension..], value => Assert.Equal(-7, value));
            Assert.All(product[(dimension * dimension)..], value => Assert.Equal(-7, value));

            double[] sum = [.. product];
            SquareProduct.AddScaledAndOuter([.. b.Cast<double>()], 0.7, row.AsSpan(0, dimension), -0.3, sum);
            for (int i = 0; i < dimension; i++)
            {
                for (int j = 0; j < dimension; j++)
                {
                    int at = (i * dimension) + j;
                    Assert.Equal(product[at] + (0.7 * b[i, j]) - (0.3 * row[i] * row[j]), sum[at], 1e-14 * dimension);
                }
            }

            Assert.All(sum[(dimension * dimension)..], value => Assert.Equal(-7, value));

            double[,] Draw()
            {
                double[,] matrix = new double[dimension, dimension];
                for (int i = 0; i < dimension; i++)
                {
                    for (int j = 0; j < dimension; j++) matrix[i, j] = (2 * random.NextDouble()) - 1;
                }

                return matrix;
            }
        },
        iter: TestNumbers.Cases);
}
