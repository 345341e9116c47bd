using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>Starts with the best of a race of starts of several kinds, on a sample where rows are many.</summary>
/// <param name="mostPlainFits">What the race may take, with the run from its winner, as a multiple of a plain fit; infinite for as long as the race finds worth its while.</param>
internal sealed class PortfolioStart(double mostPlainFits = double.PositiveInfinity) : MixtureStart
{
    // Where rows are many, a race is on samples that grow, and runs on all rows beside a plain start: about so long.
    private const double FewestPlainFitsOfManyRows = 3;

    // Where rows are more than twice a sample that tells the parameters well enough, the race is on the sample.
    private const int FewestRowsOfRace = 4096;
    private const int RowsOfParameter = 8;

    // Of very many rows another small sample is raced on where starts on the first do not agree: what is costly there is a maximum missed, for other rows show other ones.
    private const int RacesOfManyRows = 2;

    // Of a time budget: what samples have found is still to be polished on all rows.
    private const double ShareOfSample = 0.5;

    // The same of a sample that is raced on a sample of its own.
    private const double ShareOfLargeSample = 0.7;

    internal override bool IsRandom => true;

    internal override StartOutcome Create(StartAttempt attempt)
    {
        StartContext context = attempt.Context;
        if (context.ComponentCount == 1 || !context.MayImprove || (mostPlainFits < FewestPlainFitsOfManyRows && SampledRuns.AreMany(context))) return KMeansPlusPlus.Create(attempt);

        // The winner alone needs exact steps, and takes them afterwards.
        ComponentFamily rough = context.Family.Rough;
        if (ReferenceEquals(rough, context.Family)) return Race(attempt);
        StartOutcome raced = Race(attempt with { Context = context with { Family = rough } });
        return raced.State is { } winner && context.Family.Adopt(winner) is { } adopted ? raced with { State = adopted } : raced;
    }

    private StartOutcome Race(StartAttempt attempt)
    {
        StartContext context = attempt.Context;
        var random = new Xoshiro256StarStar(attempt.Seed, threadSafe: false);
        TrainingRows rows = context.Rows;
        bool losesComponents = context.Family.LosesComponents;
        if (!losesComponents && CopyGroups.AreAll(rows, context.ComponentCount, context.CancellationToken))
        {
            return CopyGroups.Start(context, SampledRuns.Draw(rows, SampledRuns.FirstSize(context), random));
        }

        // The objective hardly grows while a component loses its rows.
        double tolerance = losesComponents ? context.Tolerance : Math.Max(context.Tolerance, MixtureOptions.DefaultTolerance);
        if (!SampledRuns.AreMany(context)) return losesComponents ? RaceOfAll(attempt, tolerance, random) : Race(attempt, tolerance, random);

        // So many parameters take all of many rows, of which a race would take long.
        if (!losesComponents && AreFew(context)) return KMeansPlusPlus.Create(attempt);
        StartOutcome raced;
        IReadOnlyList<MixtureState> best;
        using (TimeLimit? part = context.Budget?.Part(losesComponents ? ShareOfSample : ShareOfLargeSample))
        {
            StartAttempt racing = attempt.Within(part);
            try
            {
                (raced, best) = losesComponents ? RaceOfSample(racing, tolerance, random) : RaceOfLargeSample(racing, tolerance, random);
            }
            catch (OperationCanceledException) when (racing.Context.IsPartOver)
            {
                if (attempt.Reached.State is not { } reached) return KMeansPlusPlus.Create(attempt);
                (raced, best) = (new StartOutcome(reached), [reached]);
            }
        }

        if (best.Count == 0) return KMeansPlusPlus.Create(attempt) with { Strictness = 1, Race = raced.Race };
        if (!losesComponents) best = [Grow(attempt, best, random)];
        MixtureFit? fit = Best(attempt, best.Concat(OfAllRows(attempt)), tolerance);
        return raced with
        {
            State = fit?.ToState() ?? best[0],
            Strictness = StartOutcome.StrictnessOfManyRows,
            Interrupted = fit?.StopReason is StopReason.TimeBudget or StopReason.Cancelled ? fit : null,
        };
    }

