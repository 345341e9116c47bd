using Microsoft.ML.Mixture;

namespace Microsoft.ML.Trainers;

/// <content>What speaks for a mixture in view of data.</content>
public abstract partial class MixtureModelParameters
{
    /// <summary>
    /// What speaks for the mixture in view of data, be they those of the training or others: log-likelihood, AIC, BIC, ICL and the entropy of the
    /// responsibilities, in nats. Lower is better, but for the log-likelihood.
    /// </summary>
    /// <param name="data">The data; they need not be scored. A row with a NaN counts for what is observed of it.</param>
    /// <param name="featureColumnName">The name of the feature column, a vector of D <see cref="float"/>.</param>
    /// <param name="exampleWeightColumnName">The name of the example weight column, of <see cref="float"/>; null for weights of one.</param>
    /// <param name="cancellationToken">Stops the pass over the rows.</param>
    /// <returns>
    /// The criteria. Of the data that the mixture was fitted to, with the same weights, log-likelihood, AIC and BIC are those of its <see cref="Report"/>, up to rounding.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="ArgumentException">A row or a weight is not valid; the message says which, and what to do.</exception>
    /// <exception cref="OperationCanceledException">The pass was cancelled.</exception>
    /// <remarks>
    /// <see cref="GaussianMixtureEvaluationCatalog.EvaluateMixture"/> judges clusters: by their distances and by labels. This judges the mixture that they come from, and compares mixtures
    /// of the same data, of any families. Cost: the data are read and kept, and each row is scored once, by one thread. See
    /// <see cref="MixtureModel.CriteriaOf(double[,], double[], CancellationToken)"/>.
    /// </remarks>
    /// <example>
    /// <code>
    /// // Which of two models foresees rows better that neither was fitted to?
    /// double gaussians = one.Model.CriteriaOf(test).AverageLogLikelihood, factors = other.Model.CriteriaOf(test).AverageLogLikelihood;
    /// </code>
    /// </example>
    public MixtureCriteria CriteriaOf(
        IDataView data, string featureColumnName = GaussianMixtureTrainer.DefaultFeatureColumnName, string? exampleWeightColumnName = null, CancellationToken cancellationToken = default) =>
        AnyMixture.CriteriaOf(ReadRows(data, featureColumnName, exampleWeightColumnName, out _, cancellationToken), cancellationToken);

    /// <summary>Reads the rows that are to be held against the mixture.</summary>
    private protected ArrayRowSource<float> ReadRows(
        IDataView data, string featureColumnName, string? exampleWeightColumnName, out DataViewSchema.Column feature, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrWhiteSpace(featureColumnName);
        feature = MixtureSchema.FindFeatures(data.Schema, featureColumnName, NumberOfFeatures);
        DataViewSchema.Column? weight = MixtureSchema.FindWeight(data.Schema, exampleWeightColumnName);
        return DataViewRows.Read(data, feature, weight, Environment.ProcessorCount, cancellationToken);
    }
}
