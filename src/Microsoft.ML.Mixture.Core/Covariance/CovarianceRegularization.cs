using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>What keeps covariances positive definite, in the units of the data of one fit.</summary>
/// <param name="PriorCount">
/// nu, the number of rows that the conjugate prior is worth in each component; zero for no prior. See
/// <see cref="GaussianMixtureOptions.CovariancePriorStrength"/>.
/// </param>
/// <param name="PriorVariances">V, the variances of those rows, shape D.</param>
/// <param name="RowVariances">
/// A variance that every row has in each feature beside its value, shape D: zero but for features that are constant, or follow from others where components have covariances of
/// their own or one in common, which get the same variance in every component by it and so leave the responsibilities alone. Where volumes or shapes alone are tied it is not the same, and a step may lower the
/// objective, which knows nothing of it.
/// </param>
/// <param name="Floor">Added to every variance after the M-step, as scikit-learn's reg_covar; zero for none.</param>
internal sealed record CovarianceRegularization(double PriorCount, double[] PriorVariances, double[] RowVariances, double Floor)
{
    // Rows whose own variance is no more than this times what the prior and the floor add have hardly any. A strong prior adds much, also to
    // groups that are merely far apart; so what it adds counts only up to the second share of the variance of all rows.
    private const double FewestShares = 9, LargestShare = 1e-5;

    // Of rows that are many the spread is measured, not met by chance. That of rows that coincide comes from others that lie near, and is smaller than what is added to it.
    private const double FewestSharesOfMany = 3;

    // A difference of variances carries rounding of 1e-16.
    private const double Rounding = 1e-9;

    // What is left of a sum carries so much of the sum, where many features take part in it.
    private const double RoundingOfSums = 1e-13;

    // Rows that are so many times those at any one value do not coincide.
    private const double ValuesOfGroup = 2;

    // Of some hundred rows chance does not leave out a value that so much more of all take.
    private const double ShareBeyondChance = 1.0 / 64;

    // Rounding alone leaves a standard deviation of 0.29 spacings; with less, nearly all rows are at one value.
    private const double LeastSpacings = 0.2;

    /// <summary>
    /// The variance of each feature over all rows that the features before it leave unexplained, shape D; null where no feature follows from others.
    /// </summary>
    public double[]? UnexplainedVariances { get; init; }

    /// <summary>Whether a feature has such a variance.</summary>
    public bool HasRowVariances => Array.Exists(RowVariances, variance => variance > 0);

    /// <summary>
    /// What each feature has at least beside those before it, shape D: where it follows from them but for next to nothing, as parts of a whole do that were rounded, and so has some more; null for no feature.
    /// </summary>
    public double[]? LeastVariances { get; init; }

    /// <summary>The scatter of a prior row where V is no diagonal matrix; null where it is that of the variances.</summary>
    public PriorScatter? PriorScatter { get; init; }

    /// <summary>
    /// log det V + D, by which the log prior is highest, and zero, where a covariance is V, so that objectives with priors of other V compare; zero where all have the same.
    /// </summary>
    public double PriorOffset { get; init; }

    /// <summary>How many rows share values, and how far apart these are; null if nobody has looked.</summary>
    public SharedValues? SharedValues { get; init; }

    public static CovarianceRegularization None(int dimension) => new(0, new double[dimension], new double[dimension], 0);

    /// <summary>
    /// The same where components have covariances of their own or one in common: features that follow from those before them have the same variance beside them in every component, what the prior adds to
    /// one of average size, and no more; those that follow but for next to nothing have that or what their rows have.
    /// </summary>
    /// <param name="dependencies">Which features follow from others.</param>
    /// <param name="count">The total responsibility of an average component.</param>
    public CovarianceRegularization WithDependencies(FeatureDependencies dependencies, double count)
    {
        if (UnexplainedVariances is null || PriorCount <= 0) return this;
        HashSet<int> holed = [.. dependencies.Found.Where(found => !found.IsShown).Select(found => found.Feature)];
        double[] own = [.. PriorVariances.Select((variance, j) => RowVariances[j] == 0 && !holed.Contains(j) && IsWithoutSpread(j, variance, count) ? PriorCount / (count + PriorCount) * variance : 0)];
        if (Array.TrueForAll(own, variance => variance == 0)) return this;
        double[] ofRows = [.. own.Select((variance, j) => UnexplainedVariances[j] == 0 ? variance : 0)], least = [.. own.Zip(ofRows, (variance, exact) => variance - exact)];
        return this with
        {
            RowVariances = [.. RowVariances.Zip(ofRows, (before, variance) => before + variance)],
            LeastVariances = Array.TrueForAll(least, variance => variance == 0) ? null : least,
            PriorScatter = PriorScatter.Create(dependencies.Correlations, PriorVariances, own),
        };
    }

