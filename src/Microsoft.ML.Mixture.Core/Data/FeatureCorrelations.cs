using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Weighted correlations of the features over all rows, none of which has a hole: the lower triangle, zero for constant features.</summary>
internal static class FeatureCorrelations
{
    public static double[] Compute(TrainingRows rows, FeatureMoments moments, CancellationToken cancellationToken) =>
        Compute(rows.Source, moments, cancellationToken, rows.RowWeightTotal);

    /// <summary>The same of some rows, with the means and variances of all.</summary>
    public static double[] Compute(RowSource rows, FeatureMoments moments, CancellationToken cancellationToken, double? rowWeightTotal = null)
    {
        double total = 0;
        int dimension = moments.Means.Length;
        SquareMatrix.Check(dimension);
        double[] scatter = new double[ScatterTriangle.Length(dimension)], sums = new double[dimension];
        const int BlockSize = 128;
        double[] work = new double[WeightedScatter.WorkLength(dimension, BlockSize)];
        foreach (RowBlock block in new RowBlocks(rows, cancellationToken, BlockSize))
        {
            WeightedScatter.Add(block.Values, moments.Means, block.Weights, block.Stride, block.LaneCount, work, sums, scatter);
            total += Lanes.Sum(block.Weights[..block.LaneCount]);
        }

        double[] covariances = new double[PackedTriangle.Length(dimension)];
        ScatterTriangle.Pack(scatter, dimension, covariances);

        for (int i = 0; i < dimension; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double scale = Math.Sqrt(moments.Variances[i]) * Math.Sqrt(moments.Variances[j]) * (rowWeightTotal ?? total);
                int at = PackedTriangle.Index(i, j);
                covariances[at] = scale > 0 ? covariances[at] / scale : 0;
            }
        }

        return covariances;
    }
}
