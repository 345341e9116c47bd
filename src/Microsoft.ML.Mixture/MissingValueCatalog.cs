using Microsoft.ML.Mixture.Interop;
using Microsoft.ML.Trainers;
using Microsoft.ML.Transforms;

namespace Microsoft.ML;

/// <summary>Extension methods of the transforms catalog that replace missing values by means of a Gaussian mixture.</summary>
public static class MissingValueCatalog
{
    /// <summary>Create a <see cref="MixtureMissingValueReplacingEstimator"/>, which fits a Gaussian mixture and replaces missing values by their expectation.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">The name of the column with the replaced values.</param>
    /// <param name="inputColumnName">The name of the column to read, a known-sized vector of <see cref="float"/>; null for <paramref name="outputColumnName"/>.</param>
    /// <param name="numberOfComponents">K, the number of components of the mixture, or <see cref="GaussianMixtureTrainer.Auto"/>: a search chooses.</param>
    /// <returns>The estimator.</returns>
    /// <example>
    /// <code>
    /// var pipeline = mlContext.Transforms.Concatenate("Features", "Ozone", "Sun", "Wind", "Temperature")
    ///     .Append(mlContext.Transforms.ReplaceMissingValuesByMixture("Features", numberOfComponents: 2));
    /// </code>
    /// </example>
    public static MixtureMissingValueReplacingEstimator ReplaceMissingValuesByMixture(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName = null, int numberOfComponents = GaussianMixtureTrainer.DefaultNumberOfComponents) =>
        catalog.ReplaceMissingValuesByMixture(new MixtureMissingValueReplacingEstimator.Options
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName,
            Mixture = new GaussianMixtureTrainer.Options { NumberOfComponents = numberOfComponents },
        });

    /// <summary>Create a <see cref="MixtureMissingValueReplacingEstimator"/> with advanced options.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="options">The options of the estimator.</param>
    /// <returns>The estimator.</returns>
    public static MixtureMissingValueReplacingEstimator ReplaceMissingValuesByMixture(this TransformsCatalog catalog, MixtureMissingValueReplacingEstimator.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        return new MixtureMissingValueReplacingEstimator(HostInternals.GetTransformsEnvironment(catalog), options, model: null);
    }

    /// <summary>Create a <see cref="MixtureMissingValueReplacingEstimator"/> of a mixture that is at hand, which fits nothing.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="options">The options of the estimator; those of the fit are not used.</param>
    /// <param name="model">The mixture.</param>
    /// <returns>The estimator.</returns>
    public static MixtureMissingValueReplacingEstimator ReplaceMissingValuesByMixture(
        this TransformsCatalog catalog, MixtureMissingValueReplacingEstimator.Options options, GaussianMixtureModelParameters model)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(model);
        return new MixtureMissingValueReplacingEstimator(HostInternals.GetTransformsEnvironment(catalog), options, model);
    }
}