    /// <summary>Whether what a feature has beside those before it is not only that of the rows of a component.</summary>
    public bool Follows(int feature) => RowVariances[feature] > 0 || LeastVariances?[feature] > 0;

    /// <summary>The same with another prior: rows that have the covariance of a component.</summary>
    /// <param name="components">Components of the structure that is fitted.</param>
    /// <param name="component">Which of them.</param>
    /// <param name="count">nu, the number of rows.</param>
    public CovarianceRegularization WithPriorOf(GaussianComponents components, int component, double count)
    {
        int dimension = components.Dimension;
        return this with
        {
            PriorCount = count,
            PriorVariances = [.. Enumerable.Range(0, dimension).Select(j => components.CovarianceOf(component, j, j))],
            PriorScatter = components.Shape == CovarianceShape.Full ? PriorScatter.OfFactor(components.Factor(component), dimension) : null,
            PriorOffset = dimension - (2 * components.LogConstant(component)) - (dimension * Math.Log(2 * Math.PI)),
        };
    }

    /// <summary>Adds to the scatter of a component what rows and prior have beside the values of its rows.</summary>
    /// <param name="shape">How scatters are stored.</param>
    /// <param name="count">The total responsibility of the rows.</param>
    /// <param name="scatter">The scatter.</param>
    public void AddTo(CovarianceShape shape, double count, Span<double> scatter)
    {
        bool isDiagonal = PriorScatter is null || shape != CovarianceShape.Full;
        for (int j = 0; j < PriorVariances.Length; j++) scatter[shape.Index(j, j)] += (count * RowVariances[j]) + (isDiagonal ? PriorCount * PriorVariances[j] : 0);
        if (!isDiagonal) Lanes.AddScaled(PriorScatter!.Values, PriorCount, scatter);
    }

    /// <summary>
    /// Gives features that follow from those before them exactly the variance that every row has, where the factor of a covariance has it but for rounding. It is what is left of sums a million times
    /// as large, and would be another one in every step by some parts in a billion, which is more than a last step gains.
    /// </summary>
    /// <param name="covariance">The covariance; see <see cref="PackedTriangle"/>.</param>
    /// <param name="lower">Its Cholesky factor, whose diagonal is corrected.</param>
    public void RestoreRowVariances(ReadOnlySpan<double> covariance, Span<double> lower)
    {
        for (int j = 0; j < RowVariances.Length; j++)
        {
            int at = PackedTriangle.Index(j, j);
            if (UnexplainedVariances?[j] == 0 && RowVariances[j] > 0 && Math.Abs((lower[at] * lower[at]) - RowVariances[j]) <= RoundingOfSums * covariance[at]) lower[at] = Math.Sqrt(RowVariances[j]);
        }
    }

    /// <summary>Whether rows have a spread of their own in a variance, beside what the prior and the floor add to it.</summary>
    /// <param name="variance">The variance after the M-step.</param>
    /// <param name="priorVariance">V of its feature.</param>
    /// <param name="count">The total responsibility that the variance was estimated from.</param>
    public bool LeavesSpread(double variance, double priorVariance, double count) => LeavesSpreadBeside(Added(priorVariance, count), variance, priorVariance);

    /// <summary>The same, where it is known what the prior and the floor add.</summary>
    public static bool LeavesSpreadBeside(double added, double variance, double priorVariance) => variance - added > FewestShares * Math.Min(added, LargestShare * priorVariance);

