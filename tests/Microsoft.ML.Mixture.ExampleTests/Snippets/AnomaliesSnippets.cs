using Microsoft.ML;
using Microsoft.ML.Data;

namespace Snippets;

internal static class AnomaliesSnippets
{
    public static void FindAnomalies()
    {
        var ml = new MLContext();
        IDataView data = Eruptions.Load(ml);
        #region anomalies
        var pipeline = ml.Transforms.Concatenate("Features", "Duration", "Waiting")
            .Append(ml.AnomalyDetection.Trainers.GaussianMixture(numberOfComponents: 2, falseAlarmRate: 0.01));
        #endregion
        #region judged
        var model = pipeline.Fit(data);
        IDataView test = ml.Data.LoadFromEnumerable(new[]
        {
            new KnownEruption { Duration = 2.0f, Waiting = 52, Label = 0 },
            new KnownEruption { Duration = 4.5f, Waiting = 82, Label = 0 },
            new KnownEruption { Duration = 2.0f, Waiting = 95, Label = 1 },
        });
        AnomalyDetectionMetrics metrics = ml.AnomalyDetection.Evaluate(model.Transform(test), falsePositiveCount: 1);
        Console.WriteLine($"Area under the ROC curve {metrics.AreaUnderRocCurve:F2}");
        #endregion
        #region unusual
        string[] features = ["Duration", "Waiting"];
        foreach (Judgement row in ml.Data.CreateEnumerable<Judgement>(model.Transform(test), reuseRowObject: false))
        {
            int most = Array.IndexOf(row.FeatureContributions, row.FeatureContributions.Max());
            Console.WriteLine($"{row.Duration:F1} {row.Waiting:F0}: {(row.PredictedLabel ? $"unusual, most of all in {features[most]}" : "ordinary")}, p = {row.PValue:F3}");
        }
        #endregion
    }

    private sealed class KnownEruption
    {
        public float Duration { get; set; }
        public float Waiting { get; set; }
        public float Label { get; set; }
    }
}

#region judgement
public sealed class Judgement
{
    public float Duration { get; set; }
    public float Waiting { get; set; }
    public bool PredictedLabel { get; set; }
    public float PValue { get; set; }
    public float[] FeatureContributions { get; set; } = [];
}
#endregion
