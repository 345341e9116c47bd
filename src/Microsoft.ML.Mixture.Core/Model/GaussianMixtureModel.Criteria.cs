namespace Microsoft.ML.Mixture;

public sealed partial class GaussianMixtureModel
{
    /// <summary>The number of free parameters: of weights, means and, as <see cref="CovarianceStructure"/> says, covariances; with noise its weight, and its volume unless the density was given.</summary>
    public long FreeParameterCount => Densities.FreeParameterCount + ShareCount - 1;

    /// <summary>What speaks for the model in view of rows: likelihood, AIC, BIC, ICL and entropy. Lower is better.</summary>
    /// <param name="rows">N x D values, in feature units. A row with a NaN counts for what is observed of it.</param>
    /// <param name="rowWeights">One weight a row, or null for weights of one.</param>
    /// <param name="cancellationToken">Stops the pass over the rows.</param>
    /// <returns>The criteria. Of the rows that the model was fitted to, likelihood, AIC and BIC are those of its <see cref="Report"/>, up to rounding.</returns>
    /// <exception cref="ArgumentException">Rows or weights are not valid, or there are not D features.</exception>
    public MixtureCriteria CriteriaOf(double[,] rows, double[]? rowWeights = null, CancellationToken cancellationToken = default) =>
        MixtureCriteria.Compute(this, GaussianMixture.Copy(rows, rowWeights), cancellationToken);

    /// <summary>What speaks for the model in view of rows from any source: likelihood, AIC, BIC, ICL and entropy. Lower is better.</summary>
    /// <param name="rows">The rows with their weights.</param>
    /// <param name="cancellationToken">Stops the pass over the rows.</param>
    /// <returns>The criteria.</returns>
    /// <exception cref="ArgumentException">Rows or weights are not valid, or there are not D features.</exception>
    public MixtureCriteria CriteriaOf(RowSource rows, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return MixtureCriteria.Compute(this, rows, cancellationToken);
    }
}
