using Microsoft.ML.Mixture;
using Microsoft.ML.Mixture.Interop;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML;

/// <summary>Extension methods of the clustering catalog that test for one component more.</summary>
public static class GaussianMixtureBootstrapCatalog
{
    /// <summary>Tests whether data need one component more than the options ask for, by the parametric bootstrap of the likelihood ratio.</summary>
    /// <param name="catalog">The clustering catalog.</param>
    /// <param name="data">The data, which are read once.</param>
    /// <param name="options">K, the structure, and how many data sets to draw; null for 1 against 2 components and 199 data sets.</param>
    /// <param name="featureColumnName">The name of the feature column. The column data must be a known-sized vector of <see cref="float"/>.</param>
    /// <param name="exampleWeightColumnName">The name of the example weight column, of <see cref="float"/>; null for weights of one.</param>
    /// <param name="cancellationToken">Stops the test.</param>
    /// <returns>Both models, the statistic, its distribution under K components, and the p-value.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="ArgumentException">A row, a weight or an option is not valid; the message says which, and what to do.</exception>
    /// <exception cref="MixtureFitException">K or K + 1 components could not be fitted.</exception>
    /// <exception cref="OperationCanceledException">The test was cancelled.</exception>
    /// <remarks>See <see cref="Mixture.GaussianMixture.BootstrapTest(double[,], GaussianMixtureBootstrapOptions, double[], CancellationToken)"/>.</remarks>
    /// <example>
    /// <code>
    /// // The smallest K that the data do not reject at 5 %.
    /// var options = new GaussianMixtureBootstrapOptions { ComponentCount = 1 };
    /// while (mlContext.Clustering.BootstrapTestGaussianMixture(data, options).PValue &lt;= 0.05) options.ComponentCount++;
    /// </code>
    /// </example>
    public static MixtureBootstrapTest BootstrapTestGaussianMixture(
        this ClusteringCatalog catalog, IDataView data, GaussianMixtureBootstrapOptions? options = null,
        string featureColumnName = GaussianMixtureTrainer.DefaultFeatureColumnName, string? exampleWeightColumnName = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        IHost host = HostInternals.GetEnvironment(catalog.Trainers).Register("GaussianMixtureBootstrap");
        using IChannel channel = host.Start("Test");
        DataViewSchema.Column feature = MixtureSchema.FindFeatures(data.Schema, featureColumnName);
        DataViewSchema.Column? weight = MixtureSchema.FindWeight(data.Schema, exampleWeightColumnName);
        options = options?.Clone() ?? new GaussianMixtureBootstrapOptions();
        options.Validate();
        options.FeatureNames ??= MixtureSchema.SlotNames(feature);
        MixtureBootstrapTest test = DataViewRun.Run(
            host, data, feature, weight, options.ThreadCount, "test", (rows, cancelled) => Mixture.GaussianMixture.BootstrapTest(rows, options, cancelled), cancellationToken);
        channel.Info(MessageSensitivity.None, "{0}", test.ToString());
        return test;
    }
}
