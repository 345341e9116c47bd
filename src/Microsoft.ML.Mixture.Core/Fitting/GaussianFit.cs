using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>What a Gaussian fit does around EM: it finds the scale of the data, sets the prior, and tells what looks degenerate.</summary>
internal static class GaussianFit
{
    // A factor of 2^1000 is still a normal number, and so is what it makes of any other.
    private const int LargestExponent = 1000;

    // Fewer rows do not tell axes, which then never come to rest.
    private const int FewRowsOfFeature = 2;
    private const double SmallestVariance = 1e-280;

    // Beside the largest value: values that spread so far have a variance unless weights take it.
    private const double SmallestSpread = 1e-135;
    private const double ConstantRelativeVariance = 1e-6;

    /// <summary>Looks at the rows and brings them to units in which their largest value is about one.</summary>
    public static ScaledRows Prepare(RowSource source, MixtureOptions options, CancellationToken cancellationToken)
    {
        MixtureOptions.CheckFeatureNames(options.FeatureNames, source.Dimension);
        return Prepare(TrainingRows.Inspect(source, options.ComponentCount, usesHoles: true, options.FeatureName, cancellationToken), options, cancellationToken);
    }

    /// <summary>The same for rows that have been looked at.</summary>
    public static ScaledRows Prepare(TrainingRows unscaled, MixtureOptions options, CancellationToken cancellationToken)
    {
        ScaledRows scaled = Scale(unscaled, cancellationToken);
        CheckVariances(unscaled, scaled.Moments, options);
        return scaled;
    }

    public static GaussianMixtureModel Run(RowSource source, GaussianMixtureOptions options, CancellationToken cancellationToken) =>
        FitBudget.Run(options, budget => Run(source, options, budget), cancellationToken);

    private static GaussianMixtureModel Run(RowSource source, GaussianMixtureOptions options, FitBudget budget)
    {
        ScaledRows scaled = Prepare(source, options, budget.PreparingToken).FindDependencies(budget).FindRepeatedValues(budget);
        budget.Advice = GaussianWarnings.OfMoreFeaturesThanRows(scaled.Rows, options);
        bool[]? marks = GaussianNoise.Marks(source, scaled.Rows, options);
        (ScaledRows near, bool[]? far) = options.NoiseComponent ? FarRows.Screen(scaled, options, marks, budget.PreparingToken) : (scaled, null);
        if (far is not null) near = near.FindDependencies(budget);
        CovarianceRegularization regularization = Regularize(near, options);
        InitialNoise? noise = GaussianNoise.Prepare(near, regularization, options, marks, far, budget);
        MixtureFit fit = MixtureFitter.Fit(
            Family(near, options, hasNoise: noise is not null), near, UnitsOf(scaled, regularization, options), options, budget, noise);
        return Finish(scaled, fit, options, budget, near);
    }

    /// <summary>The Gaussians of a fit, with their prior.</summary>
    public static GaussianFamily Family(ScaledRows scaled, GaussianMixtureOptions options, bool hasNoise = false, bool isRough = false) => new(
        options.CovarianceStructure, Regularize(scaled, options), featureName: options.FeatureNameWithin, origin: scaled.Moments.Means,
        hasHoles: scaled.HasHoles, hasNoise: hasNoise, isRough: isRough || options is { IsRough: true, ComponentCount: > 1 } || scaled.Rows.Source.RowCount < FewRowsOfFeature * scaled.Rows.Source.Dimension);

    /// <summary>Makes a model and its report of a fit.</summary>
    /// <param name="scaled">The rows.</param>
    /// <param name="fit">What the fit has come to.</param>
    /// <param name="options">How it was fitted.</param>
    /// <param name="budget">What may have ended it.</param>
    /// <param name="near">The same rows as the prior was measured by, if that was otherwise.</param>
    /// <exception cref="MixtureFitException">The model is beyond double precision in the units of the data.</exception>
    public static GaussianMixtureModel Finish(ScaledRows scaled, MixtureFit fit, GaussianMixtureOptions options, FitBudget budget, ScaledRows? near = null)
    {
        GaussianComponents components = NoiseComponents.GaussiansOf(fit.Components);
        double[] weights = [.. fit.Weights.Take(components.ComponentCount)];
        var ended = new EndedFit(scaled, fit, UnitsOf(scaled, Regularize(scaled, options), options), options, budget) { Near = near ?? scaled };
        IReadOnlyList<string> warnings = GaussianWarnings.Collect(ended, options, components, weights);
        FitReport report = ended.Report(fit.Components, warnings);
        string? ofData = warnings.Except(FitWarnings.OfRun(scaled.Rows, fit, options)).FirstOrDefault();
        MixtureNoise? found = fit.Components is NoiseComponents both ? new MixtureNoise(both.Noise.Scale(-scaled.Exponent), fit.Weights[^1]) : null;
        return Create(weights, components, options.CovarianceStructure, scaled.Exponent, report, noise: found, advice: ofData, cancellationToken: budget.FinishingToken);
    }

