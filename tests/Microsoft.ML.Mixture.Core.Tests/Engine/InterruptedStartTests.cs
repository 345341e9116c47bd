namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>What a fit has that ends within a start on samples of its rows, and what it makes of its time.</summary>
public class InterruptedStartTests
{
    [Theory]
    [Trait("Kind", "Budget")]
    [InlineData(70_000, false)]
    [InlineData(20_000, false)]
    [InlineData(600, true)]
    public void Fit_TimeBudgetEndsWithinAStartOnSamples_ReturnsWhatTheStartHad(int rowCount, bool hasNoise)
    {
        (EngineProblem problem, FitReport whole, int before) = FitWhole(rowCount, hasNoise);

        int models = 0;
        var likelihoods = new List<double>();
        for (int tenth = 1; tenth <= 9; tenth++)
        {
            int last = before * tenth / 10, reads = 0;
            var clock = new ManualClock();
            GaussianMixtureOptions options = Options(hasNoise);
            (options.Clock, options.TimeBudget) = (clock, TimeSpan.FromSeconds(2));
            var source = new WatchedRowSource(problem.Source, () => { if (++reads == last) clock.Advance(TimeSpan.FromSeconds(3)); });
            FitReport report = GaussianMixture.Fit(source, options, CancellationToken.None).Report!;
            Assert.Equal((StopReason.TimeBudget, 0, 1), (report.StopReason, report.IterationCount, report.UnfinishedStartCount));
            Assert.Single(report.StartObjectives);
            likelihoods.Add(report.LogLikelihood);
            bool isMakeshift = report.Warnings[0].Contains("makeshift", StringComparison.Ordinal);
            Assert.False(isMakeshift && models > 0, "There was a model before.");
            if (isMakeshift) continue;
            Assert.StartsWith("The time budget of 00:00:02 ended the fit before it was done. The model is that of start 0", report.Warnings[0], StringComparison.Ordinal);
            models++;
        }

        Assert.InRange(models, 5, 9);
        Assert.InRange(likelihoods[^1], whole.LogLikelihood - (0.5 * rowCount), whole.LogLikelihood);
    }

    // It was a makeshift of groups of some of the rows, made after the time was over.
    [Theory]
    [Trait("Kind", "Budget")]
    [InlineData(false)]
    [InlineData(true)]
    public void Fit_TimeBudgetEndsWithinTheFirstPassOfAllRows_ReturnsTheStartOfAllRows(bool isPlain)
    {
        // A pass reads so many times; a fit that has lost the second one has no iteration either.
        var problem = new EngineProblem(RowKind.Overlapping, 600, 2, 4, 3);
        var places = new List<int>();
        int reads = 0, models = 0;
        GaussianMixtureOptions options = Options(hasNoise: false);
        (options.Start, options.MaximumIterations, options.Progress) = (MixtureStart.KMeansPlusPlus, 1, new ProgressRecorder(_ => places.Add(reads)));
        GaussianMixture.Fit(new WatchedRowSource(problem.Source, () => reads++), options, CancellationToken.None);
        int readsOfPass = places[1] - places[0];

        options = Options(hasNoise: false);
        options.Start = isPlain ? MixtureStart.KMeansPlusPlus : null;
        FitReport? report = null;
        for (int last = 1; report is not { IterationCount: > 0 }; last++)
        {
            reads = 0;
            var clock = new ManualClock();
            (options.Clock, options.TimeBudget) = (clock, TimeSpan.FromSeconds(2));
            report = GaussianMixture.Fit(new WatchedRowSource(problem.Source, () => { if (++reads == last) clock.Advance(TimeSpan.FromSeconds(3)); }), options, CancellationToken.None).Report!;
            if (report.Warnings.Any(warning => warning.Contains("makeshift", StringComparison.Ordinal))) Assert.Equal(0, models);
            else models += report.IterationCount == 0 ? 1 : 0;
        }

        Assert.InRange(models, (2 * readsOfPass) - 1, 4 * readsOfPass);
    }

