// The classic first sample: 300 draws from N(0, 1) and 700 from N(5, 1) in one column, told apart again by a mixture of two Gaussians.

using System.Globalization;
using FirstMixture;
using Microsoft.ML;
using Microsoft.ML.Trainers;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var ml = new MLContext();
IDataView data = ml.Data.LoadFromEnumerable(Draw.Sample(seed: 1));

var pipeline = ml.Transforms.Concatenate("Features", "Value")
    .Append(ml.Clustering.Trainers.GaussianMixture(numberOfComponents: 2));
var model = pipeline.Fit(data);

// Components come in no particular order. Here they are ranked by their means, as the truth is.
GaussianMixtureModelParameters mixture = model.LastTransformer.Model;
int[] ranking = [.. Enumerable.Range(0, mixture.NumberOfComponents).OrderBy(k => mixture.Means[k, 0])];
int Rank(uint predictedLabel) => Array.IndexOf(ranking, (int)predictedLabel - 1) + 1;

Console.WriteLine("rank   weight     mean   variance");
foreach (int k in ranking)
{
    Console.WriteLine($"{Rank((uint)k + 1),4} {mixture.Weights[k],8:F4} {mixture.Means[k, 0],8:F4} {mixture.Covariances[k][0, 0],10:F4}");
}

var rows = ml.Data.CreateEnumerable<Scored>(model.Transform(data), reuseRowObject: false).ToList();
int right = rows.Count(row => Rank(row.PredictedLabel) == row.Truth);

Console.WriteLine();
Console.WriteLine("   value   truth   label   probability");
foreach (Scored row in rows.Where((row, i) => i % 125 == 0 || Rank(row.PredictedLabel) != row.Truth))
{
    int label = Rank(row.PredictedLabel);
    Console.WriteLine($"{row.Value,8:F4} {row.Truth,7} {label,7} {row.Probability[row.PredictedLabel - 1],13:F4}{(label == row.Truth ? "" : "   wrong")}");
}

Console.WriteLine();
Console.WriteLine($"{right} of {rows.Count} rows are labelled as they were drawn.");
