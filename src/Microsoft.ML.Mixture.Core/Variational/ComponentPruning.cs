using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>Leaves components with few rows out of a fit by variational Bayes, and gives their rows to the others.</summary>
internal static class ComponentPruning
{
    // Of all rows, by weight: what is worth a word.
    private const double LargestUntoldShare = 0.01;

    /// <summary>The components with as many rows as the threshold, by weight, and the largest.</summary>
    public static int[] InUse(double[] counts, double threshold)
    {
        int largest = Array.IndexOf(counts, counts.Max());
        return [.. Enumerable.Range(0, counts.Length).Where(k => counts[k] >= threshold || k == largest)];
    }

    /// <summary>Some of the components, with the weights that they have among themselves.</summary>
    public static MixtureState Keep(GaussianComponents all, double[] weights, int[] inUse, GaussianFamily family)
    {
        int dimension = all.Dimension;
        double total = inUse.Length == weights.Length ? 1 : inUse.Sum(k => weights[k]);
        double[] means = [.. inUse.SelectMany(k => all.Means.Slice(k * dimension, dimension).ToArray())];
        double[] covariances = all.IsShared ? all.Covariances.ToArray() : [.. inUse.SelectMany(k => all.Covariance(k).ToArray())];
        if (!GaussianComponents.TryCreate(family, dimension, all.Shape, all.IsShared, means, covariances, out GaussianComponents kept, out DegenerateComponent? failure))
        {
            throw new MixtureFitException($"The expected covariances are beyond double precision. Scale the features. {failure!.Reason}");
        }

        return new MixtureState([.. inUse.Select(k => weights[k] / total)], kept);
    }

    /// <summary>
    /// Goes on from the components that stay, where others that have rows are left out: else nothing fits those rows, which the model counts as its own. A component that dies keeps a part of
    /// a row at most, for which no other changes.
    /// </summary>
    /// <returns>The fit without them; the same fit where none that is left out has rows.</returns>
    public static MixtureFit FitToAllRows(VariationalFamily family, MixtureFit fit, ScaledRows scaled, double threshold, MixtureOptions options, FitBudget budget)
    {
        while (true)
        {
            int[] inUse = InUse(((VariationalGaussians)fit.Components).Counts.ToArray(), threshold);
            MixtureFit all = fit;
            if (!Enumerable.Range(0, all.RowCounts.Count).Except(inUse).Any(k => all.RowCounts[k] >= BayesianGaussianMixtureOptions.DefaultPruningThreshold)) return fit;
            fit = GoOn(family, fit, inUse, scaled.Rows, options, budget);
        }
    }

    /// <summary>Tells of components that had a good part of the rows and are left out.</summary>
    /// <param name="before">The fit with them.</param>
    /// <param name="after">The fit without them.</param>
    /// <param name="threshold">The rows that a component needs.</param>
    public static IEnumerable<string> Warnings(MixtureFit before, MixtureFit after, double threshold)
    {
        if (before == after) yield break;
        double[] counts = ((VariationalGaussians)before.Components).Counts.ToArray();
        double[] leftOut = [.. Enumerable.Range(0, counts.Length).Except(InUse(counts, threshold)).Where(k => before.RowCounts[k] >= BayesianGaussianMixtureOptions.DefaultPruningThreshold).Select(k => counts[k])];
        double share = leftOut.Sum() / before.RowWeightTotal;
        if (share <= LargestUntoldShare) yield break;
        int left = after.Components.ComponentCount;
        yield return $"{Counted.Of(leftOut.Length, "component")} with {Text(leftOut.Sum())} of {Text(before.RowWeightTotal)} rows by weight, or {Text(100 * share)} %, {(leftOut.Length == 1 ? "has" : "have")} fewer than {nameof(BayesianGaussianMixtureOptions.PruningThreshold)} = {Text(threshold)} "
            + $"{(leftOut.Length == 1 ? "and is" : "each and are")} left out, and {(left == 1 ? "the one that stays was" : $"the {left} that stay were")} fitted to all rows, so that the model is wider than the groups. "
            + $"If they are groups, lower {nameof(BayesianGaussianMixtureOptions.PruningThreshold)} to {Text(RoundDown(leftOut.Min()))} or less; if they are stray rows, remove them.";
    }

    private static MixtureFit GoOn(VariationalFamily family, MixtureFit fit, int[] inUse, TrainingRows rows, MixtureOptions options, FitBudget budget)
    {
        var posterior = (VariationalGaussians)fit.Components;
        MixtureState kept = Keep(posterior.Gaussians, family.Weights.ExpectedWeights(posterior.Counts.ToArray()), inUse, family.Gaussians);
        if (!family.TryAdopt(kept, rows, options.ThreadCount, budget.FinishingToken, out VariationalGaussians adopted, out DegenerateComponent? failure)) throw Failure(failure!.Reason);
        var start = new MixtureState(kept.Weights, adopted);
        using var step = new ExpectationStep(rows.Source, adopted, rows.RowWeightTotal, options.ThreadCount);
        MixtureFit all = RunInTime() ?? Evaluate();
        if (!double.IsFinite(all.Objective)) throw Failure(StartOutcome.NotFinite);
        bool isCutOff = all.StopReason is StopReason.TimeBudget or StopReason.Cancelled;
        all.StartIndex = fit.StartIndex;
        all.StartObjectives = [all.Objective];
        all.FailedStarts = fit.FailedStarts;
        all.BegunStartCount = fit.BegunStartCount;
        all.UnfinishedStartCount = Math.Max(fit.UnfinishedStartCount, isCutOff ? 1 : 0);
        all.FinishedStartCount = fit.FinishedStartCount + fit.UnfinishedStartCount - all.UnfinishedStartCount;
        return all;

        MixtureFit? RunInTime()
        {
            if (budget.Interruption is not null) return null;
            var stoppingRule = new StoppingRule(options.MaximumIterations, options.Tolerance, rows.RowWeightTotal) { Strictness = new StartOutcome(start).Strictness };
            try
            {
                return ExpectationMaximization.Run(start, step, stoppingRule, options.IsAccelerated ? new Acceleration() : null, progress: null, budget.Token, budget);
            }
            catch (OperationCanceledException) when (budget.Interruption is not null)
            {
                return null;
            }
        }

        // A step has been taken already, and the time is over.
        MixtureFit Evaluate()
        {
            MixtureFit once = ExpectationMaximization.Run(start, step, new StoppingRule(0, 0, rows.RowWeightTotal), acceleration: null, progress: null, budget.FinishingToken);
            once.StopReason = budget.Interruption!.Value;
            return once;
        }
    }

    private static MixtureFitException Failure(string reason) =>
        new($"The components with as many rows as {nameof(BayesianGaussianMixtureOptions.PruningThreshold)} asks for cannot be fitted to the rows of those with fewer. Lower it. {reason}");

    private static string Text(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    // To two digits, so that what is advised is no more.
    private static double RoundDown(double value)
    {
        double unit = Math.Pow(10, Math.Floor(Math.Log10(value)) - 1);
        return Math.Floor(value / unit) * unit;
    }
}
