namespace Microsoft.ML.Mixture;

/// <content>Fits judged by rows left out.</content>
public static partial class GaussianMixture
{
    /// <summary>The default number of folds.</summary>
    public const int DefaultFoldCount = 10;

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
    /// <remarks>Cost: that of so many fits as there are folds, several at a time where rows are few and there is neither a time budget nor a listener. The result does not depend on the number of threads.</remarks>
    public static MixtureCrossValidation CrossValidate(
        double[,] rows, GaussianMixtureOptions options, int foldCount = DefaultFoldCount, double[]? rowWeights = null, CancellationToken cancellationToken = default) =>
        CrossValidate(Copy(rows, rowWeights), options, foldCount, cancellationToken);

    /// <summary>Cross-validates a mixture on rows from any source: fits it to all folds but one, and takes the log-likelihood of that one, in turn.</summary>
    /// <param name="rows">The rows with their weights.</param>
    /// <param name="options">How to fit. Its seed deals out the rows, too. A start must not be given by rows.</param>
    /// <param name="foldCount">The number of folds, from 2 to the number of rows in use. Rows that are copies of each other are in one fold, so that there may be no more folds than rows that differ.</param>
    /// <param name="cancellationToken">Stops the fits.</param>
    /// <returns>The log-likelihoods.</returns>
    /// <exception cref="ArgumentException">Rows, weights, options or the number of folds are not valid; the message says which.</exception>
    /// <exception cref="MixtureFitException">No start led to a valid model on all folds but one, or the time budget ended before all were fitted.</exception>
    /// <exception cref="OperationCanceledException">The fits were cancelled.</exception>
    public static MixtureCrossValidation CrossValidate(RowSource rows, GaussianMixtureOptions options, int foldCount, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();

        // Axes in common that come to rest in each step take several times as long, and foresee nothing better.
        options = (GaussianMixtureOptions)options.Within(options.TimeBudget);
        options.IsRough = true;
        MixtureCrossValidation result = MixtureCrossValidation.Run(rows, options, foldCount, (part, how) => Fit(part, how, cancellationToken), cancellationToken);
        result.Models = null;
        return result;
    }
}
