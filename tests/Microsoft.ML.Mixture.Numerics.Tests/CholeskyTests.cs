using CsCheck;
using Xunit.Abstractions;

namespace Microsoft.ML.Mixture.Numerics.Tests;

public class CholeskyTests(ITestOutputHelper output)
{
    private static readonly Gen<double> _scale = Gen.OneOf(1.0, 1e-290, 1e-100, 1e-6, 1e9, 1e100, 1e290);

    [Fact]
    [Trait("Kind", "Reconstruction")]
    public void TryFactorInPlace_RandomPositiveDefinite_ReconstructsInput()
    {
        double worst = 0;
        Gen.Select(TestNumbers.Dimension, _scale, TestNumbers.Seed).Sample(
            (dimension, scale, seed) =>
            {
                double[,] a = TestNumbers.PositiveDefinite(new Random(seed), dimension, scale);
                double[] packed = NaiveLinearAlgebra.Pack(a);
                Assert.True(Cholesky.TryFactorInPlace(packed, dimension, out int failed));
                Assert.Equal(-1, failed);
                double[,] lower = NaiveLinearAlgebra.UnpackLower(packed, dimension), back = NaiveLinearAlgebra.Multiply(lower, NaiveLinearAlgebra.Transpose(lower));
                double residual = 0;
                for (int i = 0; i < dimension; i++)
                {
                    for (int j = 0; j <= i; j++) residual = Math.Max(residual, Math.Abs(back[i, j] - a[i, j]));
                }

                double ratio = residual / (dimension * NaiveLinearAlgebra.LargestAbsolute(a) * NaiveLinearAlgebra.Epsilon);
                Assert.InRange(ratio, 0, 2);
                lock (output) worst = Math.Max(worst, ratio);
            },
            iter: TestNumbers.Cases);
        output.WriteLine($"worst residual {worst:G3} D |A| eps");
    }

