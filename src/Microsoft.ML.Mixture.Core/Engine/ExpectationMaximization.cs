namespace Microsoft.ML.Mixture;

/// <summary>The EM loop, written once for every family.</summary>
/// <remarks>
/// <para>
/// Source: Dempster, Laird and Rubin (1977), Maximum likelihood from incomplete data via the EM algorithm, J. R. Stat. Soc. B 39(1), 1-38,
/// doi:10.1111/j.2517-6161.1977.tb01600.x.
/// </para>
/// <para>
/// Where steps may be accelerated, two of them are followed by one that goes on in their direction; see <see cref="Acceleration"/>. The pass
/// that is due anyway tells its objective, and if that is lower than before, the loop goes on as if nothing had happened, one pass later.
/// </para>
/// </remarks>
internal static class ExpectationMaximization
{
    /// <summary>Runs EM from a start until the rule says stop.</summary>
    /// <remarks>A budget that is over ends the run as well, with the parameters after the last whole pass, if there are any.</remarks>
    /// <returns>The parameters whose log-likelihood is the last of the history.</returns>
    public static MixtureFit Run(
        MixtureState start, ExpectationStep expectationStep, StoppingRule stoppingRule, Acceleration? acceleration, Action<FitHistory>? progress,
        CancellationToken cancellationToken, FitBudget? budget = null, RunMemory? memory = null)
    {
        var history = new FitHistory();
        var iterates = new Iterates(start, expectationStep.HasCopies, memory);
        bool isEvaluated = false;
        try
        {
            return Loop();
        }
        catch (OperationCanceledException) when (budget?.Interruption is not null && history.IterationCount >= 0)
        {
            // What was evaluated last is whole.
            return isEvaluated
                ? ResultOfCurrent(budget.Interruption.Value) : ResultOfPrevious(budget.Interruption.Value);
        }

        MixtureFit Loop()
        {
            while (true)
            {
                isEvaluated = false;
                if (budget?.Interruption is { } over && history.IterationCount >= 0) return ResultOfPrevious(over);
                ExpectedStatistics expected = expectationStep.Run(iterates.Current, cancellationToken);
                MixtureComponents components = iterates.Current.Components;
                if (iterates.IsExtrapolated && !(expected.LogLikelihood + components.LogPrior >= history.Objectives[^1]))
                {
                    acceleration!.Reject();
                    history.RejectedCount++;
                    iterates.Return();
                    continue;
                }

                history.Add(expected.LogLikelihood, components.LogPrior);
                expected.EffectiveCounts.CopyTo(iterates.CurrentCounts);
                expectationStep.CopyRowCounts(iterates.CurrentRowCounts);
                if (expectationStep.HasCopies) expectationStep.CopyDistinctCounts(iterates.CurrentDistinctCounts);
                // Other runs may begin with the start, too, even at this moment.
                if (!ReferenceEquals(components, start.Components)) components.Note(expected.EffectiveCounts, expected.FamilyStatistics);
                isEvaluated = true;
                history.Decision = stoppingRule.Decide(history, components.ObjectiveMayFall, iterates.IsExtrapolated);
                if (history.Decision == StopReason.Converged && stoppingRule.MayDoubt(history) && (iterates.CurrentCounts.Min() < expectationStep.WeightOfRow || components.HaveTwins(cancellationToken)))
                {
                    stoppingRule.Doubt();
                    history.Decision = null;
                }

                if (history.Decision is null && stoppingRule.LeadsNowhere(history.IterationCount, components, iterates.CurrentCounts, expectationStep.HasCopies ? iterates.CurrentDistinctCounts : iterates.CurrentRowCounts)) history.Decision = StopReason.MaximumIterations;
                progress?.Invoke(history);
                if (history.Decision is { } reason)
                {
                    // What comes after a fall, be it one of rounding or to no number, is not better than what was before.
                    bool hasFallen = history.IterationCount > 1 && reason is StopReason.Converged or StopReason.LikelihoodDecreased
                        && !(history.Objectives[^1] >= history.Objectives[^2]) && !components.ObjectiveMayFall;
                    if (!hasFallen) return ResultOfCurrent(reason);
                    history.RemoveLast();
                    return ResultOfPrevious(reason);
                }

                if (iterates.IsExtrapolated) acceleration!.Accept();
                MixtureState next = iterates.Next();
                if (!components.TryMaximizeTogether(
                    expected.EffectiveCounts, expected.FamilyStatistics, next.Components, expectationStep.Team, cancellationToken, out DegenerateComponent? failure))
                {
                    return ResultOfCurrent(StopReason.Degenerate, failure);
                }

                expected.CopyNextWeights(next.Weights);
                bool extrapolates = false;
                if (acceleration is not null && iterates.HasTwoSteps && stoppingRule.AllowsExtrapolation(history))
                {
                    extrapolates = acceleration.TryExtrapolate(iterates.Previous, iterates.Current, next, iterates.Extrapolated(), cancellationToken);
                    stoppingRule.AddStepLength(acceleration.StepLength);
                }

                if (extrapolates) iterates.AdvanceExtrapolated();
                else iterates.Advance();
            }
        }

        MixtureFit ResultOfCurrent(StopReason reason, DegenerateComponent? failure = null) =>
            Result(iterates.Current, iterates.CurrentCounts, iterates.CurrentRowCounts, iterates.CurrentDistinctCounts, reason, failure);

        MixtureFit ResultOfPrevious(StopReason reason) => Result(iterates.Previous, iterates.PreviousCounts, iterates.PreviousRowCounts, iterates.PreviousDistinctCounts, reason);

        MixtureFit Result(MixtureState state, double[] effectiveCounts, double[] rowCounts, double[] distinctCounts, StopReason reason, DegenerateComponent? failure = null)
        {
            iterates.End(state.Components);
            return new MixtureFit([.. state.Weights], state.Components, expectationStep.RowWeightTotal, history, [.. effectiveCounts], [.. rowCounts], reason)
            {
                DistinctCounts = [.. distinctCounts],
                Failure = failure,
                Rows = expectationStep.Rows,
                RemainingGain = stoppingRule.RemainingGain,
            };
        }
    }
}
