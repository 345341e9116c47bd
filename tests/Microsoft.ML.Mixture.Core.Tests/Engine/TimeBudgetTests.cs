using Microsoft.ML.Mixture.Extensibility.Tests;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>Fits whose time is over, and fits that are cancelled and return what they have. The clock is the tests' own.</summary>
public class TimeBudgetTests
{
    private static readonly EngineProblem _problem = new(RowKind.Overlapping, 600, 2, 4, 3);

    /// <summary>What was left when the clock was looked at a second time was below nothing, and a time limit of that throws.</summary>
    [Fact]
    [Trait("Kind", "Budget")]
    public void Left_TimeEndsWhileTheClockIsRead_IsNotBelowNothing()
    {
        var clock = new ManualClock { FiresTimers = false, StepOfReading = TimeSpan.FromSeconds(1) };
        using var limit = new TimeLimit(TimeSpan.FromSeconds(1.5), clock, CancellationToken.None);

        Assert.Equal((TimeSpan.FromSeconds(0.5), TimeSpan.Zero), (limit.Left, limit.Left));
    }

    /// <summary>The box along principal axes takes the cube of the features: of a thousand it took twenty seconds, whatever the budget, and could not be cancelled.</summary>
    [Fact]
    [Trait("Kind", "Budget")]
    public void Fit_TimeIsOverBeforeTheNoiseIsMeasured_TakesTheBoxAlongTheFeatures()
    {
        double[,] rows = new double[200, 2];
        for (int i = 0; i < 200; i++) (rows[i, 0], rows[i, 1]) = (i % 20, (i % 20) + (0.1 * (i % 7)));
        var options = new GaussianMixtureOptions { NoiseComponent = true };
        double alongAxes = GaussianMixture.Fit(rows, options).NoiseLogDensity;
        var clock = new ManualClock();
        (options.Clock, options.TimeBudget) = (clock, TimeSpan.FromSeconds(1));

        GaussianMixtureModel model = GaussianMixture.Fit(new WatchedRowSource(GaussianMixture.Copy(rows, null), () => clock.Advance(TimeSpan.FromSeconds(1))), options, CancellationToken.None);

        Assert.Equal(-Math.Log(19 * 19.6), model.NoiseLogDensity, 1e-9);
        Assert.True(alongAxes > model.NoiseLogDensity + 1, "The box along the axes is not smaller.");
    }

    /// <summary>It was refused, though it means no limit wherever .NET takes one.</summary>
    [Fact]
    [Trait("Kind", "Budget")]
    public void TimeBudget_Infinite_IsNoLimit()
    {
        GaussianMixtureOptions options = Options(_ => { });
        options.TimeBudget = Timeout.InfiniteTimeSpan;

        Assert.Null(options.TimeBudget);
        Assert.Null(new BayesianGaussianMixtureOptions { TimeBudget = Timeout.InfiniteTimeSpan }.TimeBudget);
        Assert.Null(new GaussianMixtureSearchOptions { TimeBudget = Timeout.InfiniteTimeSpan }.TimeBudget);
        Assert.NotEqual(StopReason.TimeBudget, GaussianMixture.Fit(_problem.Rows, options).Report!.StopReason);
    }

