namespace Microsoft.ML.Mixture;

/// <summary>Fits Gaussian mixtures by variational Bayes, which uses as many components as the rows ask for.</summary>
/// <example>
/// <code>
/// double[,] rows = { { 3.6, 79 }, { 1.8, 54 }, { 3.3, 74 }, { 2.3, 62 }, { 4.5, 85 }, { 2.9, 55 } };
/// GaussianMixtureModel mixture = BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions { ComponentCount = 4 });
/// Console.WriteLine($"{mixture.ComponentCount} of {mixture.Posterior!.ComponentCount} components");
/// Console.WriteLine($"Evidence lower bound {mixture.Report!.EvidenceLowerBound:F2}");
/// </code>
/// </example>
/// <remarks>
/// <para>
/// Instead of one best set of parameters, an approximate posterior of all parameters is fitted, and with it a lower bound on the marginal
/// likelihood of the rows. A component that explains no rows better than the others do costs more than it gains, and loses its rows.
/// The result is an ordinary mixture of the expected weights, the expected means and the inverses of the expected precision matrices, without the components
/// that are not in use; <see cref="GaussianMixtureModel.Posterior"/> has the posterior, and <see cref="FitReport.EvidenceLowerBoundHistory"/> the bounds.
/// </para>
/// <para>
/// Sources: Bishop (2006), Pattern Recognition and Machine Learning, section 10.2; Attias (2000), A variational Bayesian framework for
/// graphical models, NIPS 12, 209-215; Blei and Jordan (2006), Variational inference for Dirichlet process mixtures, Bayesian Analysis 1(1),
/// 121-143, doi:10.1214/06-BA104. Cost: an iteration takes what one of <see cref="GaussianMixture"/> takes. The bound has many maxima, mostly with more components
/// than the best one. So the default start, <see cref="MixtureStart.Portfolio"/>, tries fewer components and leaves out, merges and splits those of the best fit
/// so far, at the cost of some tenths of a second where rows are few and of about three plain fits else; with more than some 65,000 rows on
/// a sample, whose best fit is held to one plain start on all rows.
/// </para>
/// </remarks>
public static class BayesianGaussianMixture
{
    /// <summary>Fits a mixture to rows.</summary>
    /// <param name="rows">N x D values, in feature units. NaN is a missing value: a row counts for what is observed of it.</param>
    /// <param name="options">How to fit; null for at most 10 components with full covariances and a Dirichlet process.</param>
    /// <param name="rowWeights">One weight a row, or null for weights of one. A weight of two equals the row twice, zero that it is absent.</param>
    /// <param name="cancellationToken">Stops the fit.</param>
    /// <returns>The model, with its <see cref="GaussianMixtureModel.Posterior"/>.</returns>
    /// <exception cref="ArgumentException">Rows, weights, options or start are not valid; the message says which, and what to do.</exception>
    /// <exception cref="MixtureFitException">No start led to a valid model.</exception>
    /// <exception cref="OperationCanceledException">The fit was cancelled.</exception>
    public static GaussianMixtureModel Fit(
        double[,] rows, BayesianGaussianMixtureOptions? options = null, double[]? rowWeights = null, CancellationToken cancellationToken = default) =>
        Fit(GaussianMixture.Copy(rows, rowWeights), options ?? new BayesianGaussianMixtureOptions(), cancellationToken);

    /// <summary>Fits a mixture to rows from any source, such as an <see cref="ArrayRowSource{T}"/> of single precision.</summary>
    /// <param name="rows">The rows with their weights.</param>
    /// <param name="options">How to fit.</param>
    /// <param name="cancellationToken">Stops the fit.</param>
    /// <returns>The model, with its <see cref="GaussianMixtureModel.Posterior"/>.</returns>
    /// <exception cref="ArgumentException">Rows, weights, options or start are not valid; the message says which, and what to do.</exception>
    /// <exception cref="MixtureFitException">No start led to a valid model.</exception>
    /// <exception cref="OperationCanceledException">The fit was cancelled.</exception>
    public static GaussianMixtureModel Fit(RowSource rows, BayesianGaussianMixtureOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return VariationalFit.Run(rows, options, cancellationToken);
    }
}
