using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>
/// Starts with noise. Others than <see cref="PortfolioStart"/>, whose race has noise as well, and that one where it has no race: without the rows that lie far from their neighbours and with all but
/// those far from everything, again and again where rows are few; the mixture that is highest after a short run goes on.
/// </summary>
internal sealed class NoiseStart(MixtureStart start, int rounds = NoiseStart.Rounds) : MixtureStart
{
    private const int RaceIterations = 100;

    // Where rows are more, starts race on samples by themselves.
    private const int MostRows = 16384;
    private const int Rounds = 12;

    internal override bool IsRandom => start.IsRandom;

    internal override bool IsOfGroups => start.IsOfGroups;

    internal override StartOutcome Create(StartAttempt attempt)
    {
        StartContext context = attempt.Context;
        if (start is PortfolioStart && Races(context)) return start.Create(attempt);
        MixtureStart gaussians = start is PortfolioStart ? KMeansPlusPlus : start;
        if (!gaussians.IsRandom || context.Noise is not { Rows: null } noise) return gaussians.Create(attempt);
        MixtureState state = default;
        MixtureFit? best = null;
        StartAttempt winner = attempt;
        double strictness = 1;
        int[] sample = SampledRuns.Draw(context.Rows, MostRows, new Xoshiro256StarStar(attempt.Seed, threadSafe: false));
        bool races = context.MayImprove && context.ComponentCount > 1 && sample.Length == context.Rows.Source.RowCount;
        bool[]? guess = null;
        double passes = 0, most = double.PositiveInfinity;
        for (int round = 0; round < (races ? rounds : 1) && passes < most; round++)
        {
            foreach (StartAttempt own in Attempts(attempt, noise, round, guess))
            {
                StartOutcome outcome = gaussians.Create(own);
                if (outcome.State is not { } first) continue;
                guess ??= outcome.GuessedNoise;
                attempt.Reached.State ??= first;
                MixtureFit? fit = SampledRuns.TryRun(context, sample, first, RaceIterations);
                passes += fit?.PassCount ?? 1;
                if (fit is null || (best is not null && !fit.IsBetterThan(best))) continue;

                // A run goes on in the memory of its start, which is lost. Samples stand behind the winner where they stood behind its Gaussians.
                (best, winner, strictness) = (fit, own, outcome.Strictness);
                attempt.Reached.State = state = fit.ToState();
            }

            if (round > 0) continue;
            double least = Math.Min(StartRace.LeastPassesOfOthers, StartRace.LeastRowsOfOthers / sample.Length);
            most = passes + Math.Max(StartRace.ShareOfOthers * passes, least);
        }

        // Steps that are counted begin with the start itself.
        return best is not null && context.MayImprove ? new StartOutcome(state) { Strictness = strictness } : gaussians.Create(winner);
    }

    // Of few rows for each parameter more starts find likelier mixtures that say less: noise takes what the Gaussians do not close in on.
    private static bool Races(StartContext context)
    {
        if (!context.MayImprove || context.ComponentCount == 1 || SampledRuns.AreMany(context)) return false;
        long parameters = context.Family.FreeParameterCount(context.ComponentCount, context.Dimension);
        return context.Rows.Source.RowCount >= StartRace.FewRowsOfParameter * parameters;
    }

    // What is noise is guessed once. Restarts of uneven numbers take other groups than those of k-means.
    private static IEnumerable<StartAttempt> Attempts(StartAttempt attempt, InitialNoise noise, int round, bool[]? guess)
    {
        if (round == 0)
        {
            yield return attempt with { Context = attempt.Context with { Noise = noise with { IsGuessed = true } } };
            yield return attempt;
            yield break;
        }

        StartAttempt anew = attempt with { Seed = unchecked(attempt.Seed + (round * SeedSteps.OfRound)), Index = attempt.Index + round };
        if (guess is not null) yield return anew with { Context = anew.Context with { Noise = noise with { Rows = guess } } };
        yield return anew;
    }
}
