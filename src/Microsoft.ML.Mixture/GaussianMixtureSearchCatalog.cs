using Microsoft.ML.Mixture;
using Microsoft.ML.Mixture.Interop;
using Microsoft.ML.Trainers;

namespace Microsoft.ML;

/// <summary>Extension methods of the clustering catalog that choose among Gaussian mixtures.</summary>
public static class GaussianMixtureSearchCatalog
{
    /// <summary>
    /// Finds how many components data have and of what shape: fits Gaussian mixtures of 1 to 9 components with all covariance structures of
    /// the library, or those that the options name, in parallel, and ranks them by BIC or another criterion.
    /// </summary>
    /// <param name="catalog">The clustering catalog.</param>
    /// <param name="data">The data, which are read once, or twice where several cursors do not tell the order of rows.</param>
    /// <param name="options">Which models to try and by what to choose; null for the defaults. Names of features are those of the column's slots
    /// unless the options give some.</param>
    /// <param name="featureColumnName">The name of the feature column. The column data must be a known-sized vector of <see cref="float"/>.</param>
    /// <param name="exampleWeightColumnName">The name of the example weight column, of <see cref="float"/>; null for weights of one.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    /// <returns>The winner as a transformer, and every model tried with its criteria.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="ArgumentException">A row, a weight or an option is not valid; the message says which, and what to do.</exception>
    /// <exception cref="MixtureFitException">None of the models could be fitted.</exception>
    /// <exception cref="OperationCanceledException">The search was cancelled.</exception>
    /// <example>
    /// <code>
    /// IDataView data = mlContext.Transforms.Concatenate("Features", "Glucose", "Insulin", "Sspg").Fit(rows).Transform(rows);
    /// GaussianMixtureSearchResult search = mlContext.Clustering.SearchGaussianMixture(data);
    /// Console.WriteLine(search);
    /// IDataView scored = search.Transformer.Transform(data);
    /// </code>
    /// </example>
    public static GaussianMixtureSearchResult SearchGaussianMixture(
        this ClusteringCatalog catalog, IDataView data, GaussianMixtureSearchOptions? options = null,
        string featureColumnName = GaussianMixtureTrainer.DefaultFeatureColumnName, string? exampleWeightColumnName = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrWhiteSpace(featureColumnName);
        return MixtureSearchRun.Run(
            HostInternals.GetEnvironment(catalog.Trainers), data, options ?? new GaussianMixtureSearchOptions(), featureColumnName, exampleWeightColumnName, cancellationToken);
    }
}
