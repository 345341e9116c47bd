// How many kinds of patients are there, and what shape have they? One call tries 1 to 9 clusters of every shape and says which the data support.

using System.Globalization;
using HowManyClusters;
using Microsoft.ML;
using Microsoft.ML.Trainers;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var ml = new MLContext(seed: 1);
string csv = Path.Combine(AppContext.BaseDirectory, "diabetes.csv");
IDataView patients = ml.Data.LoadFromTextFile<Patient>(csv, separatorChar: ',', hasHeader: true, allowQuoting: true);

// The four lines.
IDataView data = ml.Transforms.Concatenate("Features", "Glucose", "Insulin", "Sspg").Fit(patients).Transform(patients);
GaussianMixtureSearchResult search = ml.Clustering.SearchGaussianMixture(data);
Console.WriteLine(search);
IDataView scored = search.Transformer.Transform(data);

Console.WriteLine();
Console.WriteLine($"The winner: {search.Search.Best}");
GaussianMixtureModelParameters winner = search.Model;
Console.WriteLine("  cluster   share   glucose   insulin      sspg");
for (int k = 0; k < winner.NumberOfComponents; k++)
{
    Console.WriteLine($"  {k + 1,7} {winner.Weights[k],7:F2} {winner.Means[k, 0],9:F0} {winner.Means[k, 1],9:F0} {winner.Means[k, 2],9:F0}");
}

Console.WriteLine();
Console.WriteLine("Patients by cluster, which the search found, and by diagnosis, which it did not see:");
Finding[] findings = [.. ml.Data.CreateEnumerable<Finding>(scored, reuseRowObject: false)];
string[] diagnoses = [.. findings.Select(finding => finding.Diagnosis).Distinct().Order(StringComparer.Ordinal)];
Console.WriteLine($"  cluster{string.Concat(diagnoses.Select(diagnosis => $"{diagnosis,10}"))}");
foreach (var cluster in findings.GroupBy(finding => finding.PredictedLabel).OrderBy(group => group.Key))
{
    Console.WriteLine($"  {cluster.Key,7}{string.Concat(diagnoses.Select(diagnosis => $"{cluster.Count(finding => finding.Diagnosis == diagnosis),10}"))}");
}
