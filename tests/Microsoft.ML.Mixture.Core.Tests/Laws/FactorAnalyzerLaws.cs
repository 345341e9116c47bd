using CsCheck;
using Microsoft.ML.Mixture.Engine.Tests;

namespace Microsoft.ML.Mixture.Laws.Tests;

public class FactorAnalyzerLaws
{
    private const int Cases = 60;

    [Fact]
    [Trait("Kind", "Reference")]
    public void Scores_OfAnyRow_AreThoseOfTheGaussiansWithTheSameCovariances() => FactorAnalyzerCase.Any.Sample(
        data =>
        {
            FactorAnalyzerMixtureModel model = FactorAnalyzerMixture.Fit(data.Rows, data.Options);
            GaussianMixtureModel gaussian = model.ToGaussianMixture();
            double[,] rows = data.RowsWithHoles(0.4);
            for (int i = 0; i < data.RowCount; i++)
            {
                double[] row = MixtureAssert.RowOf(rows, i);
                MixtureAssert.Close([gaussian.LogDensity(row)], [model.LogDensity(row)], 1e-9, "log-density");
                MixtureAssert.Close(gaussian.Responsibilities(row), model.Responsibilities(row), 1e-8, "responsibility");
            }

            double[] nothing = [.. Enumerable.Repeat(double.NaN, data.Dimension)];
            MixtureAssert.Close(model.Weights, model.Responsibilities(nothing), 1e-12, "weight");
            Assert.Equal(0, model.LogDensity(nothing), 1e-12);
            Assert.Equal(model.Report!.LogLikelihood, model.CriteriaOf(data.Rows).LogLikelihood, 1e-8 * Math.Abs(model.Report.LogLikelihood));
        },
        iter: Cases);

    [Fact]
    [Trait("Kind", "Law")]
    public void Objective_WithHolesAndWeights_NeverFalls() => FactorAnalyzerCase.Any.Sample(
        data =>
        {
            FactorAnalyzerMixtureOptions options = data.Options;
            options.Tolerance = 0;
            var random = new Random(data.Seed);
            double[] weights = [.. Enumerable.Range(0, data.RowCount).Select(_ => 0.2 + random.NextDouble())];
            foreach (double[,] rows in new[] { data.Rows, data.RowsWithHoles(0.3) })
            {
                FitReport report = FactorAnalyzerMixture.Fit(rows, options, weights).Report!;
                Assert.NotEqual(StopReason.LikelihoodDecreased, report.StopReason);
                Assert.True(report.IterationCount > 1);
                for (int t = 1; t < report.ObjectiveHistory.Count; t++)
                {
                    Assert.True(report.ObjectiveHistory[t] >= report.ObjectiveHistory[t - 1] - (1e-11 * (1 + Math.Abs(report.ObjectiveHistory[t]))), $"step {t}");
                }
            }
        },
        iter: Cases);

    [Fact]
    [Trait("Kind", "Law")]
    public void Fit_RowOfWeightTwo_IsTheRowTwice() => FactorAnalyzerCase.Any.Sample(
        data =>
        {
            double[,] rows = data.RowsWithHoles(0.2), twice = new double[data.RowCount + 1, data.Dimension];
            int[] labels = [.. Enumerable.Range(0, data.RowCount).Select(i => i % data.ComponentCount)];
            for (int i = 0; i <= data.RowCount; i++)
            {
                for (int j = 0; j < data.Dimension; j++) twice[i, j] = rows[i % data.RowCount, j];
            }

            double[] weights = [2, .. Enumerable.Repeat(1.0, data.RowCount - 1)];
            FactorAnalyzerMixtureOptions options = data.Options;
            options.Tolerance = 0;
            options.MaximumIterations = 3;
            options.Start = MixtureStart.FromLabels(labels);
            FactorAnalyzerMixtureModel weighted = FactorAnalyzerMixture.Fit(rows, options, weights);
            options.Start = MixtureStart.FromLabels([.. labels, 0]);
            FactorAnalyzerMixtureModel repeated = FactorAnalyzerMixture.Fit(twice, options);
            MixtureAssert.Close(repeated.Report!.LogLikelihoodHistory, weighted.Report!.LogLikelihoodHistory, 1e-9, "log-likelihood");
        },
        iter: Cases);

