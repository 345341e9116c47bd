#region usings
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
#endregion
using System.Globalization;
using Microsoft.ML.Mixture;
using Microsoft.ML.Transforms;

namespace ReadmeCode;

/// <summary>The code of README.md, region by region: a test compares the two.</summary>
internal static class ReadmeSnippet
{
    public static void FitWithMLNet()
    {
        #region pipeline
        var ml = new MLContext();
        IDataView data = ml.Data.LoadFromTextFile<Eruption>("faithful.csv", separatorChar: ',', hasHeader: true);

        var pipeline = ml.Transforms.Concatenate("Features", "Duration", "Waiting")
            .Append(ml.Clustering.Trainers.GaussianMixture(numberOfComponents: 2));
        var model = pipeline.Fit(data);
        GaussianMixtureModelParameters mixture = model.LastTransformer.Model;
        Console.WriteLine($"Weights {mixture.Weights[0]:F3} and {mixture.Weights[1]:F3}, BIC {mixture.BayesianInformationCriterion:F1}");

        ml.Model.Save(model, data.Schema, "mixture.zip");
        ITransformer loaded = ml.Model.Load("mixture.zip", out _);
        var engine = ml.Model.CreatePredictionEngine<Eruption, Assignment>(loaded);
        Assignment assignment = engine.Predict(new Eruption { Duration = 3.1f, Waiting = 66 });
        Console.WriteLine($"Component {assignment.PredictedLabel}, probability {assignment.Probability.Max():F3}");
        #endregion
    }

    public static void FitArrays()
    {
        #region arrays
        string[] lines = File.ReadAllLines("faithful.csv")[1..];
        double[,] rows = new double[lines.Length, 2];
        for (int i = 0; i < lines.Length; i++)
        {
            string[] cells = lines[i].Split(',');
            for (int j = 0; j < 2; j++) rows[i, j] = double.Parse(cells[j], CultureInfo.InvariantCulture);
        }

        GaussianMixtureModel mixture = GaussianMixture.Fit(rows, componentCount: 2);
        int component = mixture.Predict(3.1, 66);
        double responsibility = mixture.Responsibilities(3.1, 66)[component];
        Console.WriteLine($"Component {component}, responsibility {responsibility:F3}, log-density {mixture.LogDensity(3.1, 66):F2}, BIC {mixture.Report!.BayesianInformationCriterion:F1}");
        #endregion
    }

    public static void Search()
    {
        var ml = new MLContext();
        IDataView eruptions = ml.Data.LoadFromTextFile<Eruption>("faithful.csv", separatorChar: ',', hasHeader: true);
        #region search
        IDataView data = ml.Transforms.Concatenate("Features", "Duration", "Waiting").Fit(eruptions).Transform(eruptions);
        GaussianMixtureSearchResult search = ml.Clustering.SearchGaussianMixture(data);
        Console.WriteLine(search);
        IDataView scored = search.Transformer.Transform(data);
        #endregion
        Console.WriteLine(scored.Schema.Count);
    }

    public static void LoadFromStranger()
    {
        #region stranger
        using FileStream file = File.OpenRead("mixture.bin");
        GaussianMixtureModelParameters mixture = GaussianMixtureModelParameters.Load(file);
        #endregion
        Console.WriteLine($"Loaded {mixture.NumberOfComponents} components");
    }

    public static void VerifyFile()
    {
        #region verify
        var ml = new MLContext();
        using FileStream file = File.OpenRead("mixture.zip");
        ModelFile.Verify(file);
        ITransformer loaded = ml.Model.Load(file, out _);
        #endregion
        Console.WriteLine($"Loaded {loaded.GetType().Name}");
    }

    public static void Log()
    {
        var ml = new MLContext();
        #region log
        ml.Log += (_, entry) => { if (entry.Source.Contains("Mixture", StringComparison.Ordinal)) Console.WriteLine(entry.Message); };
        #endregion
        Features(ml).Append(ml.Clustering.Trainers.GaussianMixture(numberOfComponents: 2)).Fit(Eruptions(ml));
    }

    public static void LoadHoles()
    {
        var ml = new MLContext();
        #region holes
        IDataView data = ml.Data.LoadFromTextFile<Eruption>("holes.csv", new TextLoader.Options { Separators = [','], HasHeader = true, MissingRealsAsNaNs = true });
        #endregion
        foreach (Eruption row in ml.Data.CreateEnumerable<Eruption>(data, reuseRowObject: false)) Console.WriteLine(float.IsNaN(row.Duration) ? "missing" : "there");
        Eruption unasked = ml.Data.CreateEnumerable<Eruption>(ml.Data.LoadFromTextFile<Eruption>("holes.csv", separatorChar: ',', hasHeader: true), reuseRowObject: false).Last();
        Console.WriteLine($"unasked {unasked.Duration:F0}");
    }

    public static void FindAnomalies()
    {
        var ml = new MLContext();
        IDataView data = Eruptions(ml);
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

    public static void FitWithinLimits(bool cancels)
    {
        var ml = new MLContext();
        IDataView data = Features(ml).Fit(Eruptions(ml)).Transform(Eruptions(ml));
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
        #region outcome
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

    public static void FitArraysWithinLimits(double[,] rows)
    {
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

    private static IDataView Eruptions(MLContext ml) => ml.Data.LoadFromTextFile<Eruption>("faithful.csv", separatorChar: ',', hasHeader: true);

    private static ColumnConcatenatingEstimator Features(MLContext ml) => ml.Transforms.Concatenate("Features", "Duration", "Waiting");

    public sealed class KnownEruption
    {
        public float Duration { get; set; }
        public float Waiting { get; set; }
        public float Label { get; set; }
    }

    #region listener
    public sealed class ProgressLines : IProgress<FitProgress>
    {
        public void Report(FitProgress value) =>
            Console.WriteLine($"Start {value.Start}, iteration {value.Iteration}: {value.AverageLogLikelihood:F4}, seconds left: {value.TimeLeft?.TotalSeconds:F0}");
    }
    #endregion

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

    #region classes
    public sealed class Eruption
    {
        [LoadColumn(0)] public float Duration { get; set; }
        [LoadColumn(1)] public float Waiting { get; set; }
    }

    public sealed class Assignment
    {
        public uint PredictedLabel { get; set; }
        public float[] Probability { get; set; } = [];
    }
    #endregion
}
