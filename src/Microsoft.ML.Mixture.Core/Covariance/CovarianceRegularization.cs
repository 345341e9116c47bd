namespace Microsoft.ML.Mixture;

/// <summary>What keeps covariances positive definite, in the units of the data of one fit.</summary>
/// <param name="PriorCount">
/// nu, the number of rows that the conjugate prior is worth in each component; zero for no prior. See
/// <see cref="GaussianMixtureOptions.CovariancePriorStrength"/>.
/// </param>
/// <param name="PriorVariances">V, the variances of those rows, shape D.</param>
/// <param name="RowVariances">
/// A variance that every row has in each feature beside its value, shape D: zero but for constant features, which get the same variance in
/// every component by it and so leave the responsibilities alone.
/// </param>
/// <param name="Floor">Added to every variance after the M-step, as scikit-learn's reg_covar; zero for none.</param>
internal sealed record CovarianceRegularization(double PriorCount, double[] PriorVariances, double[] RowVariances, double Floor)
{
    public static CovarianceRegularization None(int dimension) => new(0, new double[dimension], new double[dimension], 0);
}
