// Clusters the eruptions of the Old Faithful geyser into short and long ones, looks at the model, saves it, loads it and scores new rows.

using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Trainers;
using OldFaithful;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var ml = new MLContext(seed: 1);
string csv = Path.Combine(AppContext.BaseDirectory, "faithful.csv");
IDataView data = ml.Data.LoadFromTextFile<Eruption>(csv, separatorChar: ',', hasHeader: true);

var pipeline = ml.Transforms.Concatenate("Features", "Duration", "Waiting")
    .Append(ml.Clustering.Trainers.GaussianMixture(numberOfComponents: 2));
var model = pipeline.Fit(data);

GaussianMixtureModelParameters mixture = model.LastTransformer.Model;
MixtureTable.Print("Old Faithful: 272 eruptions, 2 components, full covariances", ["Duration", "Waiting"], mixture);

string zip = Path.Combine(AppContext.BaseDirectory, "mixture.zip");
ml.Model.Save(model, data.Schema, zip);
ITransformer loaded = new MLContext().Model.Load(zip, out _);
Console.WriteLine();
Console.WriteLine("Saved to mixture.zip and loaded again.");

var metrics = ml.Clustering.Evaluate(loaded.Transform(data), featureColumnName: "Features");
Console.WriteLine($"Clustering.Evaluate: average distance {metrics.AverageDistance:F4}, Davies-Bouldin index {metrics.DaviesBouldinIndex:F4}");
Console.WriteLine();

var engine = ml.Model.CreatePredictionEngine<Eruption, Assignment>(loaded);
Console.WriteLine("  duration  waiting   cluster   probability   log p(x)");
foreach (var (duration, waiting, remark) in new[] { (2.0f, 52f, ""), (4.5f, 82f, ""), (3.1f, 66f, "between the two"), (2.0f, 95f, "unlike any eruption seen") })
{
    Assignment assignment = engine.Predict(new Eruption { Duration = duration, Waiting = waiting });
    float probability = assignment.Probability[assignment.PredictedLabel - 1];
    Console.WriteLine($"  {duration,8:F1} {waiting,8:F0} {assignment.PredictedLabel,9} {probability,13:F4} {assignment.LogLikelihood,10:F2}   {remark}".TrimEnd());
}
