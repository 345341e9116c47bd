namespace Microsoft.ML.Mixture;

/// <content>Searches for the number of components and the covariance structure.</content>
public static partial class GaussianMixture
{
    /// <summary>Finds how many components rows have and of what shape: fits mixtures of many sizes and structures and ranks them.</summary>
    /// <param name="rows">N x D values, in feature units. A row with a NaN is left out where models are
    /// explored, and counts for what is observed of it in the fits that are compared.</param>
    /// <param name="options">Which models to try and by what to choose; null for 1 to 9 components, all structures of the library and BIC.</param>
    /// <param name="rowWeights">One weight a row, or null for weights of one.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    /// <returns>Every model with its criteria, the ranking and the winner.</returns>
    /// <exception cref="ArgumentException">Rows, weights or options are not valid; the message says which, and what to do.</exception>
    /// <exception cref="MixtureFitException">None of the models could be fitted.</exception>
    /// <exception cref="OperationCanceledException">The search was cancelled.</exception>
    /// <remarks>
    /// All models with the same K start from the same groupings of the rows, and then from each other's results, on a sample of the rows where
    /// they are many; what that has led to is fitted to all rows. Models are fitted in parallel, each on one thread. Results are equal bit for
    /// bit for any number of threads unless a time budget ends the search.
    /// </remarks>
    public static MixtureSearchResult Search(
        double[,] rows, GaussianMixtureSearchOptions? options = null, double[]? rowWeights = null, CancellationToken cancellationToken = default) =>
        Search(Copy(rows, rowWeights), options ?? new GaussianMixtureSearchOptions(), cancellationToken);

    /// <summary>Finds how many components rows from any source have and of what shape: fits mixtures of many sizes and structures and ranks them.</summary>
    /// <param name="rows">The rows with their weights.</param>
    /// <param name="options">Which models to try and by what to choose.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    /// <returns>Every model with its criteria, the ranking and the winner.</returns>
    /// <exception cref="ArgumentException">Rows, weights or options are not valid; the message says which, and what to do.</exception>
    /// <exception cref="MixtureFitException">None of the models could be fitted.</exception>
    /// <exception cref="OperationCanceledException">The search was cancelled.</exception>
    public static MixtureSearchResult Search(RowSource rows, GaussianMixtureSearchOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        options = options.Clone();
        options.Validate();
        return options.NoiseComponent ? NoiseSearch.Run(rows, options, cancellationToken) : GaussianMixtureSearch.Run(rows, options, cancellationToken);
    }
}
