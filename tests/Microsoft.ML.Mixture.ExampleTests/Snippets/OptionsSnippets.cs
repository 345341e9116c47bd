using Microsoft.ML;
using Microsoft.ML.Mixture;
using Microsoft.ML.Trainers;

namespace Snippets;

internal static class OptionsSnippets
{
    public static void Log()
    {
        var ml = new MLContext();
        #region log
        ml.Log += (_, entry) => { if (entry.Source.Contains("Mixture", StringComparison.Ordinal)) Console.WriteLine(entry.Message); };
        #endregion
        ml.Clustering.Trainers.GaussianMixture(numberOfComponents: 2).Fit(Eruptions.Features(ml));
    }

    public static void FitWithinLimits() => FitWithinLimits(cancels: false);

    public static void FitCancelled() => FitWithinLimits(cancels: true);

    public static void FitArraysWithinLimits()
    {
        double[,] rows = { { 0, 1 }, { 1, 0 }, { 2, 2 }, { 10, 11 }, { 11, 13 }, { 12, 10 }, { 20, 0 }, { 21, 2 }, { 22, 1 } };
        #region best
        using var stop = new CancellationTokenSource();
        var options = new GaussianMixtureOptions
        {
            ComponentCount = 3,
            TimeBudget = TimeSpan.FromSeconds(30),
            CancellationBehavior = CancellationBehavior.ReturnBest,
            Progress = new ProgressLines(),
        };
        GaussianMixtureModel mixture = GaussianMixture.Fit(rows, options, cancellationToken: stop.Token);
        #endregion
        Console.WriteLine($"{mixture.Report!.StopReason}, starts not finished: {mixture.Report.UnfinishedStartCount}");
    }

    private static void FitWithinLimits(bool cancels)
    {
        var ml = new MLContext();
        IDataView data = Eruptions.Features(ml);
        #region limits
        using var stop = new CancellationTokenSource();
        var trainer = ml.Clustering.Trainers.GaussianMixture(new GaussianMixtureTrainer.Options
        {
            NumberOfComponents = 3,
            TimeBudget = TimeSpan.FromSeconds(30),
            CancellationToken = stop.Token,
        });
        #endregion
        if (cancels) stop.Cancel();
        #region limits
        try
        {
            FitReport report = trainer.Fit(data).Model.Report!;
            Console.WriteLine($"{report.StopReason}, starts not finished: {report.UnfinishedStartCount}");
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine("Cancelled: no model.");
        }
        #endregion
    }
}

#region listener
public sealed class ProgressLines : IProgress<FitProgress>
{
    public void Report(FitProgress value) =>
        Console.WriteLine($"Start {value.Start}, iteration {value.Iteration}: {value.AverageLogLikelihood:F4}, seconds left: {value.TimeLeft?.TotalSeconds:F0}");
}
#endregion