    // On samples of the rows first, where these are more than twice as many as one.
    private StartOutcome Race(StartAttempt attempt, double tolerance, Xoshiro256StarStar random, int races = 1)
    {
        if (AreFew(attempt.Context)) return RaceOfAll(attempt, tolerance, random);
        var leaders = new List<MixtureState>();
        StartRaceRecord? record = null;
        StartOutcome raced = new(State: null);
        int ofFirst = 0;
        using (TimeLimit? part = attempt.Context.Budget?.Part(ShareOfSample))
        {
            StartAttempt racing = attempt.Within(part);
            try
            {
                bool hasAgreed = false;
                for (int race = 0; race < races && !hasAgreed; race++)
                {
                    SampleRace next = RaceOfSample(racing, tolerance, random, movesRunnersUp: races > 1);
                    if (raced.State is null) raced = next.Outcome;
                    leaders.AddRange(next.Best);
                    record = record is null ? next.Outcome.Race : record.With(next.Outcome.Race!);
                    (ofFirst, hasAgreed) = (Math.Max(ofFirst, next.PassesOfFirst), next.HasAgreed);
                }
            }
            catch (OperationCanceledException) when (racing.Context.IsPartOver)
            {
                if (leaders.Count == 0) return KMeansPlusPlus.Create(attempt);
            }
        }

        raced = raced with { Race = record };
        if (leaders.Count == 0) return raced;
        raced = raced with { Strictness = StartOutcome.StrictnessOfManyRows };
        if (leaders.Count == 1) return raced;
        TrainingRows rows = attempt.Context.Rows;
        using var led = new StartRace(attempt, rows.Source, attempt.Context.Memory, rows.RowWeightTotal, tolerance, random) { Leaders = leaders, PassesOfFirst = ofFirst, MostPlainFits = mostPlainFits };
        StartOutcome ofLed = led.Run();
        return ofLed.State is null ? raced : ofLed with { Race = raced.Race, Strictness = raced.Strictness };
    }

    private StartOutcome RaceOfAll(StartAttempt attempt, double tolerance, Xoshiro256StarStar random)
    {
        TrainingRows rows = attempt.Context.Rows;
        using var race = new StartRace(attempt, rows.Source, attempt.Context.Memory, rows.RowWeightTotal, tolerance, random) { MostPlainFits = mostPlainFits };
        StartOutcome raced = race.Run();
        return rows.Source.RowCount > FewestRowsOfRace ? raced with { Strictness = StartOutcome.StrictnessOfManyRows } : raced;
    }

    // As if these were all rows.
    private SampleRace RaceOfLargeSample(StartAttempt attempt, double tolerance, Xoshiro256StarStar random)
    {
        StartContext context = attempt.Context;
        int[] drawn = SampledRuns.Draw(context.Rows, LargeSize(context), random);
        RowSource sample = SampledRuns.Select(context, drawn);
        TrainingRows rows = context.Rows.Take(drawn, SampledRuns.Weigh(sample, context.CancellationToken));
        using var memory = new RunMemory(rows.Source, rows.RowWeightTotal, context.ThreadCount);
        StartOutcome raced = Race(attempt with { Context = context with { Scaled = context.Scaled with { Rows = rows }, Memory = memory } }, tolerance, random, double.IsFinite(mostPlainFits) ? 1 : RacesOfManyRows);
        if (raced.State is not { } state) return new SampleRace(raced, []);
        attempt.Reached.State = state;
        return new SampleRace(raced, [state]);
    }

