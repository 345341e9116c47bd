using System.Globalization;
using Xunit.Abstractions;

namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>
/// A fit that says it has converged has no more to gain than the tolerance on its hill; few are on a plateau, behind which no gain lets see. The data are hard on purpose: small samples of groups that hardly
/// differ, where EM crawls. No constant of the library was chosen on these problems. With acceleration fits are the default: races of many starts.
/// </summary>
public class StoppingTests(ITestOutputHelper output)
{
    /// <summary>The number of fits; the environment variable MIXTURE_NIGHTLY makes it ten times as many.</summary>
    private static readonly int _fits = Environment.GetEnvironmentVariable("MIXTURE_NIGHTLY") is null ? 500 : 5_000;

    [Theory]
    [Trait("Kind", "Law")]
    [InlineData(MixtureOptions.DefaultTolerance, true, 0.002)]
    [InlineData(1e-6, true, 0.002)]
    [InlineData(1e-6, false, 0.005)]
    public void Fit_ThatClaimsConvergence_HasNoMoreToGain(double tolerance, bool accelerate, double mostPlateaus)
    {
        int claims = 0, plateaus = 0, off = 0, iterations = 0;
        double worst = 0, worstOff = 0;
        var failures = new List<string>();
        Parallel.For(0, _fits, new ParallelOptions { MaxDegreeOfParallelism = 2 }, fit =>
        {
            int components = 2 + (fit * 7 % 5), dimension = 1 + (fit / 14 % 7);
            var problem = new EngineProblem(
                fit % 6 == 1 ? RowKind.Clustered : RowKind.Overlapping, components * (35 + (fit * 11 % 70)), dimension, components, 500_000 + (13 * fit), hasWeights: fit % 3 == 1);
            double[]? weights = problem.RowWeights.Length == 0 ? null : problem.RowWeights;
            var options = new GaussianMixtureOptions
            {
                ComponentCount = components,
                CovarianceStructure = CovarianceStructure.BuiltIn[fit % CovarianceStructure.BuiltIn.Count],
                CovariancePriorStrength = 0.01,
                MaximumIterations = 100_000,
                Tolerance = tolerance,
                Accelerate = accelerate,
                Seed = fit,
                ThreadCount = 1,
            };
            GaussianMixtureModel model = GaussianMixture.Fit(problem.Rows, options, weights);
            FitReport report = model.Report!;
            if (report.StopReason != StopReason.Converged) return;
            options.Start = MixtureStart.FromModel(model);
            options.Tolerance = 1e-14;
            options.Accelerate = true;
            FitReport top = GaussianMixture.Fit(problem.Rows, options, weights).Report!;
            double left = (top.ObjectiveHistory[^1] - report.ObjectiveHistory[^1]) / report.RowWeightTotal;

            // Where gains grow again, the fit had stopped on a plateau and not below a maximum.
            double last = (report.ObjectiveHistory[^1] - report.ObjectiveHistory[^2]) / report.RowWeightTotal, later = 0;
            for (int t = 2; t < top.IterationCount; t++)
            {
                later = Math.Max(later, Math.Min(top.ObjectiveHistory[t] - top.ObjectiveHistory[t - 1], top.ObjectiveHistory[t + 1] - top.ObjectiveHistory[t]) / report.RowWeightTotal);
            }

            lock (failures)
            {
                claims++;
                iterations += report.IterationCount;
                worst = Math.Max(worst, left / tolerance);
                if (left <= tolerance) return;
                failures.Add(string.Create(
                    CultureInfo.InvariantCulture, $"fit {fit}, K {components}, D {dimension}, {options.CovarianceStructure}: {left:G3} left after {report.IterationCount} iterations, last gain {last:G3}, later gain {later:G3}"));
                if (later > 3 * last) plateaus++;
                else (off, worstOff) = (off + 1, Math.Max(worstOff, left / tolerance));
            }
        });
        output.WriteLine($"{_fits} fits, {claims} claims of convergence after {(double)iterations / claims:F1} iterations, {off} with more than {tolerance:G2} to gain (at worst {worstOff:G3} tolerances), {plateaus} on a plateau (at worst {worst:G3})");
        failures.ForEach(output.WriteLine);
        Assert.True(claims > 0.98 * _fits, $"only {claims} claims");
        Assert.True(off == 0, string.Join(Environment.NewLine, failures));
        Assert.True(plateaus <= mostPlateaus * _fits, string.Join(Environment.NewLine, failures));
    }
}
