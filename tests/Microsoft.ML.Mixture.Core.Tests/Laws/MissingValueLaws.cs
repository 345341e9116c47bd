using CsCheck;

namespace Microsoft.ML.Mixture.Laws.Tests;

/// <summary>What holds of every fit of rows with holes.</summary>
[Trait("Kind", "Law")]
public class MissingValueLaws
{
    private const int Iterations = 10;

    private static readonly Gen<(MixtureCase Data, CovarianceStructure Structure, double Share, int Seed)> _problem =
        Gen.Select(MixtureCase.Any, MixtureCase.Structure, Gen.Double[0.01, 0.6], Gen.Int[0, int.MaxValue]);

    [Fact]
    public void Objective_WithHoles_NeverFalls() => _problem.Sample(
        problem =>
        {
            GaussianMixtureModel model = Fit(problem.Data, problem.Structure, Remove(problem.Data.Rows, problem.Share, problem.Seed), prior: 1e-3);
            double[] objectives = [.. model.Report!.ObjectiveHistory];
            for (int t = 1; t < objectives.Length; t++)
            {
                Assert.True(objectives[t] >= objectives[t - 1] - (1e-11 * (1 + Math.Abs(objectives[t]))), $"Step {t} went from {objectives[t - 1]:R} to {objectives[t]:R}.");
            }
        },
        iter: MixtureCase.Cases);

    // Without a prior what never falls is the log-likelihood of what is observed; a component that collapses ends the fit.
    [Fact]
    public void LogLikelihood_WithHolesAndWithoutPrior_NeverFalls()
    {
        int drawn = 0, fitted = 0;
        _problem.Sample(
            problem =>
            {
                Interlocked.Increment(ref drawn);
                GaussianMixtureModel model;
                try
                {
                    model = Fit(problem.Data, problem.Structure, Remove(problem.Data.Rows, 0.5 * problem.Share, problem.Seed), prior: 0);
                }
                catch (MixtureFitException)
                {
                    return;
                }

                Interlocked.Increment(ref fitted);
                double[] values = [.. model.Report!.LogLikelihoodHistory];
                for (int t = 1; t < values.Length; t++)
                {
                    Assert.True(values[t] >= values[t - 1] - (1e-11 * (1 + Math.Abs(values[t]))), $"Step {t} went from {values[t - 1]:R} to {values[t]:R}.");
                }
            },
            iter: MixtureCase.Cases);
        Assert.InRange(fitted, drawn / 2, drawn);
    }

    // Holes are read and looked at, but are only where nothing counts: in rows without weight, and in rows of which nothing is observed.
    [Fact]
    public void Fit_HolesWhereNothingCounts_EqualsTheCompleteFitBitForBit() => _problem.Sample(
        problem =>
        {
            double[,] rows = problem.Data.Rows;
            int count = rows.GetLength(0), dimension = rows.GetLength(1);
            var random = new Random(problem.Seed);
            var more = new List<(double[] Row, double Weight)>();
            for (int i = 0; i < count; i++)
            {
                if (random.NextDouble() < problem.Share) more.Add(([.. Enumerable.Repeat(double.NaN, dimension)], 1 + random.Next(3)));
                if (random.NextDouble() < problem.Share) more.Add(([.. Enumerable.Range(0, dimension).Select(j => j == i % dimension ? double.NaN : rows[i, j])], 0));
                more.Add((MixtureAssert.RowOf(rows, i), 1));
            }

            double[,] holes = new double[more.Count, dimension];
            for (int i = 0; i < more.Count; i++)
            {
                for (int j = 0; j < dimension; j++) holes[i, j] = more[i].Row[j];
            }

            MixtureAssert.SameBits(
                Fit(problem.Data, problem.Structure, rows, weights: [.. Enumerable.Repeat(1.0, count)]), Fit(problem.Data, problem.Structure, holes, weights: [.. more.Select(entry => entry.Weight)]));
        },
        iter: 60);

