namespace Microsoft.ML.Mixture;

/// <summary>
/// Fits mixtures of factor analysers, from plain arrays: for rows of so many features that covariance matrices cannot be estimated, or not be
/// held. Each component has the covariance Lambda Lambda' + Psi, with q factors and a diagonal Psi.
/// </summary>
/// <example>
/// <code>
/// FactorAnalyzerMixtureModel mixture = FactorAnalyzerMixture.Fit(rows, componentCount: 7, factorCount: 3);
/// int component = mixture.Predict(row);
/// double[] factors = mixture.FactorScores(component, row);
/// </code>
/// </example>
/// <remarks>
/// Cost: an iteration takes about 4 N K D q multiply-adds and the memory of K D (q + 2) numbers a thread; no matrix of D x D exists at any time. A row with missing
/// values costs K D q^2 / 2 more if no other lacks the same. Results are equal bit for bit for any number of threads.
/// Sources: Ghahramani and Hinton (1996), The EM algorithm for mixtures of factor analyzers, CRG-TR-96-1, University of Toronto; McLachlan, Peel and Bean (2003),
/// Modelling high-dimensional data by mixtures of factor analyzers, Comput. Stat. Data Anal. 41(3-4), 379-388, doi:10.1016/S0167-9473(02)00183-4.
/// </remarks>
public static partial class FactorAnalyzerMixture
{
    /// <summary>Fits a mixture to rows, with default options.</summary>
    /// <param name="rows">N x D values, in feature units. NaN is a missing value: a row counts for what is observed of it.</param>
    /// <param name="componentCount">K.</param>
    /// <param name="factorCount">q, at most D.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ArgumentException">The rows are not valid; the message says which, and what to do.</exception>
    /// <exception cref="MixtureFitException">No start led to a valid model.</exception>
    public static FactorAnalyzerMixtureModel Fit(double[,] rows, int componentCount, int factorCount) =>
        Fit(rows, new FactorAnalyzerMixtureOptions { ComponentCount = componentCount, FactorCount = factorCount });

    /// <summary>Fits a mixture to rows.</summary>
    /// <param name="rows">N x D values, in feature units. NaN is a missing value: a row counts for what is observed of it.</param>
    /// <param name="options">How to fit.</param>
    /// <param name="rowWeights">One weight a row, or null for weights of one. A weight of two equals the row twice, zero that it is absent.</param>
    /// <param name="cancellationToken">Stops the fit.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ArgumentException">Rows, weights, options or start are not valid; the message says which, and what to do.</exception>
    /// <exception cref="MixtureFitException">No start led to a valid model.</exception>
    /// <exception cref="OperationCanceledException">The fit was cancelled, unless <see cref="MixtureOptions.CancellationBehavior"/> says otherwise.</exception>
    public static FactorAnalyzerMixtureModel Fit(
        double[,] rows, FactorAnalyzerMixtureOptions options, double[]? rowWeights = null, CancellationToken cancellationToken = default) =>
        Fit(GaussianMixture.Copy(rows, rowWeights), options, cancellationToken);

    /// <summary>Fits a mixture to rows from any source, such as an <see cref="ArrayRowSource{T}"/> of single precision.</summary>
    /// <param name="rows">The rows with their weights.</param>
    /// <param name="options">How to fit.</param>
    /// <param name="cancellationToken">Stops the fit.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ArgumentException">Rows, weights, options or start are not valid; the message says which, and what to do.</exception>
    /// <exception cref="MixtureFitException">No start led to a valid model.</exception>
    /// <exception cref="OperationCanceledException">The fit was cancelled, unless <see cref="MixtureOptions.CancellationBehavior"/> says otherwise.</exception>
    public static FactorAnalyzerMixtureModel Fit(RowSource rows, FactorAnalyzerMixtureOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return FactorAnalyzerFit.Run(rows, options, cancellationToken);
    }
}