    /// <summary>
    /// Whether rows that are many have a spread of their own though most of the variance may be what the prior and the floor add, as where groups are far apart beside their
    /// spreads. Many rows lie so close together only if that is what they do, or if they coincide.
    /// </summary>
    /// <param name="variance">The variance after the M-step, given the features before it.</param>
    /// <param name="whole">The same of the feature alone.</param>
    /// <param name="priorVariance">V of its feature.</param>
    /// <param name="count">The total responsibility that the variance was estimated from.</param>
    /// <param name="share">The share of all rows that these are.</param>
    /// <param name="largestShare">The share of all rows at the most frequent value of the feature.</param>
    public bool LeavesSpreadOfMany(double variance, double whole, double priorVariance, double count, double share, double largestShare)
    {
        double added = Added(priorVariance, count), own = variance - added;
        if (own > FewestSharesOfMany * Math.Min(added, LargestShare * priorVariance)) return true;
        if (!(share > ValuesOfGroup * largestShare)) return false;

        // Beside rows so far away that the spread of all others is lost in rounding, only that they do not coincide tells of it.
        return own > LeastOwn(whole, added) || (whole - added <= Rounding * added && share > (ValuesOfGroup * largestShare) + ShareBeyondChance);
    }

    /// <summary>
    /// The variances of the rows of a component, each given the features before it, and with what the prior and the floor add to that of a feature alone. What they add to it given others is
    /// the more the steeper it follows from these, however closely it does.
    /// </summary>
    /// <param name="count">The total responsibility of the rows.</param>
    /// <param name="covariance">The covariance after the M-step; see <see cref="PackedTriangle"/>.</param>
    public double[] VariancesBesideOthers(double count, ReadOnlySpan<double> covariance)
    {
        double[] ofRows = covariance.ToArray(), variances = new double[PriorVariances.Length];
        double share = PriorCount / (count + PriorCount);
        for (int j = 0; j < variances.Length; j++) ofRows[PackedTriangle.Index(j, j)] -= ((1 - share) * RowVariances[j]) + Floor + (PriorScatter is null ? share * PriorVariances[j] : 0);
        if (PriorScatter is not null) Lanes.AddScaled(PriorScatter.Values, -share, ofRows);
        var elimination = new FeatureElimination(ofRows);
        for (int j = 0; j < variances.Length; j++)
        {
            double own = elimination.Unexplained(j), added = Added(PriorVariances[j], count);
            variances[j] = own + added;
            if (own > LeastOwn(ofRows[PackedTriangle.Index(j, j)], added)) elimination.Keep(j, own);
        }

        return variances;
    }

    /// <summary>
    /// Whether the rows all together have no spread in a feature beside the features before it, by the same rule: then that a component has none says nothing of it.
    /// </summary>
    public bool IsWithoutSpread(int feature, double priorVariance, double count) => UnexplainedVariances is { } unexplained
        && !(unexplained[feature] > FewestShares * Math.Min(Added(priorVariance, count), LargestShare * priorVariance));

    /// <summary>Whether rows have a spread of their own in a feature of few values, which is told from how far these are apart: many rows coincide in it, however wide a group is.</summary>
    /// <param name="feature">The feature.</param>
    /// <param name="variance">Its variance after the M-step, perhaps given the features before it.</param>
    /// <param name="count">The total responsibility that the variance was estimated from.</param>
    public bool LeavesSpreadOfFewValues(int feature, double variance, double count) =>
        SharedValues is { } values && values.Spacings[feature] > 0 && !IsBelowSpacing(feature, variance - Added(PriorVariances[feature], count));

    /// <summary>Whether nearly all rows are at one value of a feature that has few.</summary>
    /// <param name="feature">The feature.</param>
    /// <param name="variance">Its variance in a component.</param>
    public bool IsBelowSpacing(int feature, double variance) => variance < LeastVarianceOfValues(feature);

    /// <summary>The least variance that counts as a spread of a feature of few values; zero for other features.</summary>
    public double LeastVarianceOfValues(int feature) => SharedValues is { } values ? LeastSpacings * LeastSpacings * values.Spacings[feature] * values.Spacings[feature] : 0;

    /// <summary>What share of a variance after the M-step is the prior's.</summary>
    public double ShareOf(double variance, double priorVariance, double count) => PriorCount / (count + PriorCount) * priorVariance / variance;

    // What is more than rounding, of a variance that is a part of a whole.
    private static double LeastOwn(double whole, double added) => Math.Max(FeatureDependencies.Rounding * whole, Rounding * added);

    private double Added(double priorVariance, double count) => (PriorCount / (count + PriorCount) * priorVariance) + Floor;
}
