#region usings
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
#endregion
using Microsoft.ML.Mixture;

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
        double[,] rows = { { 3.6, 79 }, { 1.8, 54 }, { 3.3, 74 }, { 2.3, 62 }, { 4.5, 85 }, { 2.9, 55 } };
        GaussianMixtureModel mixture = GaussianMixture.Fit(rows, componentCount: 2);
        int component = mixture.Predict(4.7, 88);
        double[] responsibilities = mixture.Responsibilities(4.7, 88);
        double logDensity = mixture.LogDensity(4.7, 88);
        #endregion
        Console.WriteLine($"Component {component}, responsibility {responsibilities[component]:F3}, finite {double.IsFinite(logDensity)}");
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
