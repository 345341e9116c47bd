namespace Microsoft.ML.Mixture;

/// <summary>Fits mixtures of any family: starts, runs EM, and keeps the best run.</summary>
public static class MixtureFitter
{
    /// <summary>Fits a mixture of components of a family.</summary>
    /// <param name="family">The family of the components.</param>
    /// <param name="rows">The rows. A row of weight zero counts as absent; a row with a missing feature (NaN) is left out, unless the family takes it for what is observed of it, as the Gaussian does.</param>
    /// <param name="options">How to fit.</param>
    /// <param name="cancellationToken">Stops the fit, within one block of rows.</param>
    /// <returns>The run with the best objective.</returns>
    /// <exception cref="ArgumentException">Rows, weights, options or start are not valid; the message says which, and what to do.</exception>
    /// <exception cref="MixtureFitException">No start led to valid parameters.</exception>
    /// <exception cref="OperationCanceledException">The fit was cancelled, unless <see cref="MixtureOptions.CancellationBehavior"/> says otherwise.</exception>
    public static MixtureFit Fit(ComponentFamily family, RowSource rows, MixtureOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(family);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return FitBudget.Run(
            options,
            budget =>
            {
                TrainingRows training = TrainingRows.Inspect(rows, options.ComponentCount, family.HandlesHoles, options.FeatureName, budget.Token);
                return Fit(family, training, FeatureMoments.Compute(training, budget.Token), default, options, budget);
            },
            cancellationToken);
    }

    /// <summary>Fits to rows that have been looked at and perhaps scaled.</summary>
    internal static MixtureFit Fit(
        ComponentFamily family, TrainingRows rows, FeatureMoments moments, FitUnits units, MixtureOptions options, FitBudget budget,
        InitialNoise? noise = null)
    {
        MixtureStart start = options.Start ?? (noise is null ? MixtureStart.Portfolio : MixtureStart.KMeansPlusPlus);
        if (noise is not null) start = new NoiseStart(start);
        MixtureFit? best = null;
        var failures = new List<string>();
        var objectives = new List<double>();
        var degenerate = new List<int>();
        int startCount = start.IsRandom ? options.RestartCount : 1, finished = 0;
        using var memory = new RunMemory(rows.Source, rows.RowWeightTotal, options.ThreadCount);
        FitPace? pace = options.Progress is { } listener ? new FitPace(listener, options, budget, units, rows.RowWeightTotal, startCount) : null;
        for (int index = 0; index < startCount && budget.Interruption is null; index++)
        {
            var reached = new ReachedMixture();
            try
            {
                var context = new StartContext(
                    family, rows, moments, memory, options.ComponentCount, options.ThreadCount, unchecked(options.Seed + (index * SeedSteps.OfRestart)), index, units.Exponent,
                    options.Accelerate && options.Tolerance > 0 && options.MaximumIterations > 0, options.Tolerance,
                    options.MaximumIterations, budget.Token)
                {
                    Noise = noise?.Distribution,
                    NoiseRows = noise?.Rows,
                    FarRows = noise?.FarRows,
                    Budget = budget,
                    Pace = pace,
                    Reached = reached,
                };
                if (!start.TryCreate(context, out MixtureState state, out DegenerateComponent? failure))
                {
                    failures.Add($"Start {index} gave no valid mixture. {failure!.Reason}");
                    objectives.Add(double.NaN);
                    degenerate.Add(0);
                    finished++;
                    continue;
                }

                var stoppingRule = new StoppingRule(options.MaximumIterations, options.Tolerance, rows.RowWeightTotal)
                {
                    Strictness = context.Strictness,
                    PlainSteps = start.IsRandom ? 0 : StoppingRule.DecidingSteps,
                };
                MixtureFit fit = context.Interrupted ?? ExpectationMaximization.Run(
                    state, memory.Step(state.Components), stoppingRule, options.Accelerate && options.Tolerance > 0 ? new Acceleration() : null, pace?.Begin(index, stoppingRule),
                    budget.Token, budget);
                fit.Race = context.Race;
                if (fit.StopReason is not (StopReason.TimeBudget or StopReason.Cancelled)) finished++;
                Keep(fit, index);
            }
            catch (OperationCanceledException) when (budget.Interruption is not null)
            {
                // The start itself was not done. One that has a mixture of some rows needs a pass over all to have a model: a time limit has that, a cancellation has not.
                if (best is not null || reached.State is not { } state || budget.Interruption != StopReason.TimeBudget) continue;
                var once = new StoppingRule(int.MaxValue, 0, rows.RowWeightTotal);
                Keep(ExpectationMaximization.Run(state, memory.Step(state.Components), once, acceleration: null, progress: null, budget.FinishingToken, budget), index);
            }
        }

        if (best is null && budget.Interruption is not null) throw budget.CreateFailure();
        if (best is null)
        {
            throw new MixtureFitException(
                failures.Count > 0 ? failures[^1] : "The log-likelihood is not a finite number at any start. Pass a start that lies near the data.");
        }

        if (best.Failure is not null && best.IterationCount == 0) throw new MixtureFitException(failures[^1]);
        best.FailedStarts = failures;
        best.StartObjectives = objectives;
        best.RejectedStarts = [.. degenerate.Select((count, at) => double.IsFinite(objectives[at]) && count > DegenerateCount(best))];
        best.FinishedStartCount = finished;
        best.UnfinishedStartCount = startCount - finished;
        return best;

        void Keep(MixtureFit fit, int index)
        {
            fit.StartIndex = index;
            fit.Spurious = fit.Components.FindSpurious([.. fit.EffectiveCounts], rows.Source.RowCount / rows.RowWeightTotal);
            if (fit.Failure is not null) failures.Add($"Start {index} ended at iteration {fit.IterationCount}. {fit.Failure.Reason}");
            objectives.Add(double.IsFinite(fit.Objective) ? fit.Objective : double.NaN);
            degenerate.Add(DegenerateCount(fit));
            if (double.IsFinite(fit.Objective) && (best is null || IsBetter(fit, best))) best = fit;
        }
    }

    // A run that broke off is only kept where there is nothing else, and one on a handful of rows only where all are.
    private static bool IsBetter(MixtureFit fit, MixtureFit best)
    {
        int count = DegenerateCount(fit), countOfBest = DegenerateCount(best);
        return count != countOfBest ? count < countOfBest : fit.Objective > best.Objective;
    }

    private static int DegenerateCount(MixtureFit fit) => fit.Failure is null ? fit.Spurious.Count : int.MaxValue;
}
