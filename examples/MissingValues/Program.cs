// The air of New York, May to September 1973: on 42 of 153 days ozone or sunshine was not measured. Fits a mixture to what was, fills in the
// rest, and says how much is known about each filled value. Data: airquality of R's package datasets (GPL-2 or GPL-3), from the New York State
// Department of Conservation and the National Weather Service.

using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Mixture;
using Microsoft.ML.Trainers;
using Microsoft.ML.Transforms;
using MissingValues;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string[] names = ["Ozone", "Sun", "Wind", "Temperature"];
var ml = new MLContext(seed: 1);
IDataView data = ml.Data.LoadFromTextFile<Measurement>(Path.Combine(AppContext.BaseDirectory, "airquality.csv"), separatorChar: ',', hasHeader: true);

var pipeline = ml.Transforms.Concatenate("Features", names)
    .Append(ml.Transforms.ReplaceMissingValuesByMixture(new MixtureMissingValueReplacingEstimator.Options
    {
        InputColumnName = "Features",
        OutputColumnName = "Filled",
        DeviationColumnName = "Spread",
        Mixture = new GaussianMixtureTrainer.Options { NumberOfComponents = 2, NumberOfRestarts = 4 },
    }));
var model = pipeline.Fit(data);
GaussianMixtureModelParameters mixture = model.LastTransformer.Model;
foreach (string warning in mixture.Report!.Warnings) Console.WriteLine(warning);
Console.WriteLine();

Console.WriteLine("Filled in, with the standard deviation of what is known:");
IDataView filled = model.Transform(data);
foreach (Completed day in ml.Data.CreateEnumerable<Completed>(filled, reuseRowObject: false).Where(day => day.Features.Any(float.IsNaN)).Take(8))
{
    IEnumerable<string> cells = names.Select((name, j) => float.IsNaN(day.Features[j])
        ? $"{name} ? -> {day.Filled[j],3:F0} +- {day.Spread[j],-2:F0}" : $"{name} {day.Features[j],3:F0}");
    Console.WriteLine($"  {day.Month}/{day.Day,-2}  {string.Join("   ", cells)}".TrimEnd());
}

Console.WriteLine();
Console.WriteLine("Ozone, when no more is known than the temperature:");
foreach (int temperature in new[] { 60, 75, 90 })
{
    // NaN asks; the mixture of ozone and temperature alone answers.
    GaussianMixtureModel ozone = mixture.Mixture.Marginal(0, 3).Conditional(double.NaN, temperature);
    Console.WriteLine($"  {temperature} F: {ozone.OverallMean[0],3:F0} +- {Math.Sqrt(ozone.OverallCovariance[0, 0]):F0}");
}
