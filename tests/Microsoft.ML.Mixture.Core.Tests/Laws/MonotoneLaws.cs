using Microsoft.ML.Mixture.Engine.Tests;
using Xunit.Abstractions;

namespace Microsoft.ML.Mixture.Laws.Tests;

/// <summary>The penalised objective never falls: over very many fits of all structures, from starts that are far from any maximum.</summary>
public class MonotoneLaws(ITestOutputHelper output)
{
    private const double Rounding = 1e-12;

    /// <summary>The number of fits; the environment variable MIXTURE_NIGHTLY makes it twenty times as many.</summary>
    private static readonly int _fits = Environment.GetEnvironmentVariable("MIXTURE_NIGHTLY") is null ? 1_000 : 20_000;

    [Fact]
    [Trait("Kind", "Law")]
    public void Objective_OfVeryManyFits_NeverFalls()
    {
        long steps = 0;
        int failed = 0, accelerated = 0;
        double worst = 0;
        var falls = new List<string>();
        Parallel.For(0, _fits, new ParallelOptions { MaxDegreeOfParallelism = 2 }, fit =>
        {
            int components = 1 + (fit % 5), dimension = 1 + (fit / 5 % 5), rows = components * (15 + (fit % 50));
            var problem = new EngineProblem((RowKind)(fit % 3), rows, dimension, components, 7_000 + fit, hasWeights: fit % 4 == 0);
            var random = new Random(fit);
            var options = new GaussianMixtureOptions
            {
                ComponentCount = components,
                CovarianceStructure = CovarianceStructure.BuiltIn[fit % CovarianceStructure.BuiltIn.Count],
                CovariancePriorStrength = Math.Pow(10, -6 + (fit % 6)),
                MaximumIterations = 40,
                Tolerance = fit % 2 == 0 ? 1e-9 : 0,
                ThreadCount = 1,
                Start = MixtureStart.FromLabels([.. Enumerable.Range(0, rows).Select(i => i < components ? i : random.Next(components))]),
            };
            FitReport report;
            try
            {
                report = GaussianMixture.Fit(problem.Rows, options, problem.RowWeights.Length == 0 ? null : problem.RowWeights).Report!;
            }
            catch (ArgumentException)
            {
                // Rows many times over may be too few that differ.
                Interlocked.Increment(ref failed);
                return;
            }

            double deepest = 0;
            for (int t = 1; t < report.ObjectiveHistory.Count; t++)
            {
                deepest = Math.Max(deepest, (report.ObjectiveHistory[t - 1] - report.ObjectiveHistory[t]) / (1 + Math.Abs(report.ObjectiveHistory[t])));
            }

            lock (falls)
            {
                steps += report.IterationCount;
                if (options.Tolerance > 0) accelerated++;
                worst = Math.Max(worst, deepest);
                if (!(deepest <= Rounding) || report.StopReason is StopReason.LikelihoodDecreased or StopReason.Degenerate)
                {
                    falls.Add($"fit {fit}, K {components}, D {dimension}, {options.CovarianceStructure}: {report.StopReason}, deepest fall {deepest:G3}");
                }
            }
        });
        output.WriteLine($"{_fits} fits ({accelerated} of them accelerated, {failed} refused), {steps} steps, {falls.Count} falls; the deepest was {worst:G3} of the objective");
        Assert.True(steps >= 20L * _fits, $"only {steps} steps");
        Assert.True(failed < _fits / 100, $"{failed} refused");
        Assert.True(falls.Count == 0, string.Join(Environment.NewLine, falls));
    }
}
