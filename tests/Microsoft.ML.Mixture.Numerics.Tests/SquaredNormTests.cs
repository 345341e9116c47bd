using CsCheck;

namespace Microsoft.ML.Mixture.Numerics.Tests;

public class SquaredNormTests
{
    private const int Longest = 136;

    [Fact]
    [Trait("Kind", "Reference")]
    public void Triangular_AnySize_MatchesNaive() =>
        Gen.Select(TestNumbers.Dimension, TestNumbers.LaneCount, TestNumbers.Seed).Sample(
            (dimension, lanes, seed) =>
            {
                var rows = new Rows(dimension, lanes, seed);
                double[] q = rows.Triangular(lanes);
                for (int i = 0; i < lanes; i++)
                {
                    (double expected, double magnitude) = NaiveLinearAlgebra.SquaredNorm(rows.Upper, rows.Difference(i));
                    AssertClose(expected, q[i], 2 * (dimension + 4) * NaiveLinearAlgebra.Epsilon * magnitude);
                }
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Reference")]
    public void Whiten_AnySize_MatchesNaiveAndIsZeroBeyond() =>
        Gen.Select(TestNumbers.Dimension, TestNumbers.LaneCount, TestNumbers.Seed).Sample(
            (dimension, lanes, seed) =>
            {
                var rows = new Rows(dimension, lanes, seed);
                int padded = TriangularPanels.PadDimension(dimension);
                double[] y = [.. Enumerable.Repeat(9.0, padded * Longest)];
                SquaredNorm.Whiten(rows.Values, rows.Centre, rows.Panels, Longest, lanes, y);
                for (int i = 0; i < lanes; i++)
                {
                    double[] z = rows.Difference(i);
                    for (int c = 0; c < padded; c++)
                    {
                        double expected = 0, magnitude = 0;
                        for (int j = 0; j <= c && c < dimension; j++)
                        {
                            expected += rows.Upper[j, c] * z[j];
                            magnitude += Math.Abs(rows.Upper[j, c] * z[j]);
                        }

                        AssertClose(expected, y[(c * Longest) + i], (dimension + 4) * NaiveLinearAlgebra.Epsilon * magnitude);
                    }
                }

                for (int at = 0; at < y.Length; at++) Assert.True(at % Longest < lanes || y[at] == 9, $"It has written to {at}.");
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Reference")]
    public void DiagonalAndScaled_AnySize_MatchNaive() =>
        Gen.Select(TestNumbers.Dimension, TestNumbers.LaneCount, TestNumbers.Seed).Sample(
            (dimension, lanes, seed) =>
            {
                var rows = new Rows(dimension, lanes, seed);
                double[] diagonal = new double[Longest], scaled = new double[Longest];
                SquaredNorm.Diagonal(rows.Values, rows.Centre, rows.Scales, Longest, lanes, diagonal);
                SquaredNorm.Scaled(rows.Values, rows.Centre, rows.Scales[0], Longest, lanes, scaled);
                for (int i = 0; i < lanes; i++)
                {
                    double[] z = rows.Difference(i);
                    double expected = 0, sum = 0;
                    for (int j = 0; j < dimension; j++)
                    {
                        expected += z[j] * rows.Scales[j] * z[j] * rows.Scales[j];
                        sum += z[j] * rows.Scales[0] * z[j] * rows.Scales[0];
                    }

                    AssertClose(expected, diagonal[i], (dimension + 4) * NaiveLinearAlgebra.Epsilon * expected);
                    AssertClose(sum, scaled[i], (dimension + 4) * NaiveLinearAlgebra.Epsilon * sum);
                }
            },
            iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Determinism")]
    public void EveryKernel_RowInABlockOf8OrOf128_GivesTheSameBits()
    {
        foreach (int dimension in Enumerable.Range(1, 37).Concat([64, 65, 130]))
        {
            var rows = new Rows(dimension, 128, dimension);
            double[] triangular = rows.Triangular(128), diagonal = new double[Longest], scaled = new double[Longest];
            SquaredNorm.Diagonal(rows.Values, rows.Centre, rows.Scales, Longest, 128, diagonal);
            SquaredNorm.Scaled(rows.Values, rows.Centre, 0.6, Longest, 128, scaled);
            for (int row = 0; row < 128; row += 3)
            {
                // The row alone in another lane, among neighbours that are not numbers.
                double[] values = [.. Enumerable.Repeat(double.NaN, dimension * 8)];
                int lane = (row + 5) % 8;
                for (int j = 0; j < dimension; j++) values[(j * 8) + lane] = rows.Values[(j * Longest) + row];
                double[] q = new double[8];
                SquaredNorm.Triangular(values, rows.Centre, rows.Panels, 8, 8, q);
                Assert.Equal(triangular[row], q[lane]);
                SquaredNorm.Diagonal(values, rows.Centre, rows.Scales, 8, 8, q);
                Assert.Equal(diagonal[row], q[lane]);
                SquaredNorm.Scaled(values, rows.Centre, 0.6, 8, 8, q);
                Assert.Equal(scaled[row], q[lane]);
            }
        }
    }

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void Triangular_BeyondLaneCount_WritesNothing()
    {
        double[] q = [.. Enumerable.Repeat(9.0, Longest)];
        var rows = new Rows(5, 40, 1);

        SquaredNorm.Triangular(rows.Values, rows.Centre, rows.Panels, Longest, 40, q);

        Assert.All(q[40..], value => Assert.Equal(9, value));
    }

    [Fact]
    [Trait("Kind", "Reconstruction")]
    public void PackTranspose_AnyDimension_HoldsTheUpperTriangleInPanels() =>
        Gen.Select(TestNumbers.Dimension, TestNumbers.Seed).Sample(
            (dimension, seed) =>
            {
                double[] lower = TestNumbers.LowerTriangle(new Random(seed), dimension), panels = new double[TriangularPanels.Length(dimension)];
                panels.AsSpan().Fill(double.NaN);
                TriangularPanels.PackTranspose(lower, dimension, panels);
                int next = 0, padded = TriangularPanels.PadDimension(dimension);
                Assert.InRange(padded - dimension, 0, 3);
                for (int first = 0; first < padded; first += 4)
                {
                    for (int i = 0; i < first + 4; i++)
                    {
                        for (int c = first; c < first + 4; c++)
                        {
                            bool inside = i <= c && c < dimension;
                            Assert.Equal(inside ? lower[(c * (c + 1) / 2) + i] : 0, panels[next++]);
                        }
                    }
                }

                Assert.Equal(panels.Length, next);
            },
            iter: TestNumbers.Cases);

    private static void AssertClose(double expected, double actual, double tolerance) =>
        Assert.True(Math.Abs(expected - actual) <= tolerance, $"{actual:R} is not {expected:R} within {tolerance:G3}");

    private sealed class Rows
    {
        public Rows(int dimension, int lanes, int seed)
        {
            var random = new Random(seed);
            Values = TestNumbers.Uniform(random, dimension * Longest, -5, 5);
            Centre = TestNumbers.Uniform(random, dimension, -2, 2);
            Scales = TestNumbers.Uniform(random, dimension, 0.1, 3);
            double[] lower = TestNumbers.LowerTriangle(random, dimension);
            Upper = NaiveLinearAlgebra.Transpose(NaiveLinearAlgebra.UnpackLower(lower, dimension));
            Panels = new double[TriangularPanels.Length(dimension)];
            TriangularPanels.PackTranspose(lower, dimension, Panels);
            Assert.True(lanes <= Longest);
        }

        public double[] Values { get; }

        public double[] Centre { get; }

        public double[] Scales { get; }

        public double[,] Upper { get; }

        public double[] Panels { get; }

        public double[] Difference(int row) => [.. Centre.Select((mean, j) => Values[(j * Longest) + row] - mean)];

        public double[] Triangular(int lanes)
        {
            double[] q = new double[Longest];
            SquaredNorm.Triangular(Values, Centre, Panels, Longest, lanes, q);
            return q;
        }
    }
}
