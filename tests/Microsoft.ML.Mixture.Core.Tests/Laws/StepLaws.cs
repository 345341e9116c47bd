using CsCheck;
using Xunit.Abstractions;

namespace Microsoft.ML.Mixture.Laws.Tests;

/// <summary>What holds of every single step.</summary>
public class StepLaws(ITestOutputHelper output)
{
    [Theory]
    [Trait("Kind", "Law")]
    [InlineData(0.0)]
    [InlineData(GaussianMixtureOptions.DefaultCovariancePriorStrength)]
    [InlineData(0.3)]
    public void Objective_NeverFalls(double prior)
    {
        int steps = 0;
        double worst = 0;
        Gen.Select(MixtureCase.Any, MixtureCase.Structure, Gen.Bool).Sample(
            (data, structure, fromLabels) =>
            {
                MixtureStart? start = fromLabels ? MixtureStart.FromLabels(data.Labels) : null;
                FitReport report = GaussianMixture.Fit(data.Rows, data.Options(structure, 25, start, prior)).Report!;
                Assert.Contains(report.StopReason, new[] { StopReason.MaximumIterations, StopReason.Converged });
                for (int t = 1; t < report.ObjectiveHistory.Count; t++)
                {
                    double fall = (report.ObjectiveHistory[t - 1] - report.ObjectiveHistory[t]) / (1 + Math.Abs(report.ObjectiveHistory[t]));
                    Assert.True(fall <= 1e-12, $"{structure}: step {t} lowered the objective by {fall:G3} of its size.");
                    lock (output) (steps, worst) = (steps + 1, Math.Max(worst, fall));
                }
            },
            iter: MixtureCase.Cases);
        output.WriteLine($"{steps} steps, deepest fall {worst:G3}");
        Assert.True(steps >= 2000, $"only {steps} steps");
    }

