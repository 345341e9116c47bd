using Microsoft.ML.Mixture;

namespace Microsoft.ML.Trainers;

/// <content>How far estimates may be off.</content>
public sealed partial class GaussianMixtureModelParameters
{
    /// <summary>The standard errors of weights, means and covariances, from the observed information.</summary>
    /// <param name="data">The data to which the mixture was fitted. A row with a NaN counts for what is observed of it.</param>
    /// <param name="featureColumnName">The name of the feature column, a vector of D <see cref="float"/>.</param>
    /// <param name="exampleWeightColumnName">
    /// The name of the example weight column of the fit, of <see cref="float"/>; null for weights of one. They count as numbers of equal rows, so that
    /// twice the weights are errors smaller by the root of two.
    /// </param>
    /// <param name="covariancePriorStrength">The <see cref="GaussianMixtureTrainer.Options.CovariancePriorStrength"/> of the fit, at least 0.</param>
    /// <param name="cancellationToken">Stops the calculation.</param>
    /// <returns>
    /// The standard errors, of the shapes and in the units of what they belong to: K weights, K x D means in feature units, K covariances of shape D x D in their squares; and the covariance
    /// of all estimates.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type, or the strength is not valid.</exception>
    /// <exception cref="ArgumentException">A row or a weight is not valid, or a feature is constant; the message says which, and what to do.</exception>
    /// <exception cref="InvalidOperationException">The information is not positive definite: the mixture is not at a maximum, or the rows do not determine it.</exception>
    /// <exception cref="NotSupportedException">
    /// The structure is not one of <see cref="CovarianceStructure.BuiltIn"/>, there are more than 2,000 parameters, or the mixture was fitted by
    /// variational Bayes.
    /// </exception>
    /// <exception cref="OperationCanceledException">The calculation was cancelled.</exception>
    /// <remarks>
    /// Cost: the data are read and kept; O(N M^2 + M^3) for N rows and M weights, means and covariances, and O(K D^4) for each set of missing features, in one thread. See
    /// <see cref="GaussianMixtureModel.StandardErrorsOf(double[,], double[], double, CancellationToken)"/> for the method and its source.
    /// </remarks>
    /// <example>
    /// <code>
    /// var model = mlContext.Clustering.Trainers.GaussianMixture(numberOfComponents: 2).Fit(data).Model;
    /// Console.WriteLine(model.StandardErrorsOf(data));
    /// </code>
    /// </example>
    public MixtureStandardErrors StandardErrorsOf(
        IDataView data, string featureColumnName = GaussianMixtureTrainer.DefaultFeatureColumnName, string? exampleWeightColumnName = null,
        double covariancePriorStrength = GaussianMixtureOptions.DefaultCovariancePriorStrength, CancellationToken cancellationToken = default)
    {
        ArrayRowSource<float> rows = ReadRows(data, featureColumnName, exampleWeightColumnName, out DataViewSchema.Column feature, cancellationToken);
        MixtureStandardErrors errors = Mixture.StandardErrorsOf(rows, covariancePriorStrength, cancellationToken);
        errors.FeatureNames = MixtureSchema.SlotNames(feature);
        return errors;
    }
}
