namespace Microsoft.ML.Mixture;

/// <summary>The EM loop, written once for every family.</summary>
/// <remarks>
/// Source: Dempster, Laird and Rubin (1977), Maximum likelihood from incomplete data via the EM algorithm, J. R. Stat. Soc. B 39(1), 1-38,
/// doi:10.1111/j.2517-6161.1977.tb01600.x.
/// </remarks>
internal static class ExpectationMaximization
{
    /// <summary>Runs EM from a start until the rule says stop.</summary>
    /// <returns>The parameters whose log-likelihood is the last of the history.</returns>
    public static MixtureFit Run(MixtureState start, ExpectationStep expectationStep, StoppingRule stoppingRule, Action<FitHistory>? progress, CancellationToken cancellationToken)
    {
        var history = new FitHistory();
        MixtureState current = start, previous = default;
        double[] previousCounts = [];
        while (true)
        {
            ExpectedStatistics expected = expectationStep.Run(current, cancellationToken);
            history.Add(expected.LogLikelihood, current.Components.LogPrior);
            progress?.Invoke(history);
            if (stoppingRule.Decide(history, current.Components.ObjectiveMayFall) is { } reason)
            {
                if (reason != StopReason.LikelihoodDecreased) return Result(current, expected.EffectiveCounts.ToArray(), reason);
                history.RemoveLast();
                return Result(previous, previousCounts, reason);
            }

            // The parameters of two iterations ago are overwritten; a start may be of another shape and is left alone.
            MixtureComponents destination = previous.Components is null || ReferenceEquals(previous.Components, start.Components)
                ? current.Components.CreateEmpty()
                : previous.Components;
            if (!current.Components.TryMaximizeTogether(expected.EffectiveCounts, expected.FamilyStatistics, destination, expectationStep.Team, out DegenerateComponent? failure))
            {
                return Result(current, expected.EffectiveCounts.ToArray(), StopReason.Degenerate, failure);
            }

            previousCounts = expected.EffectiveCounts.ToArray();
            previous = current;
            current = new MixtureState(expected.NextWeights(), destination);
        }

        MixtureFit Result(MixtureState state, double[] effectiveCounts, StopReason reason, DegenerateComponent? failure = null) =>
            new(state.Weights, state.Components, expectationStep.RowWeightTotal, history, effectiveCounts, reason) { Failure = failure };
    }
}
