namespace Microsoft.ML.Mixture;

/// <content>How far estimates may be off.</content>
public sealed partial class GaussianMixtureModel
{
    /// <summary>The standard errors of weights, means and covariances, from the observed information.</summary>
    /// <param name="rows">The N x D values to which the model was fitted, in feature units. A row with a NaN counts for what is observed of it.</param>
    /// <param name="rowWeights">
    /// One weight a row, or null for weights of one: those of the fit. They count as numbers of equal rows, so that twice the weights are errors
    /// smaller by the root of two.
    /// </param>
    /// <param name="covariancePriorStrength">The <see cref="GaussianMixtureOptions.CovariancePriorStrength"/> of the fit.</param>
    /// <param name="cancellationToken">Stops the calculation.</param>
    /// <returns>The standard errors, with the covariance of all estimates.</returns>
    /// <exception cref="ArgumentException">Rows or weights are not valid, a feature is constant, or there are not D features.</exception>
    /// <exception cref="InvalidOperationException">The information is not positive definite: the model is not at a maximum, or the rows do not determine it.</exception>
    /// <exception cref="NotSupportedException">
    /// The structure is not one of <see cref="CovarianceStructure.BuiltIn"/>, there are more than 2,000 parameters, or the model was fitted by
    /// variational Bayes.
    /// </exception>
    /// <exception cref="OperationCanceledException">The calculation was cancelled.</exception>
    /// <remarks>
    /// <para>
    /// The covariance of the estimates is the inverse of the observed information: of minus the second derivatives of the log-likelihood of what
    /// is observed (and of the log prior) by the free parameters of the structure, at the estimates. The derivatives are exact, for rows with
    /// holes too: they average what the components would give over the responsibilities, after Louis (1982), Finding the observed information
    /// matrix when using the EM algorithm, J. R. Stat. Soc. B 44(2), 226-233, doi:10.1111/j.2517-6161.1982.tb01203.x. With missing values the
    /// observed information is to be preferred to the expected one: Kenward and Molenberghs (1998), Likelihood based frequentist inference when
    /// data are missing at random, Statistical Science 13(3), 236-247.
    /// </para>
    /// <para>Cost: O(N M^2 + M^3) for M weights, means and covariances, and O(K D^4) for each set of missing features; in one thread.</para>
    /// </remarks>
    public MixtureStandardErrors StandardErrorsOf(
        double[,] rows, double[]? rowWeights = null, double covariancePriorStrength = GaussianMixtureOptions.DefaultCovariancePriorStrength,
        CancellationToken cancellationToken = default) =>
        StandardErrorCalculation.Run(this, GaussianMixture.Copy(rows, rowWeights), covariancePriorStrength, cancellationToken);

    /// <summary>The standard errors of weights, means and covariances, from the observed information of rows from any source.</summary>
    /// <param name="rows">The rows to which the model was fitted, with their weights.</param>
    /// <param name="covariancePriorStrength">The <see cref="GaussianMixtureOptions.CovariancePriorStrength"/> of the fit.</param>
    /// <param name="cancellationToken">Stops the calculation.</param>
    /// <returns>The standard errors, with the covariance of all estimates.</returns>
    /// <exception cref="ArgumentException">Rows or weights are not valid, a feature is constant, or there are not D features.</exception>
    /// <exception cref="InvalidOperationException">The information is not positive definite: the model is not at a maximum, or the rows do not determine it.</exception>
    /// <exception cref="NotSupportedException">
    /// The structure is not one of <see cref="CovarianceStructure.BuiltIn"/>, there are more than 2,000 parameters, or the model was fitted by
    /// variational Bayes.
    /// </exception>
    /// <exception cref="OperationCanceledException">The calculation was cancelled.</exception>
    public MixtureStandardErrors StandardErrorsOf(RowSource rows, double covariancePriorStrength, CancellationToken cancellationToken) =>
        StandardErrorCalculation.Run(this, rows, covariancePriorStrength, cancellationToken);
}
