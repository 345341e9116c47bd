namespace Microsoft.ML.Mixture;

/// <summary>What was not done because the time was over or the fit was cancelled.</summary>
internal static class BudgetWarnings
{
    public static IEnumerable<string> Collect(MixtureFit fit, MixtureOptions options, FitBudget budget)
    {
        if (fit.UnfinishedStartCount == 0) yield break;
        if (fit.IsMakeshift)
        {
            yield return $"{budget.Describe()} before any start had a model. The model is a makeshift: a start without a single iteration{(options.Start is { IsRandom: false } ? string.Empty : ", of groups of some of the rows")}. "
                + $"Raise {nameof(options.TimeBudget)}, or fit to fewer rows or with fewer components.";
            yield break;
        }

        int planned = fit.UnfinishedStartCount + fit.FinishedStartCount;
        bool isCutOff = fit.StopReason is StopReason.TimeBudget or StopReason.Cancelled;
        string model = isCutOff
            ? $"The model is that of start {fit.StartIndex}, which had not converged after {Counted.Of(fit.IterationCount, "iteration")}."
            : $"The model is that of start {fit.StartIndex}, the best so far.";
        string others = planned == 1 ? string.Empty : $", with {fit.FinishedStartCount} of {planned} starts finished and {planned - fit.BegunStartCount} not begun";
        string remedy = budget.Interruption == StopReason.TimeBudget ? $"Raise {nameof(options.TimeBudget)}, or ask for fewer starts or a larger tolerance." : "Fit again to have the rest.";
        yield return $"{budget.Describe()} before it was done{others}. {model} {remedy}";
    }
}
