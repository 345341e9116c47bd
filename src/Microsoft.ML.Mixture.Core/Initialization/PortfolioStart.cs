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

    // Of a time budget: what samples have found is still to be polished on all rows.
    private const double ShareOfSample = 0.5;

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
        bool areMany = SampledRuns.AreMany(context), losesComponents = context.Family.LosesComponents;
        if (!losesComponents && CopyGroups.AreAll(rows, context.ComponentCount, context.CancellationToken))
        {
            return CopyGroups.Start(context, SampledRuns.Draw(rows, SampledRuns.FirstSize(context), random));
        }

        long parameters = context.Family.FreeParameterCount(context.ComponentCount, context.Dimension);
        int size = (int)Math.Min(rows.Source.RowCount, Math.Max(FewestRowsOfRace, RowsOfParameter * parameters));

        // The objective hardly grows while a component loses its rows.
        double tolerance = losesComponents ? context.Tolerance : Math.Max(context.Tolerance, MixtureOptions.DefaultTolerance);
        if (losesComponents ? !areMany : 2L * size > rows.Source.RowCount)
        {
            // So many parameters take all of many rows, of which a race would take long.
            if (areMany) return KMeansPlusPlus.Create(attempt);
            using var raceOfAll = new StartRace(attempt, rows.Source, context.Memory, rows.RowWeightTotal, tolerance, random) { MostPlainFits = mostPlainFits };
            StartOutcome ofAll = raceOfAll.Run();
            return rows.Source.RowCount > FewestRowsOfRace ? ofAll with { Strictness = StartOutcome.StrictnessOfManyRows } : ofAll;
        }

        StartOutcome raced;
        int ofFirst;
        IReadOnlyList<MixtureState> best;
        using (TimeLimit? part = context.Budget?.Part(ShareOfSample))
        {
            StartAttempt racing = attempt.Within(part);
            try
            {
                (raced, best, ofFirst) = Race(racing, size, tolerance, random);
            }
            catch (OperationCanceledException) when (racing.Context.IsPartOver)
            {
                return KMeansPlusPlus.Create(attempt);
            }
        }

        if (best.Count == 0) return areMany ? KMeansPlusPlus.Create(attempt) with { Strictness = 1, Race = raced.Race } : raced;
        raced = raced with { Strictness = StartOutcome.StrictnessOfManyRows };
        if (!areMany)
        {
            if (best.Count == 1) return raced;
            using var led = new StartRace(attempt, rows.Source, context.Memory, rows.RowWeightTotal, tolerance, random) { Leaders = best, PassesOfFirst = ofFirst, MostPlainFits = mostPlainFits };
            StartOutcome ofLed = led.Run();
            return ofLed.State is null ? raced : ofLed with { Race = raced.Race, Strictness = raced.Strictness };
        }

        if (!losesComponents) best = [Grow(attempt, size, best, random)];
        MixtureFit? fit = Best(attempt, best.Concat(OfAllRows(attempt)), tolerance);
        return raced with
        {
            State = fit?.ToState() ?? best[0],
            Interrupted = fit?.StopReason is StopReason.TimeBudget or StopReason.Cancelled ? fit : null,
        };
    }

    private (StartOutcome Outcome, IReadOnlyList<MixtureState> Best, int PassesOfFirst) Race(StartAttempt attempt, int size, double tolerance, Xoshiro256StarStar random)
    {
        StartContext context = attempt.Context;
        int[] drawn = SampledRuns.Draw(context.Rows, size, random);
        RowSource sample = SampledRuns.Select(context, drawn);
        double weight = SampledRuns.Weigh(sample, context.CancellationToken);
        using var memory = new RunMemory(sample, weight, context.ThreadCount);
        using var race = new StartRace(attempt, sample, memory, weight, tolerance, random, drawn) { MostPlainFits = mostPlainFits };
        StartOutcome raced = race.Run();
        return (raced, raced.State is { } state ? [state, .. race.RunnersUp] : [], race.PassesOfFirst);
    }

    private static MixtureState Grow(StartAttempt attempt, int size, IReadOnlyList<MixtureState> best, Xoshiro256StarStar random)
    {
        using TimeLimit? part = attempt.Context.Budget?.Part(ShareOfSample);
        int next = (int)Math.Min(attempt.Context.Rows.Source.RowCount, SampledRuns.Growth * (long)size);
        return SampledRuns.Grow(attempt.Within(part), Math.Max(SampledRuns.FirstSize(attempt.Context), next), best, random);
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
}
