using Microsoft.ML.Mixture.Extensibility.Tests;

namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>Fits whose time is over before any start has a model: they end in one nevertheless, which says what it is.</summary>
[Trait("Kind", "Budget")]
public class MakeshiftTests
{
    private static readonly EngineProblem _problem = new(RowKind.Overlapping, 600, 2, 4, 3);
    private static readonly TimeSpan _budget = TimeSpan.FromSeconds(2);

    public static TheoryData<string, bool> Fits
    {
        get
        {
            var fits = new TheoryData<string, bool>();
            foreach (string kind in (string[])["gaussian", "spherical", "restarts", "holes", "weights", "noise", "far", "factors", "bayesian", "labels", "parameters", "many"])
            {
                fits.Add(kind, true);
                fits.Add(kind, false);
            }

            return fits;
        }
    }

    [Theory]
    [MemberData(nameof(Fits))]
    public void Fit_TimeIsOverAtTheFirstRow_HasAModelAndSaysWhatItIs(string kind, bool firesTimers)
    {
        (RowSource rows, int count) = Rows(kind);
        var clock = new ManualClock { FiresTimers = firesTimers };
        int reads = 0;
        var watched = new WatchedRowSource(rows, () =>
        {
            if (++reads == 1) clock.Advance(TimeSpan.FromSeconds(3));
        });

        FitReport report = Fit(kind, watched, clock);

        Assert.Equal((StopReason.TimeBudget, 0), (report.StopReason, report.IterationCount));
        Assert.Equal(kind == "restarts" ? 3 : 1, report.UnfinishedStartCount);
        Assert.True(double.IsFinite(report.LogLikelihood) && double.IsFinite(report.ObjectiveHistory[^1]), "No likelihood.");
        Assert.Equal(0, report.SpuriousComponentCount);
        string of = kind is "labels" or "parameters" ? string.Empty : ", of groups of some of the rows";
        Assert.Equal(
            $"The time budget of 00:00:02 ended the fit before any start had a model. The model is a makeshift: a start without a single iteration{of}. Raise TimeBudget, or fit to fewer rows or with fewer components.",
            report.Warnings[0]);
        Assert.Equal(0, clock.ActiveTimerCount);

        // Blocks are read, each of at least 64 rows: the first look, moments and warnings, a sample, and the pass of the model. A plain fit takes many more.
        int blocks = (count / 64) + 1;
        Assert.InRange(reads, 1, 16 * blocks);
    }

    [Fact]
    public void Fit_TimeIsOverAtTheFirstRow_HasTheLikelihoodOfItsModelAndIsNotFarOff()
    {
        var clock = new ManualClock();
        GaussianMixtureOptions options = Options(clock);
        var source = new WatchedRowSource(_problem.Source, () => clock.Advance(TimeSpan.FromSeconds(3)));

        GaussianMixtureModel model = GaussianMixture.Fit(source, options, CancellationToken.None);

        Assert.Equal(model.Report!.LogLikelihood, model.CriteriaOf(_problem.Rows).LogLikelihood, 1e-9 * Math.Abs(model.Report.LogLikelihood));
        double whole = GaussianMixture.Fit(_problem.Rows, new GaussianMixtureOptions { ComponentCount = 4 }).Report!.LogLikelihood;
        Assert.InRange(model.Report.LogLikelihood, whole - (0.5 * 600), whole);
        Assert.Equal(model.Report.LogLikelihood, GaussianMixture.Fit(new WatchedRowSource(_problem.Source, () => clock.Advance(TimeSpan.FromSeconds(3))), options, CancellationToken.None).Report!.LogLikelihood);
    }