    /// <summary>
    /// The priors that a fit of such rows may have had, in feature units: one, or more where there is noise and some rows are so far from all others that a fit leaves them
    /// out of it, all of them where it was told that they are noise.
    /// </summary>
    public static IEnumerable<CovarianceRegularization> PriorsOf(TrainingRows rows, GaussianMixtureModel model, double strength, CancellationToken cancellationToken)
    {
        ScaledRows all = Scale(rows, cancellationToken);
        var options = new GaussianMixtureOptions { ComponentCount = model.ComponentCount };
        bool[]?[] known = model.HasNoise ? [null, [.. Enumerable.Repeat(true, rows.Source.RowCount)]] : [];
        foreach (ScaledRows counted in known.Select(marks => FarRows.Screen(all, options, marks, cancellationToken).Rows).Append(all).Distinct())
        {
            CovarianceRegularization prior = Regularize(counted, options, strength, floor: 0, model.CovarianceStructure.Shape == CovarianceShape.Spherical);
            yield return prior with { PriorVariances = [.. prior.PriorVariances.Select(variance => double.ScaleB(variance, -2 * all.Exponent))] };
        }
    }

    /// <summary>The first feature that a fit of such rows takes as one that follows from others, see <see cref="PriorScatter"/>; null for none.</summary>
    public static int? FeatureThatFollows(TrainingRows rows, GaussianMixtureModel model, double strength, CancellationToken cancellationToken)
    {
        var options = new GaussianMixtureOptions { ComponentCount = model.ComponentCount, CovarianceStructure = model.CovarianceStructure, CovariancePriorStrength = strength };
        CovarianceRegularization prior = Regularize(Scale(rows, cancellationToken).FindDependencies(cancellationToken), options);
        return prior.PriorScatter is null ? null : Enumerable.Range(0, prior.RowVariances.Length).First(prior.Follows);
    }

    // In units in which the largest value is about one, nothing overflows, and a power of two in the data changes no bit of the fit.
    private static ScaledRows Scale(TrainingRows unscaled, CancellationToken cancellationToken)
    {
        int exponent = unscaled.Magnitude == 0 ? 0 : Math.Clamp(-Math.ILogB(unscaled.Magnitude), -LargestExponent, LargestExponent);
        TrainingRows rows = exponent == 0 ? unscaled : unscaled.Scale(exponent);
        return new ScaledRows(rows, FeatureMoments.Compute(rows, cancellationToken), exponent);
    }

    /// <summary>Brings a mixture back to the units of the data.</summary>
    public static GaussianMixtureModel Create(
        IReadOnlyList<double> weights, GaussianComponents components, CovarianceStructure structure, int exponent, FitReport report,
        GaussianMixturePosterior? posterior = null, MixtureNoise? noise = null, string? advice = null, CancellationToken cancellationToken = default)
    {
        double[] means = [.. components.Means.ToArray().Select(value => double.ScaleB(value, -exponent))];
        double[] covariances = [.. components.Covariances.ToArray().Select(value => double.ScaleB(value, -2 * exponent))];
        GaussianFamily family = GaussianFamily.OfModel(structure, components.Dimension, components.Shape, covariances);

        // A fit without a single step keeps the start, which may be wider than the structure.
        if (!GaussianComponents.TryCreate(
            family, components.Dimension, components.Shape, components.IsShared, means, covariances, out GaussianComponents unscaled, out _,
            cancellationToken))
        {
            throw new MixtureFitException(
                $"The fit succeeded, but its covariances are beyond double precision in the units of the data. "
                + $"{(advice is null ? string.Empty : advice + " ")}Scale the features to sizes between 1E-100 and 1E+100.");
        }

        return new GaussianMixtureModel([.. weights], unscaled, structure, report, noise) { Posterior = posterior };
    }

    /// <summary>The units of a fit with a prior in each component, which counts as rows.</summary>
    public static FitUnits UnitsOf(ScaledRows scaled, CovarianceRegularization regularization, MixtureOptions options) =>
        new(scaled.LogDensityShift, scaled.ShiftOf(regularization.PriorCount * options.ComponentCount));

