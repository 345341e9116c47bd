namespace Microsoft.ML.Mixture;

/// <content>What a start makes of rows that may be noise.</content>
internal sealed partial record StartContext
{
    // Where no row is marked, noise begins with this weight.
    private const double SmallShare = 0.05;

    // And never with so much that nothing is left to the Gaussians.
    private const double LargestShare = 0.99;

    // A share that is no more than this is what sums of weights leave by rounding.
    private const double Rounding = 1e-9;

    /// <summary>The noise of the mixture; null for none.</summary>
    public UniformNoise? Noise { get; init; }

    /// <summary>Which rows in use are noise at first; null if nothing is said.</summary>
    public bool[]? NoiseRows { get; init; }

    /// <summary>Which rows in use are single ones far from all others, and noise at first whatever a start says; null for none.</summary>
    public bool[]? FarRows { get; init; }

    /// <summary>Whether rows far from their neighbours are to be taken for noise.</summary>
    public bool GuessesNoise { get; init; }

    /// <summary>What was guessed last, of the rows of a sample; null if nothing was.</summary>
    public bool[]? GuessedNoise { get; private set; }

    /// <summary>Whether a row in use was marked as noise.</summary>
    public bool IsNoise(int row) => NoiseRows is not null && NoiseRows[row];

    /// <summary>Which rows of a sample are noise at first; null for none.</summary>
    /// <param name="sample">The rows of the sample among those in use.</param>
    /// <param name="points">The rows of the sample, standardised.</param>
    /// <param name="weights">Their weights.</param>
    public bool[]? FindNoise(int[] sample, double[] points, double[] weights)
    {
        if (NoiseRows is not null) return [.. sample.Select(row => NoiseRows[row])];
        bool[]? far = FarRows is null ? null : [.. sample.Select(row => FarRows[row])];
        if (!GuessesNoise) return far;
        bool[]? guess = NoiseGuess.Find(
            points, far is null ? weights : [.. weights.Select((weight, i) => far[i] ? 0 : weight)], Dimension, Seed, CancellationToken);
        if (far is not null) guess = guess is null ? far : [.. guess.Select((mark, i) => mark || far[i])];
        return GuessedNoise = guess;
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
        double taken = 0;
        foreach (double count in counts) taken += count;
        double share = 1 - (taken / SampledRuns.Weigh(rows, CancellationToken));
        return share > Rounding ? Math.Min(share, LargestShare) : SmallShare;
    }
}
