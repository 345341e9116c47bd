using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>What a fit says about itself.</summary>
public class FitReportTests
{
    [Fact]
    [Trait("Kind", "Reference")]
    public void Report_SeveralStarts_ListsWhereTheyLed()
    {
        var problem = new EngineProblem(RowKind.Overlapping, 400, 2, 4, 3);
        var options = new GaussianMixtureOptions { ComponentCount = 4, RestartCount = 6, Start = MixtureStart.KMeansPlusPlus };

        FitReport report = GaussianMixture.Fit(problem.Rows, options).Report!;

        Assert.Equal(6, report.StartObjectives.Count);
        Assert.Equal(report.ObjectiveHistory[^1], report.StartObjectives.Max());
        int agreeing = report.StartObjectives.Count(value => value >= report.ObjectiveHistory[^1] - (options.Tolerance * report.RowWeightTotal));
        Assert.Equal(agreeing, report.AgreeingStartCount);
        Assert.InRange(report.AgreeingStartCount, 1, 6);
        Assert.InRange(report.RemainingGain, 0, options.Tolerance);
        for (int start = 0; start < 6; start++)
        {
            options.RestartCount = start + 1;
            Assert.Equal(report.StartObjectives.Take(start + 1), GaussianMixture.Fit(problem.Rows, options).Report!.StartObjectives);
        }
    }

    [Fact]
    [Trait("Kind", "Reference")]
    public void Report_DefaultStart_TellsOfTheRace()
    {
        double[,] rows = CsvTable.Iris.Features;
        var options = new GaussianMixtureOptions { ComponentCount = 3 };
        var progress = new RacedStarts();
        options.Progress = progress;

        GaussianMixtureModel model = GaussianMixture.Fit(rows, options);
        FitReport report = model.Report!, loaded = Reload(model).Report!;
        options.Start = MixtureStart.KMeansPlusPlus;
        FitReport plain = GaussianMixture.Fit(rows, options).Report!;

        // A listener hears of each new best one.
        Assert.InRange(report.RacedStartCount, Math.Max(10, progress.Most), 1000);
        Assert.InRange(report.AgreeingRacedStartCount, 2, report.RacedStartCount);
        Assert.Equal((report.RacedStartCount, report.AgreeingRacedStartCount), (loaded.RacedStartCount, loaded.AgreeingRacedStartCount));
        Assert.Contains($"{report.RacedStartCount} starts of all kinds raced", loaded.ToString(), StringComparison.Ordinal);
        Assert.Equal((0, 0), (plain.RacedStartCount, plain.AgreeingRacedStartCount));
        Assert.DoesNotContain("raced", plain.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Two kinds of banknotes are told apart from every seed; twelve components of 200 notes are one of many ways to cut them up.</summary>
    [Fact]
    [Trait("Kind", "Reference")]
    public void Warnings_OneRacedStartLedToTheTop_SayThatThereMayBeBetter()
    {
        const int Seeds = 6;
        int few = 0, many = 0;
        for (int seed = 0; seed < Seeds; seed++)
        {
            few += Warned(2, seed);
            many += Warned(12, seed);
        }

        Assert.Equal(0, few);
        Assert.InRange(many, 1, Seeds);

        static int Warned(int componentCount, int seed)
        {
            FitReport report = GaussianMixture.Fit(CsvTable.Banknote.Features, new GaussianMixtureOptions { ComponentCount = componentCount, Seed = seed }).Report!;
            string expected = $"Only 1 of the {report.RacedStartCount} starts that raced for this fit led to its maximum. There may be better ones: ask for restarts, or for fewer components.";
            int warned = report.Warnings.Contains(expected) ? 1 : 0;
            Assert.Equal(warned == 1, report is { RacedStartCount: >= 10, AgreeingRacedStartCount: 1 });
            return warned;
        }
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(20, false)]
    public void Text_OfNoiseThatWasAskedFor_SaysWhereItHasNoRow(int strayCount, bool isTold)
    {
        var random = new Random(5);
        double[,] rows = new double[600 + strayCount, 2];
        for (int at = 0; at < rows.Length; at++) rows[at / 2, at % 2] = at < 1200 ? MixtureCase.Normal(random) + (at < 600 ? 0 : 12) : 80 * (random.NextDouble() - 0.5);

        FitReport report = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2, NoiseComponent = true }).Report!;

        Assert.Equal(isTold, report.NoiseEffectiveCount < 0.5);
        Assert.Equal(isTold, report.ToString().Contains("\nThe noise that was asked for has no row: either none is stray, or ", StringComparison.Ordinal));
        Assert.Empty(report.Warnings);
    }

