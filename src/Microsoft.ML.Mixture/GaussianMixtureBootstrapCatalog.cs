using Microsoft.ML.Mixture;
using Microsoft.ML.Mixture.Interop;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML;

/// <summary>Extension methods of the clustering catalog that test for one component more.</summary>
public static class GaussianMixtureBootstrapCatalog
{
    private const double DefaultLevel = 0.05;
    private const int DefaultMaximumNumberOfComponents = 9;

    /// <summary>Tests whether data need one component more than the options ask for, by the parametric bootstrap of the likelihood ratio.</summary>
    /// <param name="catalog">The clustering catalog.</param>
    /// <param name="data">The data, which are read once, or twice where several cursors do not tell the order of rows.</param>
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
    /// // Are three components better than two?
    /// var options = new GaussianMixtureBootstrapOptions { ComponentCount = 2 };
    /// double chance = mlContext.Clustering.BootstrapTestGaussianMixture(data, options).PValue;
    /// </code>
    /// </example>
    /// <seealso cref="BootstrapSequenceGaussianMixture"/>
    public static MixtureBootstrapTest BootstrapTestGaussianMixture(
        this ClusteringCatalog catalog, IDataView data, GaussianMixtureBootstrapOptions? options = null,
        string featureColumnName = GaussianMixtureTrainer.DefaultFeatureColumnName, string? exampleWeightColumnName = null, CancellationToken cancellationToken = default) => Run(
            catalog, data, options, featureColumnName, exampleWeightColumnName, "test", Mixture.GaussianMixture.BootstrapTest, cancellationToken);

    /// <summary>
    /// Finds how many components data need by such tests: K against K + 1 components, then K + 1 against K + 2, and so on until one component more is not called for.
    /// </summary>
    /// <param name="catalog">The clustering catalog.</param>
    /// <param name="data">The data, which are read once, or twice where several cursors do not tell the order of rows.</param>
    /// <param name="options">The first K, the structure, and how many data sets to draw; null to begin with 1 against 2 components and draw 199 data sets a test.</param>
    /// <param name="level">A p-value above it ends the sequence: above 0 and below 1.</param>
    /// <param name="maximumNumberOfComponents">The largest K + 1 to try, above the first K.</param>
    /// <param name="featureColumnName">The name of the feature column. The column data must be a known-sized vector of <see cref="float"/>.</param>
    /// <param name="exampleWeightColumnName">The name of the example weight column, of <see cref="float"/>; null for weights of one.</param>
    /// <param name="cancellationToken">Stops the tests.</param>
    /// <returns>The tests in their order, with the number of components and the mixture that they come to.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type, or the level or the largest number of components is not valid.</exception>
    /// <exception cref="ArgumentException">A row, a weight or an option is not valid; the message says which, and what to do.</exception>
    /// <exception cref="MixtureFitException">So many components could not be fitted.</exception>
    /// <exception cref="OperationCanceledException">The tests were cancelled.</exception>
    /// <remarks>
    /// The level is that of each test: the answer is above the true K with about that probability. Cost: that of <see cref="BootstrapTestGaussianMixture"/> for each test. See
    /// <see cref="Mixture.GaussianMixture.BootstrapSequence(double[,], GaussianMixtureBootstrapOptions, double, int, double[], CancellationToken)"/>. To score data by the answer,
    /// pass its <see cref="MixtureBootstrapSequence.Model"/> to a <see cref="GaussianMixtureTransformer"/>.
    /// </remarks>
    /// <example>
    /// <code>
    /// MixtureBootstrapSequence tests = mlContext.Clustering.BootstrapSequenceGaussianMixture(data);
    /// Console.WriteLine(tests);
    /// var transformer = new GaussianMixtureTransformer(mlContext, new GaussianMixtureModelParameters(tests.Model));
    /// </code>
    /// </example>
    public static MixtureBootstrapSequence BootstrapSequenceGaussianMixture(
        this ClusteringCatalog catalog, IDataView data, GaussianMixtureBootstrapOptions? options = null, double level = DefaultLevel,
        int maximumNumberOfComponents = DefaultMaximumNumberOfComponents, string featureColumnName = GaussianMixtureTrainer.DefaultFeatureColumnName,
        string? exampleWeightColumnName = null, CancellationToken cancellationToken = default)
    {
        int first = options?.ComponentCount ?? 1;
        MixtureOptions.Check(level is > 0 and < 1, nameof(level), level, "above 0 and below 1");
        MixtureOptions.Check(
            maximumNumberOfComponents > first, nameof(maximumNumberOfComponents), maximumNumberOfComponents, $"above the {nameof(options.ComponentCount)} to begin with, {first}");
        return Run(
            catalog, data, options, featureColumnName, exampleWeightColumnName, "sequence of tests",
            (rows, how, cancelled) => Mixture.GaussianMixture.BootstrapSequence(rows, how, level, maximumNumberOfComponents, cancelled), cancellationToken);
    }

    private static T Run<T>(
        ClusteringCatalog catalog, IDataView data, GaussianMixtureBootstrapOptions? options, string featureColumnName, string? exampleWeightColumnName, string what,
        Func<RowSource, GaussianMixtureBootstrapOptions, CancellationToken, T> run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrWhiteSpace(featureColumnName);
        IHost host = HostInternals.GetEnvironment(catalog.Trainers).Register("GaussianMixtureBootstrap");
        using IChannel channel = host.Start("Test");
        DataViewSchema.Column feature = MixtureSchema.FindFeatures(data.Schema, featureColumnName);
        DataViewSchema.Column? weight = MixtureSchema.FindWeight(data.Schema, exampleWeightColumnName);
        options = options?.Clone() ?? new GaussianMixtureBootstrapOptions();
        options.Validate();
        options.FeatureNames ??= MixtureSchema.SlotNames(feature);
        T tests = DataViewRun.Run(host, data, feature, weight, options.ThreadCount, what, (rows, cancelled) => run(rows, options, cancelled), cancellationToken);
        channel.Info(MessageSensitivity.None, "{0}", tests!.ToString()!);
        return tests;
    }
}
