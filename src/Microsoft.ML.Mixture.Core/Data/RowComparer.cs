namespace Microsoft.ML.Mixture;

/// <summary>Tells rows that differ from rows that do not.</summary>
internal sealed class RowComparer : IEqualityComparer<double[]>, IAlternateEqualityComparer<ReadOnlySpan<double>, double[]>
{
    public static RowComparer Instance { get; } = new();

    /// <summary>Copies a row of a block, with all zeros of one sign.</summary>
    /// <param name="block">The block.</param>
    /// <param name="row">The place of the row in it.</param>
    /// <param name="destination">Receives D values.</param>
    public static void CopyRow(RowBlock block, int row, Span<double> destination)
    {
        for (int j = 0; j < destination.Length; j++) destination[j] = block.Values[(j * block.Stride) + row] + 0.0;
    }

    /// <summary>Whether more rows than so many differ from each other.</summary>
    public static bool HasMoreDistinctRows(RowSource rows, int count, CancellationToken cancellationToken)
    {
        HashSet<double[]>.AlternateLookup<ReadOnlySpan<double>> distinct = new HashSet<double[]>(Instance).GetAlternateLookup<ReadOnlySpan<double>>();
        double[] row = new double[rows.Dimension];
        foreach (RowBlock block in new RowBlocks(rows, cancellationToken))
        {
            for (int i = 0; i < block.RowCount; i++)
            {
                CopyRow(block, i, row);
                if (distinct.Add(row) && distinct.Set.Count > count) return true;
            }
        }

        return false;
    }

    public double[] Create(ReadOnlySpan<double> alternate) => alternate.ToArray();

    public bool Equals(ReadOnlySpan<double> alternate, double[] other) => alternate.SequenceEqual(other);

    public bool Equals(double[]? x, double[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(ReadOnlySpan<double> alternate)
    {
        var hash = default(HashCode);
        foreach (double value in alternate) hash.Add(value);
        return hash.ToHashCode();
    }

    public int GetHashCode(double[] row) => GetHashCode(row.AsSpan());
}
