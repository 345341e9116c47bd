namespace Microsoft.ML.Mixture;

/// <summary>Tells a listener how far a fit has come, and estimates how long it will still take.</summary>
/// <remarks>
/// Near a maximum the gains of EM shrink by the same factor every step, and accelerated steps on average do so too. So the logarithm of the
/// remaining gain falls along a line, which is drawn through its last few values over time and followed down to where the run ends. Then come the
/// steps by which the stopping rule makes sure.
/// </remarks>
internal sealed class FitPace(IProgress<FitProgress> listener, MixtureOptions options, FitBudget budget, FitUnits units, double rowWeightTotal, int startCount)
{
    private const int Window = 16;
    private static readonly TimeSpan _longestSilence = TimeSpan.FromSeconds(1);

    // The times at which remaining gains were estimated, in seconds, and their logarithms, of the start at work.
    private readonly Queue<(double Time, double LogGain)> _recent = new();
    private readonly double _began = budget.Elapsed.TotalSeconds;
    private double _iteratingSince;
    private double _racingSince;
    private double _mostPasses;
    private TimeSpan _told;
    private int _start;

    // What was told last of the race for the start at work; null for nothing.
    private FitProgress? _race;

    /// <summary>Notes which start is at work.</summary>
    /// <param name="start">The start, counted from zero.</param>
    public void BeginStart(int start) => (_start, _race) = (start, null);

    /// <summary>Notes that a race begins, of which nothing is known.</summary>
    public void BeginRace() => (_racingSince, _mostPasses) = (budget.Elapsed.TotalSeconds, double.PositiveInfinity);

    /// <summary>Notes how many passes the race may take.</summary>
    public void LimitRace(double mostPasses) => _mostPasses = mostPasses;

    /// <summary>Makes what tells the listener of a start.</summary>
    /// <param name="start">The start, counted from zero.</param>
    /// <param name="stoppingRule">When it stops.</param>
    public Action<FitHistory> Begin(int start, StoppingRule stoppingRule)
    {
        _recent.Clear();
        return history => Tell(Describe(start, history, stoppingRule));
    }

    /// <summary>Makes what tells the listener, of a run of a race or on a sample, that the fit goes on, where nothing else has been told for a second.</summary>
    /// <param name="weight">The sum of the weights of its rows.</param>
    /// <param name="passes">The passes of the race before it; infinite where it is of none.</param>
    public Action<FitHistory> BeginRacer(double weight, double passes = double.PositiveInfinity) => history =>
    {
        if (budget.Elapsed - _told < _longestSilence) return;
        FitProgress race = _race ?? Describe(history.LogLikelihoods[^1], history.Objectives[^1], weight) with { RacedStarts = 0 };
        TellRace(race, passes + history.IterationCount + history.RejectedCount + 1);
    };

    /// <summary>Tells the listener of a race of starts.</summary>
    /// <param name="racedStarts">How many have run.</param>
    /// <param name="best">The best of them.</param>
    /// <param name="passes">The passes of the race so far.</param>
    public void ReportRace(int racedStarts, MixtureFit best, double passes)
    {
        FitProgress race = Describe(best.LogLikelihood, best.Objective, best.RowWeightTotal) with { RacedStarts = racedStarts, SpuriousComponentCount = best.Spurious.Count };
        _race = race;
        TellRace(race, passes);
    }

    private FitProgress Describe(double logLikelihood, double objective, double weight) =>
        new(_start, 0, (logLikelihood / weight) + (units.LogLikelihoodShift / rowWeightTotal), (objective / weight) + (units.ObjectiveShift / rowWeightTotal));

    // Passes to come take as long as those so far on average.
    private void TellRace(FitProgress race, double passes)
    {
        TimeSpan elapsed = budget.Elapsed;
        double now = elapsed.TotalSeconds, racing = now - _racingSince;
        double left = racing > 0 && _mostPasses > passes ? racing / passes * (_mostPasses - passes) : double.NaN;
        Tell(race with { Elapsed = elapsed, TimeLeft = TimeLeft(WithStartsToCome(left, now, race.Start)) });
    }

    // The silence begins where the listener is done.
    private void Tell(FitProgress progress)
    {
        listener.Report(progress);
        _told = budget.Elapsed;
    }

    // Starts to come take as long as those so far on average.
    private double WithStartsToCome(double left, double now, int start) => left + ((now - _began + left) / (start + 1) * (startCount - start - 1));

    // Null if nothing is known.
    private TimeSpan? TimeLeft(double seconds)
    {
        if (budget.Left is { } time) seconds = double.IsNaN(seconds) ? time.TotalSeconds : Math.Min(seconds, time.TotalSeconds);
        return seconds < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
    }

    private FitProgress Describe(int start, FitHistory history, StoppingRule stoppingRule)
    {
        TimeSpan elapsed = budget.Elapsed;
        int iteration = history.IterationCount;
        if (iteration == 0) _iteratingSince = elapsed.TotalSeconds;
        double iterating = elapsed.TotalSeconds - _iteratingSince, speed = iteration > 0 && iterating > 0 ? iteration / iterating : double.NaN;
        double left = WithStartsToCome(SecondsOfStart(history, elapsed.TotalSeconds, stoppingRule, iterating), elapsed.TotalSeconds, start);
        return new FitProgress(
            start, iteration, (history.LogLikelihoods[^1] + units.LogLikelihoodShift) / rowWeightTotal,
            (history.Objectives[^1] + units.ObjectiveShift) / rowWeightTotal)
        {
            Gain = iteration > 0 ? (history.Objectives[^1] - history.Objectives[^2]) / rowWeightTotal : double.NaN,
            RemainingGain = stoppingRule.RemainingGain,
            IterationsPerSecond = speed,
            Elapsed = elapsed,
            TimeLeft = TimeLeft(left),
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
        if (remainingGain <= stoppingRule.Goal) return Math.Min(stepsLeft, checks) * ofStep;
        if (_recent.Count < 2) return double.NaN;
        (double time, double logGain) = _recent.Peek();
        double descent = logGain - Math.Log(remainingGain), onTheWay = (now - time) * Math.Log(remainingGain / stoppingRule.Goal) / descent;
        return descent > 0 && now > time ? Math.Min(stepsLeft * ofStep, onTheWay + (checks * ofStep)) : double.NaN;
    }
}
