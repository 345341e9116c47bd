using CsCheck;
using Microsoft.ML.Mixture.Engine.Tests;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Variational.Tests;

/// <summary>The default start lets the evidence lower bound decide how many components are in use, and leaves starts that are given alone.</summary>
public class VariationalStartTests
{
    private const int Seeds = 3;
    private const int Cases = 24;

    // What a converged fit may be off, in nats.
    private const double Slack = 0.05;

    private static readonly string[] _ofPenguins = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"];

    /// <summary>
    /// The best bounds of plain starts, found with <see cref="MixtureOptions.RestartCount"/> of 50: of the number of components asked for (iris, penguins), or of any
    /// from 2 to 10, which is that of 3 for wine and, for the banknotes, where bounds of 10 components are up to 7 nats lower for their prior, of 3 as well.
    /// </summary>
    public static TheoryData<string, int, double, double> Bounds { get; } = new()
    {
        { "iris.csv", 6, -326.80, Slack },
        { "penguins.csv", 10, -5291.83, Slack },
        { "wine.csv", 10, -3515.61, Slack },
        { "faithful.csv", 10, -1180.42, Slack },
        { "banknote.csv", 10, -822.58, 3 },
    };

    [Theory]
    [Trait("Kind", "Golden")]
    [MemberData(nameof(Bounds))]
    public void Default_FromEverySeed_ReachesTheBestBoundOfManyPlainStarts(string file, int componentCount, double bound, double slack)
    {
        double[,] rows = Rows(file);
        for (int seed = 0; seed < Seeds; seed++)
        {
            GaussianMixtureModel model = BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions { ComponentCount = componentCount, Seed = seed });
            Assert.True(
                model.Report!.EvidenceLowerBound >= bound - slack, $"Seed {seed} of {file} gives {model.Report.EvidenceLowerBound:F2} with {model.ComponentCount} components.");
            Assert.InRange(model.ComponentCount, 2, 5);
        }
    }

    [Fact]
    [Trait("Kind", "Golden")]
    public void Default_OfThePenguins_FindsTheSpecies()
    {
        CsvTable penguins = CsvTable.Load("penguins.csv");
        double[,] all = penguins.Select(_ofPenguins);
        int[] complete = [.. Enumerable.Range(0, all.GetLength(0)).Where(i => !double.IsNaN(all[i, 0]))], species = penguins.Labels("species");
        double[,] rows = penguins.SelectComplete(_ofPenguins);

        GaussianMixtureModel model = BayesianGaussianMixture.Fit(rows);

        Assert.Equal(3, model.ComponentCount);
        Assert.True(AdjustedRandIndex.Of([.. complete.Select(i => species[i])], [.. Enumerable.Range(0, rows.GetLength(0)).Select(i => model.Predict(rows[i, 0], rows[i, 1], rows[i, 2], rows[i, 3]))]) > 0.95);
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Default_IsNeverBelowOnePlainStart() =>
        Gen.Select(MixtureCase.Any, MixtureCase.Structure, Gen.OneOf(MixtureWeightPrior.Dirichlet, MixtureWeightPrior.DirichletProcess), Gen.Bool, Gen.Bool, Gen.Int[1, 8]).Sample(
            (data, structure, weights, hasHoles, hasWeights, components) =>
            {
                double[,] rows = (double[,])data.Rows.Clone();
                for (int i = 0; i < data.RowCount && hasHoles && data.Dimension > 1; i += 3) rows[i, i % data.Dimension] = double.NaN;
                double[]? rowWeights = hasWeights ? [.. Enumerable.Range(0, data.RowCount).Select(i => 0.5 + (i % 4))] : null;
                BayesianGaussianMixtureOptions options = new() { ComponentCount = components, CovarianceStructure = structure, WeightPrior = weights, Seed = data.RowCount, ThreadCount = 1 };
                GaussianMixtureModel model = BayesianGaussianMixture.Fit(rows, options, rowWeights);
                (FitReport report, GaussianMixturePrior prior) = (model.Report!, model.Posterior!.Prior);
                (options.Start, options.MeanPrecisionPrior, options.CovariancePrior) = (MixtureStart.KMeansPlusPlus, prior.MeanPrecision, prior.Covariance.ToArray());
                FitReport plain = BayesianGaussianMixture.Fit(rows, options, rowWeights).Report!;
                Assert.Equal(0, plain.RacedStartCount);
                Assert.True(
                    report.EvidenceLowerBound >= plain.EvidenceLowerBound - (1e-8 * (1 + Math.Abs(plain.EvidenceLowerBound))),
                    $"{report.EvidenceLowerBound:R} is below {plain.EvidenceLowerBound:R}.");
            },
            iter: Cases);

    [Theory]
    [Trait("Kind", "Oracle")]
    [InlineData(true)]
    [InlineData(false)]
    public void LeavingOut_AnyComponentOfTheDefault_DoesNotRaiseTheTextbooksBound(bool isProcess)
    {
        const int Steps = 40, ComponentCount = 5;
        double[,] rows = Rows("iris.csv");
        GaussianMixtureModel model = BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions
        {
            ComponentCount = ComponentCount,
            WeightPrior = isProcess ? MixtureWeightPrior.DirichletProcess : MixtureWeightPrior.Dirichlet,
        });
        GaussianMixturePrior prior = model.Posterior!.Prior;
        TextbookVariationalMixture Textbook() => new(
            [.. Enumerable.Range(0, rows.GetLength(0)).Select(i => Enumerable.Range(0, rows.GetLength(1)).Select(j => rows[i, j]).ToArray())],
            [.. Enumerable.Repeat(1.0, rows.GetLength(0))], "full", ComponentCount,
            new TextbookPrior(isProcess, prior.WeightConcentration, prior.MeanPrecision, [.. prior.Mean], prior.DegreesOfFreedom, prior.Covariance.ToArray(), 0));
        TextbookVariationalMixture found = Textbook();
        ScikitLearnVariationalTests.Load(found, model.Posterior);
        found.Expect();
        double bound = found.Bound();

        Closeness.Relative(bound, model.Report!.EvidenceLowerBound, 1e-10, "Evidence lower bound");
        Assert.InRange(model.ComponentCount, 2, ComponentCount);
        foreach (int gone in model.Posterior.ComponentsInUse)
        {
            // The component comes last, where an empty one of a process is in nobody's way.
            int[] order = [.. Enumerable.Range(0, ComponentCount).Where(k => k != gone), gone];
            TextbookVariationalMixture without = Textbook();
            without.Responsibilities = [.. found.Responsibilities.Select(row => order.Select(k => k == gone ? 0 : row[k] / (1 - row[gone] + 1e-12)).ToArray()).Select(row => Share(row))];
            for (int step = 0; step < Steps; step++)
            {
                without.Maximize();
                without.Expect();
            }

            Assert.True(without.Bound() < bound + Slack, $"Without component {gone} the bound is {without.Bound():F3}, and with it {bound:F3}.");
        }

        static double[] Share(double[] row)
        {
            double total = row.Sum();
            return [.. row.Select(value => value / total)];
        }
    }

    [Fact]
    [Trait("Kind", "Weights")]
    public void Default_OfRowsOfWeightTwo_FindsWhatItFindsInRepeatedRows()
    {
        double[,] once = Rows("faithful.csv");
        int count = once.GetLength(0);
        double[,] twice = new double[2 * count, 2];
        for (int i = 0; i < 2 * count; i++)
        {
            for (int j = 0; j < 2; j++) twice[i, j] = once[i % count, j];
        }

        GaussianMixtureModel weighted = BayesianGaussianMixture.Fit(once, null, [.. Enumerable.Repeat(2.0, count)]), repeated = BayesianGaussianMixture.Fit(twice);

        Assert.Equal(repeated.ComponentCount, weighted.ComponentCount);
        Closeness.Absolute(repeated.Report!.EvidenceLowerBound, weighted.Report!.EvidenceLowerBound, Slack, "Bound");
    }

    [Fact]
    [Trait("Kind", "Report")]
    public void Default_RacesOnceARestart_AndTheReportSaysSo()
    {
        double[,] rows = Rows("iris.csv");
        FitReport one = BayesianGaussianMixture.Fit(rows).Report!, three = BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions { RestartCount = 3 }).Report!;

        Assert.Single(one.StartObjectives);
        Assert.Equal(3, three.StartObjectives.Count);
        Assert.True(one.RacedStartCount > 10 && three.RacedStartCount > 10, $"{one.RacedStartCount} and {three.RacedStartCount}");
        Assert.InRange(one.AgreeingRacedStartCount, 1, one.RacedStartCount);
        Assert.Contains($"{one.RacedStartCount} starts of all kinds raced for the start of this fit", one.ToString(), StringComparison.Ordinal);
        Assert.True(three.EvidenceLowerBound >= one.EvidenceLowerBound - Slack);
    }

    /// <summary>One plain start ends there with six components for the four, of which two overlap, or keeps one for two rows.</summary>
    [Fact]
    [Trait("Kind", "Reference")]
    public void Default_OfManyRows_RacesOnASample_AndFindsTheGroups()
    {
        const int Count = 70_000;
        double[,] centres = { { 0, 0 }, { 3, 1 }, { 1, 5 }, { 6, 4 } };
        double[,] rows = new double[Count, 2];
        int[] labels = new int[Count];
        var random = new Random(3);
        for (int i = 0; i < Count; i++)
        {
            int k = labels[i] = i % 20 == 0 ? 3 : i % 3;
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())), angle = 2 * Math.PI * random.NextDouble(), common = radius * Math.Cos(angle);
            rows[i, 0] = centres[k, 0] + common;
            rows[i, 1] = centres[k, 1] + (0.5 * common) + (radius * Math.Sin(angle));
        }

        var options = new BayesianGaussianMixtureOptions { ComponentCount = 8 };
        GaussianMixtureModel model = BayesianGaussianMixture.Fit(rows, options);
        options.Start = MixtureStart.FromLabels(labels);
        FitReport truth = BayesianGaussianMixture.Fit(rows, options).Report!;

        Assert.Equal(4, model.ComponentCount);
        Assert.True(model.Report!.RacedStartCount > 10);
        Assert.True(model.Report.EvidenceLowerBound >= truth.EvidenceLowerBound - 1, $"{model.Report.EvidenceLowerBound:F2} is below {truth.EvidenceLowerBound:F2}.");
    }

    [Fact]
    [Trait("Kind", "Report")]
    public void StartsThatAreGiven_AndFitsOfAGivenNumberOfSteps_DoNotRace()
    {
        double[,] rows = Rows("iris.csv");
        int[] labels = [.. Enumerable.Range(0, 150).Select(i => i % 6)];
        BayesianGaussianMixtureOptions[] all =
        [
            new() { ComponentCount = 6, Start = MixtureStart.FromLabels(labels) }, new() { ComponentCount = 6, Start = MixtureStart.KMeansPlusPlus },
            new() { ComponentCount = 6, Tolerance = 0, MaximumIterations = 9 }, new() { ComponentCount = 6, Accelerate = false }, new() { ComponentCount = 1 },
        ];
        Assert.All(all, options =>
        {
            FitReport report = BayesianGaussianMixture.Fit(rows, options).Report!;
            Assert.Equal(0, report.RacedStartCount);
            Assert.DoesNotContain("raced", report.ToString(), StringComparison.Ordinal);
        });
    }

    [Fact]
    [Trait("Kind", "Report")]
    public void Warnings_AllComponentsInUse_SayWhetherFewerWereTried()
    {
        double[,] rows = Rows("wine.csv");
        string plain = Assert.Single(
            BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions { Start = MixtureStart.KMeansPlusPlus }).Report!.Warnings, IsOfUse);
        string raced = Assert.Single(BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions { ComponentCount = 2 }).Report!.Warnings, IsOfUse);

        Assert.Contains("no start with fewer was tried: the evidence lower bound may rise with more components or with fewer", plain, StringComparison.Ordinal);
        Assert.Contains("starts and moves, to fewer components among them, led to a higher evidence lower bound", raced, StringComparison.Ordinal);
        Assert.DoesNotContain(BayesianGaussianMixture.Fit(rows).Report!.Warnings, IsOfUse);

        static bool IsOfUse(string warning) => warning.Contains("components are in use", StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Kind", "Budget")]
    [InlineData(true)]
    [InlineData(false)]
    public void BudgetThatEndsWithinTheRace_GivesTheBestSoFar(bool isCancelled)
    {
        double[,] rows = Rows("wine.csv");
        var clock = new ManualClock();
        using var cancellation = new CancellationTokenSource();
        var seen = new List<FitProgress>();
        var options = new BayesianGaussianMixtureOptions
        {
            Clock = clock,
            TimeBudget = TimeSpan.FromSeconds(5),
            CancellationBehavior = CancellationBehavior.ReturnBest,
            Progress = new ProgressRecorder(progress =>
            {
                seen.Add(progress);
                if (seen.Count < 4) return;
                if (isCancelled) cancellation.Cancel();
                else clock.Advance(TimeSpan.FromSeconds(6));
            }),
        };

        FitReport report = BayesianGaussianMixture.Fit(rows, options, null, cancellation.Token).Report!;

        Assert.Equal((isCancelled ? StopReason.Cancelled : StopReason.TimeBudget, 1), (report.StopReason, report.UnfinishedStartCount));
        Assert.All(seen, progress => Assert.NotNull(progress.RacedStarts));
        Assert.All(seen.Zip(seen.Skip(1)), pair => Assert.True(pair.Second.AverageObjective >= pair.First.AverageObjective && pair.Second.RacedStarts > pair.First.RacedStarts));
        Closeness.Relative(seen[^1].AverageObjective * report.RowWeightTotal, report.EvidenceLowerBound, 1e-12, "Bound");
    }

    private static double[,] Rows(string file) => file switch
    {
        "penguins.csv" => CsvTable.Load(file).SelectComplete(_ofPenguins),
        _ => CsvTable.Load(file).Features,
    };
}