    [Fact]
    [Trait("Kind", "Reference")]
    public void FactorAndInverse_AnyDimension_AreRowByRowBitForBit() =>
        Gen.Select(TestNumbers.Dimension, _scale, TestNumbers.Seed).Sample(
            (dimension, scale, seed) =>
            {
                double[] packed = NaiveLinearAlgebra.Pack(TestNumbers.PositiveDefinite(new Random(seed), dimension, scale)), expected = [.. packed];
                RowByRow(expected, dimension);
                Assert.True(Cholesky.TryFactorInPlace(packed, dimension, out _));
                Assert.Equal(expected, packed);
                InvertRowByRow(expected, dimension);
                Cholesky.InvertInPlace(packed, dimension);
                Assert.Equal(expected, packed);
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Reference")]
    public void LogDeterminant_RandomPositiveDefinite_MatchesElimination() =>
        Gen.Select(TestNumbers.Dimension, _scale, TestNumbers.Seed).Sample(
            (dimension, scale, seed) =>
            {
                double[,] a = TestNumbers.PositiveDefinite(new Random(seed), dimension, scale);
                double[] packed = NaiveLinearAlgebra.Pack(a);
                Cholesky.TryFactorInPlace(packed, dimension, out _);
                double expected = NaiveLinearAlgebra.LogDeterminant(a), actual = Cholesky.LogDeterminant(packed, dimension);
                Assert.InRange(Math.Abs(actual - expected), 0, 1e-13 * dimension * (1 + Math.Abs(Math.Log(scale))) * 4);
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Reconstruction")]
    public void InvertInPlace_RandomLower_TimesInputIsIdentity() =>
        Gen.Select(TestNumbers.Dimension, TestNumbers.Seed).Sample(
            (dimension, seed) =>
            {
                double[] packed = NaiveLinearAlgebra.Pack(TestNumbers.PositiveDefinite(new Random(seed), dimension));
                Cholesky.TryFactorInPlace(packed, dimension, out _);
                double[,] lower = NaiveLinearAlgebra.UnpackLower(packed, dimension);
                Cholesky.InvertInPlace(packed, dimension);
                double[,] identity = NaiveLinearAlgebra.Multiply(NaiveLinearAlgebra.UnpackLower(packed, dimension), lower);
                for (int i = 0; i < dimension; i++)
                {
                    for (int j = 0; j < dimension; j++) Assert.InRange(Math.Abs(identity[i, j] - (i == j ? 1 : 0)), 0, 100 * dimension * NaiveLinearAlgebra.Epsilon);
                }
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void TryFactorInPlace_NonPositivePivot_NamesTheFirst() =>
        Gen.Select(TestNumbers.Dimension, TestNumbers.Seed, Gen.OneOf(-1.0, 0, double.NaN, double.NegativeInfinity, double.PositiveInfinity)).Sample(
            (dimension, seed, bad) =>
            {
                double[] packed = NaiveLinearAlgebra.Pack(TestNumbers.PositiveDefinite(new Random(seed), dimension));
                int pivot = seed % dimension;
                packed[PackedTriangle.Index(pivot, pivot)] = bad;
                Assert.False(Cholesky.TryFactorInPlace(packed, dimension, out int failed));
                Assert.Equal(pivot, failed);
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void TryFactorInPlace_NaNAnywhere_Fails() =>
        Gen.Select(TestNumbers.Dimension, TestNumbers.Seed).Sample(
            (dimension, seed) =>
            {
                double[] packed = NaiveLinearAlgebra.Pack(TestNumbers.PositiveDefinite(new Random(seed), dimension));
                int at = seed % packed.Length;
                packed[at] = double.NaN;
                Assert.False(Cholesky.TryFactorInPlace(packed, dimension, out int failed));
                Assert.Equal(Enumerable.Range(0, dimension).First(i => at <= PackedTriangle.Index(i, i)), failed);
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void TryFactorInPlace_CopiedFeature_FailsAtTheCopy() => Assert.All(
        (double[][])[[4, 2, 1], [1, 1, 1], [1, 0, 4, 1, 0, 1], [4, 0, 1, 0, 0, 1, 0, 0, 0, 1, 2, 0, 0, 0, 1]],
        matrix =>
        {
            int dimension = matrix.Length switch { 3 => 2, 6 => 3, _ => 5 };
            Assert.False(Cholesky.TryFactorInPlace(matrix, dimension, out int failed));
            Assert.Equal(dimension - 1, failed);
        });

    [Fact]
    [Trait("Kind", "Reference")]
    public void LogDeterminant_InAnotherUnit_IsThatOfTheScaledMatrix() =>
        Gen.Select(TestNumbers.Dimension, Gen.Int[-400, 400], TestNumbers.Seed).Sample(
            (dimension, exponent, seed) =>
            {
                double[] packed = NaiveLinearAlgebra.Pack(TestNumbers.PositiveDefinite(new Random(seed), dimension)), scaled = [.. packed.Select(value => double.ScaleB(value, 2 * exponent))];
                Assert.True(Cholesky.TryFactorInPlace(packed, dimension, out _) && Cholesky.TryFactorInPlace(scaled, dimension, out _));
                Assert.Equal(Cholesky.LogDeterminant(packed, dimension), Cholesky.LogDeterminant(scaled, dimension, exponent));
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Law")]
    public void TryFactorInPlace_TimesPowerOfFour_ScalesBitExactly() =>
        Gen.Select(TestNumbers.Dimension, Gen.Int[-200, 200], TestNumbers.Seed).Sample(
            (dimension, exponent, seed) =>
            {
                double[] packed = NaiveLinearAlgebra.Pack(TestNumbers.PositiveDefinite(new Random(seed), dimension));
                double[] scaled = [.. packed.Select(value => double.ScaleB(value, 2 * exponent))];
                Cholesky.TryFactorInPlace(packed, dimension, out _);
                Cholesky.TryFactorInPlace(scaled, dimension, out _);
                Assert.Equal(packed.Select(value => double.ScaleB(value, exponent)), scaled);
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void Cancelled_BothThrow()
    {
        double[] matrix = [1, 0, 1];
        var cancelled = new CancellationToken(canceled: true);

        Assert.Throws<OperationCanceledException>(() => Cholesky.TryFactorInPlace(matrix, 2, out _, cancelled));
        Assert.Throws<OperationCanceledException>(() => Cholesky.InvertInPlace(matrix, 2, cancelled));
    }

    private static void RowByRow(double[] matrix, int dimension)
    {
        for (int i = 0; i < dimension; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double sum = 0;
                for (int m = 0; m < j; m++) sum += matrix[PackedTriangle.Index(i, m)] * matrix[PackedTriangle.Index(j, m)];
                double left = matrix[PackedTriangle.Index(i, j)] - sum;
                matrix[PackedTriangle.Index(i, j)] = i == j ? Math.Sqrt(left) : left / matrix[PackedTriangle.Index(j, j)];
            }
        }
    }

    private static void InvertRowByRow(double[] factor, int dimension)
    {
        for (int i = 0; i < dimension; i++)
        {
            double reciprocal = 1 / factor[PackedTriangle.Index(i, i)];
            for (int j = 0; j < i; j++)
            {
                double sum = 0;
                for (int m = j; m < i; m++) sum += factor[PackedTriangle.Index(i, m)] * factor[PackedTriangle.Index(m, j)];
                factor[PackedTriangle.Index(i, j)] = -sum * reciprocal;
            }

            factor[PackedTriangle.Index(i, i)] = reciprocal;
        }
    }
}