    [Fact]
    [Trait("Kind", "Law")]
    public void Fit_InOtherUnits_IsTheSameFit() => FactorAnalyzerCase.Any.Sample(
        data =>
        {
            double[,] rows = data.Rows, scaled = data.Rows;
            bool isSpherical = data.Structure is SpecificVarianceStructure.Spherical or SpecificVarianceStructure.TiedSpherical;
            double shift = 0;
            for (int j = 0; j < data.Dimension; j++)
            {
                double unit = Math.Pow(isSpherical ? 1 : 1 + (j % 3), 4) * 0.01;
                shift += Math.Log(unit);
                for (int i = 0; i < data.RowCount; i++) scaled[i, j] = (unit * rows[i, j]) + (3 * unit);
            }

            FactorAnalyzerMixtureOptions options = data.Options;
            options.Tolerance = 0;
            options.MaximumIterations = 4;
            options.Start = MixtureStart.FromLabels([.. Enumerable.Range(0, data.RowCount).Select(i => i % data.ComponentCount)]);
            FactorAnalyzerMixtureModel model = FactorAnalyzerMixture.Fit(rows, options), other = FactorAnalyzerMixture.Fit(scaled, options);
            MixtureAssert.Close([model.Report!.LogLikelihood], [other.Report!.LogLikelihood + (data.RowCount * shift)], 1e-9, "log-likelihood");
            for (int i = 0; i < 5; i++) MixtureAssert.Close(model.Responsibilities(MixtureAssert.RowOf(rows, i)), other.Responsibilities(MixtureAssert.RowOf(scaled, i)), 1e-8, "responsibility");
        },
        iter: Cases);

