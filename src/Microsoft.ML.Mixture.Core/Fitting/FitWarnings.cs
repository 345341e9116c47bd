using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>What a user should know about any fit.</summary>
internal static class FitWarnings
{
    private const int MostOfAKind = 5;

    public static IEnumerable<string> OfConstantFeatures(FeatureMoments moments, MixtureOptions options)
    {
        for (int j = 0; j < moments.Variances.Length; j++)
        {
            if (moments.Variances[j] > 0) continue;
            yield return $"{options.FeatureName(j)} is constant: it says nothing about the components, and its variance in the model is a convention. Drop it.";
        }
    }

    public static IEnumerable<string> OfSpuriousComponents(MixtureFit fit)
    {
        foreach (DegenerateComponent component in fit.Spurious.Take(MostOfAKind)) yield return component.Reason;
        if (fit.Spurious.Count > MostOfAKind) yield return $"The same holds for {Counted.Of(fit.Spurious.Count - MostOfAKind, "more component")}.";
    }

    /// <summary>More parameters than rows.</summary>
    public static IEnumerable<string> OfParameters(TrainingRows rows, MixtureFit fit)
    {
        long parameters = fit.Components.FreeParameterCount + fit.Components.ComponentCount - 1;
        if (parameters <= rows.Source.RowCount) yield break;
        yield return
            $"The model has {parameters} free parameters for {rows.Source.RowCount} rows, so that much of it is chance. "
            + "Ask for fewer components, or for a structure with fewer parameters.";
    }

    /// <summary>Starts that failed or do not agree, and a run that was not done.</summary>
    public static IEnumerable<string> OfRun(TrainingRows rows, MixtureFit fit, MixtureOptions options)
    {
        foreach (string failure in fit.FailedStarts.Take(MostOfAKind)) yield return failure;
        if (fit.FailedStarts.Count > MostOfAKind) yield return $"{Counted.Of(fit.FailedStarts.Count - MostOfAKind, "more start")} failed.";
        foreach (string warning in StartWarnings.Collect(fit, options)) yield return warning;
        if (fit.StopReason == StopReason.LikelihoodDecreased)
        {
            yield return
                $"The fit stopped after {Counted.Of(fit.IterationCount, "iteration")} before it converged, because the next one lowered the objective: rounding outweighs what it gains, as where values are far from zero beside their spread. "
                + "Subtract a constant from such features, or raise the tolerance.";
        }

        if (fit.StopReason != StopReason.MaximumIterations || options.MaximumIterations <= 0 || options.Tolerance <= 0) yield break;
        double gain = (fit.ObjectiveHistory[^1] - fit.ObjectiveHistory[^2]) / rows.RowWeightTotal;
        yield return
            $"The fit stopped after {Counted.Of(fit.IterationCount, "iteration")} before it converged: the last one gained {gain.ToString("G3", CultureInfo.InvariantCulture)} nats a row. "
            + "Raise the maximum number of iterations or the tolerance.";
    }
}
