namespace Microsoft.ML.Mixture;

/// <summary>The runs of one fit, each from a start of its own, of which the best is kept.</summary>
internal sealed class FitRuns : IDisposable
{
    // What the pass of a makeshift and its M-step may take beyond the time: as long as that, or a second. So many operations, at least, are done in a second.
    private const double LeastSecondsOfMakeshift = 1;
    private const double RowOperationsOfSecond = 2e9;
    private const double MaximizationOperationsOfSecond = 1e10;

    private static readonly PromptStart _promptStart = new();

    private readonly TrainingRows _rows;
    private readonly MixtureOptions _options;
    private readonly FitBudget _budget;
    private readonly MixtureStart _start;
    private readonly int _startCount;
    private readonly RunMemory _memory;
    private readonly FitPace? _pace;
    private readonly StartContext _context;
    private readonly List<string> _failures = [];
    private readonly List<double> _objectives = [];
    private readonly List<int> _unsoundness = [];
    private MixtureFit? _best;
    private int _begun;
    private int _finished;

    public FitRuns(ComponentFamily family, ScaledRows scaled, FitUnits units, MixtureOptions options, FitBudget budget, InitialNoise? noise)
    {
        (_rows, _options, _budget) = (scaled.Rows, options, budget);
        _start = options.Start ?? MixtureStart.Portfolio;
        if (noise is not null && _start is not NoiseStart) _start = new NoiseStart(_start);
        _startCount = _start.IsRandom ? options.RestartCount : 1;
        _memory = new RunMemory(_rows.Source, _rows.RowWeightTotal, options.ThreadCount);
        _pace = options.Progress is { } listener ? new FitPace(listener, options, budget, units, _rows.RowWeightTotal, _startCount) : null;
        _context = new StartContext(family, scaled, options, _memory, budget.Token) { Noise = noise, Budget = budget, Pace = _pace };
    }

