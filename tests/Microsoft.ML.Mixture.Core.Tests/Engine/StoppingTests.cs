using System.Globalization;
using Microsoft.ML.Mixture.Laws.Tests;
using Microsoft.ML.Mixture.Reliability.Tests;
using Xunit.Abstractions;

namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>
/// A fit that says it has converged has no more to gain than the tolerance on its hill; few are on a plateau, behind which no gain lets see. The data are hard on purpose: small samples of groups that hardly
/// differ, where EM crawls. No constant of the library was chosen on these problems. With acceleration fits are the default: races of many starts.
/// </summary>
public class StoppingTests(ITestOutputHelper output)
{
    private const int NightlyFits = 5_000;

    [Theory]
    [Trait("Kind", "Law")]
    [InlineData(MixtureOptions.DefaultTolerance, true, 500)]
    [InlineData(1e-6, true, 50)]
    [InlineData(1e-6, false, 500)]
    public void Fit_ThatClaimsConvergence_HasNoMoreToGain(double tolerance, bool accelerate, int everydayFits)
    {
        var claims = new Claims(tolerance);
        int fits = GoalSize.Of(everydayFits, NightlyFits);
        Parallel.For(0, fits, new ParallelOptions { MaxDegreeOfParallelism = 2 }, fit =>
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
            claims.Check(problem.Rows, weights, options, model, $"fit {fit}, K {components}, D {dimension}, {options.CovarianceStructure}");
        });
        claims.Assert(fits, leastClaims: 0.98, mostPlateaus: 0.002, output);
    }

    /// <summary>Accelerated steps that are given up count, but not as iterations of the report, whose number was below the maximum without a word.</summary>
    [Fact]
    public void Fit_EndedByTheMaximum_TellsOfAllSteps()
    {
        int told = 0;
        for (int seed = 0; seed < 12; seed++)
        {
            var problem = new EngineProblem(RowKind.Overlapping, 300, 3, 4, seed);
            var options = new GaussianMixtureOptions { ComponentCount = 4, Tolerance = 1e-14, MaximumIterations = 60, Start = RandomLabels(300, 4, seed) };
            FitReport report = GaussianMixture.Fit(problem.Rows, options).Report!;
            if (report.StopReason != StopReason.MaximumIterations) continue;
            int rejected = options.MaximumIterations - report.IterationCount;
            string tried = rejected == 0 ? string.Empty
                : rejected == 1 ? ", and 1 accelerated one that was given up and counts as well," : $", and {rejected} accelerated ones that were given up and count as well,";
            Assert.Contains(report.Warnings, warning => warning.StartsWith($"The fit stopped after {report.IterationCount} iterations{tried} before it converged: ", StringComparison.Ordinal));
            told += rejected > 0 ? 1 : 0;
        }

        Assert.True(told > 0);
    }

    /// <summary>
    /// Responsibilities drawn at random put all components in one place, where EM hardly moves at first, though it is no maximum; labels do nearly the same. From k-means++ some runs cross plateaus.
    /// </summary>
    [Fact]
    [Trait("Kind", "Golden")]
    public void Fit_OfRealDataFromAStartThatIsNotTheDefault_HasNoMoreToGain()
    {
        string[] names = ["iris", "wine", "banknote", "diabetes_reaven_miller", "olive_oil", "quakes", "geyser", "chevron", "cross", "faithful"];
        string[] codes = ["VVV", "EEE", "VVI", "VII", "EII"];
        int seeds = GoalSize.Of(1, 20), fits = 0;
        var claims = new Claims(MixtureOptions.DefaultTolerance);
        foreach (string name in names)
        {
            double[,] rows = CsvTable.Load($"{name}.csv").Features;
            Parallel.For(0, seeds * codes.Length * 4 * 3, new ParallelOptions { MaxDegreeOfParallelism = 2 }, number =>
            {
                int components = 2 + (number / 3 % 4), seed = number / 12 / codes.Length;
                var options = new GaussianMixtureOptions
                {
                    ComponentCount = components,
                    CovarianceStructure = CovarianceStructure.FromCode(codes[number / 12 % codes.Length]),
                    MaximumIterations = 100_000,
                    Seed = seed,
                    ThreadCount = 1,
                    Start = (number % 3) switch
                    {
                        0 => RandomLabels(rows.GetLength(0), components, seed),
                        1 => RandomResponsibilities(rows.GetLength(0), components, seed),
                        _ => MixtureStart.KMeansPlusPlus,
                    },
                };
                Interlocked.Increment(ref fits);
                claims.Check(rows, null, options, GaussianMixture.Fit(rows, options), $"{name}, K {components}, {options.CovarianceStructure}, start {number % 3} of seed {seed}");
            });
        }

        claims.Assert(fits, leastClaims: 0.9, mostPlateaus: 0.0075, output);
    }

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void Fit_OfNoIterations_SaysThatTheModelIsAStartUnlessOneWasGiven()
    {
        var data = new MixtureCase(3, 2, 60, 1);
        bool IsTold(MixtureStart? start, int iterations) => GaussianMixture.Fit(data.Rows, new GaussianMixtureOptions { ComponentCount = 3, MaximumIterations = iterations, Start = start }).Report!.Warnings
            .Any(warning => warning == "The fit took no step, because the maximum number of iterations is 0: the model is its start, and no maximum. Allow for iterations.");

        Assert.True(IsTold(null, 0), "The default start is a race, which there is not.");
        Assert.True(IsTold(MixtureStart.KMeansPlusPlus, 0), "Nobody has asked for these groups.");
        Assert.False(IsTold(MixtureStart.FromLabels(data.Labels), 0), "It is what was asked for.");
        Assert.False(IsTold(null, 1000), "It takes steps.");
    }

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void Fit_WhoseObjectiveFallsByRounding_SaysWhatToSubtract()
    {
        int fallen = 0;
        for (int power = 11; power <= 16; power++)
        {
            for (int seed = 0; seed < 12; seed++)
            {
                var data = new MixtureCase(3, 2, 60, seed);
                double[,] rows = (double[,])data.Rows.Clone();
                for (int at = 0; at < rows.Length; at++) rows[at / 2, at % 2] += Math.Pow(10, power);
                var options = new GaussianMixtureOptions { ComponentCount = 3, NoiseComponent = seed % 2 == 0, Start = MixtureStart.FromLabels(data.Labels), Tolerance = 1e-9 };
                FitReport report = GaussianMixture.Fit(rows, options).Report!;
                if (report.StopReason != StopReason.LikelihoodDecreased) continue;
                fallen++;
                Assert.Contains(report.Warnings, warning => warning.Contains("lowered the objective: rounding outweighs", StringComparison.Ordinal) && warning.Contains("Subtract a constant", StringComparison.Ordinal));
            }
        }

        Assert.True(fallen > 0);
    }

    /// <summary>What is left is estimated from how gains shrink, and those of rounding do not: 0.4 nats a row were said to be left where a fit had converged.</summary>
    [Theory]
    [Trait("Kind", "Degenerate")]
    [InlineData("VVV")]
    [InlineData("VII")]
    [InlineData("VVI")]
    public void Fit_SoFarFromZeroThatMeansAreRounded_SaysSoAndNotThatMuchIsLeft(string code)
    {
        double[,] rows = FarFromZero(9_007_199_254_740_992), centred = FarFromZero(0);
        var options = new GaussianMixtureOptions { ComponentCount = 3, CovarianceStructure = CovarianceStructure.FromCode(code), FeatureNames = ["Time", "Place"] };
        FitReport report = GaussianMixture.Fit(rows, options).Report!;

        Assert.True(report.StopReason != StopReason.Converged || report.RemainingGain <= options.Tolerance, $"{report.StopReason}, {report.RemainingGain} left.");
        Assert.Contains(report.Warnings, text => text.StartsWith("Feature 0 ('Time') is so far from zero (9.01E+15) beside its spread in component", StringComparison.Ordinal) && text.EndsWith("Subtract a constant from it.", StringComparison.Ordinal));
        Assert.Contains(report.Warnings, text => text.StartsWith("Feature 1 ('Place')", StringComparison.Ordinal));
        Assert.True(GaussianMixture.Fit(centred, options).Report!.LogLikelihood > report.LogLikelihood + 0.1);
        Assert.DoesNotContain(GaussianMixture.Fit(FarFromZero(1e13), options).Report!.Warnings, text => text.Contains("so far from zero", StringComparison.Ordinal));
        var factors = new FactorAnalyzerMixtureOptions { ComponentCount = 2, FactorCount = 1, FeatureNames = options.FeatureNames };
        Assert.Contains(FactorAnalyzerMixture.Fit(rows, factors).Report!.Warnings, text => text.Contains("so far from zero", StringComparison.Ordinal));
    }

    private static double[,] FarFromZero(double offset)
    {
        var random = new Random(2);
        double[,] rows = new double[100, 2];
        for (int at = 0; at < rows.Length; at++) rows[at / 2, at % 2] = offset + (2 * random.Next(20)) + (at / 2 % 2 * 200);
        return rows;
    }

    // Where volumes or shapes alone are tied, the variance of a constant feature is part of what is estimated, and the objective knows nothing of it.
    [Theory]
    [Trait("Kind", "Degenerate")]
    [InlineData("EVI")]
    [InlineData("EVE")]
    [InlineData("EVV")]
    [InlineData("VEI")]
    [InlineData("VEE")]
    [InlineData("VEV")]
    public void Fit_ConstantFeature_GoesOnUntilItHasConverged(string code)
    {
        for (int seed = 0; seed < 12; seed++)
        {
            var data = new MixtureCase(3, 3, 40, seed);
            double[,] rows = (double[,])data.Rows.Clone();
            for (int i = 0; i < data.RowCount; i++) rows[i, 0] = 3;

            FitReport report = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 3, CovarianceStructure = CovarianceStructure.FromCode(code) }).Report!;

            Assert.Equal(StopReason.Converged, report.StopReason);
        }
    }

    /// <summary>A fit that had converged at its last step next to a saddle took one more to be sure.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Fit_ConvergedOnASaddleAtTheLastStep_TakesNoMore(int seed)
    {
        double[,] rows = CsvTable.Faithful.Features;
        var random = new Random(seed);
        int[] labels = [.. Enumerable.Range(0, rows.GetLength(0)).Select(_ => random.Next(2))];
        for (int most = 1; most <= 4; most++)
        {
            var options = new GaussianMixtureOptions { ComponentCount = 2, Start = MixtureStart.FromLabels(labels), MaximumIterations = most, Tolerance = 1e-3 };
            Assert.InRange(GaussianMixture.Fit(rows, options).Report!.IterationCount, 1, most);
        }
    }

    private static MixtureStart RandomLabels(int rowCount, int componentCount, int seed)
    {
        var random = new Random(seed);
        return MixtureStart.FromLabels([.. Enumerable.Range(0, rowCount).Select(i => i < componentCount ? i : random.Next(componentCount))]);
    }

    private static MixtureStart RandomResponsibilities(int rowCount, int componentCount, int seed)
    {
        var random = new Random(seed);
        double[,] responsibilities = new double[rowCount, componentCount];
        for (int i = 0; i < rowCount; i++)
        {
            double total = 0;
            for (int k = 0; k < componentCount; k++) total += responsibilities[i, k] = random.NextDouble();
            for (int k = 0; k < componentCount; k++) responsibilities[i, k] /= total;
        }

        return MixtureStart.FromResponsibilities(responsibilities);
    }

    /// <summary>Continues fits that claim convergence to machine precision, and counts what they still gain.</summary>
    private sealed class Claims(double tolerance)
    {
        private readonly List<string> _failures = [];
        private int _claims;
        private int _plateaus;
        private int _off;
        private int _iterations;
        private double _worst;
        private double _worstOff;

        public void Check(double[,] rows, double[]? weights, GaussianMixtureOptions options, GaussianMixtureModel model, string what)
        {
            FitReport report = model.Report!;
            if (report.StopReason != StopReason.Converged) return;
            options.Start = MixtureStart.FromModel(model);
            options.Tolerance = 1e-14;
            options.Accelerate = true;
            FitReport top = GaussianMixture.Fit(rows, options, weights).Report!;
            double left = (top.ObjectiveHistory[^1] - report.ObjectiveHistory[^1]) / report.RowWeightTotal;

            // Where gains grow again, the fit had stopped on a plateau and not below a maximum.
            double last = (report.ObjectiveHistory[^1] - report.ObjectiveHistory[^2]) / report.RowWeightTotal, later = 0;
            for (int t = 2; t < top.IterationCount; t++)
            {
                later = Math.Max(later, Math.Min(top.ObjectiveHistory[t] - top.ObjectiveHistory[t - 1], top.ObjectiveHistory[t + 1] - top.ObjectiveHistory[t]) / report.RowWeightTotal);
            }

            lock (_failures)
            {
                _claims++;
                _iterations += report.IterationCount;
                _worst = Math.Max(_worst, left / tolerance);
                if (left <= tolerance) return;
                _failures.Add(string.Create(
                    CultureInfo.InvariantCulture, $"{what}: {left:G3} left after {report.IterationCount} iterations, last gain {last:G3}, later gain {later:G3}"));
                if (later > 3 * last) _plateaus++;
                else (_off, _worstOff) = (_off + 1, Math.Max(_worstOff, left / tolerance));
            }
        }

        public void Assert(int fits, double leastClaims, double mostPlateaus, ITestOutputHelper output)
        {
            output.WriteLine($"{fits} fits, {_claims} claims of convergence after {(double)_iterations / _claims:F1} iterations, {_off} with more than {tolerance:G2} to gain (at worst {_worstOff:G3} tolerances), {_plateaus} on a plateau (at worst {_worst:G3})");
            _failures.ForEach(output.WriteLine);
            Xunit.Assert.True(_claims > leastClaims * fits, $"only {_claims} claims");
            Xunit.Assert.True(_off == 0, string.Join(Environment.NewLine, _failures));
            Xunit.Assert.True(_plateaus <= mostPlateaus * fits, string.Join(Environment.NewLine, _failures));
        }
    }
}
