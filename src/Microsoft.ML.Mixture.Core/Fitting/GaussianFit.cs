using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>What a Gaussian fit does around EM: it finds the scale of the data, sets the prior, and tells what looks degenerate.</summary>
internal static class GaussianFit
{
    private const double LeastTolerance = 1e-9;
    private const double SmallestVariance = 1e-280;
    private const double ConstantRelativeVariance = 1e-6;

    public static GaussianMixtureModel Run(RowSource source, GaussianMixtureOptions options, CancellationToken cancellationToken)
    {
        FittedRows rows = FittedRows.Prepare(source, options.ComponentCount, options.FeatureName, cancellationToken);
        rows.Rows.Check(options.ComponentCount, options.FeatureName);
        MixtureFit fit = MixtureFitter.Fit(Family(rows, options), rows.Rows, rows.Moments, Units(rows, options), options, cancellationToken);
        return Finish(rows, fit, options, cancellationToken);
    }

    /// <summary>The Gaussians of a fit, with their prior.</summary>
    public static GaussianFamily Family(FittedRows rows, GaussianMixtureOptions options, bool isRough = false) => new(
        options.CovarianceStructure, Regularize(rows.Rows, rows.Moments, options, rows.Exponent), featureName: options.FeatureNameWithin,
        origin: rows.Moments.Means, hasHoles: rows.Rows.Source.Holes is not null, isRough: isRough);

    /// <summary>Makes a model and its report of a fit.</summary>
    /// <exception cref="MixtureFitException">The model is beyond double precision in the units of the data.</exception>
    public static GaussianMixtureModel Finish(FittedRows prepared, MixtureFit fit, GaussianMixtureOptions options, CancellationToken cancellationToken)
    {
        TrainingRows rows = prepared.Rows;
        FitUnits units = Units(prepared, options);
        var components = (GaussianComponents)fit.Components;
        var report = new FitReport
        {
            RowCount = rows.Source.RowCount,
            MissingRowCount = rows.MissingRowCount,
            IncompleteRowCount = rows.Missing?.IncompleteRowCount ?? 0,
            MissingValueCounts = rows.Missing is null ? [] : Array.AsReadOnly(rows.Missing.CellCounts),
            MissingPatternCount = Math.Max(1, rows.Missing?.PatternCount ?? 1),
            RowWeightTotal = rows.RowWeightTotal,
            FreeParameterCount = components.FreeParameterCount + options.ComponentCount - 1,
            StopReason = fit.StopReason,
            LogLikelihoodHistory = [.. fit.LogLikelihoodHistory.Select(value => value + units.LogLikelihoodShift)],
            ObjectiveHistory = [.. fit.ObjectiveHistory.Select(value => value + units.ObjectiveShift)],
            EffectiveCounts = fit.EffectiveCounts,
            SpuriousComponentCount = fit.Spurious.Count,
            StartObjectives = [.. fit.StartObjectives.Select(value => value + units.ObjectiveShift)],
            AgreeingStartCount = fit.StartObjectives.Count(value => value >= fit.Objective - (Math.Max(options.Tolerance, LeastTolerance) * rows.RowWeightTotal)),
            RemainingGain = fit.RemainingGain,
            Warnings = GaussianWarnings.Collect(prepared, fit, options, cancellationToken),
        };
        return Create(fit, components, options.CovarianceStructure, prepared.Exponent, report);
    }

    // A density of rows that are 2^exponent times as large is 2^-exponent times as large for each feature. The prior counts as rows.
    private static FitUnits Units(FittedRows prepared, GaussianMixtureOptions options)
    {
        TrainingRows rows = prepared.Rows;
        double shiftOfCell = prepared.Exponent * Math.Log(2), shiftOfRow = rows.Source.Dimension * prepared.Exponent * Math.Log(2);
        bool hasHoles = rows.Source.Holes is not null;
        double shift = hasHoles ? prepared.Moments.ObservedWeight * shiftOfCell : rows.RowWeightTotal * shiftOfRow;
        double priorCount = Regularize(rows, prepared.Moments, options, prepared.Exponent).PriorCount * options.ComponentCount;
        return new FitUnits(prepared.Exponent, shift, hasHoles ? shift + (priorCount * shiftOfRow) : (rows.RowWeightTotal + priorCount) * shiftOfRow);
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
    public static void CheckVariances(TrainingRows rows, FeatureMoments moments, Func<int, string> featureName)
    {
        for (int j = 0; j < moments.Variances.Length; j++)
        {
            double spread = rows.Maximum[j] - rows.Minimum[j];
            if (rows.Minimum[j] == rows.Maximum[j] || (moments.Variances[j] >= SmallestVariance && double.IsFinite(moments.Variances[j]))) continue;
            throw new ArgumentException(
                $"{featureName(j)} spans only {spread.ToString("G3", CultureInfo.InvariantCulture)} while other features reach "
                + $"{rows.Magnitude.ToString("G3", CultureInfo.InvariantCulture)}, too far apart for double precision. Scale the features to similar sizes.");
        }
    }
}
