namespace Microsoft.ML.Mixture;

/// <summary>Fits mixtures of any family: starts, runs EM, and keeps the best run.</summary>
public static class MixtureFitter
{
    /// <summary>Fits a mixture of components of a family.</summary>
    /// <param name="family">The family of the components.</param>
    /// <param name="rows">The rows. A row of weight zero counts as absent; a row with a missing feature (NaN) is left out, unless the family takes it for what is observed of it, as the Gaussian does.</param>
    /// <param name="options">How to fit.</param>
    /// <param name="cancellationToken">Stops the fit, within one block of rows.</param>
    /// <returns>The run with the best objective.</returns>
    /// <exception cref="ArgumentException">Rows, weights, options or start are not valid; the message says which, and what to do.</exception>
    /// <exception cref="MixtureFitException">No start led to valid parameters.</exception>
    /// <exception cref="OperationCanceledException">The fit was cancelled, unless <see cref="MixtureOptions.CancellationBehavior"/> says otherwise.</exception>
    public static MixtureFit Fit(ComponentFamily family, RowSource rows, MixtureOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(family);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        MixtureOptions.CheckFeatureNames(options.FeatureNames, rows.Dimension);
        return FitBudget.Run(
            options,
            budget =>
            {
                TrainingRows training = TrainingRows.Inspect(rows, options.ComponentCount, family.HandlesHoles, options.FeatureName, budget.PreparingToken);
                return Fit(family, new ScaledRows(training, FeatureMoments.Compute(training, budget.PreparingToken), Exponent: 0), default, options, budget);
            },
            cancellationToken);
    }

    /// <summary>Fits to rows that have been looked at and perhaps scaled.</summary>
    internal static MixtureFit Fit(
        ComponentFamily family, ScaledRows scaled, FitUnits units, MixtureOptions options, FitBudget budget, InitialNoise? noise = null)
    {
        using var runs = new FitRuns(family, scaled, units, options, budget, noise);
        return runs.Run();
    }
}