    [Fact]
    public void Fit_TimeIsOverAndGroupsMakeNoModel_Throws()
    {
        // Three points, many times each, without anything that keeps variances above zero.
        double[] values = [.. Enumerable.Range(0, 300).Select(i => (double)(i % 3))];
        var clock = new ManualClock();
        GaussianMixtureOptions options = Options(clock);
        (options.ComponentCount, options.CovariancePriorStrength) = (3, 0);

        var error = Assert.Throws<MixtureFitException>(
            () => GaussianMixture.Fit(new WatchedRowSource(new ArrayRowSource<double>(values, 1), () => clock.Advance(TimeSpan.FromSeconds(3))), options, CancellationToken.None));

        Assert.Matches("^The time budget of 00:00:02 ended before any start had a model, and the start has none: .*[^.]\\. Raise it, or fit to fewer rows, ", error.Message);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(60, false)]
    public void Fit_TimeIsOverAndOneStartTakesAsLongAgain_Throws(double seconds, bool isRefused)
    {
        // Full covariances of 100 components in 150 features: a billion operations a pass, and more for an M-step.
        var problem = new EngineProblem(RowKind.Overlapping, 2000, 150, 4, 3);
        var clock = new ManualClock();
        GaussianMixtureOptions options = Options(clock);
        (options.ComponentCount, options.TimeBudget) = (isRefused ? 100 : 2, TimeSpan.FromSeconds(seconds));
        var source = new WatchedRowSource(problem.Source, () => clock.Advance(TimeSpan.FromSeconds(2 * seconds)));

        MixtureFitException? error = null;
        try
        {
            Assert.Equal(StopReason.TimeBudget, GaussianMixture.Fit(source, options, CancellationToken.None).Report!.StopReason);
        }
        catch (MixtureFitException exception)
        {
            error = exception;
        }

        Assert.Equal(isRefused, error is not null);
        if (isRefused)
        {
            Assert.Equal(
                "The time budget of 00:00:01 ended before any start had a model, and one start of so many rows and parameters would take as long again, and more than a second. Raise it, or fit to fewer rows, with fewer components, or with a structure of fewer parameters.",
                error!.Message);
        }
    }

    /// <summary>Half a second was taken for more than one, and there was no model.</summary>
    [Theory]
    [InlineData("VEV")]
    [InlineData("EEV")]
    [InlineData("VEE")]
    [InlineData("VVE")]
    [InlineData("EVE")]
    public void Fit_TimeIsOverAndOneStartOfManyFeaturesTakesLessThanASecond_HasAModel(string code)
    {
        var problem = new EngineProblem(RowKind.Overlapping, 400, 350, 4, 3);
        var clock = new ManualClock();
        GaussianMixtureOptions options = Options(clock);
        (options.ComponentCount, options.CovarianceStructure, options.TimeBudget) = (20, CovarianceStructure.FromCode(code), TimeSpan.FromSeconds(0.1));

        FitReport report = GaussianMixture.Fit(new WatchedRowSource(problem.Source, () => clock.Advance(TimeSpan.FromSeconds(1))), options, CancellationToken.None).Report!;

        Assert.Equal(StopReason.TimeBudget, report.StopReason);
        Assert.True(double.IsFinite(report.LogLikelihood));
    }

    [Fact]
    public void Fit_TimeIsOverAndThenCancelled_ThrowsUnlessThereIsAModel()
    {
        int all = Run(int.MaxValue, CancellationBehavior.Throw).Reads;
        Assert.InRange(all, 5, 500);
        int models = 0;
        for (int read = 1; read <= all; read++)
        {
            foreach (CancellationBehavior behavior in Enum.GetValues<CancellationBehavior>())
            {
                (_, Exception? error, CancellationToken token) = Run(read, behavior);
                if (error is null) models++;
                else Assert.Equal(token, Assert.IsAssignableFrom<OperationCanceledException>(error).CancellationToken);
                if (behavior == CancellationBehavior.Throw && read <= all / 2) Assert.NotNull(error);
            }
        }

        Assert.InRange(models, 1, all - 1);

        static (int Reads, Exception? Error, CancellationToken Token) Run(int last, CancellationBehavior behavior)
        {
            var clock = new ManualClock();
            using var cancellation = new CancellationTokenSource();
            GaussianMixtureOptions options = Options(clock);
            options.CancellationBehavior = behavior;
            int reads = 0;
            var source = new WatchedRowSource(_problem.Source, () =>
            {
                if (++reads == 1) clock.Advance(TimeSpan.FromSeconds(3));
                if (reads == last) cancellation.Cancel();
            });
            Exception? error = Record.Exception(() => GaussianMixture.Fit(source, options, cancellation.Token));
            return (reads, error, cancellation.Token);
        }
    }

