using Microsoft.ML.Mixture;
using Microsoft.ML.Mixture.Interop;
using Microsoft.ML.Trainers;

namespace Microsoft.ML;

/// <summary>Extension methods of the clustering catalog that create trainers of mixtures of factor analysers.</summary>
public static class FactorAnalyzerMixtureCatalog
{
    /// <summary>Create a <see cref="FactorAnalyzerMixtureTrainer"/>, which fits a mixture of factor analysers: Gaussians for many features and few rows.</summary>
    /// <param name="catalog">The clustering catalog's trainers.</param>
    /// <param name="featureColumnName">The name of the feature column. The column data must be a known-sized vector of <see cref="float"/>.</param>
    /// <param name="exampleWeightColumnName">The name of the example weight column, of <see cref="float"/>; null for weights of one.</param>
    /// <param name="numberOfComponents">K, the number of components, or <see cref="FactorAnalyzerMixtureTrainer.Auto"/>: a search chooses.</param>
    /// <param name="numberOfFactors">q, the number of factors of each component, at most the number of features, or <see cref="FactorAnalyzerMixtureTrainer.Auto"/>: a search chooses.</param>
    /// <returns>The trainer.</returns>
    /// <example>
    /// <code>
    /// var pipeline = mlContext.Transforms.Concatenate("Features", columns)
    ///     .Append(mlContext.Clustering.Trainers.FactorAnalyzerMixture(numberOfComponents: 7, numberOfFactors: 2));
    /// </code>
    /// </example>
    public static FactorAnalyzerMixtureTrainer FactorAnalyzerMixture(
        this ClusteringCatalog.ClusteringTrainers catalog, string featureColumnName = GaussianMixtureTrainer.DefaultFeatureColumnName,
        string? exampleWeightColumnName = null, int numberOfComponents = GaussianMixtureTrainer.DefaultNumberOfComponents,
        int numberOfFactors = FactorAnalyzerMixtureOptions.DefaultFactorCount) =>
        catalog.FactorAnalyzerMixture(new FactorAnalyzerMixtureTrainer.Options
        {
            FeatureColumnName = featureColumnName,
            ExampleWeightColumnName = exampleWeightColumnName,
            NumberOfComponents = numberOfComponents,
            NumberOfFactors = numberOfFactors,
        });

    /// <summary>Create a <see cref="FactorAnalyzerMixtureTrainer"/> with advanced options, which fits a mixture of factor analysers.</summary>
    /// <param name="catalog">The clustering catalog's trainers.</param>
    /// <param name="options">The options of the trainer.</param>
    /// <returns>The trainer.</returns>
    public static FactorAnalyzerMixtureTrainer FactorAnalyzerMixture(this ClusteringCatalog.ClusteringTrainers catalog, FactorAnalyzerMixtureTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        return new FactorAnalyzerMixtureTrainer(HostInternals.GetEnvironment(catalog), options);
    }
}
