namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>A fit that ends between a race on all rows of what a sample has led to and the first step from its winner.</summary>
public class CutOffAfterRaceTests
{
    // It was the weights of the sample's best mixture with components of some other run.
    [Fact]
    [Trait("Kind", "Budget")]
    public void Fit_CancelledInTheFirstPassOfTheLastRun_ReturnsTheWinnerOfTheRace()
    {
        var problem = new EngineProblem(RowKind.Overlapping, 8_400, 2, 5, 3);
        int reads = 0, before = 0;
        GaussianMixtureOptions options = Options();
        options.Progress = new ProgressRecorder(progress => before = progress.RacedStarts is null && before == 0 ? reads : before);
        FitReport whole = GaussianMixture.Fit(new WatchedRowSource(problem.Source, () => reads++), options, CancellationToken.None).Report!;
        Assert.NotEqual(0, before);

        reads = 0;
        using var cancellation = new CancellationTokenSource();
        options = Options();
        options.CancellationBehavior = CancellationBehavior.ReturnBest;
        var source = new WatchedRowSource(problem.Source, () => { if (++reads == before - 5) cancellation.Cancel(); });
        FitReport report = GaussianMixture.Fit(source, options, cancellation.Token).Report!;

        Assert.Equal((StopReason.Cancelled, 0), (report.StopReason, report.IterationCount));
        Assert.Equal(whole.LogLikelihoodHistory[0], report.LogLikelihood, 1e-9 * Math.Abs(report.LogLikelihood));
    }

    private static GaussianMixtureOptions Options() => new() { ComponentCount = 5, Seed = 2, Start = MixtureStart.PortfolioWithin(6), ThreadCount = 1, Clock = new ManualClock() };
}