    [Fact]
    public void Report_OfAModel_IsNullOnlyWhereNoFitMadeIt()
    {
        double[,] rows = CsvTable.Faithful.Features;
        GaussianMixtureModel fitted = GaussianMixture.Fit(rows, componentCount: 2);
        GaussianMixtureModel given = GaussianMixtureModel.FromParameters([1], new double[,] { { 0, 0 } }, [new double[,] { { 1, 0 }, { 0, 1 } }]);
        FactorAnalyzerMixtureModel factors = FactorAnalyzerMixture.Fit(rows, componentCount: 2, factorCount: 1);

        MixtureModel[] withReport =
        [
            fitted, Reload(fitted), factors, BayesianGaussianMixture.Fit(rows),
            GaussianMixture.Search(rows, new GaussianMixtureSearchOptions { MaximumComponentCount = 2, CovarianceStructures = [CovarianceStructure.Full] }).Model,
        ];
        Assert.All(withReport, model => Assert.NotNull(model.Report));
        MixtureModel[] without =
        [
            given, Reload(given), fitted.Marginal(0), fitted.Conditional(3, double.NaN), fitted.WithNoise(0.1, [0, 0], [9, 99]), factors.ToGaussianMixture(),
        ];
        Assert.All(without, model => Assert.Null(model.Report));
    }

    [Fact]
    [Trait("Kind", "Reference")]
    public void ToString_AnyReport_IsReadable()
    {
        var report = new FitReport
        {
            RowCount = 100,
            MissingRowCount = 2,
            IncompleteRowCount = 7,
            RowWeightTotal = 100,
            FreeParameterCount = 11,
            StopReason = StopReason.Converged,
            LogLikelihoodHistory = [-260, -250],
            ObjectiveHistory = [-260.5, -250.5],
            EffectiveCounts = [40.5, 59.5],
            ZeroWeightRowCount = 3,
            StartObjectives = [-250.5, double.NaN, -250.5],
            AgreeingStartCount = 2,
            RacedStartCount = 21,
            AgreeingRacedStartCount = 8,
            UnfinishedStartCount = 4,
            RemainingGain = 2e-5,
            ElapsedTime = TimeSpan.FromSeconds(1.25),
            Warnings = ["Feature 1 is constant. Drop it."],
        };

        Assert.Equal(
            [
                "Fitted 100 rows of total weight 100, 7 of them with missing features; left out 2 rows of which every feature is missing; left out 3 rows of weight zero.",
                "Log-likelihood -250.0000 (-2.5000 per unit of weight), 11 free parameters, BIC 550.66, AIC 522.00.",
                "Stopped after 1 iteration: converged; by an estimate at most about 2E-05 nats per unit of weight were still to be gained. The fit took 1.25 s.",
                "21 starts of all kinds raced for the start of this fit: 8 led to the winner.",
                "3 starts: 2 led to this maximum or one as high, 1 gave no model, 4 of those asked for were not finished. Their objectives are -250.5000, none, -250.5000.",
                "Rows by component: 0: 40.5, 1: 59.5.",
                "Warning: Feature 1 is constant. Drop it.",
            ],
            report.ToString().Split('\n'));
    }

    [Fact]
    [Trait("Kind", "Reference")]
    public void ToString_OfAFitToRealData_IsAsExpected()
    {
        // Eigenvalues, condition numbers and the overlap were computed by scikit-learn and numpy.
        var options = new GaussianMixtureOptions
        {
            ComponentCount = 2,
            CovariancePriorStrength = 0,
            Tolerance = 1e-12,
            RestartCount = 2,
            Clock = new ManualClock { StepOfReading = TimeSpan.FromMilliseconds(1) },
        };
        FitReport report = GaussianMixture.Fit(CsvTable.Faithful.Features, options).Report!;

        string[] lines = report.ToString().Split('\n');

        Assert.Equal(
            [
                "Fitted 272 rows of total weight 272.",
                "Log-likelihood -1130.2640 (-4.1554 per unit of weight), 11 free parameters, BIC 2322.19, AIC 2282.53.",
                "2 starts: 2 led to this maximum or one as high. Their objectives are -1130.2640, -1130.2640.",
                "Rows by component: 0: 175.2, 1: 96.8.",
                "Smallest eigenvalue of each covariance: 0: 0.145, 1: 0.0635.",
                "Condition number of each covariance: 0: 248, 1: 530.",
                "Components 0 and 1 overlap most: their Bhattacharyya coefficient is 0.0025 of 1, and at most 0.12 % of their rows need be mistaken for each other's.",
            ],
            lines.Where((_, at) => at is not (2 or 3)));
        Assert.Matches("^[0-9]+ starts of all kinds raced for the start of this fit: [0-9]+ led to the winner\\.$", lines[3]);
        Assert.Matches("^Stopped after [0-9]+ iterations: converged; by an estimate at most about [0-9.E-]+ nats per unit of weight were still to be gained\\. The fit took 0\\.[0-9]+ s\\.$", lines[2]);
    }

