using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>The rows that have a cluster, a positive weight and no missing feature.</summary>
internal sealed class ClusteredRows
{
    private readonly RowSource _rows;
    private readonly int[] _indices;
    private readonly int[] _clusters;
    private readonly CancellationToken _cancellationToken;

    private ClusteredRows(RowSource rows, int[] indices, int[] clusters, CancellationToken cancellationToken)
    {
        _rows = rows;
        _indices = indices;
        _cancellationToken = cancellationToken;

        // Numbered anew, so that a cluster without rows takes no place.
        int[] numbers = [.. clusters.Distinct().Order()];
        _clusters = [.. clusters.Select(cluster => Array.BinarySearch(numbers, cluster))];
        ClusterCount = numbers.Length;
    }

    public delegate void Visitor(ReadOnlySpan<double> row, double weight, int cluster, int at);

    public int Count => _indices.Length;

    public int ClusterCount { get; }

    public static ClusteredRows Select(RowSource rows, IReadOnlyList<int> clusters, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(clusters);
        if (clusters.Count != rows.RowCount)
        {
            throw new ArgumentException($"There {Counted.Is(clusters.Count)} {Counted.Of(clusters.Count, "cluster")} for {Counted.Of(rows.RowCount, "row")}. Pass one for every row, negative for a row without one.", nameof(clusters));
        }

        TrainingRows training = TrainingRows.Inspect(rows, usesHoles: false, cancellationToken);
        IEnumerable<int> candidates = training.Selected is { } selected ? selected : Enumerable.Range(0, rows.RowCount);
        int[] indices = [.. candidates.Where(i => clusters[i] >= 0)];
        return new ClusteredRows(rows, indices, [.. indices.Select(i => clusters[i])], cancellationToken);
    }

    /// <summary>Some of the rows, drawn without replacement, in their order.</summary>
    public ClusteredRows Sample(int count, Xoshiro256StarStar random)
    {
        int[] order = [.. Enumerable.Range(0, Count)];
        for (int i = 0; i < count; i++)
        {
            int other = i + random.Next(Count - i);
            (order[i], order[other]) = (order[other], order[i]);
        }

        Array.Sort(order, 0, count);
        return new ClusteredRows(_rows, [.. order.Take(count).Select(at => _indices[at])], [.. order.Take(count).Select(at => _clusters[at])], _cancellationToken);
    }

    /// <summary>Shows row after row, in their order.</summary>
    public void Visit(Visitor visitor)
    {
        double[] row = new double[_rows.Dimension];
        int at = 0;
        foreach (RowBlock block in new RowBlocks(new SelectedRowSource(_rows, _indices), _cancellationToken))
        {
            for (int i = 0; i < block.RowCount; i++, at++)
            {
                for (int j = 0; j < row.Length; j++) row[j] = block.Values[(j * block.Stride) + i];
                visitor(row, block.Weights[i], _clusters[at], at);
            }
        }
    }
}
