namespace Microsoft.ML.Mixture;

/// <summary>Weighted means and variances of groups of rows over what is observed of each feature.</summary>
/// <remarks>They are the maximum-likelihood estimates of Gaussians without correlation from rows with holes. A feature that a group never shows has the mean and variance given for that case.</remarks>
internal sealed class ObservedMoments
{
    private readonly int _dimension;
    private readonly double[] _shifts;
    private readonly double[] _squares;

    private ObservedMoments(int groupCount, int dimension)
    {
        _dimension = dimension;
        Weights = new double[groupCount * dimension];
        _shifts = new double[Weights.Length];
        _squares = new double[Weights.Length];
    }

    /// <summary>The sum of the weights of the rows of a group in which a feature is observed, shape K x D.</summary>
    public double[] Weights { get; }

    /// <summary>Means and variances of the groups, in two passes over the rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="responsibilities">r(i,k) at [i * K + k]; empty for one group of all rows.</param>
    /// <param name="groupCount">K.</param>
    /// <param name="centres">On entry points near the groups, shape K x D; on return the means.</param>
    /// <param name="variances">On return the variances, shape K x D.</param>
    /// <param name="otherMeans">The means of features that a group never shows, shape D.</param>
    /// <param name="otherVariances">The variances of those, shape D.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>The weights.</returns>
    public static ObservedMoments Compute(
        RowSource rows, double[] responsibilities, int groupCount, double[] centres, double[] variances, double[] otherMeans, double[] otherVariances,
        CancellationToken cancellationToken)
    {
        var sums = new ObservedMoments(groupCount, rows.Dimension);
        sums.Add(rows, responsibilities, groupCount, centres, cancellationToken);
        for (int at = 0; at < centres.Length; at++) centres[at] = sums.Weights[at] > 0 ? centres[at] + (sums._shifts[at] / sums.Weights[at]) : otherMeans[at % rows.Dimension];
        sums.Add(rows, responsibilities, groupCount, centres, cancellationToken);
        for (int at = 0; at < centres.Length; at++)
        {
            double weight = sums.Weights[at], error = weight > 0 ? sums._shifts[at] / weight : 0;
            variances[at] = weight > 0 ? Math.Max(0, (sums._squares[at] / weight) - (error * error)) : otherVariances[at % rows.Dimension];
        }

        return sums;
    }

    private void Add(RowSource rows, double[] responsibilities, int groupCount, double[] centres, CancellationToken cancellationToken)
    {
        Array.Clear(Weights);
        Array.Clear(_shifts);
        Array.Clear(_squares);
        int first = 0;
        foreach (RowBlock block in new RowBlocks(rows, cancellationToken))
        {
            for (int i = 0; i < block.RowCount; i++)
            {
                for (int k = 0; k < groupCount; k++)
                {
                    double share = block.Weights[i] * (responsibilities.Length == 0 ? 1 : responsibilities[((first + i) * groupCount) + k]);
                    if (share == 0) continue;
                    for (int j = 0; j < _dimension; j++)
                    {
                        int at = (k * _dimension) + j;
                        double difference = block.Values[(j * block.Stride) + i] - centres[at];
                        if (double.IsNaN(difference)) continue;
                        Weights[at] += share;
                        _shifts[at] += share * difference;
                        _squares[at] += share * difference * difference;
                    }
                }
            }

            first += block.RowCount;
        }
    }
}