    private SampleRace RaceOfSample(StartAttempt attempt, double tolerance, Xoshiro256StarStar random, bool movesRunnersUp = false)
    {
        StartContext context = attempt.Context;
        int[] drawn = SampledRuns.Draw(context.Rows, Size(context), random);
        RowSource sample = SampledRuns.Select(context, drawn);
        double weight = SampledRuns.Weigh(sample, context.CancellationToken);
        using var memory = new RunMemory(sample, weight, context.ThreadCount);
        using var race = new StartRace(attempt, sample, memory, weight, tolerance, random, drawn) { MostPlainFits = mostPlainFits, MovesRunnersUpOfSample = movesRunnersUp };
        StartOutcome raced = race.Run();
        return new SampleRace(raced, raced.State is { } state ? [state, .. race.RunnersUp] : [], race.PassesOfFirst, race.HasAgreed);
    }

    // Enough to tell the parameters well enough.
    private static int Size(StartContext context) =>
        (int)Math.Min(context.Rows.Source.RowCount, Math.Max(FewestRowsOfRace, RowsOfParameter * context.Family.FreeParameterCount(context.ComponentCount, context.Dimension)));

    private static bool AreFew(StartContext context) => 2L * Size(context) > context.Rows.Source.RowCount;

    // Of many rows, so many as others race on all of.
    private static int LargeSize(StartContext context) => Math.Max(2 * SampledRuns.FirstSize(context), Size(context));

    private static MixtureState Grow(StartAttempt attempt, IReadOnlyList<MixtureState> best, Xoshiro256StarStar random)
    {
        using TimeLimit? part = attempt.Context.Budget?.Part(ShareOfSample);
        long next = SampledRuns.Growth * (long)LargeSize(attempt.Context);
        return SampledRuns.Grow(attempt.Within(part), (int)Math.Min(attempt.Context.Rows.Source.RowCount, next), best, random);
    }

    // A sample does not tell of small groups. What this attempt finds on samples of its own is not what the other has reached.
    private static IEnumerable<MixtureState> OfAllRows(StartAttempt attempt)
    {
        if (KMeansPlusPlus.Create(StartAttempt.Of(attempt.Context, attempt.Index)).State is { } all) yield return all;
    }

    // What mixtures of a sample lead to on all rows; null where that is not valid.
    private static MixtureFit? Best(StartAttempt attempt, IEnumerable<MixtureState> starts, double tolerance)
    {
        StartContext context = attempt.Context;
        MixtureFit? best = null;
        try
        {
            foreach (MixtureState start in starts)
            {
                MixtureFit fit = Run(context, start, tolerance, best is { IsSound: true } ? best.SoundPart / context.Rows.RowWeightTotal : double.NegativeInfinity);
                if (fit.Failure is not null || !double.IsFinite(fit.Objective) || (best is not null && !fit.IsBetterThan(best))) continue;
                best = fit;
                attempt.Reached.State = fit.ToState();
            }
        }
        catch (OperationCanceledException) when (best is not null && context.Budget?.Interruption is not null)
        {
            // The best so far is whole.
        }

        if (best is not null && context.Budget?.Interruption is { } reason) best.StopReason = reason;
        return best;
    }

    private static MixtureFit Run(StartContext context, MixtureState start, double tolerance, double rival)
    {
        var rule = new StoppingRule(context.MaximumIterations, tolerance, context.Rows.RowWeightTotal) { Rival = rival };
        MixtureFit fit = ExpectationMaximization.Run(
            start, context.Memory.Step(start.Components), rule, new Acceleration(), context.Pace?.BeginRacer(context.Rows.RowWeightTotal), context.CancellationToken, context.Budget, context.Memory);
        fit.FindSpurious(context.FinishingToken);
        return fit;
    }

    // What a race on a sample has led to, the best first.
    private sealed record SampleRace(StartOutcome Outcome, IReadOnlyList<MixtureState> Best, int PassesOfFirst = 0, bool HasAgreed = false)
    {
        public void Deconstruct(out StartOutcome outcome, out IReadOnlyList<MixtureState> best) => (outcome, best) = (Outcome, Best);
    }
}