    /// <summary>Units alone make condition numbers frightening. Those of the correlations are the ratios of 1 + r and 1 - r.</summary>
    [Theory]
    [InlineData(1e3)]
    [InlineData(1e12)]
    public void ToString_FeaturesOfDifferentSizes_GivesConditionNumbersOfTheCorrelations(double size)
    {
        var model = GaussianMixtureModel.FromParameters(
            [0.5, 0.5], new double[,] { { 0, 0 }, { size, 1 } }, [new double[,] { { size * size, 0.5 * size }, { 0.5 * size, 1 } }, new double[,] { { size * size, -0.6 * size }, { -0.6 * size, 1 } }]);
        double[,] rows = model.Sample(50, seed: 1);

        FitReport report = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2, MaximumIterations = 0, Start = MixtureStart.FromModel(model) }).Report!;

        string line = Assert.Single(report.ToString().Split('\n'), text => text.StartsWith("Condition number of each covariance: ", StringComparison.Ordinal));
        Assert.EndsWith(". Large ones are due to the units of the features, which the fit does not mind; those of the correlations: 0: 3, 1: 4.", line, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Kind", "Reference")]
    public void ToString_OfManyComponentsAndStarts_StaysShort()
    {
        var problem = new EngineProblem(RowKind.Clustered, 500, 2, 20, 3);
        GaussianMixtureModel model = GaussianMixture.Fit(problem.Rows, new GaussianMixtureOptions { ComponentCount = 20, RestartCount = 20, MaximumIterations = 5, Start = MixtureStart.KMeansPlusPlus });

        string[] lines = model.Report!.ToString().Split('\n');

        Assert.InRange(lines.Length, 7, 12);
        Assert.Equal(4, lines.Count(line => line.EndsWith(", and 4 more.", StringComparison.Ordinal)));
    }

    [Fact]
    [Trait("Kind", "Reference")]
    public void Report_RowsLeftOut_AreCountedByTheirReason()
    {
        double[,] rows = (double[,])new EngineProblem(RowKind.Overlapping, 100, 2, 2, 3).Rows.Clone();
        double[] weights = [.. Enumerable.Range(0, 100).Select(i => i % 10 == 0 ? 0.0 : 1)];
        (rows[1, 0], rows[1, 1], rows[2, 1]) = (double.NaN, double.NaN, double.NaN);

        FitReport report = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2 }, weights).Report!;

        Assert.Equal((89, 10, 1, 1), (report.RowCount, report.ZeroWeightRowCount, report.MissingRowCount, report.IncompleteRowCount));
    }

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void Warnings_ComponentsThatOverlapNearlyEntirely_AreNamed()
    {
        // Two components for one group, each with a half of every row.
        double[,] rows = new EngineProblem(RowKind.Overlapping, 300, 2, 1, 3).Rows;
        double[,] halves = new double[300, 2];
        for (int i = 0; i < 300; i++) halves[i, 0] = 1 - (halves[i, 1] = i % 2 == 0 ? 0.5 : 0.52);
        var options = new GaussianMixtureOptions { ComponentCount = 2, Start = MixtureStart.FromResponsibilities(halves), MaximumIterations = 1 };

        string warning = Assert.Single(GaussianMixture.Fit(rows, options).Report!.Warnings, text => text.Contains("overlap", StringComparison.Ordinal));

        Assert.StartsWith("Components 0 and 1 overlap nearly entirely (Bhattacharyya coefficient 1.000 of 1), so rows can hardly be told apart by them.", warning, StringComparison.Ordinal);
        Assert.EndsWith("Ask for fewer components, or compare numbers of components by BIC.", warning, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Kind", "Degenerate")]
    [InlineData("full", "The covariance of component 1 is nearly singular: feature ")]
    [InlineData("tied", "The common covariance is nearly singular: feature ")]
    public void Warnings_CovarianceThatCostsDigits_NamesComponentAndFeature(string structure, string beginning)
    {
        // In the second group the sum of two features is the third but for 3e-6; in the others too if there is one covariance.
        var random = new Random(4);
        double[,] rows = new double[400, 3];
        for (int i = 0; i < 400; i++)
        {
            bool isFlat = i % 2 == 1 || structure == "tied";
            for (int j = 0; j < 3; j++) rows[i, j] = Laws.Tests.MixtureCase.Normal(random);
            if (isFlat) rows[i, 2] = rows[i, 0] + rows[i, 1] + (3e-6 * rows[i, 2]);
            if (i % 2 == 1) rows[i, 0] += 3;
            if (i % 2 == 1) rows[i, 2] += 3;
        }

        var options = new GaussianMixtureOptions
        {
            ComponentCount = 2,
            CovarianceStructure = BoundsTests.Structure(structure),
            CovariancePriorStrength = 0,
            Start = MixtureStart.FromLabels([.. Enumerable.Range(0, 400).Select(i => i % 2)]),
        };
        FitReport report = GaussianMixture.Fit(rows, options).Report!;

        string warning = Assert.Single(report.Warnings);
        Assert.StartsWith(beginning, warning, StringComparison.Ordinal);
        Assert.Contains("so about 11 of 16 digits of densities are lost. Drop the feature, or strengthen the covariance prior or floor.", warning, StringComparison.Ordinal);
        Assert.True(report.ConditionNumbers[1] > 1e10);
    }

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void Warnings_OnlyOneStartFoundTheMaximum_SayHowFarTheNextIs()
    {
        int lonely = 0, others = 0;
        foreach (RowKind kind in (RowKind[])[RowKind.Clustered, RowKind.Overlapping])
        {
            var problem = new EngineProblem(kind, 400, 2, 6, 3);
            var options = new GaussianMixtureOptions { ComponentCount = 6, RestartCount = 8, Start = MixtureStart.KMeansPlusPlus };
            for (options.Seed = 0; options.Seed < 3; options.Seed++)
            {
                FitReport report = GaussianMixture.Fit(problem.Rows, options).Report!;
                string[] warnings = [.. report.Warnings.Where(text => text.StartsWith("Only 1 of 8 starts led to the best maximum; the next is ", StringComparison.Ordinal))];
                Assert.Equal(report.AgreeingStartCount == 1 ? 1 : 0, warnings.Length);
                if (warnings.Length == 1) lonely++;
                else others++;
            }
        }

        Assert.True(lonely > 0 && others > 0, $"{lonely} lonely maxima and {others} others");
    }

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void Warnings_MoreParametersThanRows_SayHowMany()
    {
        FitReport Fit(CovarianceStructure structure) => GaussianMixture.Fit(
            CsvTable.Standardise(CsvTable.Wine.Features), new GaussianMixtureOptions { ComponentCount = 3, CovarianceStructure = structure }).Report!;

        Assert.Contains(Fit(CovarianceStructure.Full).Warnings, warning => warning.StartsWith("The model has 314 free parameters for 178 rows,", StringComparison.Ordinal));
        Assert.DoesNotContain(Fit(CovarianceStructure.Diagonal).Warnings, warning => warning.Contains("free parameters for", StringComparison.Ordinal));
    }

    // Restarts use the same memory one after the other: nothing of one may show in the next. Of many rows groups that lie apart, whose races end soon.
    [Theory]
    [Trait("Kind", "Law")]
    [InlineData(300)]
    [InlineData(9_000)]
    public void StartObjectives_OfRestarts_AreThoseOfFitsOfTheirOwn(int rowCount)
    {
        const int SeedStep = 0x3C6EF372;
        var problem = new EngineProblem(rowCount > 1000 ? RowKind.Clustered : RowKind.Overlapping, rowCount, 3, 4, 8);
        var options = new GaussianMixtureOptions { ComponentCount = 4, RestartCount = 3, Seed = 5 };

        double[] together = [.. GaussianMixture.Fit(problem.Rows, options).Report!.StartObjectives];

        options.RestartCount = 1;
        double[] apart = [.. Enumerable.Range(0, 3).Select(start =>
        {
            options.Seed = unchecked(5 + (start * SeedStep));
            return GaussianMixture.Fit(problem.Rows, options).Report!.StartObjectives.Single();
        })];
        Assert.Equal(MixtureAssert.Bits(apart), MixtureAssert.Bits(together));
    }

    private static GaussianMixtureModel Reload(GaussianMixtureModel model)
    {
        using var stream = new MemoryStream();
        model.Save(stream);
        stream.Position = 0;
        return GaussianMixtureModel.Load(stream);
    }

    private sealed class RacedStarts : IProgress<FitProgress>
    {
        public int Most { get; private set; }

        public void Report(FitProgress value) => Most = Math.Max(Most, value.RacedStarts ?? 0);
    }
}