    /// <summary>What keeps the covariances of Gaussians positive definite.</summary>
    public static CovarianceRegularization Regularize(ScaledRows scaled, GaussianMixtureOptions options)
    {
        CovarianceShape shape = options.CovarianceStructure.Shape;
        CovarianceRegularization alone = Regularize(scaled, options, options.CovariancePriorStrength, options.CovarianceFloor, shape == CovarianceShape.Spherical);

        // Where components share a part of it alone, a variance that every row has is not the same in each, so that EM would lower its objective.
        return shape == CovarianceShape.Full && options.CovarianceStructure.IsClosedInFactors ? alone.WithDependencies(scaled.Dependencies, scaled.Rows.RowWeightTotal / options.ComponentCount) : alone;
    }

    /// <summary>What keeps variances positive.</summary>
    /// <param name="scaled">The rows.</param>
    /// <param name="options">How many components there are.</param>
    /// <param name="priorStrength">The weight of the prior as a share of an average component.</param>
    /// <param name="floor">Added to every variance, in squared units of the data.</param>
    /// <param name="isSpherical">Whether features share their variance.</param>
    public static CovarianceRegularization Regularize(ScaledRows scaled, MixtureOptions options, double priorStrength, double floor, bool isSpherical) =>
        PriorAndFloor(scaled, options, priorStrength, floor, isSpherical) with { SharedValues = scaled.SharedValues };

    private static CovarianceRegularization PriorAndFloor(ScaledRows scaled, MixtureOptions options, double priorStrength, double floor, bool isSpherical)
    {
        FeatureMoments moments = scaled.Moments;
        floor = double.ScaleB(floor, 2 * scaled.Exponent);
        int dimension = moments.Variances.Length;
        if (priorStrength == 0) return CovarianceRegularization.None(dimension) with { Floor = floor, UnexplainedVariances = scaled.Dependencies.UnexplainedVariances };
        double count = priorStrength * scaled.Rows.RowWeightTotal / options.ComponentCount;

        // A constant feature has no scale but its own size. Its variance is the same in every component and says nothing about them.
        double[] constant = [.. moments.Variances.Select((variance, j) => variance > 0 ? 0 : ConstantVariance(moments.Means[j]))];
        bool allConstant = Array.TrueForAll(moments.Variances, variance => variance == 0);
        if (isSpherical)
        {
            double[] mean = new double[dimension];
            Array.Fill(mean, (allConstant ? constant : moments.Variances).Average());
            return new CovarianceRegularization(count, mean, allConstant ? constant : new double[dimension], floor);
        }

        return new CovarianceRegularization(count, [.. moments.Variances.Zip(constant, (variance, own) => variance + own)], constant, floor)
        {
            UnexplainedVariances = scaled.Dependencies.UnexplainedVariances,
        };
    }

    // Beside other features a value whose square is lost in double precision is zero.
    public static double ConstantVariance(double value) =>
        ConstantRelativeVariance * value * value is var variance && variance >= SmallestVariance ? variance : ConstantRelativeVariance;

    // The rows in their own units: scaled, a small feature may have become constant.
    private static void CheckVariances(TrainingRows rows, FeatureMoments moments, MixtureOptions options)
    {
        for (int j = 0; j < moments.Variances.Length; j++)
        {
            double spread = rows.Maximum[j] - rows.Minimum[j], variance = moments.Variances[j];
            if (rows.Minimum[j] == rows.Maximum[j] || (variance >= SmallestVariance && double.IsFinite(variance))) continue;
            if (!double.IsFinite(variance))
            {
                throw new ArgumentException($"The row weights are so large that the variance of {options.FeatureNameWithin(j)} is beyond double precision. Divide them by a constant.");
            }

            if (spread / rows.Magnitude >= SmallestSpread)
            {
                throw new ArgumentException(
                    $"{options.FeatureName(j)} differs only between rows whose weights are next to nothing beside those of the others, so that its variance is lost in double precision. "
                    + "Leave these rows out, or bring the row weights nearer to each other.");
            }

            throw new ArgumentException(
                $"{options.FeatureName(j)} spans only {spread.ToString("G3", CultureInfo.InvariantCulture)} while other features reach "
                + $"{rows.Magnitude.ToString("G3", CultureInfo.InvariantCulture)}, too far apart for double precision. Scale the features to similar sizes.");
        }
    }
}