    [Fact]
    [Trait("Kind", "Law")]
    public void FreeParameters_OfEveryStructure_AreThoseOfTheTextbook()
    {
        // McNicholas and Murphy (2008), table 1, with two components, seven features and three factors: weights, means, and the covariances.
        long ofLoadings = 2 * ((7 * 3) - 3), common = 1 + (2 * 7) + ofLoadings;
        var data = new FactorAnalyzerCase(7, 3, 2, 80, SpecificVarianceStructure.Diagonal, 1);
        long[] expected = [common + (2 * 7), common + 7, common + 2, common + 1];
        for (int structure = 0; structure < 4; structure++)
        {
            data = data with { Structure = (SpecificVarianceStructure)structure };
            FactorAnalyzerMixtureModel model = FactorAnalyzerMixture.Fit(data.Rows, data.Options);
            Assert.Equal(expected[structure], model.FreeParameterCount);
            Assert.Equal(expected[structure], model.Report!.FreeParameterCount);
            Assert.Equal((-2 * model.Report.LogLikelihood) + (expected[structure] * Math.Log(80)), model.Report.BayesianInformationCriterion, 1e-9);
        }
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void SpecificVariances_OfAFit_KeepTheirStructure() => FactorAnalyzerCase.Any.Sample(
        data =>
        {
            ReadOnlyMatrix variances = FactorAnalyzerMixture.Fit(data.Rows, data.Options).SpecificVariances;
            for (int k = 0; k < data.ComponentCount; k++)
            {
                for (int j = 0; j < data.Dimension; j++)
                {
                    Assert.True(variances[k, j] > 0);
                    if (data.Structure is SpecificVarianceStructure.TiedDiagonal or SpecificVarianceStructure.TiedSpherical) Assert.Equal(variances[0, j], variances[k, j]);
                    if (data.Structure is SpecificVarianceStructure.Spherical or SpecificVarianceStructure.TiedSpherical) Assert.Equal(variances[k, 0], variances[k, j]);
                }
            }
        },
        iter: 20);

    [Fact]
    [Trait("Kind", "Law")]
    public void Loadings_OfAFit_StandAlongPrincipalAxes() => FactorAnalyzerCase.Any.Sample(
        data =>
        {
            FactorAnalyzerMixtureModel model = FactorAnalyzerMixture.Fit(data.Rows, data.Options);
            for (int k = 0; k < data.ComponentCount; k++)
            {
                double Information(int a, int b) => Enumerable.Range(0, data.Dimension).Sum(j => model.Loadings[k][j, a] * model.Loadings[k][j, b] / model.SpecificVariances[k, j]);
                for (int a = 0; a < data.FactorCount; a++)
                {
                    for (int b = 0; b < a; b++)
                    {
                        Assert.InRange(Math.Abs(Information(a, b)), 0, 1e-9 * Information(0, 0));
                        Assert.True(Information(b, b) >= Information(a, a) * (1 - 1e-9));
                    }

                    double[] column = [.. Enumerable.Range(0, data.Dimension).Select(j => model.Loadings[k][j, a])];
                    Assert.True(column.MaxBy(Math.Abs) >= 0);
                }
            }
        },
        iter: 20);

    [Theory]
    [Trait("Kind", "Determinism")]
    [InlineData(false)]
    [InlineData(true)]
    public void Fit_AnyNumberOfThreads_GivesTheSameBits(bool hasHoles)
    {
        var data = new FactorAnalyzerCase(30, 3, 3, 2_500, SpecificVarianceStructure.Diagonal, 5);
        double[,] rows = data.Rows;

        // Few patterns: the cost is not the point here.
        for (int i = 100; i < data.RowCount && hasHoles; i++) rows[i, i % 3] = rows[i, 10 + (i % 2)] = double.NaN;
        double[]? expected = null;
        foreach (int threads in (int[])[1, 3])
        {
            FactorAnalyzerMixtureOptions options = data.Options;
            options.Tolerance = 0.001;
            options.MaximumIterations = 1000;
            options.ThreadCount = threads;
            double[] parameters = FactorAnalyzerCase.Parameters(FactorAnalyzerMixture.Fit(rows, options));
            expected ??= parameters;
            Assert.Equal(MixtureAssert.Bits(expected), MixtureAssert.Bits(parameters));
        }
    }

    [Theory]
    [Trait("Kind", "Cost")]
    [InlineData(0)]
    [InlineData(1e-12)]
    public void Fit_SteadyIterations_AllocateNothingButTheirHistory(double tolerance)
    {
        var data = new FactorAnalyzerCase(200, 3, 2, 60, SpecificVarianceStructure.Diagonal, 9);
        var allocated = new List<long>(1000);
        FactorAnalyzerMixtureOptions options = data.Options;
        options.Tolerance = tolerance;
        options.Start = MixtureStart.KMeansPlusPlus;
        options.MaximumIterations = 40;
        options.Progress = new ProgressRecorder(_ => allocated.Add(GC.GetAllocatedBytesForCurrentThread()));

        FactorAnalyzerMixture.Fit(data.Rows, options);

        // A matrix of features by features would be 320,000 bytes, and one by factors 4,800. The first iterations make what later ones use again.
        long[] steps = [.. allocated.Zip(allocated.Skip(1), (before, after) => after - before).Skip(8)];
        Assert.True(steps.Length > 10);
        Assert.InRange(steps.Order().ElementAt(steps.Length / 2), 0, 400);
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void FactorScores_OfDrawnRows_AreTheRegressionOfFactorsOnFeatures()
    {
        double[,] loadings = { { 1, 0.2 }, { 0.8, -0.5 }, { -0.6, 0.9 }, { 0.1, 1.2 } };
        var model = FactorAnalyzerMixtureModel.FromParameters([1], new double[,] { { 1, 2, 3, 4 } }, [loadings], new double[,] { { 0.5, 0.4, 0.3, 0.6 } });

        // Lambda' inverse(Sigma) (x - mu), computed with numpy 1.24.2.
        double[] scores = model.FactorScores(0, 2, 1, 3.5, 5), some = model.FactorScores(0, double.NaN, 1, 3.5, double.NaN);

        Closeness.ToScale([0.16288926, 0.80945722], scores, 1e-7, "scores");
        Closeness.ToScale([-0.61372891, 0.23851076], some, 1e-7, "scores of what is observed");
        double[,] drawn = model.Sample(40_000, seed: 3);
        ReadOnlyMatrix covariance = model.Covariance(0);
        for (int a = 0; a < 4; a++)
        {
            double mean = Enumerable.Range(0, 40_000).Average(i => drawn[i, a]);
            Assert.Equal(model.Means[0, a], mean, 0.03);
            for (int b = 0; b <= a; b++) Assert.Equal(covariance[a, b], Enumerable.Range(0, 40_000).Average(i => (drawn[i, a] - model.Means[0, a]) * (drawn[i, b] - model.Means[0, b])), 0.05);
        }
    }
}
