using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>Starts with the M-step of the groups that k-means finds on a sample of the rows, and with EM on samples where rows are many.</summary>
internal sealed class KMeansPlusPlusStart : MixtureStart
{
    // Starts on large data race; whitened groups are found where features go together.
    private static readonly StartKind[] _racers =
        [StartKind.KMeans, StartKind.WhitenedKMeans, StartKind.KMeans, StartKind.RandomRows, StartKind.KMeans, StartKind.WhitenedKMeans];

    internal override bool IsRandom => true;

    internal override StartOutcome Create(StartAttempt attempt)
    {
        StartContext context = attempt.Context;
        var random = new Xoshiro256StarStar(attempt.Seed, threadSafe: false);
        int size = SampledRuns.FirstSize(context);
        if (context.MayImprove && !context.Family.LosesComponents && SampledRuns.AreMany(context)
            && SampledRuns.TryRace(attempt, size, _racers.Length, (few, racer) => Start(attempt, few, racer, random), random, out MixtureState state))
        {
            return new StartOutcome(state) { Strictness = StartOutcome.StrictnessOfManyRows };
        }

        return Start(attempt, SampledRuns.Draw(context.Rows, size, random), 0, random);
    }

    /// <summary>Starts with a sample of the rows.</summary>
    internal static StartOutcome Start(StartAttempt attempt, int[] sample, int racer, Xoshiro256StarStar random)
    {
        StartContext context = attempt.Context;
        RowSource rows = SampledRuns.Select(context, sample);
        using RunMemory? own = ReferenceEquals(rows, context.Rows.Source) ? null : new RunMemory(rows, context.Rows.RowWeightTotal, context.ThreadCount);
        using var groups = new StartGroups(context, rows, own ?? context.Memory);
        bool[]? noise = context.Noise?.Find(sample, groups.Points, attempt.Seed, context.CancellationToken);
        if (noise is not null) groups.LeaveOut(noise);
        bool isMade = groups.TryStart(
            attempt.Index % 2 == 0 ? _racers[racer] : StartKind.RandomRows, random, out MixtureState state, out DegenerateComponent? failure);
        return StartOutcome.Of(isMade, state, failure) with { GuessedNoise = context.Noise is { IsGuessed: true } ? noise : null };
    }
}
