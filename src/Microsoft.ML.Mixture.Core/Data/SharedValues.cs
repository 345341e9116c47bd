namespace Microsoft.ML.Mixture;

/// <summary>How many rows may coincide in a feature.</summary>
internal static class SharedValues
{
    private const int MostRows = 512;
    private const int MostValues = 1 << 20;

    /// <summary>Finds the share of the rows that take the most frequent value of each feature.</summary>
    /// <remarks>Cost: the values of each feature in some hundred rows are sorted.</remarks>
    /// <param name="rows">The rows. A missing value is none.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Shares by weight of those that were looked at and show the feature, shape D; null where features are very many.</returns>
    public static double[]? FindLargestShares(RowSource rows, CancellationToken cancellationToken)
    {
        if (rows.Dimension > MostValues / MostRows) return null;
        RowSource some = SelectedRowSource.Spread(rows, MostRows);
        int dimension = rows.Dimension, count = some.RowCount, first = 0;
        double[] values = new double[dimension * count], weights = new double[count];
        foreach (RowBlock block in new RowBlocks(some, cancellationToken))
        {
            block.Weights[..block.RowCount].CopyTo(weights.AsSpan(first));
            for (int j = 0; j < dimension; j++) block.Feature(j)[..block.RowCount].CopyTo(values.AsSpan((j * count) + first));
            first += block.RowCount;
        }

        double[] shares = new double[dimension];
        for (int j = 0; j < dimension; j++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            shares[j] = LargestShare(values.AsSpan(j * count, count), [.. weights]);
        }

        return shares;
    }

    private static double LargestShare(Span<double> values, double[] weights)
    {
        values.Sort<double, double>(weights);
        double largest = 0, total = 0;
        for (int i = 0; i < values.Length;)
        {
            double weight = 0, own = values[i];
            for (; i < values.Length && values[i].Equals(own); i++) weight += weights[i];
            if (double.IsNaN(own)) continue;
            total += weight;
            largest = Math.Max(largest, weight);
        }

        return total > 0 ? largest / total : 1;
    }
}
