namespace Microsoft.ML.Mixture;

/// <summary>What a Gaussian fit does around EM: it sets the prior, tells what looks degenerate, and makes the model.</summary>
internal static class GaussianFit
{
    public static GaussianMixtureModel Run(RowSource source, GaussianMixtureOptions options, CancellationToken cancellationToken)
    {
        FitPreparation preparation = FitPreparation.Inspect(source, options, cancellationToken);
        TrainingRows rows = preparation.Rows;
        FeatureMoments moments = preparation.Moments;
        CovarianceStructure structure = options.CovarianceStructure;
        CovarianceRegularization regularization = preparation.Regularize(
            options.CovariancePriorStrength, options.CovarianceFloor, structure.Shape == CovarianceShape.Spherical);
        FitUnits units = preparation.Units(regularization.PriorCount);
        var family = new GaussianFamily(
            structure, regularization, featureName: options.FeatureNameWithin, origin: moments.Means, hasHoles: rows.Source.Holes is not null);
        MixtureFit fit = MixtureFitter.Fit(family, rows, moments, units, options, cancellationToken);
        FitReport report = preparation.Report(fit, units, GaussianWarnings.Collect(rows, moments, fit, options, cancellationToken));
        return Create(fit, (GaussianComponents)fit.Components, structure, preparation.Exponent, report);
    }

    private static GaussianMixtureModel Create(MixtureFit fit, GaussianComponents components, CovarianceStructure structure, int exponent, FitReport report)
    {
        double[] means = [.. components.Means.ToArray().Select(value => double.ScaleB(value, -exponent))];
        double[] covariances = [.. components.Covariances.ToArray().Select(value => double.ScaleB(value, -2 * exponent))];
        GaussianFamily family = GaussianFamily.OfModel(structure, components.Dimension, components.Shape, covariances);

        // A fit without a single step keeps the start, which may be wider than the structure.
        if (!GaussianComponents.TryCreate(
            family, components.Dimension, components.Shape, components.IsShared, means, covariances, out GaussianComponents unscaled, out DegenerateComponent? failure))
        {
            throw new MixtureFitException(
                $"The fit succeeded, but its covariances are beyond double precision in the units of the data. Scale the features. {failure!.Reason}");
        }

        return new GaussianMixtureModel([.. fit.Weights], unscaled, structure, report);
    }
}
