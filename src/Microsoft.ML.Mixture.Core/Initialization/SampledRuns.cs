using MathNet.Numerics.Random;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Starts that race on a sample of the rows, and runs on growing samples, so that the passes over all rows only polish.</summary>
/// <remarks>
/// Source: Fraley, Raftery and Wehrens (2005), Incremental model-based clustering for large datasets with small clusters, J. Comput. Graph.
/// Stat. 14(3), 529-546, doi:10.1198/106186005X59603.
/// </remarks>
internal static class SampledRuns
{
    // Enough for centres to stand within a few percent of a standard deviation; EM does the rest on all rows.
    private const int FewestSampledRows = 16384;
    private const int SampledRowsOfComponent = 128;

    /// <summary>How many times as large the next sample is. A sample of a quarter of the rows is the last that pays.</summary>
    public const int Growth = 4;

    private const int MostIterations = 300;

    // Several starts run a little on rows as many as a quarter of the first sample. Most differ in whether two of their components share a group, which shows early.
    private const int RaceIterations = 12;

    // What a model with p parameters owes to the choice of n rows is about p / (2 n) nats a row: a run on a sample need not be much more exact.
    private const double ToleranceShare = 0.005;

    /// <summary>How many rows the first sample has on which a run goes on until it has converged.</summary>
    public static int FirstSize(StartContext context) => Math.Max(FewestSampledRows, SampledRowsOfComponent * context.ComponentCount);

    /// <summary>The rows of a sample.</summary>
    public static RowSource Select(StartContext context, int[] sample) =>
        sample.Length == context.Rows.Source.RowCount ? context.Rows.Source : new SelectedRowSource(context.Rows.Source, sample);

    /// <summary>Whether rows are so many that starts run on samples.</summary>
    public static bool AreMany(StartContext context) => AreWorthwhile(context, FirstSize(context));

    /// <summary>Whether rows are many times as many as a sample.</summary>
    private static bool AreWorthwhile(StartContext context, int size) => size <= context.Rows.Source.RowCount / Growth;

    /// <summary>Lets several starts race, each on a small sample of its own, and takes the best to samples of growing size.</summary>
    /// <param name="attempt">The start that they race for.</param>
    /// <param name="size">The size of the first sample on which the best start runs until it has converged.</param>
    /// <param name="racers">How many starts race.</param>
    /// <param name="start">Makes a start of the rows of a sample, and has the number of the start.</param>
    /// <param name="random">Draws samples and starts.</param>
    /// <param name="state">The mixture found.</param>
    /// <returns>Whether any start has led to valid components.</returns>
    public static bool TryRace(StartAttempt attempt, int size, int racers, Func<int[], int, StartOutcome> start, Xoshiro256StarStar random, out MixtureState state)
    {
        StartContext context = attempt.Context;
        state = default;
        double best = double.NegativeInfinity;

        // Judged by rows that they have not seen, for a small sample can be fitted too well. They tell a component that fits a handful of rows
        // only from one that has found a rare group, of which so small a sample has no more.
        var others = new SelectedRowSource(context.Rows.Source, Draw(context.Rows, size / Growth, random));
        for (int racer = 0; racer < racers; racer++)
        {
            int[] few = Draw(context.Rows, size / Growth, random);
            if (start(few, racer).State is not { } first) continue;
            attempt.Reached.State ??= first;
            MixtureFit? fit = TryRun(context, few, first, RaceIterations);
            if (fit is null) continue;
            var reached = fit.ToState();
            using var judge = new ExpectationStep(others, fit.Components, context.Rows.RowWeightTotal, context.ThreadCount);
            double logLikelihood = judge.Run(reached, context.CancellationToken).LogLikelihood;
            if (!(logLikelihood > best)) continue;
            best = logLikelihood;
            attempt.Reached.State = state = reached;
        }

        if (double.IsNegativeInfinity(best)) return false;
        state = Grow(attempt, size, [state], random);
        return true;
    }

    /// <summary>Takes the best of some mixtures to samples of growing size.</summary>
    public static MixtureState Grow(StartAttempt attempt, int size, IReadOnlyList<MixtureState> starts, Xoshiro256StarStar random)
    {
        StartContext context = attempt.Context;
        MixtureState state = starts[0];
        for (int[] sample = Draw(context.Rows, size, random); AreWorthwhile(context, sample.Length); sample = Draw(context.Rows, sample.Length * Growth, random))
        {
            MixtureFit? best = null;
            try
            {
                foreach (MixtureState start in starts)
                {
                    MixtureFit? fit = TryRun(context, sample, start, MostIterations);
                    if (fit is { IsSound: true } && (best is null || fit.SoundPart > best.SoundPart)) best = fit;
                }
            }
            catch (OperationCanceledException) when (context.IsPartOver)
            {
                // All rows have the rest of the time.
                break;
            }

            if (best is null) break;
            attempt.Reached.State = state = best.ToState();
            starts = [state];
        }

        return state;
    }

    /// <summary>One row at random out of each stretch of the data, and as many different rows as there are components.</summary>
    public static int[] Draw(TrainingRows rows, int size, Xoshiro256StarStar random)
    {
        int count = rows.Source.RowCount;
        int[] sample;
        if (count <= size)
        {
            sample = new int[count];
            for (int i = 0; i < count; i++) sample[i] = i;
            return sample;
        }

        sample = RandomDraws.OneOfEachStretch(count, size, random);
        int[] missing = [.. rows.DistinctRows.Except(sample)];
        if (missing.Length == 0) return sample;
        sample = [.. sample, .. missing];
        Array.Sort(sample);
        return sample;
    }

    /// <summary>The sum of the weights of rows.</summary>
    public static double Weigh(RowSource rows, CancellationToken cancellationToken)
    {
        double weight = 0;
        foreach (RowBlock block in new RowBlocks(rows, cancellationToken)) weight += Lanes.Sum(block.Weights[..block.LaneCount]);
        return weight;
    }

    // Null for a run that fails.
    internal static MixtureFit? TryRun(StartContext context, int[] sample, MixtureState start, int mostIterations)
    {
        var rows = new SelectedRowSource(context.Rows.Source, sample);
        double weight = Weigh(rows, context.CancellationToken);
        var rule = new StoppingRule(mostIterations, ToleranceShare * start.Components.FreeParameterCount / (2.0 * sample.Length), weight) { TrustsLastGain = true };
        using var step = new ExpectationStep(rows, start.Components, weight, context.ThreadCount);
        MixtureFit fit = ExpectationMaximization.Run(start, step, rule, new Acceleration(), context.Pace?.BeginRacer(weight), context.CancellationToken);
        fit.FindSpurious(context.FinishingToken);
        return fit.Failure is null && double.IsFinite(fit.Objective) ? fit : null;
    }
}
