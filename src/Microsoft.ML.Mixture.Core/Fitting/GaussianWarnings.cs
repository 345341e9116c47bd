namespace Microsoft.ML.Mixture;

/// <summary>What a user should know about the data and the fit.</summary>
internal static class GaussianWarnings
{
    /// <summary>Of full covariances that have no more rows than features to rest on; null where there are more rows.</summary>
    public static string? OfMoreFeaturesThanRows(TrainingRows rows, GaussianMixtureOptions options)
    {
        int count = rows.Source.RowCount, dimension = rows.Source.Dimension;
        return options.CovarianceStructure.Shape != CovarianceShape.Full || dimension < count ? null
            : $"There {Counted.Is(dimension)} {Counted.Of(dimension, "feature")} but only {Counted.Of(count, "row")}, so the covariances rest on the prior or floor in most directions. "
                + "Use the diagonal or spherical structure, fewer features, or a mixture of factor analyzers (" + nameof(FactorAnalyzerMixture) + ").";
    }

    /// <summary>Looks for all of it.</summary>
    /// <param name="ended">The fit.</param>
    /// <param name="options">How it was fitted.</param>
    /// <param name="components">The Gaussians of the model that is made of it, in the units of the fit.</param>
    /// <param name="weights">Their weights.</param>
    public static IReadOnlyList<string> Collect(EndedFit ended, GaussianMixtureOptions options, GaussianComponents components, double[] weights)
    {
        (ScaledRows scaled, MixtureFit fit) = (ended.Scaled, ended.Fit);
        (TrainingRows rows, FeatureMoments moments, _) = scaled;
        var warnings = new List<string>();
        if (rows.Missing is not null) warnings.AddRange(MissingValueWarnings.Collect(rows, rows.Missing, options, options.CovarianceStructure.Shape == CovarianceShape.Full));
        warnings.AddRange(OffsetWarnings.Collect(components.ComponentCount, components.Means.ToArray(), (k, j) => components.CovarianceOf(k, j, j), scaled.Exponent, options));
        int others = warnings.Count;
        warnings.AddRange(FitWarnings.OfConstantFeatures(moments, options));
        warnings.AddRange(OutlierWarnings.Collect(ended, options, components, weights));
        if (OfMoreFeaturesThanRows(rows, options) is { } warning)
        {
            warnings.Add(warning);
        }
        else
        {
            string[] dependent = [.. DependencyWarnings.Collect(ended.Near, options)];
            warnings.AddRange(dependent);

            // Where it says something, components without rows may be for want of a weaker prior.
            IReadOnlyList<ComponentPlane>? found = dependent.Length == 0 ? PlaneWarnings.Find(ended) : null;
            warnings.AddRange(PriorWarnings.Collect(components, ended, options, found));
            string[] spurious = [.. FitWarnings.OfSpuriousComponents(fit)];
            warnings.AddRange(spurious);
            others += spurious.Length;
            warnings.AddRange(ComponentWarnings.Collect(components, weights, fit.Spurious, options, namesFlatOnes: dependent.Length == 0, ended.Budget.FinishingToken));
            string[] planes = [.. PlaneWarnings.Collect(found ?? [], options)];
            warnings.AddRange(planes);
            others += planes.Length;
        }

        // A few far rows make variances unlike as well, and are told of above.
        string[] ofUnits = warnings.Count == others ? [.. UnitWarnings.Collect(moments, options)] : [];
        warnings.AddRange(ofUnits);
        others += ofUnits.Length;
        warnings.AddRange(NoiseWarnings.Collect(rows, fit, options));
        string[] ofWeights = [.. WeightWarnings.Collect(rows, fit, ended.Budget.FinishingToken)];
        string[] ofParameters = warnings.Count == others ? [.. FitWarnings.OfParameters(rows, fit.Components is NoiseComponents ? fit.Components : components, options)] : [];
        warnings.AddRange(ofWeights);
        warnings.AddRange(CopyWarnings.Collect(rows));
        warnings.AddRange(ofParameters);
        warnings.AddRange(FewRowsWarnings.Collect(rows, fit, options));
        if (fit.Race?.PassedOver is { } passedOver) warnings.AddRange(passedOver.Tell(fit, options.CovarianceStructure));
        warnings.AddRange(RepeatedValueWarnings.Collect(scaled, options, options.CovarianceStructure.Shape == CovarianceShape.Spherical));
        warnings.AddRange(FitWarnings.OfRun(rows, fit, options));
        return warnings;
    }
}