    [Fact]
    public void Fit_OneDiagonalComponent_HolesInOneColumnChangeThatOnly() => Gen.Select(Gen.Int[2, 6], Gen.Int[20, 90], Gen.Int[0, int.MaxValue]).Sample(
        (dimension, rowCount, seed) =>
        {
            var data = new MixtureCase(1, dimension, rowCount, seed);
            var random = new Random(seed);
            int column = random.Next(dimension);
            double[,] holes = (double[,])data.Rows.Clone();
            for (int i = 2; i < rowCount; i++) holes[i, column] = random.Next(3) == 0 ? double.NaN : holes[i, column];

            // The first step leads to the maximum in every column but that one, whose covariance goes on to the mean of what is observed.
            var options = new GaussianMixtureOptions { CovarianceStructure = CovarianceStructure.Diagonal, CovariancePriorStrength = 0, Tolerance = 0, MaximumIterations = 400 };
            GaussianMixtureModel complete = GaussianMixture.Fit(data.Rows, options), actual = GaussianMixture.Fit(holes, options);

            double[] observed = [.. Enumerable.Range(0, rowCount).Select(i => holes[i, column]).Where(double.IsFinite)];
            double mean = observed.Average(), variance = observed.Average(value => (value - mean) * (value - mean));
            for (int j = 0; j < dimension; j++)
            {
                MixtureAssert.Close([j == column ? mean : complete.Means[0, j]], [actual.Means[0, j]], 1e-11, "mean");
                MixtureAssert.Close([j == column ? variance : complete.Covariances[0][j, j]], [actual.Covariances[0][j, j]], 1e-10, "variance");
            }
        },
        iter: 60);

    [Fact]
    public void Fit_RowsPermuted_IsUnchanged() => _problem.Sample(
        problem =>
        {
            double[,] rows = Remove(problem.Data.Rows, problem.Share, problem.Seed), permuted = new double[rows.GetLength(0), rows.GetLength(1)];
            int[] order = [.. Enumerable.Range(0, rows.GetLength(0))];
            new Random(problem.Seed).Shuffle(order);
            for (int i = 0; i < order.Length; i++)
            {
                for (int j = 0; j < rows.GetLength(1); j++) permuted[i, j] = rows[order[i], j];
            }

            AssertClose(Fit(problem.Data, problem.Structure, rows), Fit(problem.Data, problem.Structure, permuted), [.. Enumerable.Range(0, problem.Data.Dimension)]);
        },
        iter: MixtureCase.Cases);

    [Fact]
    public void Fit_FeaturesPermuted_IsPermuted() => _problem.Sample(
        problem =>
        {
            if (!MixtureCase.TreatsFeaturesAlike(problem.Structure)) return;
            MixtureCase data = problem.Data;
            double[,] rows = Remove(data.Rows, problem.Share, problem.Seed), permuted = new double[rows.GetLength(0), data.Dimension], means = new double[data.ComponentCount, data.Dimension];
            int[] order = [.. Enumerable.Range(0, data.Dimension)];
            new Random(problem.Seed).Shuffle(order);
            for (int j = 0; j < order.Length; j++)
            {
                for (int i = 0; i < rows.GetLength(0); i++) permuted[i, j] = rows[i, order[j]];
                for (int k = 0; k < data.ComponentCount; k++) means[k, j] = data.StartMeans[k, order[j]];
            }

            AssertClose(Fit(data, problem.Structure, rows), Fit(data, problem.Structure, permuted, start: data.Start(means: means)), order);
        },
        iter: MixtureCase.Cases);

    [Fact]
    public void Fit_RowWeightTwo_EqualsRowTwice() => _problem.Sample(
        problem =>
        {
            double[,] rows = Remove(problem.Data.Rows, problem.Share, problem.Seed);
            int count = rows.GetLength(0), dimension = rows.GetLength(1);
            double[,] repeated = new double[2 * count, dimension];
            for (int i = 0; i < 2 * count; i++)
            {
                for (int j = 0; j < dimension; j++) repeated[i, j] = rows[i % count, j];
            }

            AssertClose(
                Fit(problem.Data, problem.Structure, rows, weights: [.. Enumerable.Repeat(2.0, count)]), Fit(problem.Data, problem.Structure, repeated),
                [.. Enumerable.Range(0, dimension)]);
        },
        iter: 60);