    /// <summary>Runs from each start in turn.</summary>
    /// <returns>The run with the best objective, and what is to be said of the others.</returns>
    /// <exception cref="MixtureFitException">No start led to valid parameters.</exception>
    /// <exception cref="OperationCanceledException">The fit was cancelled, and there is no model to return or it was not wanted.</exception>
    public MixtureFit Run()
    {
        for (int index = 0; index < _startCount && _budget.Interruption is null; index++)
        {
            var attempt = StartAttempt.Of(_context, index);
            _begun++;
            _pace?.BeginStart(index);
            try
            {
                RunFrom(attempt);
            }
            catch (OperationCanceledException) when (_budget.Interruption is not null)
            {
                // The start itself was not done, or the first pass. One that has a mixture of some rows, or groups of all, needs a pass over all to have a model.
                MixtureState? reached = attempt.Reached.State ?? (_budget.Interruption == StopReason.TimeBudget && attempt.Reached.First is { } first && IsSoon(SecondsOfPass(first.Components)) ? first : null);
                if (_best is null && reached is { } state) Keep(EvaluateOnly(state), index);
            }
        }

        if (_best is null && _budget.Interruption == StopReason.TimeBudget && _objectives.Count < _startCount) Hurry(_objectives.Count);
        if (_best is null && _budget.Interruption is not null) throw _budget.CreateFailure();
        if (_best is null)
        {
            throw new MixtureFitException(_failures.Count > 0 ? _failures[^1] : StartOutcome.NothingFinite);
        }

        if (_best.Failure is not null && _best.IterationCount == 0) throw new MixtureFitException(Describe(_best, _best.Failure.Reason));
        _best.FailedStarts = _failures;
        _best.StartObjectives = _objectives;
        _best.RejectedStarts = [.. _unsoundness.Select((unsoundness, at) => double.IsFinite(_objectives[at]) && unsoundness > UnsoundnessOf(_best))];
        _best.BegunStartCount = _begun;
        _best.FinishedStartCount = _finished;
        _best.UnfinishedStartCount = _startCount - _finished;
        return _best;
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    private void RunFrom(StartAttempt attempt)
    {
        int index = attempt.Index;
        StartOutcome outcome = _start.Create(attempt);
        if (outcome.State is not { } state)
        {
            _failures.Add($"Start {index} gave no valid mixture. {outcome.Reason}");
            _objectives.Add(double.NaN);
            _unsoundness.Add(0);
            _finished++;
            return;
        }

        MixtureFit fit = RunFrom(attempt, outcome, state);
        bool isLost = outcome.Race is { IsLimited: false } && IsLost(fit, state);
        if (isLost) fit = RaceAnew(attempt, fit);
        ComponentFamily? way = _start.IsOfGroups && EndedByItself(fit) ? _context.Family.OtherWay : null;
        if (way is not null) fit = GoOtherWay(attempt, way, fit);

        // What comes second may have been cut off although the first had come to its end.
        bool isCutOff = fit.StopReason is StopReason.TimeBudget or StopReason.Cancelled || ((isLost || way is not null) && _budget.Interruption is not null);
        if (!isCutOff) _finished++;
        Keep(fit, index);
    }

    private MixtureFit RunFrom(StartAttempt attempt, StartOutcome outcome, MixtureState state)
    {
        var stoppingRule = new StoppingRule(_options.MaximumIterations, _options.Tolerance, _rows.RowWeightTotal)
        {
            Strictness = outcome.Strictness,
            PlainSteps = _start.IsRandom ? 0 : StoppingRule.DecidingSteps,
        };
        attempt.Reached.First = state;
        MixtureFit fit = outcome.Interrupted ?? ExpectationMaximization.Run(
            state, _memory.Step(state.Components), stoppingRule, _options.IsAccelerated ? new Acceleration() : null, _pace?.Begin(attempt.Index, stoppingRule), _budget.Token, _budget);
        fit.Race = outcome.Race;
        fit.FindSpurious(_budget.FinishingToken);
        return fit;
    }

    // What a race had found was sound, and on a saddle, or its tolerance too large to see that it was on the way to components without spread.
    private bool IsLost(MixtureFit fit, MixtureState raced) => _budget.Interruption is null && (fit.Failure is not null || !fit.IsSound) && IsSound(raced);

    // Shares of all rows do not tell how many of them are copies, a pass does.
    private bool IsSound(MixtureState raced)
    {
        if (_rows.Source.Copies is null)
        {
            var rows = new RowsOfComponents(Shares(raced, _rows.Source.RowCount), source: _rows.Source);
            return raced.Components.FindSpuriousAmong(Shares(raced, _rows.RowWeightTotal), rows).Count == 0;
        }

        try
        {
            return Evaluate(raced, _budget.Token).IsSound;
        }
        catch (OperationCanceledException) when (_budget.Interruption is not null)
        {
            return false;
        }
    }

    private static double[] Shares(MixtureState mixture, double total) => [.. mixture.Weights.Select(weight => weight * total)];

    private MixtureFit RaceAnew(StartAttempt attempt, MixtureFit lost)
    {
        StartAttempt another = attempt with { Seed = unchecked(attempt.Seed + SeedSteps.OfReplacement) };
        try
        {
            if (_start.Create(another) is not { State: { } state } outcome) return lost;
            MixtureFit fit = RunFrom(another, outcome, state);
            return double.IsFinite(fit.Objective) && IsBetter(fit, lost) ? fit : lost;
        }
        catch (OperationCanceledException) when (_budget.Interruption is not null)
        {
            return lost;
        }
    }

    // Two runs to one maximum differ by no more.
    private double ToleranceOfAll => _options.Tolerance * _rows.RowWeightTotal;

    private static bool EndedByItself(MixtureFit fit) => fit.StopReason is StopReason.Converged or StopReason.LikelihoodDecreased or StopReason.Degenerate;

    // The first step from given groups decides into which well common axes come down, and another one may lead to more.
    private MixtureFit GoOtherWay(StartAttempt attempt, ComponentFamily way, MixtureFit fit)
    {
        try
        {
            StartOutcome outcome = _start.Create(attempt with { Context = _context with { Family = way } });
            if (outcome.State is not { } state) return fit;
            MixtureFit led = RunFrom(attempt, outcome, state);
            if (!double.IsFinite(led.Objective) || _context.Family.Adopt(new MixtureState([.. led.Weights], led.Components)) is not { } reached) return fit;
            MixtureFit other = RunFrom(attempt, outcome, reached);
            return double.IsFinite(other.Objective) && IsBetter(other, fit) && (UnsoundnessOf(other) < UnsoundnessOf(fit) || other.Objective - fit.Objective > ToleranceOfAll) ? other : fit;
        }
        catch (OperationCanceledException) when (_budget.Interruption is not null)
        {
            return fit;
        }
    }

    // The time was over before there was anything: a model of groups of some rows takes little more than the first look at all.
    private void Hurry(int index)
    {
        int count = _options.ComponentCount, dimension = _rows.Source.Dimension;
        MixtureComponents about = _context.Family.CreateAbout(count, dimension, new double[count * dimension]);
        if (!IsSoon(SecondsOfPass(about) + (about.HastyMaximizationOperations / MaximizationOperationsOfSecond))) throw _budget.CreateFailure("one start of so many rows and parameters would take as long again, and more than a second");
        StartContext context = _context with { Family = _context.Family.Hasty, CancellationToken = _budget.FinishingToken, Budget = null, Pace = null, MayImprove = false };
        StartOutcome outcome = (_start.IsRandom ? _promptStart : _start).Create(StartAttempt.Of(context, index));
        if (outcome.State is not { } state) throw _budget.CreateFailure($"the start has none: {outcome.Reason}");
        MixtureFit fit = EvaluateOnly(state);
        fit.IsMakeshift = true;
        Keep(fit, index);
    }

    private double SecondsOfPass(MixtureComponents components) => _rows.Source.RowCount * (double)ExpectedStatistics.Length(components) / RowOperationsOfSecond;

    private bool IsSoon(double seconds) => seconds <= Math.Max(LeastSecondsOfMakeshift, _options.TimeBudget!.Value.TotalSeconds);

    // The model where there is no time for more.
    private MixtureFit EvaluateOnly(MixtureState state)
    {
        MixtureFit fit = Evaluate(state, _budget.FinishingToken);
        fit.StopReason = _budget.Interruption!.Value;
        return fit;
    }

    // One pass over all rows and no step.
    private MixtureFit Evaluate(MixtureState state, CancellationToken cancellationToken)
    {
        var once = new StoppingRule(0, 0, _rows.RowWeightTotal);
        MixtureFit fit = ExpectationMaximization.Run(state, _memory.Step(state.Components), once, acceleration: null, progress: null, cancellationToken);
        fit.FindSpurious(_budget.FinishingToken);
        return fit;
    }

    private void Keep(MixtureFit fit, int index)
    {
        fit.StartIndex = index;
        if (fit.Failure is not null) _failures.Add(Describe(fit, fit.Failure.Reason));
        else if (!double.IsFinite(fit.Objective)) _failures.Add(Describe(fit, StartOutcome.NotFinite));
        _objectives.Add(double.IsFinite(fit.Objective) ? fit.Objective : double.NaN);
        _unsoundness.Add(UnsoundnessOf(fit));
        if (double.IsFinite(fit.Objective) && (_best is null || IsBetter(fit, _best))) _best = fit;
    }

    private static string Describe(MixtureFit fit, string reason) => $"Start {fit.StartIndex} ended at iteration {fit.IterationCount}. {reason}";

    // A run that broke off is only kept where there is nothing else, and one on a handful of rows only where all are.
    private static bool IsBetter(MixtureFit fit, MixtureFit best) =>
        (fit.Failure is null) != (best.Failure is null) ? fit.Failure is null : fit.IsBetterThan(best);

    private static int UnsoundnessOf(MixtureFit fit) => fit.Failure is null ? fit.DecidingUnsoundness : int.MaxValue;
}
