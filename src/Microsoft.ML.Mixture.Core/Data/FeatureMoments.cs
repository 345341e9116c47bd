using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>
/// Weighted means and variances of the features over all rows, or those in which the feature is observed, in two passes so that an offset
/// costs no digits.
/// </summary>
internal sealed class FeatureMoments
{
    private FeatureMoments(double[] means, double[] variances, double observedWeight)
    {
        ObservedWeight = observedWeight;
        Means = means;
        Variances = variances;
    }

    /// <summary>The sum over the rows of weight times the number of features observed.</summary>
    public double ObservedWeight { get; }

    public double[] Means { get; }

    /// <summary>The maximum-likelihood variances: exactly zero where all values are equal.</summary>
    public double[] Variances { get; }

    public static FeatureMoments Compute(TrainingRows rows, CancellationToken cancellationToken)
    {
        // A constant is its own mean, to the last bit.
        double[] centre = [.. rows.Minimum.Zip(rows.Maximum, (low, high) => low == high ? low : (0.5 * low) + (0.5 * high))];
        if (rows.Source.Holes is not null) return ComputeObserved(rows, centre, cancellationToken);
        (double[] shift, _) = Sums(rows, centre, cancellationToken);
        for (int j = 0; j < centre.Length; j++) centre[j] += shift[j] / rows.RowWeightTotal;
        (double[] rest, double[] squares) = Sums(rows, centre, cancellationToken);
        double[] variances = new double[centre.Length];
        for (int j = 0; j < centre.Length; j++)
        {
            double error = rest[j] / rows.RowWeightTotal;
            variances[j] = rows.Minimum[j] == rows.Maximum[j] ? 0 : Math.Max(0, (squares[j] / rows.RowWeightTotal) - (error * error));
        }

        return new FeatureMoments(centre, variances, rows.RowWeightTotal * centre.Length);
    }

    private static FeatureMoments ComputeObserved(TrainingRows rows, double[] means, CancellationToken cancellationToken)
    {
        double[] variances = new double[means.Length];
        ObservedMoments moments = ObservedMoments.Compute(rows.Source, [], 1, means, variances, means, variances, cancellationToken);
        for (int j = 0; j < means.Length; j++)
        {
            if (rows.Minimum[j] == rows.Maximum[j]) (means[j], variances[j]) = (rows.Minimum[j], 0);
        }

        return new FeatureMoments(means, variances, moments.Weights.Sum());
    }

    private static (double[] First, double[] Second) Sums(TrainingRows rows, double[] centre, CancellationToken cancellationToken)
    {
        double[] first = new double[centre.Length], second = new double[centre.Length];
        foreach (RowBlock block in new RowBlocks(rows.Source, cancellationToken))
        {
            WeightedMoments.AddDiagonal(block.Values, centre, block.Weights, block.Stride, block.LaneCount, first, second);
        }

        return (first, second);
    }
}
