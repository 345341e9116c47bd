// The core without ML.NET: arrays in, a model out.

using System.Globalization;
using Microsoft.ML.Mixture;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
double[,] rows =
{
    { 3.600, 79 }, { 1.800, 54 }, { 3.333, 74 }, { 2.283, 62 }, { 4.533, 85 }, { 2.883, 55 }, { 4.700, 88 }, { 3.600, 85 },
    { 1.950, 51 }, { 4.350, 85 }, { 1.833, 54 }, { 3.917, 84 }, { 4.200, 78 }, { 1.750, 47 }, { 4.700, 83 }, { 2.167, 52 },
};
double[] rowWeights = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.5];

var options = new GaussianMixtureOptions { ComponentCount = 2, CovarianceStructure = CovarianceStructure.Tied, FeatureNames = ["duration", "waiting"] };
GaussianMixtureModel mixture = GaussianMixture.Fit(rows, options, rowWeights);

using var stream = new MemoryStream();
mixture.Save(stream);
stream.Position = 0;
GaussianMixtureModel loaded = GaussianMixtureModel.Load(stream);

for (int k = 0; k < loaded.ComponentCount; k++)
{
    Console.WriteLine($"Component {k}: weight {loaded.Weights[k]:F4}, mean ({loaded.Means[k, 0]:F3}, {loaded.Means[k, 1]:F2})");
}

Console.WriteLine($"{loaded.Report!.StopReason}, iterations: {loaded.Report.IterationCount}; BIC {loaded.Report.BayesianInformationCriterion:F2}, lower is better");
Console.WriteLine();
Console.WriteLine("duration  waiting   component   responsibilities   log p(x)");
foreach (var (duration, waiting) in new[] { (2.0, 52.0), (4.5, 82), (3.0, 66) })
{
    double[] responsibilities = loaded.Responsibilities(duration, waiting);
    Console.WriteLine(
        $"{duration,8:F1} {waiting,8:F0} {loaded.Predict(duration, waiting),11} {string.Join("  ", responsibilities.Select(r => r.ToString("F4"))),18} {loaded.LogDensity(duration, waiting),10:F3}");
}
