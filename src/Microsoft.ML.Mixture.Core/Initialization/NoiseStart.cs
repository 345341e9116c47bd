using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>
/// Starts with noise: without the rows that lie far from their neighbours and with all but those far from everything, again and again where rows are few; the
/// mixture that is highest after a short run goes on.
/// </summary>
internal sealed class NoiseStart(MixtureStart gaussians, int rounds = NoiseStart.Rounds) : MixtureStart
{
    private const int RaceIterations = 100;

    // Where rows are more, starts race on samples by themselves.
    private const int MostRows = 16384;
    private const int Rounds = 12;

    internal override bool IsRandom => gaussians.IsRandom;

    internal override bool TryCreate(StartContext context, out MixtureState state, out DegenerateComponent? failure)
    {
        if (!gaussians.IsRandom || context.NoiseRows is not null) return gaussians.TryCreate(context, out state, out failure);
        state = default;
        failure = null;
        MixtureFit? best = null;
        StartContext? winner = null;
        int[] sample = SampledRuns.Draw(context.Rows, MostRows, new Xoshiro256StarStar(context.Seed, threadSafe: false));
        bool races = context.MayImprove && context.ComponentCount > 1 && sample.Length == context.Rows.Source.RowCount;
        bool[]? guess = null;
        double passes = 0, most = double.PositiveInfinity;
        for (int round = 0; round < (races ? rounds : 1) && passes < most; round++)
        {
            foreach (StartContext own in Contexts(context, round, guess))
            {
                if (!gaussians.TryCreate(own, out MixtureState start, out DegenerateComponent? failed))
                {
                    failure ??= failed;
                    continue;
                }

                guess ??= own.GuessedNoise;
                context.Reached.State ??= start;
                MixtureFit? fit = SampledRuns.TryRun(context, sample, start, RaceIterations);
                passes += fit?.PassCount ?? 1;
                if (fit is null || (best is not null && !fit.IsBetterThan(best))) continue;

                // A run goes on in the memory of its start, which is lost.
                (best, winner) = (fit, own);
                context.Reached.State = state = new MixtureState([.. fit.Weights], fit.Components);
            }

            if (round > 0) continue;
            double least = Math.Min(StartRace.LeastPassesOfOthers, StartRace.LeastRowsOfOthers / sample.Length);
            most = passes + Math.Max(StartRace.ShareOfOthers * passes, least);
        }

        // Samples stand behind the winner where they stood behind its Gaussians.
        if (winner is not null) context.Strictness = winner.Strictness;

        // Steps that are counted begin with the start itself.
        return (best is not null && context.MayImprove) || gaussians.TryCreate(winner ?? context, out state, out failure);
    }

    // What is noise is guessed once. Restarts of uneven numbers take other groups than those of k-means.
    private static IEnumerable<StartContext> Contexts(StartContext context, int round, bool[]? guess)
    {
        if (round == 0)
        {
            yield return context with { GuessesNoise = true };
            yield return context with { GuessesNoise = false };
            yield break;
        }

        StartContext anew = context with { Seed = unchecked(context.Seed + (round * SeedSteps.OfRound)), Index = context.Index + round };
        if (guess is not null) yield return anew with { NoiseRows = guess };
        yield return anew;
    }
}
