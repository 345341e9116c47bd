using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <content>What a start makes of rows that may be noise.</content>
internal sealed partial record StartContext
{
    // Where no row is marked, noise begins with this weight.
    private const double SmallShare = 0.05;

    // And never with so much that nothing is left to the Gaussians.
    private const double LargestShare = 0.99;

    /// <summary>The noise of the mixture; null for none.</summary>
    public UniformNoise? Noise { get; init; }

    /// <summary>Which rows in use are noise at first; null if nothing is said.</summary>
    public bool[]? NoiseRows { get; init; }

    /// <summary>Whether rows far from their neighbours are to be taken for noise.</summary>
    public bool GuessesNoise { get; init; }

    /// <summary>Whether a row in use was marked as noise.</summary>
    public bool IsNoise(int row) => NoiseRows is not null && NoiseRows[row];

    /// <summary>Which rows of a sample are noise at first; null for none.</summary>
    /// <param name="sample">The rows of the sample among those in use.</param>
    /// <param name="points">The rows of the sample, standardised.</param>
    /// <param name="weights">Their weights.</param>
    public bool[]? FindNoise(int[] sample, double[] points, double[] weights)
    {
        if (NoiseRows is not null) return [.. sample.Select(row => NoiseRows[row])];
        return GuessesNoise ? NoiseGuess.Find(points, weights, Dimension, Seed, CancellationToken) : null;
    }

    /// <summary>Adds the noise to Gaussians, if there is to be any.</summary>
    public MixtureState WithNoise(MixtureState gaussians, double? weight)
    {
        if (Noise is null) return gaussians;
        double share = weight ?? SmallShare;
        return new MixtureState([.. gaussians.Weights.Select(value => value * (1 - share)), share], new NoiseComponents((GaussianComponents)gaussians.Components, Noise));
    }

    private double NoiseShare(RowSource rows, ReadOnlySpan<double> counts)
    {
        double total = 0, taken = 0;
        foreach (RowBlock block in new RowBlocks(rows, CancellationToken)) total += Lanes.Sum(block.Weights[..block.LaneCount]);
        foreach (double count in counts) taken += count;
        double share = 1 - (taken / total);
        return share > 1e-9 ? Math.Min(share, LargestShare) : SmallShare;
    }
}

/// <summary>The noise of a fit, and which rows in use to begin with as noise; null if nothing is said.</summary>
internal sealed record InitialNoise(UniformNoise Distribution, bool[]? Rows);
