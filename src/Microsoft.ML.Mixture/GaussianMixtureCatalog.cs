using Microsoft.ML.Mixture.Interop;
using Microsoft.ML.Trainers;

namespace Microsoft.ML;

/// <summary>Extension methods of the clustering catalog that create Gaussian mixture trainers.</summary>
public static class GaussianMixtureCatalog
{
    /// <summary>Create a <see cref="GaussianMixtureTrainer"/>, which fits a Gaussian mixture with full covariances.</summary>
    /// <param name="catalog">The clustering catalog's trainers.</param>
    /// <param name="featureColumnName">The name of the feature column. The column data must be a known-sized vector of <see cref="float"/>.</param>
    /// <param name="exampleWeightColumnName">The name of the example weight column, of <see cref="float"/>; null for weights of one.</param>
    /// <param name="numberOfComponents">K, the number of components, or <see cref="GaussianMixtureTrainer.Auto"/>: a search chooses.</param>
    /// <returns>The trainer.</returns>
    /// <example>
    /// <code>
    /// var pipeline = mlContext.Transforms.Concatenate("Features", "Duration", "Waiting")
    ///     .Append(mlContext.Clustering.Trainers.GaussianMixture(numberOfComponents: 2));
    /// var model = pipeline.Fit(data);
    /// </code>
    /// </example>
    public static GaussianMixtureTrainer GaussianMixture(
        this ClusteringCatalog.ClusteringTrainers catalog, string featureColumnName = GaussianMixtureTrainer.DefaultFeatureColumnName,
        string? exampleWeightColumnName = null, int numberOfComponents = GaussianMixtureTrainer.DefaultNumberOfComponents) =>
        catalog.GaussianMixture(new GaussianMixtureTrainer.Options
        {
            FeatureColumnName = featureColumnName,
            ExampleWeightColumnName = exampleWeightColumnName,
            NumberOfComponents = numberOfComponents,
        });

    /// <summary>Create a <see cref="GaussianMixtureTrainer"/> with advanced options, which fits a Gaussian mixture.</summary>
    /// <param name="catalog">The clustering catalog's trainers.</param>
    /// <param name="options">The options of the trainer.</param>
    /// <returns>The trainer.</returns>
    public static GaussianMixtureTrainer GaussianMixture(this ClusteringCatalog.ClusteringTrainers catalog, GaussianMixtureTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        return new GaussianMixtureTrainer(HostInternals.GetEnvironment(catalog), options);
    }
}
