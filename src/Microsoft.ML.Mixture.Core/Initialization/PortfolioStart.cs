using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>Starts with the best of a race of starts of several kinds, on a sample where rows are many.</summary>
internal sealed class PortfolioStart : MixtureStart
{
    // Where rows are more than twice a sample that tells the parameters well enough, the race is on the sample.
    private const int FewestRowsOfRace = 4096;
    private const int RowsOfParameter = 8;

    internal override bool IsRandom => true;

    internal override StartOutcome Create(StartAttempt attempt)
    {
        StartContext context = attempt.Context;
        if (context.ComponentCount == 1 || !context.MayImprove || context.Noise is not null) return KMeansPlusPlus.Create(attempt);
        var random = new Xoshiro256StarStar(attempt.Seed, threadSafe: false);
        TrainingRows rows = context.Rows;
        bool areMany = SampledRuns.AreMany(context), losesComponents = context.Family.LosesComponents;
        if (!losesComponents && CopyGroups.AreAll(rows, context.ComponentCount, context.CancellationToken))
        {
            return CopyGroups.Start(context, SampledRuns.Draw(rows, SampledRuns.FirstSize(context), random));
        }

        long parameters = context.Family.CreateAbout(context.ComponentCount, context.Dimension, new double[context.ComponentCount * context.Dimension]).FreeParameterCount;
        int size = (int)Math.Min(rows.Source.RowCount, Math.Max(FewestRowsOfRace, RowsOfParameter * parameters));

        // The objective hardly grows while a component loses its rows.
        double tolerance = losesComponents ? context.Tolerance : Math.Max(context.Tolerance, MixtureOptions.DefaultTolerance);
        if (losesComponents ? !areMany : 2L * size > rows.Source.RowCount)
        {
            // So many parameters take all of many rows, of which a race would take long.
            if (areMany) return KMeansPlusPlus.Create(attempt);
            using var raceOfAll = new StartRace(attempt, rows.Source, context.Memory, rows.RowWeightTotal, tolerance, random);
            StartOutcome ofAll = raceOfAll.Run();
            return rows.Source.RowCount > FewestRowsOfRace ? ofAll with { Strictness = StartOutcome.StrictnessOfManyRows } : ofAll;
        }

        RowSource sample = SampledRuns.Select(context, SampledRuns.Draw(rows, size, random));
        double weight = SampledRuns.Weigh(sample, context.CancellationToken);
        using var memory = new RunMemory(sample, weight, context.ThreadCount);
        using var race = new StartRace(attempt, sample, memory, weight, tolerance, random);
        StartOutcome raced = race.Run();
        if (raced.State is not { } state) return areMany ? KMeansPlusPlus.Create(attempt) with { Strictness = 1, Race = raced.Race } : raced;
        IReadOnlyList<MixtureState> best = race.Second is { } second ? [state, second] : [state];
        if (areMany && !losesComponents) state = SampledRuns.Grow(attempt, (int)Math.Max(SampledRuns.FirstSize(context), SampledRuns.Growth * (long)size), best, random);
        else if (best.Count > 1) state = Better(context, state, best[1], tolerance);

        // A sample does not tell of small groups.
        if (areMany && KMeansPlusPlus.Create(attempt).State is { } all) state = Better(context, state, all, tolerance);
        return raced with { State = state, Strictness = StartOutcome.StrictnessOfManyRows };
    }

    // Which of two mixtures of a sample leads to the better one of all rows, and where.
    private static MixtureState Better(StartContext context, MixtureState first, MixtureState second, double tolerance)
    {
        MixtureFit fit = Run(context, first, tolerance, double.NegativeInfinity);
        if (fit.Failure is not null || !double.IsFinite(fit.Objective)) return first;
        MixtureFit other = Run(context, second, tolerance, fit.Spurious.Count > 0 ? double.NegativeInfinity : fit.Objective / context.Rows.RowWeightTotal);
        if (other.Failure is null && double.IsFinite(other.Objective) && other.IsBetterThan(fit)) fit = other;
        return fit.ToState();
    }

    private static MixtureFit Run(StartContext context, MixtureState start, double tolerance, double rival)
    {
        var rule = new StoppingRule(context.MaximumIterations, tolerance, context.Rows.RowWeightTotal) { Rival = rival };
        MixtureFit fit = ExpectationMaximization.Run(
            start, context.Memory.Step(start.Components), rule, new Acceleration(), progress: null, context.CancellationToken, context.Budget, context.Memory);
        fit.Spurious = fit.Components.FindSpurious([.. fit.EffectiveCounts], context.Rows.Source.RowCount / context.Rows.RowWeightTotal);
        return fit;
    }
}
