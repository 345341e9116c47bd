using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>What a Gaussian fit does around EM: it finds the scale of the data, sets the prior, and tells what looks degenerate.</summary>
internal static class GaussianFit
{
    // Squares of values outside these limits, summed over many rows, come near the ends of double precision.
    private const double SmallestMagnitude = 1e-100;
    private const double LargestMagnitude = 1e100;
    private const double SmallestVariance = 1e-280;
    private const double ConstantRelativeVariance = 1e-6;

    public static GaussianMixtureModel Run(RowSource source, GaussianMixtureOptions options, CancellationToken cancellationToken)
    {
        TrainingRows rows = TrainingRows.Inspect(source, options.ComponentCount, options.FeatureName, cancellationToken);
        int exponent = rows.Magnitude is 0 or (>= SmallestMagnitude and <= LargestMagnitude) ? 0 : -Math.ILogB(rows.Magnitude);
        TrainingRows unscaled = rows;
        if (exponent != 0) rows = rows.Scale(exponent);
        FeatureMoments moments = FeatureMoments.Compute(rows, cancellationToken);
        CheckVariances(unscaled, moments, options);

        CovarianceStructure structure = options.CovarianceStructure;
        CovarianceRegularization regularization = Regularize(rows, moments, options, exponent);
        MixtureFit fit = MixtureFitter.Fit(new GaussianFamily(structure, regularization), rows, moments, exponent, options, cancellationToken);
        var components = (GaussianComponents)fit.Components;

        // A density in units that are 2^exponent times larger is 2^exponent times larger for each feature.
        double shift = rows.RowWeightTotal * source.Dimension * exponent * Math.Log(2);
        var report = new FitReport
        {
            RowCount = rows.Source.RowCount,
            MissingRowCount = rows.MissingRowCount,
            RowWeightTotal = rows.RowWeightTotal,
            FreeParameterCount = components.FreeParameterCount + options.ComponentCount - 1,
            StopReason = fit.StopReason,
            LogLikelihoodHistory = [.. fit.LogLikelihoodHistory.Select(value => value + shift)],
            ObjectiveHistory = [.. fit.ObjectiveHistory.Select(value => value + shift)],
            EffectiveCounts = fit.EffectiveCounts,
            Warnings = GaussianWarnings.Collect(rows, moments, fit, options, cancellationToken),
        };
        return Create(fit, components, structure, exponent, report);
    }

    private static GaussianMixtureModel Create(MixtureFit fit, GaussianComponents components, CovarianceStructure structure, int exponent, FitReport report)
    {
        double[] means = [.. components.Means.ToArray().Select(value => double.ScaleB(value, -exponent))];
        double[] covariances = [.. components.Covariances.ToArray().Select(value => double.ScaleB(value, -2 * exponent))];
        var family = new GaussianFamily(structure, CovarianceRegularization.None(components.Dimension));

        // A fit without a single step keeps the start, which may be wider than the structure.
        if (!GaussianComponents.TryCreate(
            family, components.Dimension, components.Shape, components.IsShared, means, covariances, out GaussianComponents unscaled, out DegenerateComponent? failure))
        {
            throw new MixtureFitException(
                $"The fit succeeded, but its covariances are beyond double precision in the units of the data. Scale the features. {failure!.Reason}");
        }

        return new GaussianMixtureModel([.. fit.Weights], unscaled, structure, report);
    }

    private static CovarianceRegularization Regularize(TrainingRows rows, FeatureMoments moments, GaussianMixtureOptions options, int exponent)
    {
        double floor = double.ScaleB(options.CovarianceFloor, 2 * exponent);
        int dimension = moments.Variances.Length;
        if (options.CovariancePriorStrength == 0) return CovarianceRegularization.None(dimension) with { Floor = floor };
        double count = options.CovariancePriorStrength * rows.RowWeightTotal / options.ComponentCount;

        // A constant feature has no scale but its own size. Its variance is the same in every component and says nothing about them.
        double[] constant = [.. moments.Variances.Select((variance, j) => variance > 0 ? 0 : ConstantVariance(moments.Means[j]))];
        bool allConstant = Array.TrueForAll(moments.Variances, variance => variance == 0);
        if (options.CovarianceStructure.Shape == CovarianceShape.Spherical)
        {
            double[] mean = new double[dimension];
            Array.Fill(mean, (allConstant ? constant : moments.Variances).Average());
            return new CovarianceRegularization(count, mean, allConstant ? constant : new double[dimension], floor);
        }

        return new CovarianceRegularization(count, [.. moments.Variances.Zip(constant, (variance, own) => variance + own)], constant, floor);
    }

    private static double ConstantVariance(double value) => value == 0 ? ConstantRelativeVariance : ConstantRelativeVariance * value * value;

    // The rows in their own units: scaled, a small feature may have become constant.
    private static void CheckVariances(TrainingRows rows, FeatureMoments moments, GaussianMixtureOptions options)
    {
        for (int j = 0; j < moments.Variances.Length; j++)
        {
            double spread = rows.Maximum[j] - rows.Minimum[j];
            if (rows.Minimum[j] == rows.Maximum[j] || (moments.Variances[j] >= SmallestVariance && double.IsFinite(moments.Variances[j]))) continue;
            throw new ArgumentException(
                $"{options.FeatureName(j)} spans only {spread.ToString("G3", CultureInfo.InvariantCulture)} while other features reach "
                + $"{rows.Magnitude.ToString("G3", CultureInfo.InvariantCulture)}, too far apart for double precision. Scale the features to similar sizes.");
        }
    }
}