    [Theory]
    [Trait("Kind", "Law")]
    [InlineData(0.0)]
    [InlineData(0.2)]
    public void Step_AnyStructure_IsTheTextbookStep(double prior)
    {
        double worst = 0;
        Gen.Select(MixtureCase.Any, MixtureCase.Structure, Gen.Int[0, 4]).Sample(
            (data, structure, iterations) =>
            {
                GaussianMixtureModel before = data.Fit(structure, iterations, null, prior), after = data.Fit(structure, iterations + 1, null, prior);
                (double[,] responsibilities, double logLikelihood) = TextbookMixture.Expect(before, data.Rows);
                double[] expected = TextbookMixture.Maximize(responsibilities, data.Rows, structure, prior, after.Covariances);
                double error = MixtureAssert.Close(expected, MixtureAssert.Parameters(after), 1e-11, "parameter");
                MixtureAssert.Close([logLikelihood], [before.Report!.LogLikelihood], 1e-12, "log-likelihood");
                MixtureAssert.Close(responsibilities.Cast<double>(), MixtureAssert.AllResponsibilities(before, data.Rows), 1e-11, "responsibility");
                lock (output) worst = Math.Max(worst, error);
            },
            iter: MixtureCase.Cases);
        output.WriteLine($"worst parameter error {worst:G3}");
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Step_AnyStructure_KeepsMeanAndTheUnconstrainedOnesCovarianceOfAllRows() =>
        Gen.Select(MixtureCase.Any, MixtureCase.Structure, Gen.Int[1, 4]).Sample(
            (data, structure, iterations) =>
            {
                GaussianMixtureModel model = data.Fit(structure, iterations);
                double[] mean = new double[data.Dimension];
                double[,] covariance = new double[data.Dimension, data.Dimension], within = new double[data.Dimension, data.Dimension];
                for (int a = 0; a < data.Dimension; a++) mean[a] = Enumerable.Range(0, data.RowCount).Average(i => data.Rows[i, a]);
                for (int a = 0; a < data.Dimension; a++)
                {
                    MixtureAssert.Close([mean[a]], [Enumerable.Range(0, data.ComponentCount).Sum(k => model.Weights[k] * model.Means[k, a])], 1e-12, "mean");
                    for (int b = 0; b < data.Dimension; b++)
                    {
                        covariance[a, b] = Enumerable.Range(0, data.RowCount).Average(i => (data.Rows[i, a] - mean[a]) * (data.Rows[i, b] - mean[b]));
                        within[a, b] = Enumerable.Range(0, data.ComponentCount).Sum(
                            k => model.Weights[k] * (model.Covariances[k][a, b] + ((model.Means[k, a] - mean[a]) * (model.Means[k, b] - mean[b]))));
                    }
                }

                IEnumerable<double> Diagonal(double[,] matrix) => Enumerable.Range(0, data.Dimension).Select(j => matrix[j, j]);
                // Where something but not everything is common to the components, they are weighed by their volumes or shapes.
                if (structure.Code is not ("EII" or "VII" or "EEI" or "VVI" or "EEE" or "VVV")) return;
                if (structure.Shape == CovarianceShape.Full) MixtureAssert.Close(covariance.Cast<double>(), within.Cast<double>(), 1e-10, "covariance");
                else if (structure.Shape == CovarianceShape.Diagonal) MixtureAssert.Close(Diagonal(covariance), Diagonal(within), 1e-10, "variance");
                else MixtureAssert.Close([Diagonal(covariance).Sum()], [Diagonal(within).Sum()], 1e-10, "trace");
            },
            iter: MixtureCase.Cases);

    [Fact]
    [Trait("Kind", "Law")]
    public void Step_AnyStructure_SquaredDistancesAddUpToRowsTimesFeatures() =>
        Gen.Select(MixtureCase.Any, MixtureCase.Structure, Gen.Int[0, 4]).Sample(
            (data, structure, iterations) =>
            {
                (double[,] responsibilities, _) = TextbookMixture.Expect(data.Fit(structure, iterations), data.Rows);
                GaussianMixtureModel next = data.Fit(structure, iterations + 1);
                double sum = 0;
                for (int k = 0; k < data.ComponentCount; k++)
                {
                    double[,] inverse = TextbookMixture.Invert(next.Covariances[k].ToArray()).Inverse;
                    for (int i = 0; i < data.RowCount; i++) sum += responsibilities[i, k] * TextbookMixture.Distance(inverse, data.Rows, i, next.Means.Row(k));
                }

                MixtureAssert.Close([data.RowCount * data.Dimension], [sum], 1e-10, "sum of squared distances");
            },
            iter: MixtureCase.Cases);

    [Fact]
    [Trait("Kind", "Law")]
    public void Step_OneComponent_IsTheClosedFormAndThenRests() =>
        Gen.Select(Gen.Int[1, 6], Gen.Int[30, 200], Gen.Int[0, int.MaxValue], MixtureCase.Structure).Sample(
            (dimension, rows, seed, structure) =>
            {
                var data = new MixtureCase(1, dimension, rows, seed);
                double[,] ones = new double[rows, 1];
                for (int i = 0; i < rows; i++) ones[i, 0] = 1;
                GaussianMixtureModel first = data.Fit(structure, 1), second = data.Fit(structure, 2);
                MixtureAssert.Close(TextbookMixture.Maximize(ones, data.Rows, structure, 0), MixtureAssert.Parameters(first), 1e-13, "parameter");
                double[] before = MixtureAssert.Parameters(first), after = MixtureAssert.Parameters(second);

                // What goes through principal axes and back is rounded more often.
                double scale = (structure.Code?[2] is 'I' || structure.Code is "VEE" or "EVV" or "EEE" or "VVV" ? 4 : 64) * MixtureCase.Epsilon;
                for (int at = 0; at < before.Length; at++)
                {
                    // An entry off the diagonal is as precise as the diagonal, a mean as the data.
                    Assert.True(Math.Abs(before[at] - after[at]) <= scale * Math.Max(Math.Abs(before[at]), before.Max(Math.Abs)), $"{before[at]:R} became {after[at]:R}");
                }

                double closed = -0.5 * rows * ((dimension * Math.Log(2 * Math.PI)) + TextbookMixture.Invert(first.Covariances[0].ToArray()).LogDeterminant + dimension);
                MixtureAssert.Close([closed], [first.Report!.LogLikelihood], 1e-13, "log-likelihood");
            },
            iter: MixtureCase.Cases);
}
