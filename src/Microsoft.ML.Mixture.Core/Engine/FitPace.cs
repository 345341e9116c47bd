namespace Microsoft.ML.Mixture;

/// <summary>Tells a listener how far a fit has come, and estimates how long it will still take.</summary>
/// <remarks>
/// Near a maximum the gains of EM shrink by the same factor every step, and accelerated steps on average do so too. So the logarithm of the
/// remaining gain falls along a line, which is drawn through its last few values over time and followed down to the tolerance. Then come the
/// steps by which the stopping rule makes sure.
/// </remarks>
internal sealed class FitPace(IProgress<FitProgress> listener, MixtureOptions options, FitBudget budget, FitUnits units, double rowWeightTotal, int startCount)
{
    private const int Window = 16;

    // The times at which remaining gains were estimated, in seconds, and their logarithms, of the start at work.
    private readonly Queue<(double Time, double LogGain)> _recent = new();
    private readonly double _began = budget.Elapsed.TotalSeconds;
    private double _iteratingSince;

    /// <summary>Makes what tells the listener of a start.</summary>
    /// <param name="start">The start, counted from zero.</param>
    /// <param name="stoppingRule">When it stops.</param>
    public Action<FitHistory> Begin(int start, StoppingRule stoppingRule)
    {
        _recent.Clear();
        return history => listener.Report(Describe(start, history, stoppingRule));
    }

    /// <summary>Tells the listener of a race of starts.</summary>
    /// <param name="start">The start that they race for, counted from zero.</param>
    /// <param name="racedStarts">How many have run.</param>
    /// <param name="best">The best of them.</param>
    public void ReportRace(int start, int racedStarts, MixtureFit best) => listener.Report(new FitProgress(
        start, 0, (best.LogLikelihood / best.RowWeightTotal) + (units.LogLikelihoodShift / rowWeightTotal),
        (best.Objective / best.RowWeightTotal) + (units.ObjectiveShift / rowWeightTotal))
    {
        RacedStarts = racedStarts,
        SpuriousComponentCount = best.Spurious.Count,
        Elapsed = budget.Elapsed,
        TimeLeft = budget.Left,
    });

    private FitProgress Describe(int start, FitHistory history, StoppingRule stoppingRule)
    {
        TimeSpan elapsed = budget.Elapsed;
        int iteration = history.IterationCount;
        if (iteration == 0) _iteratingSince = elapsed.TotalSeconds;
        double iterating = elapsed.TotalSeconds - _iteratingSince, speed = iteration > 0 && iterating > 0 ? iteration / iterating : double.NaN;
        double left = SecondsOfStart(history, elapsed.TotalSeconds, stoppingRule, iterating);

        // Starts to come take as long as those so far on average.
        left += (elapsed.TotalSeconds - _began + left) / (start + 1) * (startCount - start - 1);
        if (budget.Left is { } time) left = double.IsNaN(left) ? time.TotalSeconds : Math.Min(left, time.TotalSeconds);
        return new FitProgress(
            start, iteration, (history.LogLikelihoods[^1] + units.LogLikelihoodShift) / rowWeightTotal,
            (history.Objectives[^1] + units.ObjectiveShift) / rowWeightTotal)
        {
            Gain = iteration > 0 ? (history.Objectives[^1] - history.Objectives[^2]) / rowWeightTotal : double.NaN,
            RemainingGain = stoppingRule.RemainingGain,
            IterationsPerSecond = speed,
            Elapsed = elapsed,
            TimeLeft = left < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(left) : null,
        };
    }

    // NaN if nothing is known.
    private double SecondsOfStart(FitHistory history, double now, StoppingRule stoppingRule, double iterating)
    {
        int steps = history.IterationCount + history.RejectedCount, stepsLeft = options.MaximumIterations - steps;
        double remainingGain = stoppingRule.RemainingGain, checks = stoppingRule.ChecksLeft(history.IterationCount);
        if (history.Decision is not null) return 0;
        double ofStep = steps > 0 && iterating > 0 ? iterating / steps : double.NaN;
        if (options.Tolerance == 0) return stepsLeft * ofStep;
        if (double.IsFinite(remainingGain)) _recent.Enqueue((now, Math.Log(remainingGain)));
        if (_recent.Count > Window) _recent.Dequeue();
        if (remainingGain <= options.Tolerance) return Math.Min(stepsLeft, checks) * ofStep;
        if (_recent.Count < 2) return double.NaN;
        (double time, double logGain) = _recent.Peek();
        double descent = logGain - Math.Log(remainingGain), onTheWay = (now - time) * Math.Log(remainingGain / options.Tolerance) / descent;
        return descent > 0 && now > time ? Math.Min(stepsLeft * ofStep, onTheWay + (checks * ofStep)) : double.NaN;
    }
}
