using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Weighted means and variances of the features over all rows, in two passes so that an offset costs no digits.</summary>
internal sealed class FeatureMoments
{
    private FeatureMoments(double[] means, double[] variances)
    {
        Means = means;
        Variances = variances;
    }

    public double[] Means { get; }

    /// <summary>The maximum-likelihood variances: exactly zero where all values are equal.</summary>
    public double[] Variances { get; }

    public static FeatureMoments Compute(TrainingRows rows, CancellationToken cancellationToken)
    {
        // A constant is its own mean, to the last bit.
        double[] centre = [.. rows.Minimum.Zip(rows.Maximum, (low, high) => low == high ? low : (0.5 * low) + (0.5 * high))];
        (double[] shift, _) = Sums(rows, centre, cancellationToken);
        for (int j = 0; j < centre.Length; j++) centre[j] += shift[j] / rows.RowWeightTotal;
        (double[] rest, double[] squares) = Sums(rows, centre, cancellationToken);
        double[] variances = new double[centre.Length];
        for (int j = 0; j < centre.Length; j++)
        {
            double error = rest[j] / rows.RowWeightTotal;
            variances[j] = rows.Minimum[j] == rows.Maximum[j] ? 0 : Math.Max(0, (squares[j] / rows.RowWeightTotal) - (error * error));
        }

        return new FeatureMoments(centre, variances);
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
