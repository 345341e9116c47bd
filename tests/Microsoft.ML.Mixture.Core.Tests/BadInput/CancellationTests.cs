using Microsoft.ML.Mixture.Engine.Tests;

namespace Microsoft.ML.Mixture.BadInput.Tests;

/// <summary>Cancelled fits, and what is told on the way. How fast they stop is a goal of its own, in Reliability.</summary>
[Trait("Kind", "Degenerate")]
public class CancellationTests
{
    [Fact]
    public void Fit_AlreadyCancelled_Throws() => Assert.ThrowsAny<OperationCanceledException>(
        () => GaussianMixture.Fit(new double[,] { { 1 }, { 2 } }, new GaussianMixtureOptions(), null, new CancellationToken(canceled: true)));

    [Fact]
    public void Fit_CancelledByProgress_Throws()
    {
        using var cancellation = new CancellationTokenSource();
        var options = new GaussianMixtureOptions { Progress = new ProgressRecorder(progress => { if (progress.Iteration == 1) cancellation.Cancel(); }), Tolerance = 0 };

        Assert.ThrowsAny<OperationCanceledException>(() => GaussianMixture.Fit(Rows(), WithComponents(options), null, cancellation.Token));
    }

    [Fact]
    public void Fit_Progress_IsToldAfterEveryIterationOfEveryStart()
    {
        var seen = new List<FitProgress>();
        var options = new GaussianMixtureOptions { Progress = new ProgressRecorder(seen.Add), MaximumIterations = 4, Tolerance = 0, RestartCount = 3, Seed = 5 };

        FitReport report = GaussianMixture.Fit(Rows(), WithComponents(options)).Report!;

        Assert.Equal(Enumerable.Range(0, 3).SelectMany(start => Enumerable.Range(0, 5).Select(iteration => (start, iteration))), seen.Select(p => (p.Start, p.Iteration)));
        Assert.Contains(seen, p => p.Iteration == 4 && p.AverageLogLikelihood == report.AverageLogLikelihood && p.AverageObjective == report.ObjectiveHistory[^1] / report.RowWeightTotal);
    }

    [Fact]
    public void Fit_ProgressOfScaledRows_IsInTheUnitsOfTheData()
    {
        var seen = new List<FitProgress>();
        double[,] rows = Rows();
        for (int i = 0; i < rows.GetLength(0); i++) rows[i, 0] *= 1e120;

        FitReport report = GaussianMixture.Fit(rows, WithComponents(new GaussianMixtureOptions { Progress = new ProgressRecorder(seen.Add) })).Report!;

        Assert.Equal(report.AverageLogLikelihood, seen[^1].AverageLogLikelihood, 1e-9);
    }

    private static GaussianMixtureOptions WithComponents(GaussianMixtureOptions options)
    {
        options.ComponentCount = 3;
        return options;
    }

    private static double[,] Rows()
    {
        var random = new Random(3);
        double[,] rows = new double[300, 1];
        for (int i = 0; i < 300; i++) rows[i, 0] = (2 * random.NextDouble()) + random.NextDouble() + (i % 3);
        return rows;
    }
}
