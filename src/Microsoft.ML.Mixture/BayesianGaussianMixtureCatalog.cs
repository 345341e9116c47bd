using Microsoft.ML.Mixture;
using Microsoft.ML.Mixture.Interop;
using Microsoft.ML.Trainers;

namespace Microsoft.ML;

/// <summary>Extension methods of the clustering catalog that create trainers of Gaussian mixtures by variational Bayes.</summary>
public static class BayesianGaussianMixtureCatalog
{
    /// <summary>
    /// Create a <see cref="BayesianGaussianMixtureTrainer"/>, which fits a Gaussian mixture with full covariances by variational Bayes and leaves out the
    /// components that the data do not ask for.
    /// </summary>
    /// <param name="catalog">The clustering catalog's trainers.</param>
    /// <param name="featureColumnName">The name of the feature column. The column data must be a known-sized vector of <see cref="float"/>.</param>
    /// <param name="exampleWeightColumnName">The name of the example weight column, of <see cref="float"/>; null for weights of one.</param>
    /// <param name="numberOfComponents">The most components to use.</param>
    /// <returns>The trainer.</returns>
    /// <example>
    /// <code>
    /// var pipeline = mlContext.Transforms.Concatenate("Features", "Duration", "Waiting")
    ///     .Append(mlContext.Clustering.Trainers.BayesianGaussianMixture());
    /// var model = pipeline.Fit(data);
    /// Console.WriteLine(model.LastTransformer.Model.NumberOfComponents);
    /// </code>
    /// </example>
    public static BayesianGaussianMixtureTrainer BayesianGaussianMixture(
        this ClusteringCatalog.ClusteringTrainers catalog, string featureColumnName = GaussianMixtureTrainer.DefaultFeatureColumnName,
        string? exampleWeightColumnName = null, int numberOfComponents = BayesianGaussianMixtureOptions.DefaultComponentCount) =>
        catalog.BayesianGaussianMixture(new BayesianGaussianMixtureTrainer.Options
        {
            FeatureColumnName = featureColumnName,
            ExampleWeightColumnName = exampleWeightColumnName,
            NumberOfComponents = numberOfComponents,
        });

    /// <summary>Create a <see cref="BayesianGaussianMixtureTrainer"/> with advanced options.</summary>
    /// <param name="catalog">The clustering catalog's trainers.</param>
    /// <param name="options">The options of the trainer.</param>
    /// <returns>The trainer.</returns>
    public static BayesianGaussianMixtureTrainer BayesianGaussianMixture(this ClusteringCatalog.ClusteringTrainers catalog, BayesianGaussianMixtureTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        return new BayesianGaussianMixtureTrainer(HostInternals.GetEnvironment(catalog), options);
    }
}
