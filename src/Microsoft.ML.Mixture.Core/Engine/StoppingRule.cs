namespace Microsoft.ML.Mixture;

/// <summary>When EM stops; see <see cref="MixtureOptions.Tolerance"/>.</summary>
internal sealed class StoppingRule(int maximumIterations, double tolerance, double rowWeightTotal)
{
    // Sums over many rows carry rounding of about this size, relative to the objective.
    private const double Rounding = 1e-12;

    public StopReason? Decide(FitHistory history, bool objectiveMayFall)
    {
        int iteration = history.IterationCount;
        if (iteration > 0)
        {
            double objective = history.Objectives[^1] / rowWeightTotal;
            double gain = objective - (history.Objectives[^2] / rowWeightTotal);
            double noise = Rounding * (1 + Math.Abs(objective));

            // The first step may go down: a start given by the user need not lie within the structure or respect the prior.
            if (tolerance > 0 && Math.Abs(gain) <= Math.Max(tolerance, gain < 0 ? noise : 0)) return StopReason.Converged;
            if (!(gain >= -noise) && iteration > 1 && !objectiveMayFall) return StopReason.LikelihoodDecreased;
        }

        return iteration >= maximumIterations ? StopReason.MaximumIterations : null;
    }
}