    // It threw, up to nine tenths of the time of a fit.
    [Theory]
    [Trait("Kind", "Budget")]
    [InlineData(70_000, false)]
    [InlineData(20_000, false)]
    [InlineData(600, true)]
    public void Fit_CancelledWithinAStartOnSamples_ReturnsWhatTheStartHad(int rowCount, bool hasNoise)
    {
        (EngineProblem problem, FitReport whole, int before) = FitWhole(rowCount, hasNoise);

        int models = 0;
        for (int tenth = 1; tenth <= 9; tenth++)
        {
            int last = before * tenth / 10, reads = 0;
            using var cancellation = new CancellationTokenSource();
            GaussianMixtureOptions options = Options(hasNoise);
            options.CancellationBehavior = CancellationBehavior.ReturnBest;
            var source = new WatchedRowSource(problem.Source, () => { if (++reads == last) cancellation.Cancel(); });
            GaussianMixtureModel? model = null;
            try
            {
                model = GaussianMixture.Fit(source, options, cancellation.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.False(models > 0, "There was a model before.");
                continue;
            }

            FitReport report = model.Report!;
            Assert.Equal((StopReason.Cancelled, 0, 1), (report.StopReason, report.IterationCount, report.UnfinishedStartCount));
            Assert.StartsWith("The fit was cancelled before it was done. The model is that of start 0", report.Warnings[0], StringComparison.Ordinal);
            Assert.InRange(report.LogLikelihood, whole.LogLikelihood - (0.5 * rowCount), whole.LogLikelihood);
            models++;
        }

        Assert.InRange(models, 5, 9);
    }

    // A race on a sample took all of the budget, so that the model was worse than that of a plain start with the same.
    [Theory]
    [Trait("Kind", "Budget")]
    [InlineData(70_000)]
    [InlineData(20_000)]
    public void Fit_MostOfTheTimeIsOverWithinARaceOnASample_HasTheRestForAllRows(int rowCount)
    {
        (EngineProblem problem, FitReport whole, _) = FitWhole(rowCount, hasNoise: false);
        bool hasAdvanced = false;
        var clock = new ManualClock();
        GaussianMixtureOptions options = Options(hasNoise: false);
        (options.Clock, options.TimeBudget) = (clock, TimeSpan.FromSeconds(2));
        options.Progress = new ProgressRecorder(_ =>
        {
            if (hasAdvanced) return;
            hasAdvanced = true;
            clock.Advance(TimeSpan.FromSeconds(1.2));
        });

        FitReport report = GaussianMixture.Fit(problem.Source, options, CancellationToken.None).Report!;

        Assert.Equal((StopReason.Converged, 0), (report.StopReason, report.UnfinishedStartCount));
        Assert.InRange(report.RacedStartCount, 1, whole.RacedStartCount - 1);
        Assert.InRange(report.LogLikelihood, whole.LogLikelihood - (0.01 * rowCount), double.PositiveInfinity);
    }

    [Fact]
    [Trait("Kind", "Budget")]
    public void Fit_MostOfTheTimeIsOverBeforeARaceHasAMixture_MakesAPlainStart()
    {
        var problem = new EngineProblem(RowKind.Overlapping, 20_000, 2, 4, 3);
        GaussianMixtureOptions options = Options(hasNoise: false);
        var clock = new ManualClock();
        (options.Clock, options.TimeBudget) = (clock, TimeSpan.FromSeconds(2));
        bool hasAdvanced = false;
        var source = new WatchedRowSource(problem.Source, () => { if (clock.ActiveTimerCount == 2 && !hasAdvanced) { hasAdvanced = true; clock.Advance(TimeSpan.FromSeconds(1.2)); } });

        FitReport report = GaussianMixture.Fit(source, options, CancellationToken.None).Report!;

        Assert.True(hasAdvanced, "The race had no part of the time.");
        Assert.Equal((StopReason.Converged, 0, 0), (report.StopReason, report.UnfinishedStartCount, report.RacedStartCount));
    }

    // And the number of reads before the first iteration on all rows.
    private static (EngineProblem Problem, FitReport Report, int Before) FitWhole(int rowCount, bool hasNoise)
    {
        var problem = new EngineProblem(RowKind.Overlapping, rowCount, 2, 4, 3);
        int before = 0, reads = 0;
        GaussianMixtureOptions options = Options(hasNoise);

        // A slow machine would tell of runs of the race before there is anything.
        options.Clock = new ManualClock();
        options.Progress = new ProgressRecorder(_ => before = before == 0 ? reads : before);
        FitReport whole = GaussianMixture.Fit(new WatchedRowSource(problem.Source, () => reads++), options, CancellationToken.None).Report!;
        return (problem, whole, before);
    }

    // A race on all rows has done some steps of a fit.
    private static GaussianMixtureOptions Options(bool hasNoise) => new() { ComponentCount = 4, Seed = 2, NoiseComponent = hasNoise, Start = hasNoise ? MixtureStart.KMeansPlusPlus : null };
}
