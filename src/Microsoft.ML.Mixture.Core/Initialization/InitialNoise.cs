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

    /// <summary>
    /// Which rows of a sample are noise at first in the starts of a race, in turn: those that were given, or those that lie far from their neighbours and only single ones far from everything.
    /// </summary>
    /// <param name="sample">The rows of the sample among those in use.</param>
    /// <param name="points">The rows of the sample.</param>
    /// <param name="seed">The seed of the guess.</param>
    /// <param name="cancellationToken">Stops the guess.</param>
    public IReadOnlyList<bool[]?> FindAll(int[] sample, StartPoints points, int seed, CancellationToken cancellationToken)
    {
        bool[]? first = (this with { IsGuessed = false }).Find(sample, points, seed, cancellationToken);
        if (Rows is not null) return [first];
        bool[]? guess = (this with { IsGuessed = true }).Find(sample, points, seed, cancellationToken);
        return guess is null ? [first] : [guess, first];
    }

    /// <summary>Gaussians with the noise.</summary>
    /// <param name="gaussians">The Gaussians.</param>
    /// <param name="weight">The weight of the noise; null if nothing is said.</param>
    public MixtureState Join(MixtureState gaussians, double? weight)
    {
        double share = weight ?? SmallShare;
        return new MixtureState([.. gaussians.Weights.Select(value => value * (1 - share)), share], new NoiseComponents((GaussianComponents)gaussians.Components, Distribution));
    }

    /// <summary>Gaussians without parameters, with the noise.</summary>
    public NoiseComponents Beside(MixtureComponents gaussians) => new((GaussianComponents)gaussians, Distribution);

    /// <summary>Responsibilities of the noise too, r(i,k) at [i * (K + 1) + k]: what the Gaussians leave of each row.</summary>
    /// <param name="shares">Those of the Gaussians, r(i,k) at [i * K + k].</param>
    /// <param name="count">K.</param>
    public static double[] Complete(double[] shares, int count)
    {
        double[] complete = StartShares.Create(shares.Length / count, count + 1);
        for (int from = 0, to = 0; from < shares.Length; from += count, to += count + 1)
        {
            shares.AsSpan(from, count).CopyTo(complete.AsSpan(to));
            complete[to + count] = Left(shares.AsSpan(from, count));
        }

        return complete;
    }

    /// <summary>What Gaussians leave of a row.</summary>
    public static double Left(ReadOnlySpan<double> shares)
    {
        double left = 1;
        foreach (double share in shares) left -= share;
        return left > Rounding ? left : 0;
    }

    /// <summary>Lets noise, the last, begin with some weight, and not with all.</summary>
    public static void Limit(double[] weights)
    {
        double share = weights[^1], limited = share > Rounding ? Math.Min(share, LargestShare) : SmallShare, others = 1 - share;
        for (int k = 0; k < weights.Length - 1; k++) weights[k] = others > 0 ? weights[k] * ((1 - limited) / others) : (1 - limited) / (weights.Length - 1);
        weights[^1] = limited;
    }
}
