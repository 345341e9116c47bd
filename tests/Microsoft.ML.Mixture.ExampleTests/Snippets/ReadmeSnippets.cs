using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Mixture;
using Microsoft.ML.Trainers;

namespace Snippets;

internal static class ReadmeSnippets
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

    public static void SetOptions()
    {
        var ml = new MLContext();
        #region options
        var trainer = ml.Clustering.Trainers.GaussianMixture(new GaussianMixtureTrainer.Options
        {
            NumberOfComponents = 3,
            CovarianceStructure = CovarianceStructure.Tied,
            TimeBudget = TimeSpan.FromSeconds(30),
        });
        #endregion
        Console.WriteLine(trainer.Fit(Eruptions.Features(ml)).Model);
    }

    public static void Judge()
    {
        var ml = new MLContext();
        IDataView data = Eruptions.Load(ml);
        var model = ml.Transforms.Concatenate("Features", "Duration", "Waiting").Append(ml.Clustering.Trainers.GaussianMixture(numberOfComponents: 2)).Fit(data);
        GaussianMixtureModelParameters mixture = model.LastTransformer.Model;
        #region evaluate
        IDataView scored = model.Transform(data);
        Console.WriteLine(ml.Clustering.EvaluateMixture(scored));
        foreach (string finding in mixture.CheckGaussianity(scored).Findings) Console.WriteLine(finding);
        #endregion
    }
}
