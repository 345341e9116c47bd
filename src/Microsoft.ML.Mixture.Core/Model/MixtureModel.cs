namespace Microsoft.ML.Mixture;

/// <summary>
/// A mixture that scores rows: p(x) = sum over k of Weights(k) p(x | k), whatever the components are. Immutable and safe to share between
/// threads.
/// </summary>
public abstract class MixtureModel
{
    private protected MixtureModel(double[] weights, MixtureComponents densities, ReadOnlySpan<double> means, FitReport? report, double? noiseWeight = null)
    {
        Densities = densities;
        Report = report;
        Weights = Array.AsReadOnly(weights);
        double[] shares = noiseWeight is { } noise ? [.. weights, noise] : weights;
        LogWeights = new double[shares.Length];
        MixtureState.Log(shares, LogWeights);
        Means = new ReadOnlyMatrix(weights.Length, densities.Dimension, means.ToArray());
    }

    /// <summary>K, the number of components.</summary>
    public int ComponentCount => Weights.Count;

    /// <summary>D, the number of features.</summary>
    public int Dimension => Densities.Dimension;

    /// <summary>pi(k), shape K: not negative, with sum one, or with noise one minus its weight.</summary>
    public IReadOnlyList<double> Weights { get; }

    /// <summary>mu(k), shape K x D, in feature units.</summary>
    public ReadOnlyMatrix Means { get; }

    /// <summary>
    /// How the model was fitted. It is there after a fit or a search, and after loading what they gave, so that <c>Report!</c> is safe then; null only for a
    /// model that was made of given parameters or of another model, such as <see cref="GaussianMixtureModel.Marginal"/>, and for files of such.
    /// </summary>
    public FitReport? Report { get; }

    /// <summary>The number of free parameters: of weights, means and what shapes the components; with noise its weight, and its volume unless the density was given.</summary>
    public long FreeParameterCount => Densities.FreeParameterCount + ShareCount - 1;

    /// <summary>All components, and the noise if there is any.</summary>
    internal MixtureComponents Densities { get; }

    /// <summary>The number of responsibilities of a row: K, or K + 1 with noise.</summary>
    internal int ShareCount => LogWeights.Length;

    internal double[] LogWeights { get; }

    /// <summary>Throws if rows do not have as many features as the mixture.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="argument">Where they came from; null for what is not an argument of the caller.</param>
    /// <param name="remedy">What to do.</param>
    /// <exception cref="ArgumentException">They have more or fewer.</exception>
    internal void CheckFeatures(RowSource rows, string? argument = null, string remedy = "Pass rows as they were fitted.")
    {
        if (rows.Dimension == Dimension) return;
        throw new ArgumentException($"The rows have {Counted.Of(rows.Dimension, "feature")}, but the mixture has {Dimension}. {remedy}", argument);
    }

    /// <summary>Makes room to score rows, one at a time; one for each thread.</summary>
    /// <returns>The scorer.</returns>
    public MixtureScorer CreateScorer() => new(this);

    /// <summary>The most likely component of a row; of several the first.</summary>
    /// <param name="row">x, shape D, in feature units; NaN for a missing feature.</param>
    /// <returns>k, counted from zero; K for noise; -1 if a feature is infinite.</returns>
    /// <exception cref="ArgumentException">The row does not have D features.</exception>
    public int Predict(params ReadOnlySpan<double> row)
    {
        MixtureScorer scorer = CreateScorer();
        scorer.Score(row);
        return scorer.Component;
    }

    /// <summary>The log-density of a row, in nats.</summary>
    /// <param name="row">x, shape D, in feature units; NaN for a missing feature.</param>
    /// <returns>log p(x), of what is observed of the row; NaN if a feature is infinite.</returns>
    /// <exception cref="ArgumentException">The row does not have D features.</exception>
    public double LogDensity(params ReadOnlySpan<double> row)
    {
        MixtureScorer scorer = CreateScorer();
        scorer.Score(row);
        return scorer.LogDensity;
    }

    /// <summary>The responsibilities of the components for a row.</summary>
    /// <param name="row">x, shape D, in feature units; NaN for a missing feature.</param>
    /// <returns>r(k), shape K, with sum one; with noise of shape K + 1, the noise last. NaN if a feature is infinite.</returns>
    /// <exception cref="ArgumentException">The row does not have D features.</exception>
    public double[] Responsibilities(params ReadOnlySpan<double> row)
    {
        MixtureScorer scorer = CreateScorer();
        scorer.Score(row);
        double[] responsibilities = new double[ShareCount];
        scorer.CopyResponsibilities(responsibilities);
        return responsibilities;
    }

    /// <summary>What speaks for the model in view of rows: likelihood, AIC, BIC, ICL and entropy. Lower is better.</summary>
    /// <param name="rows">N x D values, in feature units. A row with a NaN counts for what is observed of it.</param>
    /// <param name="rowWeights">One weight a row, or null for weights of one.</param>
    /// <param name="cancellationToken">Stops the pass over the rows.</param>
    /// <returns>The criteria. Of the rows that the model was fitted to, likelihood, AIC and BIC are those of its <see cref="Report"/>, up to rounding.</returns>
    /// <exception cref="ArgumentException">Rows or weights are not valid, or there are not D features.</exception>
    /// <exception cref="OperationCanceledException">The pass was cancelled.</exception>
    public MixtureCriteria CriteriaOf(double[,] rows, double[]? rowWeights = null, CancellationToken cancellationToken = default) =>
        MixtureCriteria.Compute(this, GaussianMixture.Copy(rows, rowWeights), cancellationToken);

    /// <summary>What speaks for the model in view of rows from any source: likelihood, AIC, BIC, ICL and entropy. Lower is better.</summary>
    /// <param name="rows">The rows with their weights.</param>
    /// <param name="cancellationToken">Stops the pass over the rows.</param>
    /// <returns>The criteria.</returns>
    /// <exception cref="ArgumentException">Rows or weights are not valid, or there are not D features.</exception>
    /// <exception cref="OperationCanceledException">The pass was cancelled.</exception>
    public MixtureCriteria CriteriaOf(RowSource rows, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return MixtureCriteria.Compute(this, rows, cancellationToken);
    }

    /// <summary>The component of positive weight that is nearest to a row which is so far away that squared distances overflow; of several the first.</summary>
    /// <param name="row">x, shape D; NaN for a missing feature.</param>
    internal abstract int NearestComponent(ReadOnlySpan<double> row);
}
