using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>Starts with the groups that k-means finds on some rows, whatever the number of rows: for a fit whose time is over before it has anything else.</summary>
internal sealed class PromptStart : MixtureStart
{
    private const int FewestRows = 2048;
    private const int RowsOfComponent = 16;

    // Fewer than there are features make no covariance.
    private const int RowsOfFeature = 2;

    internal override bool IsRandom => true;

    internal override StartOutcome Create(StartAttempt attempt)
    {
        StartContext context = attempt.Context;
        var random = new Xoshiro256StarStar(attempt.Seed, threadSafe: false);
        long wanted = Math.Max(FewestRows, (long)context.ComponentCount * Math.Max(RowsOfComponent, RowsOfFeature * context.Dimension));
        int[] sample = SampledRuns.Draw(context.Rows, (int)Math.Min(wanted, context.Rows.Source.RowCount), random);
        return KMeansPlusPlusStart.Start(attempt, sample, 0, random);
    }
}
