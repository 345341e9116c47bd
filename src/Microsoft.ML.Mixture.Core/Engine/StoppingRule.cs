namespace Microsoft.ML.Mixture;

/// <summary>When EM stops; see <see cref="MixtureOptions.Tolerance"/>.</summary>
internal sealed class StoppingRule(int maximumIterations, double tolerance, double rowWeightTotal)
{
    // Sums over many rows carry rounding of about this size, relative to the objective.
    private const double Rounding = 1e-12;

    /// <summary>Whether an accelerated step and one of EM, or two of EM in its place, are still allowed.</summary>
    public bool LeavesRoom(FitHistory history) => history.IterationCount + history.RejectedCount + 3 <= maximumIterations;

    /// <summary>Looks at the last step.</summary>
    /// <param name="history">All steps.</param>
    /// <param name="objectiveMayFall">Whether a step may go down.</param>
    /// <param name="isExtrapolated">Whether it was an accelerated step, whose gain says little about how near the top is.</param>
    /// <returns>Why to stop; null to go on.</returns>
    public StopReason? Decide(FitHistory history, bool objectiveMayFall, bool isExtrapolated)
    {
        int iteration = history.IterationCount;
        if (iteration > 0 && !isExtrapolated)
        {
            double objective = history.Objectives[^1] / rowWeightTotal;
            double gain = objective - (history.Objectives[^2] / rowWeightTotal);
            double noise = Rounding * (1 + Math.Abs(objective));

            // The first step may go down: a start given by the user need not lie within the structure or respect the prior.
            if (tolerance > 0 && Math.Abs(gain) <= Math.Max(tolerance, gain < 0 ? noise : 0)) return StopReason.Converged;
            if (!(gain >= -noise) && iteration > 1 && !objectiveMayFall) return StopReason.LikelihoodDecreased;
        }

        return iteration + history.RejectedCount >= maximumIterations ? StopReason.MaximumIterations : null;
    }
}
