namespace Microsoft.ML.Mixture;

/// <summary>Noise that the rows do not call for, and that has taken ordinary ones.</summary>
/// <remarks>
/// In few rows a uniform density and narrow Gaussians are about as likely as Gaussians that are wide enough, and of many starts the likeliest fit is one in which the noise has
/// the tails of the groups. A threshold from rows drawn from its Gaussians is then too near, and refits do not tell: their data have the noise in truth.
/// </remarks>
internal static class UncalledNoise
{
    /// <summary>
    /// Leaves the noise out if BIC does not speak for it: the Gaussians go on alone from where they are. A search for the best fit without noise would give anomalies a component where
    /// there are more than groups.
    /// </summary>
    /// <param name="model">The mixture, with a report.</param>
    /// <param name="rows">The rows that it was fitted to.</param>
    /// <param name="options">How to fit, but for noise, components, structure and start.</param>
    /// <param name="cancellationToken">Stops the fit.</param>
    /// <returns>The mixture without noise; the mixture itself if it has none, or it is called for.</returns>
    public static GaussianMixtureModel LeaveOut(GaussianMixtureModel model, RowSource rows, GaussianMixtureOptions options, CancellationToken cancellationToken)
    {
        if (!model.HasNoise) return model;
        (options.NoiseComponent, options.NoiseLogDensity, options.InitialNoise) = (false, null, null);
        (options.ComponentCount, options.CovarianceStructure) = (model.ComponentCount, model.CovarianceStructure);
        (options.Start, options.RestartCount) = (MixtureStart.FromModel(model.WithoutNoise()), 1);
        try
        {
            GaussianMixtureModel without = GaussianMixture.Fit(rows, options, cancellationToken);
            return without.Report!.BayesianInformationCriterion < model.Report!.BayesianInformationCriterion ? without : model;
        }
        catch (MixtureFitException)
        {
            return model;
        }
    }
}
