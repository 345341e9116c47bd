using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>Starts with the M-step of the groups that k-means finds on a sample of the rows, and with EM on samples where rows are many.</summary>
internal sealed class KMeansPlusPlusStart : MixtureStart
{
    // Starts on large data race; whitened groups are found where features go together.
    private static readonly StartKind[] _racers =
        [StartKind.KMeans, StartKind.WhitenedKMeans, StartKind.KMeans, StartKind.RandomRows, StartKind.KMeans, StartKind.WhitenedKMeans];

    internal override bool IsRandom => true;

    internal override bool TryCreate(StartContext context, out MixtureState state, out DegenerateComponent? failure)
    {
        var random = new Xoshiro256StarStar(context.Seed, threadSafe: false);
        int size = SampledRuns.FirstSize(context);
        if (context.MayImprove && !context.Family.LosesComponents && SampledRuns.AreMany(context) && SampledRuns.TryRace(context, size, TryStart, random, out state))
        {
            failure = null;
            return true;
        }

        return TryStart(context, SampledRuns.Draw(context.Rows, size, random), 0, random, out state, out failure);
    }

    /// <summary>Starts with a sample of the rows.</summary>
    internal static bool TryStart(
        StartContext context, int[] sample, int racer, Xoshiro256StarStar random, out MixtureState state, out DegenerateComponent? failure)
    {
        RowSource rows = SampledRuns.Select(context, sample);
        using RunMemory? own = ReferenceEquals(rows, context.Rows.Source) ? null : new RunMemory(rows, context.Rows.RowWeightTotal, context.ThreadCount);
        using var groups = new StartGroups(context, rows, own ?? context.Memory, sample);
        return groups.TryStart(
            context.Index % 2 == 0 ? _racers[racer] : StartKind.RandomRows, random, out state, out failure);
    }
}
