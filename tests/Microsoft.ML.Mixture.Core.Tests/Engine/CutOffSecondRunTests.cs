namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>A start that has come to its end once and is cut off when it tries another way.</summary>
public class CutOffSecondRunTests
{
    // Nothing was said of it.
    [Fact]
    [Trait("Kind", "Budget")]
    public void Fit_TimeBudgetEndsTheSecondWay_KeepsTheFirstAndSaysSo()
    {
        var problem = new EngineProblem(RowKind.Overlapping, 300, 3, 3, 5);
        var clock = new ManualClock();
        int runs = 0;
        var options = new GaussianMixtureOptions
        {
            ComponentCount = 3,
            CovarianceStructure = CovarianceStructure.TiedOrientation,
            Start = MixtureStart.FromLabels([.. Enumerable.Range(0, 300).Select(i => i % 3)]),
            Clock = clock,
            TimeBudget = TimeSpan.FromSeconds(2),
            Progress = new ProgressRecorder(progress =>
            {
                if (progress.Iteration == 0 && ++runs == 2) clock.Advance(TimeSpan.FromSeconds(3));
            }),
        };

        FitReport report = GaussianMixture.Fit(problem.Rows, options).Report!;

        Assert.Equal(2, runs);
        Assert.Equal((StopReason.Converged, 1), (report.StopReason, report.UnfinishedStartCount));
        Assert.StartsWith("The time budget of 00:00:02 ended the fit before it was done. The model is that of start 0", report.Warnings[0], StringComparison.Ordinal);
    }
}
