namespace Microsoft.ML.Mixture;

/// <summary>What keeps covariances positive definite, in the units of the data of one fit.</summary>
/// <param name="PriorCount">
/// nu, the number of rows that the conjugate prior is worth in each component; zero for no prior. See
/// <see cref="GaussianMixtureOptions.CovariancePriorStrength"/>.
/// </param>
/// <param name="PriorVariances">V, the variances of those rows, shape D.</param>
/// <param name="RowVariances">
/// A variance that every row has in each feature beside its value, shape D: zero but for constant features, which get the same variance in
/// every component by it and so leave the responsibilities alone. Where volumes or shapes alone are tied it is not the same, and a step may lower the objective, which knows
/// nothing of it.
/// </param>
/// <param name="Floor">Added to every variance after the M-step, as scikit-learn's reg_covar; zero for none.</param>
internal sealed record CovarianceRegularization(double PriorCount, double[] PriorVariances, double[] RowVariances, double Floor)
{
    // Rows whose own variance is no more than this times what the prior and the floor add have hardly any. A strong prior adds much, also to
    // groups that are merely far apart; so what it adds counts only up to the second share of the variance of all rows.
    private const double FewestShares = 9, LargestShare = 1e-5;

    /// <summary>
    /// The variance of each feature over all rows that the features before it leave unexplained, shape D; null where no feature follows from others.
    /// </summary>
    public double[]? UnexplainedVariances { get; init; }

    /// <summary>Whether a feature has such a variance.</summary>
    public bool HasRowVariances => Array.Exists(RowVariances, variance => variance > 0);

    public static CovarianceRegularization None(int dimension) => new(0, new double[dimension], new double[dimension], 0);

    /// <summary>Whether rows have a spread of their own in a variance, beside what the prior and the floor add to it.</summary>
    /// <param name="variance">The variance after the M-step.</param>
    /// <param name="priorVariance">V of its feature.</param>
    /// <param name="count">The total responsibility that the variance was estimated from.</param>
    public bool LeavesSpread(double variance, double priorVariance, double count)
    {
        double added = Added(priorVariance, count);
        return variance - added > FewestShares * Math.Min(added, LargestShare * priorVariance);
    }

    /// <summary>
    /// Whether the rows all together have no spread in a feature beside the features before it, by the same rule: then that a component has none says nothing of it.
    /// </summary>
    public bool IsWithoutSpread(int feature, double priorVariance, double count) => UnexplainedVariances is { } unexplained
        && !(unexplained[feature] > FewestShares * Math.Min(Added(priorVariance, count), LargestShare * priorVariance));

    private double Added(double priorVariance, double count) => (PriorCount / (count + PriorCount) * priorVariance) + Floor;
}
