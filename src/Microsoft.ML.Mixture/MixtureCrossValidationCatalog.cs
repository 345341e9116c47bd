using Microsoft.ML.Mixture;
using Microsoft.ML.Mixture.Interop;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML;

/// <summary>Extension methods of the clustering catalog that judge mixtures by rows that they were not fitted to.</summary>
public static class MixtureCrossValidationCatalog
{
    /// <summary>Cross-validates a Gaussian mixture: fits it to all folds but one, and takes the log-likelihood of that one, in turn.</summary>
    /// <param name="catalog">The clustering catalog.</param>
    /// <param name="data">The data, which are read once, or twice where several cursors do not tell the order of rows.</param>
    /// <param name="options">
    /// How to fit, and the names of the columns. The number of components and the structure must be given, and a start must not be one by rows. The seed deals out the rows, too; the time
    /// budget is that of all fits together; a cancelled cross-validation throws, whatever <see cref="GaussianMixtureTrainer.Options.CancellationBehavior"/>.
    /// </param>
    /// <param name="numberOfFolds">The number of folds, from 2 to the number of rows in use. Rows that are copies of each other are in one fold, so that there may be no more folds than rows that differ.</param>
    /// <returns>The log-likelihoods of the folds, in nats: totals. Negative infinity where a row lies farther from a model than double precision reaches.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type, or an option or the number of folds is not valid.</exception>
    /// <exception cref="ArgumentException">A row, a weight or an option is not valid; the message says which, and what to do.</exception>
    /// <exception cref="MixtureFitException">No start led to a valid model on all folds but one, or the time budget ended before all were fitted.</exception>
    /// <exception cref="OperationCanceledException">The fits were cancelled.</exception>
    /// <remarks>
    /// ML.NET's own <c>Clustering.CrossValidate</c> judges clusters by their distances; this judges the density. Cost: that of so many fits as there are folds. The result does not depend on the
    /// number of threads. <see cref="GaussianMixtureSearchCatalog.SearchGaussianMixture"/> with <see cref="MixtureCriterion.CrossValidation"/> chooses among many mixtures by it.
    /// </remarks>
    /// <example>
    /// <code>
    /// var options = new GaussianMixtureTrainer.Options { NumberOfComponents = 2 };
    /// Console.WriteLine(mlContext.Clustering.CrossValidateGaussianMixture(data, options));
    /// </code>
    /// </example>
    public static MixtureCrossValidation CrossValidateGaussianMixture(
        this ClusteringCatalog catalog, IDataView data, GaussianMixtureTrainer.Options options, int numberOfFolds = Mixture.GaussianMixture.DefaultFoldCount)
    {
        ArgumentNullException.ThrowIfNull(options);
        options = options.Clone();
        options.Validate();
        if (options.NeedsSearch) throw SearchIsMeant("The number of components or the covariance structure", nameof(GaussianMixtureSearchCatalog.SearchGaussianMixture), nameof(options));
        return Run(
            catalog, data, options.ToCoreOptions(), options.FeatureColumnName, options.ExampleWeightColumnName, numberOfFolds, Mixture.GaussianMixture.CrossValidate, options.CancellationToken);
    }

    /// <summary>Cross-validates a mixture of factor analysers: fits it to all folds but one, and takes the log-likelihood of that one, in turn.</summary>
    /// <param name="catalog">The clustering catalog.</param>
    /// <param name="data">The data, which are read once, or twice where several cursors do not tell the order of rows.</param>
    /// <param name="options">
    /// How to fit, and the names of the columns. The numbers of components and of factors must be given, and a start must not be one by rows. The seed deals out the rows, too; the time budget is that of all fits together; a cancelled
    /// cross-validation throws, whatever <see cref="FactorAnalyzerMixtureTrainer.Options.CancellationBehavior"/>.
    /// </param>
    /// <param name="numberOfFolds">The number of folds, from 2 to the number of rows in use. Rows that are copies of each other are in one fold, so that there may be no more folds than rows that differ.</param>
    /// <returns>The log-likelihoods of the folds, in nats: totals. Negative infinity where a row lies farther from a model than double precision reaches.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type, or an option or the number of folds is not valid.</exception>
    /// <exception cref="ArgumentException">A row, a weight or an option is not valid; the message says which, and what to do.</exception>
    /// <exception cref="MixtureFitException">No start led to a valid model on all folds but one, or the time budget ended before all were fitted.</exception>
    /// <exception cref="OperationCanceledException">The fits were cancelled.</exception>
    /// <remarks>
    /// Cost: that of so many fits as there are folds. The result does not depend on the number of threads. <see cref="FactorAnalyzerMixtureSearchCatalog.SearchFactorAnalyzerMixture"/> with
    /// <see cref="MixtureCriterion.CrossValidation"/> chooses among many mixtures by it.
    /// </remarks>
    public static MixtureCrossValidation CrossValidateFactorAnalyzerMixture(
        this ClusteringCatalog catalog, IDataView data, FactorAnalyzerMixtureTrainer.Options options, int numberOfFolds = Mixture.GaussianMixture.DefaultFoldCount)
    {
        ArgumentNullException.ThrowIfNull(options);
        options = options.Clone();
        options.Validate();
        if (options.NeedsSearch) throw SearchIsMeant("The number of components or of factors", nameof(FactorAnalyzerMixtureSearchCatalog.SearchFactorAnalyzerMixture), nameof(options));
        return Run(
            catalog, data, options.ToCoreOptions(), options.FeatureColumnName, options.ExampleWeightColumnName, numberOfFolds, Mixture.FactorAnalyzerMixture.CrossValidate, options.CancellationToken);
    }

    private static ArgumentException SearchIsMeant(string what, string call, string argument) => new(
        $"{what} is Auto, but cross-validation judges one mixture. Give both, or call {call} with {nameof(MixtureCriterion)}.{nameof(MixtureCriterion.CrossValidation)}.", argument);

    private static MixtureCrossValidation Run<TOptions>(
        ClusteringCatalog catalog, IDataView data, TOptions options, string featureColumnName, string? exampleWeightColumnName, int numberOfFolds,
        Func<RowSource, TOptions, int, CancellationToken, MixtureCrossValidation> run, CancellationToken cancellationToken)
        where TOptions : MixtureOptions
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        MixtureOptions.Check(numberOfFolds >= 2, nameof(numberOfFolds), numberOfFolds, "at least 2");
        IHost host = HostInternals.GetEnvironment(catalog.Trainers).Register("MixtureCrossValidation");
        using IChannel channel = host.Start("Cross-validation");
        DataViewSchema.Column feature = MixtureSchema.FindFeatures(data.Schema, featureColumnName);
        DataViewSchema.Column? weight = MixtureSchema.FindWeight(data.Schema, exampleWeightColumnName);
        options.FeatureNames = MixtureSchema.SlotNames(feature);
        options.CancellationBehavior = CancellationBehavior.Throw;
        MixtureCrossValidation found = DataViewRun.Run(
            host, data, feature, weight, options.ThreadCount, "cross-validation", (rows, cancelled) => run(rows, options, numberOfFolds, cancelled), cancellationToken);
        channel.Info(MessageSensitivity.None, "{0}", found);
        return found;
    }
}