    [Theory]
    [InlineData("full")]
    [InlineData("tied")]
    [InlineData("diagonal")]
    [InlineData("spherical")]
    public void Fit_AnyThreadCountOrSource_IsBitIdentical(string structure)
    {
        var data = new MixtureCase(3, 6, 5000, 11);
        double[,] rows = Remove(data.Rows, 0.1, 5);
        var models = new List<GaussianMixtureModel>();
        foreach (int threads in (int[])[1, 2, 5])
        {
            GaussianMixtureOptions options = data.Options(CovarianceStructure.BuiltIn.Single(known => known.Name == structure), 4);
            options.ThreadCount = threads;
            models.Add(GaussianMixture.Fit(rows, options));
            models.Add(GaussianMixture.Fit(new InOrderOnly(new ArrayRowSource<double>(rows.Cast<double>().ToArray(), 6)), options, CancellationToken.None));
        }

        Assert.All(models, model => MixtureAssert.SameBits(models[0], model));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1e-30)]
    [InlineData(1024)]
    public void Fit_UnitsOfPowersOfTwo_ChangeNoBit(double factor)
    {
        factor = Math.Pow(2, Math.Round(Math.Log2(factor)));
        var data = new MixtureCase(2, 4, 60, 3);
        double[,] rows = Remove(data.Rows, 0.2, 5), scaled = (double[,])rows.Clone();
        for (int i = 0; i < rows.GetLength(0); i++)
        {
            for (int j = 0; j < 4; j++) scaled[i, j] *= factor;
        }

        var options = new GaussianMixtureOptions { ComponentCount = 2 };
        GaussianMixtureModel expected = GaussianMixture.Fit(rows, options), actual = GaussianMixture.Fit(scaled, options);

        Assert.Equal(expected.Means.ToArray().Cast<double>().Select(mean => mean * factor), actual.Means.ToArray().Cast<double>());
        int cells = rows.Cast<double>().Count(double.IsFinite);
        MixtureAssert.Close([expected.Report!.LogLikelihood - (cells * Math.Log(factor))], [actual.Report!.LogLikelihood], 1e-12, "log-likelihood");
    }

    internal static double[,] Remove(double[,] rows, double share, int seed)
    {
        var random = new Random(seed);
        double[,] holes = (double[,])rows.Clone();
        for (int i = 8; i < rows.GetLength(0); i++)
        {
            for (int j = 0; j < rows.GetLength(1); j++)
            {
                if (random.NextDouble() < share) holes[i, j] = double.NaN;
            }
        }

        return holes;
    }

    private static GaussianMixtureModel Fit(
        MixtureCase data, CovarianceStructure structure, double[,] rows, MixtureStart? start = null, double prior = 1e-3, double[]? weights = null) =>
        GaussianMixture.Fit(rows, data.Options(structure, Iterations, start, prior), weights);

    private static void AssertClose(GaussianMixtureModel expected, GaussianMixtureModel actual, int[] order)
    {
        double tolerance = MixtureCase.Tolerance(expected.CovarianceStructure, 1e-8);
        MixtureAssert.Close(
            expected.Report!.ObjectiveHistory, actual.Report!.ObjectiveHistory, Math.Max(1e-10, MixtureCase.Rounding(expected.CovarianceStructure)), "objective");
        MixtureAssert.Close(expected.Weights, actual.Weights, tolerance, "weight");
        for (int k = 0; k < expected.ComponentCount; k++)
        {
            for (int i = 0; i < order.Length; i++)
            {
                MixtureAssert.Close([expected.Means[k, order[i]]], [actual.Means[k, i]], tolerance, "mean");
                for (int j = 0; j < order.Length; j++) MixtureAssert.Close([expected.Covariances[k][order[i], order[j]]], [actual.Covariances[k][i, j]], tolerance, "covariance");
            }
        }
    }

    // Reads consecutive rows only, as sources outside the library do.
    private sealed class InOrderOnly(RowSource source) : RowSource
    {
        public override int Dimension => source.Dimension;

        public override int RowCount => source.RowCount;

        public override void Read(int firstRow, int rowCount, Span<double> values, int stride, Span<double> weights) =>
            source.Read(firstRow, rowCount, values, stride, weights);
    }
}
