using Microsoft.ML.Mixture.Interop;
using Microsoft.ML.Trainers;

namespace Microsoft.ML;

/// <summary>Extension methods of the anomaly detection catalog that create trainers on Gaussian mixtures.</summary>
public static class GaussianMixtureAnomalyCatalog
{
    /// <summary>Create a <see cref="GaussianMixtureAnomalyTrainer"/>, which finds anomalies by the density of a Gaussian mixture.</summary>
    /// <param name="catalog">The anomaly detection catalog's trainers.</param>
    /// <param name="featureColumnName">The name of the feature column. The column data must be a known-sized vector of <see cref="float"/>.</param>
    /// <param name="exampleWeightColumnName">The name of the example weight column, of <see cref="float"/>; null for weights of one.</param>
    /// <param name="numberOfComponents">K, the number of components, or <see cref="GaussianMixtureTrainer.Auto"/>: a search chooses.</param>
    /// <param name="falseAlarmRate">The share of ordinary rows that may be called anomalies, above 0 and below 1.</param>
    /// <returns>The trainer.</returns>
    /// <example>
    /// <code>
    /// var pipeline = mlContext.Transforms.Concatenate("Features", "Duration", "Waiting")
    ///     .Append(mlContext.AnomalyDetection.Trainers.GaussianMixture(numberOfComponents: 2, falseAlarmRate: 0.01));
    /// var model = pipeline.Fit(data);
    /// Console.WriteLine(model.LastTransformer.Calibration);
    /// </code>
    /// </example>
    public static GaussianMixtureAnomalyTrainer GaussianMixture(
        this AnomalyDetectionCatalog.AnomalyDetectionTrainers catalog, string featureColumnName = GaussianMixtureTrainer.DefaultFeatureColumnName,
        string? exampleWeightColumnName = null, int numberOfComponents = GaussianMixtureTrainer.DefaultNumberOfComponents,
        double falseAlarmRate = GaussianMixtureAnomalyTrainer.DefaultFalseAlarmRate)
    {
        var options = new GaussianMixtureAnomalyTrainer.Options { FalseAlarmRate = falseAlarmRate };
        options.Mixture.FeatureColumnName = featureColumnName;
        options.Mixture.ExampleWeightColumnName = exampleWeightColumnName;
        options.Mixture.NumberOfComponents = numberOfComponents;
        return catalog.GaussianMixture(options);
    }

    /// <summary>Create a <see cref="GaussianMixtureAnomalyTrainer"/> with advanced options, which finds anomalies by the density of a Gaussian mixture.</summary>
    /// <param name="catalog">The anomaly detection catalog's trainers.</param>
    /// <param name="options">The options of the trainer.</param>
    /// <returns>The trainer.</returns>
    public static GaussianMixtureAnomalyTrainer GaussianMixture(
        this AnomalyDetectionCatalog.AnomalyDetectionTrainers catalog, GaussianMixtureAnomalyTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        return new GaussianMixtureAnomalyTrainer(HostInternals.GetEnvironment(catalog), options);
    }
}
