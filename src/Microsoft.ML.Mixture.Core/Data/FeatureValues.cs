namespace Microsoft.ML.Mixture;

/// <summary>The values of rows, those of a feature side by side, to be sorted feature by feature.</summary>
internal sealed class FeatureValues
{
    private readonly double[] _values;
    private readonly double[] _rowWeights;
    private readonly double[] _weights;

    /// <summary>Reads all rows.</summary>
    public FeatureValues(RowSource rows, CancellationToken cancellationToken)
    {
        int count = rows.RowCount, first = 0;
        (_values, _rowWeights, _weights) = (new double[(long)rows.Dimension * count], new double[count], new double[count]);
        foreach (RowBlock block in new RowBlocks(rows, cancellationToken))
        {
            block.Weights[..block.RowCount].CopyTo(_rowWeights.AsSpan(first));
            for (int j = 0; j < rows.Dimension; j++) block.Feature(j)[..block.RowCount].CopyTo(_values.AsSpan((j * count) + first));
            first += block.RowCount;
        }
    }

    /// <summary>Sorts the values of a feature, once.</summary>
    /// <param name="feature">The feature.</param>
    /// <param name="weights">On return the weights of their rows, until another feature is sorted.</param>
    /// <returns>The values that are not missing.</returns>
    public Span<double> Sort(int feature, out Span<double> weights)
    {
        Span<double> values = _values.AsSpan(feature * _weights.Length, _weights.Length);
        _rowWeights.CopyTo(_weights, 0);
        values.Sort<double, double>(_weights);

        // NaN comes first.
        int missing = 0;
        while (missing < values.Length && double.IsNaN(values[missing])) missing++;
        weights = _weights.AsSpan(missing);
        return values[missing..];
    }

    /// <summary>The different values of a feature from the smallest to the largest, with the sum of the weights of their rows and the number of these.</summary>
    public List<(double Value, double Weight, int RowCount)> Distinct(int feature)
    {
        var distinct = new List<(double, double, int)>();
        ReadOnlySpan<double> values = Sort(feature, out Span<double> weights);
        for (int i = 0; i < values.Length;)
        {
            double weight = 0, own = values[i];
            int start = i;
            for (; i < values.Length && values[i] == own; i++) weight += weights[i];
            distinct.Add((own, weight, i - start));
        }

        return distinct;
    }
}
