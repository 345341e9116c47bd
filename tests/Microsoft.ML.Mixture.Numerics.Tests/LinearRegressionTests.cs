using CsCheck;

namespace Microsoft.ML.Mixture.Numerics.Tests;

public class LinearRegressionTests
{
    private const double Tolerance = 1e-10;

    private static readonly Gen<(int Dimension, int Missing, int Seed)> _problem =
        Gen.Select(Gen.Int[1, 40], Gen.Double[0, 1], TestNumbers.Seed).Select((dimension, share, seed) => (dimension, (int)Math.Round(share * dimension), seed));

    // B solves B S_oo = S_ho, C = S_hh - B S_oh, and log det S = log det S_oo + log det C.
    [Fact]
    [Trait("Kind", "Reconstruction")]
    public void Compute_RandomPositiveDefinite_SolvesTheNormalEquations() => _problem.Sample(
        problem =>
        {
            (double[,] a, int[] targets, int[] predictors) = Draw(problem);
            double[] coefficients = new double[targets.Length * predictors.Length], residual = new double[PackedTriangle.Length(targets.Length)];
            double[] work = new double[PackedTriangle.Length(predictors.Length)];

            double logDeterminant = LinearRegression.Compute(NaiveLinearAlgebra.Pack(a), targets, predictors, 0, coefficients, residual, work);

            double ofResidual = Check(a, targets, predictors, coefficients, residual);
            Assert.Equal(NaiveLinearAlgebra.LogDeterminant(a), logDeterminant + ofResidual, Tolerance * problem.Dimension);
        },
        iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void Compute_OfNoCovariance_Throws() => Assert.All(
        [double.NaN, double.PositiveInfinity, -1, 0],
        variance => Assert.Throws<ArgumentException>(() => LinearRegression.Compute([variance, 0, 1], [1], [0], 0, new double[1], new double[1], new double[1])));

    [Fact]
    [Trait("Kind", "Reconstruction")]
    public void TryComputeFromPrecision_RandomPositiveDefinite_SolvesTheNormalEquations() => _problem.Sample(
        problem =>
        {
            (double[,] a, int[] targets, int[] predictors) = Draw(problem);
            double[] coefficients = new double[targets.Length * predictors.Length], residual = new double[PackedTriangle.Length(targets.Length)];

            Assert.True(LinearRegression.TryComputeFromPrecision(
                Inverse(a), targets, predictors, 0, coefficients, residual, new double[residual.Length + predictors.Length], out double logDeterminant));

            Assert.Equal(Check(a, targets, predictors, coefficients, residual), logDeterminant, Tolerance * problem.Dimension);
        },
        iter: TestNumbers.Cases);

    // What is missing holds the plane in which all but a trillionth of the variance lies, so that what is left of the precision loses no digits.
    [Fact]
    [Trait("Kind", "Degenerate")]
    public void TryComputeFromPrecision_NearlySingularInOneTarget_IsAsExactAsFactors() => TestNumbers.Seed.Sample(
        seed =>
        {
            const int Dimension = 12, Target = 5;
            double[,] a = NearlySingular(seed, Dimension, Target);
            int[] predictors = [.. Enumerable.Range(0, Dimension).Where(j => j != Target)];
            double[] factor = NaiveLinearAlgebra.Pack(a);
            Assert.True(Cholesky.TryFactorInPlace(factor, Dimension, out _));
            double logDeterminant = Cholesky.LogDeterminant(factor, Dimension, 0);
            Cholesky.InvertInPlace(factor, Dimension);
            double[] precision = Square(factor, Dimension), coefficients = new double[Dimension - 1], expected = new double[Dimension - 1], residual = new double[1];

            Assert.True(LinearRegression.TryComputeFromPrecision(precision, [Target], predictors, 0, coefficients, residual, new double[Dimension], out double ofTarget));

            double ofPredictors = LinearRegression.Compute(
                NaiveLinearAlgebra.Pack(a), [Target], predictors, 0, expected, residual, new double[PackedTriangle.Length(Dimension - 1)]);
            Assert.Equal(ofPredictors, logDeterminant - ofTarget, Tolerance);
            Assert.All(expected.Zip(coefficients), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
        },
        iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void TryComputeFromPrecision_TargetsAlikeGivenTheOthers_IsFalse()
    {
        double[,] a = NearlySingular(1, 6, 5);
        double[] factor = NaiveLinearAlgebra.Pack(a);
        Assert.True(Cholesky.TryFactorInPlace(factor, 6, out _));
        Cholesky.InvertInPlace(factor, 6);

        Assert.False(LinearRegression.TryComputeFromPrecision(Square(factor, 6), [4, 5], [0, 1, 2, 3], 0, new double[8], new double[3], new double[7], out _));
    }

    [Fact]
    [Trait("Kind", "Reference")]
    public void ComputeEight_OneOfThemSingular_AreWhatEachIsAlone() => _problem.Sample(
        problem =>
        {
            int dimension = problem.Dimension;
            (_, int[] targets, int[] predictors) = Draw(problem);
            var random = new Random(problem.Seed);
            double[][] alone = [.. Enumerable.Range(0, Lanes.Width).Select(_ => NaiveLinearAlgebra.Pack(TestNumbers.PositiveDefinite(random, dimension)))];
            int singular = problem.Seed & (Lanes.Width - 1);
            foreach (int j in predictors) alone[singular][PackedTriangle.Index(j, j)] *= -1;
            double[] covariances = [.. Enumerable.Range(0, Lanes.Width * alone[0].Length).Select(at => alone[at % Lanes.Width][at / Lanes.Width])];
            int count = targets.Length * predictors.Length, length = PackedTriangle.Length(targets.Length), ofPredictors = PackedTriangle.Length(predictors.Length);
            double[] coefficients = new double[Lanes.Width * count], residuals = new double[Lanes.Width * length], pivots = new double[Lanes.Width * predictors.Length];

            LinearRegression.ComputeEight(covariances, targets, predictors, coefficients, residuals, pivots, new double[Lanes.Width * ofPredictors]);

            double[] Lane(double[] values, int lane) => [.. values.Where((_, at) => at % Lanes.Width == lane)];
            for (int lane = 0; lane < Lanes.Width; lane++)
            {
                double[] own = Lane(pivots, lane), expected = new double[count], residual = new double[length];
                Assert.Equal(lane != singular || predictors.Length == 0, Array.TrueForAll(own, pivot => pivot > 0 && double.IsFinite(pivot)));
                if (lane == singular) continue;
                double logDeterminant = LinearRegression.Compute(alone[lane], targets, predictors, 0, expected, residual, new double[ofPredictors]);
                Assert.Equal(logDeterminant, own.Sum(Math.Log), Tolerance * dimension);
                Assert.All(expected.Zip(Lane(coefficients, lane)), pair => Assert.Equal(pair.First, pair.Second, Tolerance * (1 + Math.Abs(pair.First))));
                Assert.All(residual.Zip(Lane(residuals, lane)), pair => Assert.Equal(pair.First, pair.Second, Tolerance * (1 + Math.Abs(pair.First))));
            }
        },
        iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void Compute_SingularPredictors_StaysFinite()
    {
        double[] coefficients = new double[2], residual = new double[1];

        double logDeterminant = LinearRegression.Compute([1, 1, 1, 1, 1, 2], [2], [0, 1], 0, coefficients, residual, new double[3]);

        Assert.True(double.IsFinite(logDeterminant));
        Assert.Equal(1, coefficients[0] + coefficients[1], 1e-6);
        Assert.Equal(1, residual[0], 1e-6);
    }

    [Fact]
    [Trait("Kind", "Reference")]
    public void Predict_AnyRows_MatchesPlainLoopsInTheSameBits() => Gen.Select(_problem, Gen.Int[0, 9], Gen.Int[1, 60]).Sample(
        (problem, firstRow, rowCount) =>
        {
            (_, int[] targets, int[] predictors) = Draw(problem);
            if (predictors.Length == 0) return;
            var random = new Random(problem.Seed);
            int stride = Lanes.Pad(firstRow + rowCount + 3);
            double[] values = TestNumbers.Uniform(random, problem.Dimension * stride), means = TestNumbers.Uniform(random, problem.Dimension), expected = [.. values];
            double[] coefficients = TestNumbers.Uniform(random, targets.Length * predictors.Length);
            for (int i = firstRow; i < firstRow + rowCount; i++)
            {
                for (int a = 0; a < targets.Length; a++)
                {
                    double sum = 0;
                    for (int b = 0; b < predictors.Length; b++)
                    {
                        sum = Math.FusedMultiplyAdd(values[(predictors[b] * stride) + i] - means[predictors[b]], coefficients[(a * predictors.Length) + b], sum);
                    }

                    expected[(targets[a] * stride) + i] = means[targets[a]] + sum;
                }
            }

            LinearRegression.Predict(values, stride, firstRow, rowCount, means, targets, predictors, coefficients);

            Assert.Equal(expected, values);
        },
        iter: TestNumbers.Cases);

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void Predict_WithoutCoefficients_WritesTheMeansOfTheTargetsAndNothingElse()
    {
        double[] values = [.. Enumerable.Range(0, 3 * 24).Select(at => (double)at)], expected = [.. values];
        expected.AsSpan(5, 11).Fill(-1);
        expected.AsSpan(48 + 5, 11).Fill(-3);

        LinearRegression.Predict(values, 24, 5, 11, [-1.0, -2, -3], [0, 2], [1], []);

        Assert.Equal(expected, values);
    }

    private static (double[,] Matrix, int[] Targets, int[] Predictors) Draw((int Dimension, int Missing, int Seed) problem)
    {
        var random = new Random(problem.Seed);
        int[] order = [.. Enumerable.Range(0, problem.Dimension)];
        random.Shuffle(order);
        return (TestNumbers.PositiveDefinite(random, problem.Dimension), [.. order[..problem.Missing].Order()], [.. order[problem.Missing..].Order()]);
    }

    // One coordinate is the sum of the others but for a trillionth.
    private static double[,] NearlySingular(int seed, int dimension, int sum)
    {
        double[,] a = TestNumbers.PositiveDefinite(new Random(seed), dimension);
        int[] others = [.. Enumerable.Range(0, dimension).Where(j => j != sum)];
        foreach (int j in others) a[sum, j] = a[j, sum] = others.Sum(i => a[i, j]);
        a[sum, sum] = others.Sum(i => a[i, sum]) * (1 + 1e-12);
        return a;
    }

    // P = T' T, of the inverse T of a factor.
    private static double[] Square(double[] inverse, int dimension)
    {
        double[] precision = new double[inverse.Length];
        for (int m = 0; m < dimension; m++)
        {
            for (int i = 0; i <= m; i++)
            {
                for (int j = 0; j <= i; j++) precision[PackedTriangle.Index(i, j)] += inverse[PackedTriangle.Index(m, i)] * inverse[PackedTriangle.Index(m, j)];
            }
        }

        return precision;
    }

    // Returns log det C.
    private static double Check(double[,] a, int[] targets, int[] predictors, double[] coefficients, double[] residual)
    {
        double scale = NaiveLinearAlgebra.LargestAbsolute(a);
        double[,] left = new double[targets.Length, targets.Length];
        for (int t = 0; t < targets.Length; t++)
        {
            for (int b = 0; b < predictors.Length; b++)
            {
                double product = 0;
                for (int c = 0; c < predictors.Length; c++) product += coefficients[(t * predictors.Length) + c] * a[predictors[c], predictors[b]];
                Assert.InRange(Math.Abs(product - a[targets[t], predictors[b]]), 0, Tolerance * scale);
            }

            for (int u = 0; u <= t; u++)
            {
                left[t, u] = left[u, t] = residual[PackedTriangle.Index(t, u)];
                double rest = a[targets[t], targets[u]];
                for (int b = 0; b < predictors.Length; b++) rest -= coefficients[(t * predictors.Length) + b] * a[predictors[b], targets[u]];
                Assert.InRange(Math.Abs(rest - left[t, u]), 0, Tolerance * scale);
            }
        }

        return targets.Length == 0 ? 0 : NaiveLinearAlgebra.LogDeterminant(left);
    }

    // By elimination, without pivots, which positive definite matrices do not need.
    private static double[] Inverse(double[,] a)
    {
        int dimension = a.GetLength(0);
        double[,] left = (double[,])a.Clone(), inverse = new double[dimension, dimension];
        for (int j = 0; j < dimension; j++) inverse[j, j] = 1;
        for (int c = 0; c < dimension; c++)
        {
            double pivot = left[c, c];
            for (int j = 0; j < dimension; j++) (left[c, j], inverse[c, j]) = (left[c, j] / pivot, inverse[c, j] / pivot);
            for (int i = 0; i < dimension; i++)
            {
                double factor = left[i, c];
                for (int j = 0; j < dimension && i != c; j++) (left[i, j], inverse[i, j]) = (left[i, j] - (factor * left[c, j]), inverse[i, j] - (factor * inverse[c, j]));
            }
        }

        return NaiveLinearAlgebra.Pack(inverse);
    }
}
