namespace Microsoft.ML.Mixture;

/// <content>Whether the components look like Gaussians.</content>
public sealed partial class GaussianMixtureModel
{
    /// <summary>Checks whether a Gaussian fits each component at all, and says in words where not.</summary>
    /// <param name="rows">N x D values, in feature units: best those that were fitted. A row with a NaN counts for what is observed of it.</param>
    /// <param name="rowWeights">One weight a row, or null for weights of one.</param>
    /// <param name="featureNames">The names of the features, for the sentences; null to number them from zero.</param>
    /// <param name="falseAlarmRate">The chance of any finding though Gaussians fit, above 0 and below 1.</param>
    /// <param name="cancellationToken">Stops the check.</param>
    /// <returns>Tails, skewness and kurtosis by component and feature, and the findings.</returns>
    /// <exception cref="ArgumentException">Rows or weights are not valid, or there are not D features.</exception>
    /// <exception cref="OperationCanceledException">The check was cancelled.</exception>
    /// <remarks>
    /// Cost: one pass on one thread, about N K D^2 operations, or N K D without correlations, and N K D^3 / 6 more for Mardia's skewness up to 32 features; two passes where values are missing. All values are kept to the end, as
    /// often again as there are weights that differ. Equal values of a
    /// feature are looked for in all rows together, be they light or heavy. Sources: Mardia (1970), Measures of multivariate skewness and kurtosis with applications,
    /// Biometrika 57(3), 519-530, doi:10.1093/biomet/57.3.519; D'Agostino (1970), doi:10.1093/biomet/57.3.679; Anscombe and Glynn (1983),
    /// doi:10.1093/biomet/70.1.227.
    /// </remarks>
    public GaussianityCheck CheckGaussianity(
        double[,] rows, double[]? rowWeights = null, IReadOnlyList<string>? featureNames = null, double falseAlarmRate = GaussianityCheck.DefaultFalseAlarmRate,
        CancellationToken cancellationToken = default) =>
        GaussianityPass.Run(this, GaussianMixture.Copy(rows, rowWeights), featureNames, falseAlarmRate, cancellationToken);

    /// <summary>Checks whether a Gaussian fits each component at all, on rows from any source.</summary>
    /// <param name="rows">The rows with their weights.</param>
    /// <param name="featureNames">The names of the features, for the sentences; null to number them from zero.</param>
    /// <param name="falseAlarmRate">The chance of any finding though Gaussians fit, above 0 and below 1.</param>
    /// <param name="cancellationToken">Stops the check.</param>
    /// <returns>Tails, skewness and kurtosis by component and feature, and the findings.</returns>
    /// <exception cref="ArgumentException">Rows or weights are not valid, or there are not D features.</exception>
    /// <exception cref="OperationCanceledException">The check was cancelled.</exception>
    public GaussianityCheck CheckGaussianity(RowSource rows, IReadOnlyList<string>? featureNames, double falseAlarmRate, CancellationToken cancellationToken) =>
        GaussianityPass.Run(this, rows, featureNames, falseAlarmRate, cancellationToken);
}