    [Theory]
    [Trait("Kind", "Budget")]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(7, true)]
    [InlineData(7, false)]
    public void Fit_TimeBudgetEndsAfterAnIteration_ReturnsTheModelOfThatIteration(int iterations, bool firesTimers)
    {
        var clock = new ManualClock { FiresTimers = firesTimers };
        GaussianMixtureOptions options = Options(progress => { if (progress.Iteration == iterations) clock.Advance(TimeSpan.FromSeconds(10)); });
        (options.Clock, options.TimeBudget) = (clock, TimeSpan.FromSeconds(10));

        GaussianMixtureModel model = GaussianMixture.Fit(_problem.Rows, options);

        GaussianMixtureOptions plain = Options(_ => { });
        plain.MaximumIterations = iterations;
        MixtureAssert.SameBits(GaussianMixture.Fit(_problem.Rows, plain), model);
        FitReport report = model.Report!;
        Assert.Equal((StopReason.TimeBudget, iterations, 1, TimeSpan.FromSeconds(10)), (report.StopReason, report.IterationCount, report.UnfinishedStartCount, report.ElapsedTime));
        Assert.Equal(
            [$"The time budget of 00:00:10 ended the fit before it was done. The model is that of start 0, which had not converged after {iterations} iteration{(iterations == 1 ? string.Empty : "s")}. Raise TimeBudget, or ask for fewer starts or a larger tolerance."],
            report.Warnings);
        Assert.Equal(0, clock.ActiveTimerCount);
    }

    [Fact]
    [Trait("Kind", "Budget")]
    public void Fit_TimeBudgetEndsWithinAPass_ReturnsTheModelOfTheLastWholePass()
    {
        // Every whole pass is ended by the next one.
        for (int block = 1; block <= 40; block++)
        {
            int reads = 0, atBlock = block;
            var clock = new ManualClock();
            bool isCounting = false;
            var source = new WatchedRowSource(_problem.Source, () =>
            {
                if (isCounting && ++reads == atBlock) clock.Advance(TimeSpan.FromSeconds(10));
            });
            int reported = -1;
            GaussianMixtureOptions options = Options(progress =>
            {
                isCounting = true;
                reported = progress.Iteration;
            });
            (options.Clock, options.TimeBudget) = (clock, TimeSpan.FromSeconds(10));

            GaussianMixtureModel model = GaussianMixture.Fit(source, options, CancellationToken.None);

            Assert.Equal((StopReason.TimeBudget, reported), (model.Report!.StopReason, model.Report.IterationCount));
            GaussianMixtureOptions plain = Options(_ => { });
            plain.MaximumIterations = reported;
            MixtureAssert.SameBits(GaussianMixture.Fit(_problem.Rows, plain), model);
        }
    }

    [Fact]
    [Trait("Kind", "Budget")]
    public void Fit_AcceleratedAndCutOffAnywhere_NeverReturnsAFallenOrUntriedMixture()
    {
        for (int block = 1; block <= 60; block++)
        {
            int reads = 0, atBlock = block;
            using var cancellation = new CancellationTokenSource();
            bool isCounting = false;
            var source = new WatchedRowSource(_problem.Source, () =>
            {
                if (isCounting && ++reads == atBlock) cancellation.Cancel();
            });
            GaussianMixtureOptions options = Options(_ => isCounting = true);
            (options.Accelerate, options.Tolerance, options.CancellationBehavior) = (true, 1e-12, CancellationBehavior.ReturnBest);

            GaussianMixtureModel model = GaussianMixture.Fit(source, options, cancellation.Token);

            FitReport report = model.Report!;
            Assert.Equal(StopReason.Cancelled, report.StopReason);
            for (int at = 1; at < report.ObjectiveHistory.Count; at++) Assert.True(report.ObjectiveHistory[at] >= report.ObjectiveHistory[at - 1] - (1e-12 * Math.Abs(report.ObjectiveHistory[at])));
            double logLikelihood = Enumerable.Range(0, _problem.RowCount).Sum(i => model.LogDensity(MixtureAssert.RowOf(_problem.Rows, i)));
            MixtureAssert.Close([report.LogLikelihood], [logLikelihood], 1e-12, "log-likelihood");
        }
    }

    [Theory]
    [Trait("Kind", "Budget")]
    [InlineData(false)]
    [InlineData(true)]
    public void Fit_InterruptedInTheFourthStart_ReturnsTheBestOfAllSoFar(bool byTheCaller)
    {
        var clock = new ManualClock();
        using var cancellation = new CancellationTokenSource();
        GaussianMixtureOptions options = Options(progress =>
        {
            if (progress is not { Start: 3, Iteration: 2 }) return;
            if (byTheCaller) cancellation.Cancel();
            else clock.Advance(TimeSpan.FromSeconds(5));
        });
        (options.Clock, options.TimeBudget, options.RestartCount) = (clock, TimeSpan.FromSeconds(5), 10);
        options.CancellationBehavior = CancellationBehavior.ReturnBest;

        GaussianMixtureModel model = GaussianMixture.Fit(_problem.Rows, options, null, cancellation.Token);

        options.RestartCount = 3;
        GaussianMixtureModel ofThree = GaussianMixture.Fit(_problem.Rows, options);
        FitReport report = model.Report!;
        Assert.Equal((4, 7), (report.StartObjectives.Count, report.UnfinishedStartCount));
        Assert.Equal(ofThree.Report!.StartObjectives, report.StartObjectives.Take(3));
        Assert.Equal(report.StartObjectives.Max(), report.ObjectiveHistory[^1]);
        Assert.True(report.StartObjectives[3] < report.ObjectiveHistory[^1], "The start that was cut off must not be the best for this test to mean something.");
        MixtureAssert.SameBits(ofThree, model);
        Assert.Equal(StopReason.Converged, report.StopReason);
        string cause = byTheCaller ? "The fit was cancelled" : "The time budget of 00:00:05 ended the fit", start = report.Warnings[0].Split("start ")[1].Split(',')[0];
        Assert.StartsWith($"{cause} before it was done, with 3 of 10 starts finished and 6 not begun. The model is that of start {start}, the best so far. ", report.Warnings[0], StringComparison.Ordinal);
        Assert.Contains("4 starts: ", report.ToString(), StringComparison.Ordinal);
        Assert.Contains(", 7 of those asked for were not finished.", report.ToString(), StringComparison.Ordinal);
    }

    /// <summary>A start that had no mixture yet when the time was over was said not to have begun.</summary>
    [Fact]
    [Trait("Kind", "Budget")]
    public void Fit_TimeIsOverWhileTheSecondStartIsMade_CountsItAsBegun()
    {
        int reads = 0, ofFirst = 0, last = int.MaxValue;
        var clock = new ManualClock();
        var source = new WatchedRowSource(_problem.Source, () =>
        {
            if (++reads == last) clock.Advance(TimeSpan.FromSeconds(5));
        });
        GaussianMixtureOptions options = Options(progress => ofFirst = progress.Start == 0 ? reads : ofFirst);
        (options.Clock, options.TimeBudget, options.RestartCount, options.Start) = (clock, TimeSpan.FromSeconds(5), 3, MixtureStart.KMeansPlusPlus);
        GaussianMixture.Fit(source, options, CancellationToken.None);
        (reads, last) = (0, ofFirst + 1);

        FitReport report = GaussianMixture.Fit(source, options, CancellationToken.None).Report!;

        Assert.Equal((1, 2), (report.StartObjectives.Count, report.UnfinishedStartCount));
        Assert.StartsWith(
            "The time budget of 00:00:05 ended the fit before it was done, with 1 of 3 starts finished and 1 not begun. The model is that of start 0, the best so far. ", report.Warnings[0],
            StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Kind", "Budget")]
    public void Fit_TimeBudgetThatDoesNotEndIt_ChangesNoBit()
    {
        GaussianMixtureOptions options = Options(_ => { });
        options.RestartCount = 2;
        byte[] plain = Save(GaussianMixture.Fit(_problem.Rows, options));
        foreach (TimeSpan budget in (TimeSpan[])[TimeSpan.FromDays(1), TimeSpan.FromDays(60), TimeSpan.MaxValue])
        {
            options.TimeBudget = budget;
            options.CancellationBehavior = CancellationBehavior.ReturnBest;
            GaussianMixtureModel model = GaussianMixture.Fit(_problem.Rows, options);
            Assert.Equal(plain, Save(model));
            Assert.True(model.Report!.ElapsedTime > TimeSpan.Zero);
        }
    }

    [Fact]
    [Trait("Kind", "Budget")]
    public void Fit_CancelledBeforeAnyModel_ThrowsWithTheTokenOfTheCaller()
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        GaussianMixtureOptions options = Options(_ => { });
        foreach (TimeSpan? budget in (TimeSpan?[])[null, TimeSpan.FromHours(1)])
        {
            foreach (CancellationBehavior behavior in Enum.GetValues<CancellationBehavior>())
            {
                (options.TimeBudget, options.CancellationBehavior) = (budget, behavior);
                var error = Assert.ThrowsAny<OperationCanceledException>(() => GaussianMixture.Fit(_problem.Rows, options, null, cancellation.Token));
                Assert.Equal(cancellation.Token, error.CancellationToken);
            }
        }
    }

    [Fact]
    [Trait("Kind", "Budget")]
    public void Fit_CancelledWithABudget_ThrowsWithTheTokenOfTheCaller()
    {
        using var cancellation = new CancellationTokenSource();
        GaussianMixtureOptions options = Options(progress => { if (progress.Iteration == 2) cancellation.Cancel(); });
        options.TimeBudget = TimeSpan.FromHours(1);

        var error = Assert.ThrowsAny<OperationCanceledException>(() => GaussianMixture.Fit(_problem.Rows, options, null, cancellation.Token));

        Assert.Equal(cancellation.Token, error.CancellationToken);
    }

    [Fact]
    [Trait("Kind", "Budget")]
    public void Fit_OfAnotherFamily_EndsWithItsBudget()
    {
        var clock = new ManualClock();
        var random = new Random(1);
        double[] rows = [.. Enumerable.Range(0, 900).Select(_ => (double)random.Next(2))];
        var options = new MixtureOptions
        {
            ComponentCount = 2,
            Tolerance = 0,
            TimeBudget = TimeSpan.FromSeconds(1),
            Clock = clock,
            Progress = new ProgressRecorder(progress => { if (progress.Iteration == 3) clock.Advance(TimeSpan.FromSeconds(1)); }),
        };

        MixtureFit fit = MixtureFitter.Fit(new BernoulliFamily(1), new ArrayRowSource<double>(rows, 3), options);

        Assert.Equal((StopReason.TimeBudget, 3, 1), (fit.StopReason, fit.IterationCount, fit.UnfinishedStartCount));
    }

    [Fact]
    [Trait("Kind", "BadInput")]
    public void Fit_BudgetThatMakesNoSense_IsRefused()
    {
        foreach (double seconds in (double[])[0, -1])
        {
            var error = Assert.Throws<ArgumentOutOfRangeException>(() => GaussianMixture.Fit(_problem.Rows, new GaussianMixtureOptions { TimeBudget = TimeSpan.FromSeconds(seconds) }));
            Assert.Contains("TimeBudget is " + TimeSpan.FromSeconds(seconds), error.Message, StringComparison.Ordinal);
        }

        var unknown = Assert.Throws<ArgumentOutOfRangeException>(() => GaussianMixture.Fit(_problem.Rows, new GaussianMixtureOptions { CancellationBehavior = (CancellationBehavior)2 }));
        Assert.Contains("CancellationBehavior is 2", unknown.Message, StringComparison.Ordinal);
    }

    private static GaussianMixtureOptions Options(Action<FitProgress> record) =>
        new() { ComponentCount = 4, Accelerate = false, Seed = 2, Progress = new ProgressRecorder(record) };

    private static byte[] Save(GaussianMixtureModel model)
    {
        var stream = new MemoryStream();
        model.Save(stream);
        return stream.ToArray();
    }
}
