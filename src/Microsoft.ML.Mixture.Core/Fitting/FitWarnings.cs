using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>What a user should know about any fit.</summary>
internal static class FitWarnings
{
    public static IEnumerable<string> OfConstantFeatures(FeatureMoments moments, MixtureOptions options) => SimilarWarnings.Tell<int>(
        [.. Enumerable.Range(0, moments.Variances.Length).Where(j => !(moments.Variances[j] > 0))],
        j => $"{options.FeatureName(j)} is constant: it says nothing about the components, and its variance in the model is a convention. Drop it.",
        others => others.Count == 1
            ? $"1 more feature is constant and says nothing about the components either: {SimilarWarnings.Names(others, options)}. Drop it."
            : $"{others.Count} more features are constant and say nothing about the components either: {SimilarWarnings.Names(others, options)}. Drop them.");

    public static IEnumerable<string> OfSpuriousComponents(MixtureFit fit) => SimilarWarnings.Tell(fit.Spurious, found => found.Reason, "component");

    /// <summary>More parameters than rows, or than as many whole rows as would have the values that are not missing.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="components">The components of the model.</param>
    /// <param name="options">How it was fitted.</param>
    /// <param name="remedy">What has fewer parameters, apart from fewer components.</param>
    public static IEnumerable<string> OfParameters(TrainingRows rows, MixtureComponents components, MixtureOptions options, string remedy = "a structure with fewer parameters")
    {
        long parameters = components.FreeParameterCount + components.ComponentCount - 1, all = (long)rows.Source.RowCount * rows.Source.Dimension, missing = all - rows.ObservedValueCount;
        if (parameters * rows.Source.Dimension <= rows.ObservedValueCount) yield break;
        string ofRows = missing == 0 ? string.Empty : $" with {missing} of their {all} values missing";
        string advice = options.ComponentCount > 1 ? $"fewer components, or for {remedy}" : $"{remedy}, or pass fewer features";
        yield return $"The model has {parameters} free parameters for {rows.Source.RowCount} rows{ofRows}, so that much of it is chance. Ask for {advice}.";
    }

    /// <summary>Starts that failed or do not agree, and a run that was not done.</summary>
    public static IEnumerable<string> OfRun(TrainingRows rows, MixtureFit fit, MixtureOptions options)
    {
        foreach (string failure in SimilarWarnings.Tell(fit.FailedStarts, failure => failure, others => $"{Counted.Of(others.Count, "more start")} failed.")) yield return failure;
        foreach (string warning in StartWarnings.Collect(fit, options)) yield return warning;
        if (fit.StopReason == StopReason.LikelihoodDecreased)
        {
            yield return
                $"The fit stopped after {Counted.Of(fit.IterationCount, "iteration")} before it converged, because the next one lowered the objective: rounding outweighs what it gains, as where values are far from zero beside their spread. "
                + "Subtract a constant from such features, or raise the tolerance.";
        }

        // Who gives a start may want to know what it is worth.
        if (fit.StopReason == StopReason.MaximumIterations && options.MaximumIterations == 0 && options.Start is null or { IsRandom: true })
        {
            yield return "The fit took no step, because the maximum number of iterations is 0: the model is its start, and no maximum. Allow for iterations.";
        }

        if (fit.StopReason != StopReason.MaximumIterations || options.MaximumIterations <= 0 || options.Tolerance <= 0) yield break;
        double gain = (fit.ObjectiveHistory[^1] - fit.ObjectiveHistory[^2]) / rows.RowWeightTotal;
        int rejected = fit.PassCount - fit.LogLikelihoodHistory.Count;
        string tried = rejected == 0 ? string.Empty : $", and {Counted.Of(rejected, "accelerated one")} that {(rejected == 1 ? "was given up and counts" : "were given up and count")} as well,";
        yield return
            $"The fit stopped after {Counted.Of(fit.IterationCount, "iteration")}{tried} before it converged: the last one gained {gain.ToString("G3", CultureInfo.InvariantCulture)} nats a row. "
            + "Raise the maximum number of iterations or the tolerance.";
    }
}
