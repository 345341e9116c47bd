namespace Microsoft.ML.Mixture;

/// <content>Searches and fits judged by rows left out.</content>
public static partial class FactorAnalyzerMixture
{
    /// <summary>Finds how many components and how many factors rows have: fits mixtures of many sizes and ranks them.</summary>
    /// <param name="rows">N x D values, in feature units. NaN is a missing value: a row counts for what is observed of it.</param>
    /// <param name="options">Which models to try and by what to choose; null for 1 to 9 components, 1 to 4 factors, diagonal specific
    /// variances, tied and not, and BIC.</param>
    /// <param name="rowWeights">One weight a row, or null for weights of one.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    /// <returns>Every model with its criteria, the ranking and the winner.</returns>
    /// <exception cref="ArgumentException">Rows, weights or options are not valid; the message says which, and what to do.</exception>
    /// <exception cref="MixtureFitException">None of the models could be fitted.</exception>
    /// <exception cref="OperationCanceledException">The search was cancelled.</exception>
    /// <remarks>
    /// Each model is the one that <see cref="Fit(double[,], FactorAnalyzerMixtureOptions, double[], CancellationToken)"/> gives for its K, q and structure. Models are fitted
    /// in parallel, each on one thread. Results are equal bit for bit for any number of threads unless a time budget ends the search. BIC rests on there
    /// being many rows for each parameter; where features are many and rows few, look at <see cref="MixtureCriterion.CrossValidation"/> too.
    /// </remarks>
    /// <example>
    /// <code>
    /// FactorAnalyzerSearchResult search = FactorAnalyzerMixture.Search(rows);
    /// Console.WriteLine(search);
    /// FactorAnalyzerMixtureModel mixture = search.Model;
    /// </code>
    /// </example>
    public static FactorAnalyzerSearchResult Search(
        double[,] rows, FactorAnalyzerMixtureSearchOptions? options = null, double[]? rowWeights = null, CancellationToken cancellationToken = default) =>
        Search(GaussianMixture.Copy(rows, rowWeights), options ?? new FactorAnalyzerMixtureSearchOptions(), cancellationToken);

    /// <summary>Finds how many components and how many factors rows from any source have: fits mixtures of many sizes and ranks them.</summary>
    /// <param name="rows">The rows with their weights.</param>
    /// <param name="options">Which models to try and by what to choose.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    /// <returns>Every model with its criteria, the ranking and the winner.</returns>
    /// <exception cref="ArgumentException">Rows, weights or options are not valid; the message says which, and what to do.</exception>
    /// <exception cref="MixtureFitException">None of the models could be fitted.</exception>
    /// <exception cref="OperationCanceledException">The search was cancelled.</exception>
    public static FactorAnalyzerSearchResult Search(RowSource rows, FactorAnalyzerMixtureSearchOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        options = options.Clone();
        options.Validate();
        return FactorAnalyzerSearch.Run(rows, options, cancellationToken);
    }

    /// <summary>Cross-validates a mixture: fits it to all folds but one, and takes the log-likelihood of that one, in turn.</summary>
    /// <param name="rows">N x D values, in feature units. A row with a NaN counts for what is observed of it.</param>
    /// <param name="options">How to fit. Its seed deals out the rows, too. A start must not be given by rows. Its time budget is that of all fits together.</param>
    /// <param name="foldCount">The number of folds, from 2 to the number of rows in use. Rows that are copies of each other are in one fold, so that there may be no more folds than rows that differ.</param>
    /// <param name="rowWeights">One weight a row, or null for weights of one: they count in the fits and in the log-likelihoods. A row stays
    /// in one fold whatever its weight.</param>
    /// <param name="cancellationToken">Stops the fits.</param>
    /// <returns>The log-likelihoods. Negative infinity where a row lies farther from a model than double precision reaches.</returns>
    /// <exception cref="ArgumentException">Rows, weights, options or the number of folds are not valid; the message says which.</exception>
    /// <exception cref="MixtureFitException">No start led to a valid model on all folds but one, or the time budget ended before all were fitted.</exception>
    /// <exception cref="OperationCanceledException">The fits were cancelled.</exception>
    /// <remarks>Cost: that of so many fits as there are folds, several at a time where values are few and there is neither a time budget nor a listener. The result does not depend on the number of threads.</remarks>
    public static MixtureCrossValidation CrossValidate(
        double[,] rows, FactorAnalyzerMixtureOptions options, int foldCount = GaussianMixture.DefaultFoldCount, double[]? rowWeights = null,
        CancellationToken cancellationToken = default) =>
        CrossValidate(GaussianMixture.Copy(rows, rowWeights), options, foldCount, cancellationToken);

    /// <summary>Cross-validates a mixture on rows from any source: fits it to all folds but one, and takes the log-likelihood of that one, in turn.</summary>
    /// <param name="rows">The rows with their weights.</param>
    /// <param name="options">How to fit. Its seed deals out the rows, too. A start must not be given by rows.</param>
    /// <param name="foldCount">The number of folds, from 2 to the number of rows in use. Rows that are copies of each other are in one fold, so that there may be no more folds than rows that differ.</param>
    /// <param name="cancellationToken">Stops the fits.</param>
    /// <returns>The log-likelihoods.</returns>
    /// <exception cref="ArgumentException">Rows, weights, options or the number of folds are not valid; the message says which.</exception>
    /// <exception cref="MixtureFitException">No start led to a valid model on all folds but one, or the time budget ended before all were fitted.</exception>
    /// <exception cref="OperationCanceledException">The fits were cancelled.</exception>
    public static MixtureCrossValidation CrossValidate(RowSource rows, FactorAnalyzerMixtureOptions options, int foldCount, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        MixtureCrossValidation result = CrossValidateToCompare(rows, options, foldCount, cancellationToken);
        result.Models = null;
        return result;
    }

    /// <summary>The same with the models of the folds.</summary>
    internal static MixtureCrossValidation CrossValidateToCompare(RowSource rows, FactorAnalyzerMixtureOptions options, int foldCount, CancellationToken cancellationToken)
    {
        options.Validate();
        return MixtureCrossValidation.Run(rows, options, foldCount, (part, how) => Fit(part, how, cancellationToken), cancellationToken);
    }
}
