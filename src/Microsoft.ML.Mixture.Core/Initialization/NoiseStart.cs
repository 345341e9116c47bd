using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>Starts with noise: without the rows that lie far from their neighbours and with all rows, and keeps what leads higher in a few steps.</summary>
internal sealed class NoiseStart(MixtureStart gaussians) : MixtureStart
{
    private const int RaceIterations = 20;
    private const int MostRows = 16384;

    internal override bool IsRandom => gaussians.IsRandom;

    internal override bool TryCreate(StartContext context, out MixtureState state, out DegenerateComponent? failure)
    {
        if (!gaussians.IsRandom || context.NoiseRows is not null) return gaussians.TryCreate(context, out state, out failure);
        state = default;
        failure = null;
        MixtureFit? best = null;
        int[] sample = SampledRuns.Draw(context.Rows, MostRows, new Xoshiro256StarStar(context.Seed, threadSafe: false));
        foreach (bool guesses in (ReadOnlySpan<bool>)[true, false])
        {
            if (!gaussians.TryCreate(context with { GuessesNoise = guesses }, out MixtureState start, out DegenerateComponent? failed))
            {
                failure = failed;
                continue;
            }

            context.Reached.State ??= start;
            MixtureFit? fit = SampledRuns.TryRun(context, sample, start, RaceIterations);
            if (fit is null || (best is not null && !IsBetter(fit, best))) continue;
            best = fit;
            context.Reached.State = state = start;
        }

        return best is not null || gaussians.TryCreate(context, out state, out failure);
    }

    private static bool IsBetter(MixtureFit fit, MixtureFit best) =>
        fit.Spurious.Count != best.Spurious.Count ? fit.Spurious.Count < best.Spurious.Count : fit.Objective > best.Objective;
}