    [Fact]
    public void Fit_OfAnotherFamily_HasAModel()
    {
        var clock = new ManualClock();
        var random = new Random(1);
        double[] rows = [.. Enumerable.Range(0, 900).Select(_ => (double)random.Next(2))];
        var options = new MixtureOptions { ComponentCount = 2, Clock = clock, TimeBudget = _budget };

        MixtureFit fit = MixtureFitter.Fit(
            new BernoulliFamily(1), new WatchedRowSource(new ArrayRowSource<double>(rows, 3), () => clock.Advance(TimeSpan.FromSeconds(3))), options);

        Assert.Equal((StopReason.TimeBudget, 0, 1, true), (fit.StopReason, fit.IterationCount, fit.UnfinishedStartCount, fit.IsMakeshift));
        Assert.True(double.IsFinite(fit.LogLikelihood), "No likelihood.");
    }

    [Fact]
    public void CrossValidate_TimeIsOverAtOnce_ThrowsAsAllFoldsAreNeeded()
    {
        var clock = new ManualClock();
        GaussianMixtureOptions options = Options(clock);
        int reads = 0;
        var source = new WatchedRowSource(_problem.Source, () =>
        {
            if (++reads == 60) clock.Advance(TimeSpan.FromSeconds(3));
        });

        var error = Assert.Throws<MixtureFitException>(() => GaussianMixture.CrossValidate(source, options, 5, CancellationToken.None));

        Assert.Contains("of 5 folds, and all are needed", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Where the time was over between two looks at the clock just before a race, it took a race without a start for one in which all had failed.</summary>
    [Theory]
    [InlineData("plain")]
    [InlineData("many")]
    [InlineData("factors")]
    [InlineData("bayesian")]
    [InlineData("restarts")]
    [InlineData("noise")]
    public void Fit_TimeIsOverAtAnyLookAtTheClock_GivesAModelOrSaysThatThereIsNone(string kind)
    {
        int models = 0;
        for (int looks = 1; looks <= 25; looks++)
        {
            // Timers that are late, so that nothing else ends the fit.
            var clock = new ManualClock { FiresTimers = false, StepOfReading = _budget / looks };
            try
            {
                FitReport report = Fit(kind, Rows(kind).Rows, clock);
                Assert.True(double.IsFinite(report.LogLikelihood));
                models++;
            }
            catch (MixtureFitException exception)
            {
                Assert.StartsWith("The time budget of ", exception.Message, StringComparison.Ordinal);
            }
        }

        Assert.True(models > 0);
    }

    private static GaussianMixtureOptions Options(TimeProvider clock) => new() { ComponentCount = 4, Seed = 2, Clock = clock, TimeBudget = _budget };

    private static (RowSource Rows, int Count) Rows(string kind)
    {
        int count = kind == "many" ? 90_000 : 600;
        var problem = new EngineProblem(RowKind.Overlapping, count, 2, 4, 3, hasWeights: kind == "weights");
        if (kind == "holes")
        {
            for (int i = 0; i < count; i += 3) problem.Values[(2 * i) + (i % 2)] = double.NaN;
        }

        // Single rows far from everything.
        if (kind == "far") (problem.Values[10], problem.Values[801]) = (1e5, -1e5);
        return (problem.Source, count);
    }

    private static FitReport Fit(string kind, RowSource rows, TimeProvider clock)
    {
        GaussianMixtureOptions options = Options(clock);
        switch (kind)
        {
            case "factors":
                return FactorAnalyzerMixture.Fit(
                    rows, new FactorAnalyzerMixtureOptions { ComponentCount = 4, FactorCount = 1, Clock = clock, TimeBudget = _budget }, CancellationToken.None).Report!;
            case "bayesian":
                return BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions { Clock = clock, TimeBudget = _budget }, CancellationToken.None).Report!;
            case "spherical": options.CovarianceStructure = CovarianceStructure.Spherical; break;
            case "restarts": options.RestartCount = 3; break;
            case "noise": options.NoiseComponent = true; break;
            case "far": options.NoiseComponent = true; break;
            case "labels": options.Start = MixtureStart.FromLabels([.. Enumerable.Range(0, 600).Select(i => i % 4)]); break;
            case "parameters":
                options.Start = MixtureStart.FromModel(GaussianMixture.Fit(_problem.Rows, new GaussianMixtureOptions { ComponentCount = 4, MaximumIterations = 2, Tolerance = 0 }));
                break;
        }

        return GaussianMixture.Fit(rows, options, CancellationToken.None).Report!;
    }
}
