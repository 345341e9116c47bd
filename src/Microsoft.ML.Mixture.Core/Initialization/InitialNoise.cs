namespace Microsoft.ML.Mixture;

/// <summary>The noise of a fit, and which rows to begin with as noise.</summary>
/// <param name="Distribution">The noise.</param>
/// <param name="Rows">Which rows in use are noise at first; null if nothing is said.</param>
/// <param name="FarRows">Which rows in use are single ones far from all others, and noise at first if nothing is said; null for none.</param>
internal sealed record InitialNoise(UniformNoise Distribution, bool[]? Rows, bool[]? FarRows)
{
    // Where no row is marked, noise begins with this weight.
    private const double SmallShare = 0.05;

    // And never with so much that nothing is left to the Gaussians.
    private const double LargestShare = 0.99;

    // A share that is no more than this is what sums of weights leave by rounding.
    private const double Rounding = 1e-9;

    /// <summary>Whether rows far from their neighbours are to be taken for noise, if nothing is said.</summary>
    public bool IsGuessed { get; init; }

    /// <summary>Whether a row in use was marked as noise.</summary>
    public bool IsMarked(int row) => Rows is not null && Rows[row];

    /// <summary>Which rows of a sample are noise at first; null for none.</summary>
    /// <param name="sample">The rows of the sample among those in use.</param>
    /// <param name="points">The rows of the sample.</param>
    /// <param name="seed">The seed of a guess.</param>
    /// <param name="cancellationToken">Stops a guess.</param>
    public bool[]? Find(int[] sample, StartPoints points, int seed, CancellationToken cancellationToken)
    {
        if (Rows is not null) return [.. sample.Select(row => Rows[row])];
        bool[]? far = FarRows is null ? null : [.. sample.Select(row => FarRows[row])];
        if (!IsGuessed) return far;
        double[] weights = far is null ? points.Weights : [.. points.Weights.Select((weight, i) => far[i] ? 0 : weight)];
        bool[]? guess = NoiseGuess.Find(points.Standardised, weights, points.Dimension, seed, cancellationToken);
        return far is null ? guess : guess is null ? far : [.. guess.Select((mark, i) => mark || far[i])];
    }

    /// <summary>Gaussians with the noise.</summary>
    /// <param name="gaussians">The Gaussians.</param>
    /// <param name="weight">The weight of the noise; null if nothing is said.</param>
    public MixtureState Join(MixtureState gaussians, double? weight)
    {
        double share = weight ?? SmallShare;
        return new MixtureState([.. gaussians.Weights.Select(value => value * (1 - share)), share], new NoiseComponents((GaussianComponents)gaussians.Components, Distribution));
    }

    /// <summary>What the Gaussians leave of some rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="counts">N(k), the effective counts of the Gaussians.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public static double ShareOf(RowSource rows, ReadOnlySpan<double> counts, CancellationToken cancellationToken)
    {
        double taken = 0;
        foreach (double count in counts) taken += count;
        double share = 1 - (taken / SampledRuns.Weigh(rows, cancellationToken));
        return share > Rounding ? Math.Min(share, LargestShare) : SmallShare;
    }
}
