namespace Microsoft.ML.Mixture;

/// <summary>What a fit of factor analysers does around EM: it sets the prior, tells what looks degenerate, and makes the model.</summary>
internal static class FactorAnalyzerFit
{
    public static FactorAnalyzerMixtureModel Run(RowSource source, FactorAnalyzerMixtureOptions options, CancellationToken cancellationToken) =>
        FitBudget.Run(options, budget => Run(source, options, budget), cancellationToken);

    private static FactorAnalyzerMixtureModel Run(RowSource source, FactorAnalyzerMixtureOptions options, FitBudget budget)
    {
        CheckFactors("The number of factors", options.FactorCount, source.Dimension);
        return Run(GaussianFit.Prepare(source, options, budget.PreparingToken).FindDependencies(budget).FindRepeatedValues(budget), options, budget);
    }

    /// <summary>Throws if there are more factors than features. The trainer calls its options otherwise, so the message names none.</summary>
    public static void CheckFactors(string subject, int factorCount, int dimension)
    {
        if (factorCount <= dimension) return;
        throw new ArgumentException(
            $"{subject} is {factorCount}, but the rows have {Counted.Of(dimension, "feature")}. Ask for at most {Counted.Of(dimension, "factor")}, and for far fewer to gain from them.");
    }

    /// <summary>Fits to rows that have been looked at.</summary>
    public static FactorAnalyzerMixtureModel Run(ScaledRows scaled, FactorAnalyzerMixtureOptions options, CancellationToken cancellationToken) =>
        FitBudget.Run(options, budget => Run(scaled, options, budget), cancellationToken);

    private static FactorAnalyzerMixtureModel Run(ScaledRows scaled, FactorAnalyzerMixtureOptions options, FitBudget budget)
    {
        bool isSpherical = options.SpecificVarianceStructure.IsSpherical();
        CovarianceRegularization regularization = GaussianFit.Regularize(scaled, options, options.SpecificVariancePriorStrength, floor: 0, isSpherical);
        FitUnits units = GaussianFit.UnitsOf(scaled, regularization, options);
        var family = new FactorAnalyzerFamily(
            options.FactorCount, options.SpecificVarianceStructure, regularization, scaled.Moments.Variances, featureName: options.FeatureNameWithin);
        MixtureFit fit = MixtureFitter.Fit(family, scaled, units, options, budget);
        var ended = new EndedFit(scaled, fit, units, options, budget);
        FitReport report = ended.Report(fit.Components, Warnings(ended, options, regularization));
        return Create(fit, (FactorAnalyzerComponents)fit.Components, scaled.Exponent, report);
    }

    private static FactorAnalyzerMixtureModel Create(MixtureFit fit, FactorAnalyzerComponents components, int exponent, FitReport report)
    {
        int dimension = components.Dimension;
        double[] means = [.. components.Means.ToArray().Select(value => double.ScaleB(value, -exponent))];
        double[] variances = components.SpecificVariances.ToArray(), loadings = components.CopyLoadings();

        // In the units of the fit, for squares in those of the data may be beyond double precision.
        FactorRotation.ToPrincipalAxes(loadings, variances, components.ComponentCount, dimension, components.FactorCount);
        foreach (ref double loading in loadings.AsSpan()) loading = double.ScaleB(loading, -exponent);
        foreach (ref double variance in variances.AsSpan()) variance = double.ScaleB(variance, -2 * exponent);
        return FactorAnalyzerMixtureModel.TryCreate(
            [.. fit.Weights], dimension, components.FactorCount, components.Structure, means, loadings, variances, report, out FactorAnalyzerMixtureModel? model, out _)
            ? model!
            : throw new MixtureFitException(
                "The fit succeeded, but its variances are beyond double precision in the units of the data. Scale the features to sizes between 1E-100 and 1E+100.");
    }

    private static List<string> Warnings(EndedFit ended, FactorAnalyzerMixtureOptions options, CovarianceRegularization regularization)
    {
        (ScaledRows scaled, MixtureFit fit, CancellationToken cancellationToken) = (ended.Scaled, ended.Fit, ended.Budget.FinishingToken);
        TrainingRows rows = scaled.Rows;
        var warnings = new List<string>();
        if (rows.Missing is not null) warnings.AddRange(MissingValueWarnings.Collect(rows, rows.Missing, options, hasFreeCovariances: false));
        var components = (FactorAnalyzerComponents)fit.Components;
        warnings.AddRange(OffsetWarnings.Collect(components.ComponentCount, components.Means.ToArray(), components.VarianceOf, scaled.Exponent, options));
        int ofMissing = warnings.Count;

        // Of one component with its own variances, beside a symmetric matrix.
        int dimension = rows.Source.Dimension;
        var family = new FactorAnalyzerFamily(options.FactorCount, options.SpecificVarianceStructure, CovarianceRegularization.None(dimension), scaled.Moments.Variances);
        if (family.FreeParameterCount(1, dimension) - dimension > (long)dimension * (dimension + 1) / 2)
        {
            warnings.Add(
                $"With {Counted.Of(options.FactorCount, "factor")} over {Counted.Of(dimension, "feature")} a component has more parameters than a full covariance, so the factors are not determined and "
                + "BIC counts too many. Ask for fewer factors, or fit a Gaussian mixture with full covariances.");
        }

        warnings.AddRange(FitWarnings.OfConstantFeatures(scaled.Moments, options));
        warnings.AddRange(ScatteredRowsWarnings.Collect(ended, options));
        warnings.AddRange(DependencyWarnings.OfFactorAnalyzers(scaled, options, regularization));
        warnings.AddRange(PriorWarnings.Collect(components, regularization, fit, scaled.Exponent, options));
        warnings.AddRange(FitWarnings.OfSpuriousComponents(fit));
        warnings.AddRange(UnseenFeatureWarnings.Collect(rows, fit, options, cancellationToken));
        string[] ofParameters = warnings.Count == ofMissing ? [.. FitWarnings.OfParameters(rows, fit.Components, options, "fewer factors or tied specific variances")] : [];
        warnings.AddRange(WeightWarnings.Collect(rows, fit, cancellationToken));
        warnings.AddRange(CopyWarnings.Collect(rows));
        warnings.AddRange(ofParameters);
        warnings.AddRange(FewRowsWarnings.Collect(rows, fit, options));
        warnings.AddRange(RepeatedValueWarnings.Collect(scaled, options, options.SpecificVarianceStructure.IsSpherical()));
        warnings.AddRange(FitWarnings.OfRun(rows, fit, options));
        return warnings;
    }
}
