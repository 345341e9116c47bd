namespace Microsoft.ML.Mixture;

/// <summary>A fit that has ended, of which there is something to be said.</summary>
/// <param name="Scaled">The rows.</param>
/// <param name="Fit">What the fit has come to.</param>
/// <param name="Units">Its units.</param>
/// <param name="Options">How it was fitted.</param>
/// <param name="Budget">What may have ended it.</param>
internal sealed record EndedFit(ScaledRows Scaled, MixtureFit Fit, FitUnits Units, MixtureOptions Options, FitBudget Budget)
{
    /// <summary>The rows as the prior was measured by: without some that are noise because they are far from all others, if there are such.</summary>
    public ScaledRows Near { get; init; } = Scaled;

    /// <summary>What is to be said.</summary>
    /// <param name="components">The components of the model that is made of it.</param>
    /// <param name="warnings">What to beware of, beside what the budget has cut off.</param>
    /// <param name="ofModel">Of a fit by variational Bayes, what the model makes of the rows; null for a fit by EM, of which the fit tells.</param>
    public FitReport Report(MixtureComponents components, IEnumerable<string> warnings, ExpectedStatistics? ofModel = null)
    {
        TrainingRows rows = Scaled.Rows;
        double[] objectives = [.. Fit.ObjectiveHistory.Select(value => value + Units.ObjectiveShift)];
        double[] logLikelihoods = ofModel is { } of ? [of.LogLikelihood + Units.LogLikelihoodShift] : [.. Fit.LogLikelihoodHistory.Select(value => value + Units.LogLikelihoodShift)];
        return new FitReport
        {
            RowCount = rows.Source.RowCount,
            MissingRowCount = rows.MissingRowCount,
            ZeroWeightRowCount = rows.ZeroWeightRowCount,
            IncompleteRowCount = rows.Missing?.IncompleteRowCount ?? 0,
            MissingValueCounts = rows.Missing is null ? [] : Array.AsReadOnly(rows.Missing.CellCounts),
            MissingPatternCount = Math.Max(1, rows.Missing?.PatternCount ?? 1),
            RowWeightTotal = rows.RowWeightTotal,
            FreeParameterCount = components.FreeParameterCount + components.ComponentCount - 1,
            StopReason = Fit.StopReason,
            LogLikelihoodHistory = logLikelihoods,
            ObjectiveHistory = ofModel is null ? objectives : logLikelihoods,
            EvidenceLowerBoundHistory = ofModel is null ? [] : objectives,
            EffectiveCounts = ofModel is { } counted ? counted.EffectiveCounts.ToArray() : [.. Fit.EffectiveCounts.Take(Options.ComponentCount)],
            NoiseEffectiveCount = Fit.Components is NoiseComponents ? Fit.EffectiveCounts[^1] : 0,
            SpuriousComponentCount = Fit.Spurious.Count,
            StartObjectives = [.. Fit.StartObjectives.Select(value => value + Units.ObjectiveShift)],
            AgreeingStartCount = Fit.AgreeingStartCount(Options.Tolerance),
            RejectedStartCount = Fit.RejectedStartCount,
            UnfinishedStartCount = Fit.UnfinishedStartCount,
            RacedStartCount = Fit.Race?.StartCount ?? 0,
            AgreeingRacedStartCount = Fit.Race?.AgreeingStartCount ?? 0,
            RemainingGain = Fit.RemainingGain,
            ElapsedTime = Budget.Elapsed,
            Warnings = [.. BudgetWarnings.Collect(Fit, Options, Budget), .. warnings],
        };
    }
}
