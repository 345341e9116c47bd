using Microsoft.ML.Mixture;

namespace Microsoft.ML.Trainers;

/// <content>Whether the components look like Gaussians.</content>
public sealed partial class FactorAnalyzerMixtureModelParameters
{
    /// <summary>Checks whether a Gaussian fits each component at all, and says in words where not. Components and features count from 0.</summary>
    /// <param name="data">The data: best those that were trained on. A row with a NaN counts for what is observed of it.</param>
    /// <param name="featureColumnName">The name of the feature column, a vector of D <see cref="float"/>. The names of its slots are in the sentences.</param>
    /// <param name="exampleWeightColumnName">The name of the example weight column, of <see cref="float"/>; null for weights of one.</param>
    /// <param name="falseAlarmRate">The chance of any finding though Gaussians fit, above 0 and below 1.</param>
    /// <param name="cancellationToken">Stops the check.</param>
    /// <returns>Tails, skewness and kurtosis by component and feature, and the findings.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type, or the rate is not valid.</exception>
    /// <exception cref="ArgumentException">A row or a weight is not valid, or a covariance is singular in double precision; the message says which, and what to do.</exception>
    /// <exception cref="OperationCanceledException">The check was cancelled.</exception>
    /// <remarks>It is made with the covariances of the components, K matrices of D x D: see <see cref="FactorAnalyzerMixtureModel.ToGaussianMixture"/>.</remarks>
    public GaussianityCheck CheckGaussianity(
        IDataView data, string featureColumnName = GaussianMixtureTrainer.DefaultFeatureColumnName, string? exampleWeightColumnName = null,
        double falseAlarmRate = GaussianityCheck.DefaultFalseAlarmRate, CancellationToken cancellationToken = default) =>
        new GaussianMixtureModelParameters(Mixture.ToGaussianMixture()).CheckGaussianity(data, featureColumnName, exampleWeightColumnName, falseAlarmRate, cancellationToken);
}
