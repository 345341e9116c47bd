using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>Runs of EM on growing samples of the rows, so that the passes over all rows only polish.</summary>
/// <remarks>
/// Source: Fraley, Raftery and Wehrens (2005), Incremental model-based clustering for large datasets with small clusters, J. Comput. Graph.
/// Stat. 14(3), 529-546, doi:10.1198/106186005X59603.
/// </remarks>
internal static class SampledRuns
{
    // A sample of a quarter of the rows is the last that pays.
    private const int Growth = 4;
    private const int MostIterations = 300;

    // What a model with p parameters owes to the choice of n rows is about p / (2 n) nats a row: a run on a sample need not be much more exact.
    private const double ToleranceShare = 0.005;

    /// <summary>Improves a start on samples of the rows, as long as the rows are many times as many.</summary>
    /// <param name="context">What the start was made from.</param>
    /// <param name="sample">The rows that it was made from.</param>
    /// <param name="random">Draws larger samples.</param>
    /// <param name="state">The start; replaced by a better one.</param>
    public static void Improve(StartContext context, int[] sample, Xoshiro256StarStar random, ref MixtureState state)
    {
        while (sample.Length <= context.Rows.Source.RowCount / Growth)
        {
            if (!TryRun(context, sample, ref state)) return;
            sample = Draw(context.Rows, sample.Length * Growth, random);
        }
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

        sample = new int[size];
        for (long i = 0; i < size; i++)
        {
            long first = i * count / size, end = (i + 1) * count / size;
            sample[i] = (int)(first + (long)(random.NextDouble() * (end - first)));
        }

        int[] missing = [.. rows.DistinctRows.Except(sample)];
        if (missing.Length == 0) return sample;
        sample = [.. sample, .. missing];
        Array.Sort(sample);
        return sample;
    }

    // A run that fails, or ends with a component on a handful of rows, is not worth going on from.
    private static bool TryRun(StartContext context, int[] sample, ref MixtureState state)
    {
        var rows = new SelectedRowSource(context.Rows.Source, sample);
        double weight = 0;
        foreach (RowBlock block in new RowBlocks(rows, context.CancellationToken))
        {
            for (int i = 0; i < block.RowCount; i++) weight += block.Weights[i];
        }

        var rule = new StoppingRule(MostIterations, ToleranceShare * state.Components.FreeParameterCount / (2.0 * sample.Length), weight);
        using var step = new ExpectationStep(rows, state.Components, weight, context.ThreadCount);
        MixtureFit fit = ExpectationMaximization.Run(state, step, rule, new Acceleration(), progress: null, context.CancellationToken);
        if (fit.Failure is not null || !double.IsFinite(fit.Objective)) return false;
        if (fit.Components.FindSpurious([.. fit.EffectiveCounts], sample.Length / weight).Count > 0) return false;
        state = new MixtureState([.. fit.Weights], fit.Components);
        return true;
    }
}
