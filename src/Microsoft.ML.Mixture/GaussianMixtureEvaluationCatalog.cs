using Microsoft.ML.Mixture;
using Microsoft.ML.Mixture.Interop;
using Microsoft.ML.Trainers;

namespace Microsoft.ML;

/// <summary>Extension methods of the clustering catalog that judge mixtures.</summary>
public static class GaussianMixtureEvaluationCatalog
{
    /// <summary>
    /// Evaluates scored data: average log-likelihood, silhouette, within-cluster sum of squares, and how far the clusters agree with a label.
    /// </summary>
    /// <param name="catalog">The clustering catalog.</param>
    /// <param name="data">The scored data: best of rows that were not trained on.</param>
    /// <param name="labelColumnName">
    /// The name of the label column: a key, a number, text or a Boolean, each value a group of its own. A key of 0, NaN and empty text are no
    /// label. Null for none.
    /// </param>
    /// <param name="featureColumnName">The name of the feature column; null to leave out what needs distances.</param>
    /// <param name="exampleWeightColumnName">The name of the example weight column, of <see cref="float"/>; null for weights of one.</param>
    /// <param name="predictedLabelColumnName">The name of the column of clusters, a key of <see cref="uint"/>.</param>
    /// <param name="logLikelihoodColumnName">The name of the column of log-densities, of <see cref="float"/>; null for clusters of another trainer, such as k-means.</param>
    /// <param name="silhouetteSampleSize">The most rows that the silhouette is computed of; of more a sample is taken. Null for 5000, and fewer where there are more than 160 features: see <see cref="ClusterSeparation.SampleSizeOf"/>.</param>
    /// <param name="seed">The seed of that sample.</param>
    /// <param name="cancellationToken">Stops the evaluation.</param>
    /// <returns>The metrics.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type, or the sample is smaller than 2.</exception>
    /// <exception cref="ArgumentException">A weight is not valid, or no row can be used, or the rows have more values than one array holds, 2^31.</exception>
    /// <exception cref="OperationCanceledException">The evaluation was cancelled.</exception>
    /// <remarks>
    /// Distances are Euclidean, in feature units: unlike the mixture, silhouette and sum of squares depend on the scale of features. Rows without a
    /// cluster (label 0) and, if the features are given, rows of which nothing is observed are left out. Rows that go to a noise component,
    /// as the annotations of the column of clusters tell, are no cluster: silhouette and sum of squares leave them out, for noise lies all over. Against a label they are a group of their own. Where the column has lost
    /// its annotations, as after a text file, they count as a cluster; leave out the rows of label K + 1 there. Cost: the data are read
    /// once and kept; the silhouette takes n (n - 1) / 2 distances for n rows of the sample. Criteria that count parameters (AIC, BIC, ICL) are not here, as scored data do not
    /// tell how many there are: <see cref="MixtureModelParameters.CriteriaOf"/> of the model gives them for any data.
    /// </remarks>
    /// <example>
    /// <code>
    /// IDataView scored = model.Transform(test);
    /// Console.WriteLine(mlContext.Clustering.EvaluateMixture(scored, labelColumnName: "Species"));
    /// </code>
    /// </example>
    public static MixtureMetrics EvaluateMixture(
        this ClusteringCatalog catalog, IDataView data, string? labelColumnName = null, string? featureColumnName = GaussianMixtureTrainer.DefaultFeatureColumnName,
        string? exampleWeightColumnName = null, string predictedLabelColumnName = MixtureSchema.PredictedLabel, string? logLikelihoodColumnName = MixtureSchema.LogLikelihood,
        int? silhouetteSampleSize = null, int seed = 0, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(predictedLabelColumnName);
        if (silhouetteSampleSize is { } size) ArgumentOutOfRangeException.ThrowIfLessThan(size, 2, nameof(silhouetteSampleSize));
        var columns = new EvaluatedColumns(data.Schema, predictedLabelColumnName, logLikelihoodColumnName, featureColumnName, labelColumnName, exampleWeightColumnName);
        return DataViewRun.Run(
            HostInternals.GetEnvironment(catalog.Trainers), "evaluation", cancelled => EvaluatedRows.Read(data, columns, cancelled).Evaluate(silhouetteSampleSize, seed, cancelled),
            cancellationToken);
    }
}
