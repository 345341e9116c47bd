namespace Microsoft.ML.Mixture;

/// <summary>The order in which a fit reads its rows: those of one component side by side, so that a block of rows has to do with few components.</summary>
/// <remarks>
/// Rows are sorted by their most likely component within regions of consecutive rows, so that reading stays near the caches. It follows from
/// the data and the parameters alone, never from the number of threads. Memory: twelve bytes a row.
/// </remarks>
internal sealed class RowOrder
{
    // Below this number of rows a pass is over before anything is gained.
    private const int FewestRows = 8192;

    // A region has room for so many rows of each component.
    private const int RowsOfComponent = 1024;

    // In passes over all rows and components.
    private const long LeastGain = 4;

    private readonly RowPartition _partition;
    private readonly int _componentCount;
    private readonly int _regionSize;
    private readonly int[] _rows;
    private readonly int[] _labels;
    private readonly int[] _sortedLabels;
    private readonly int _regionCount;
    private readonly int[][] _starts;
    private readonly int[][] _region;
    private readonly Action<int, int> _sortRegion;

    private RowOrder(RowPartition partition, int componentCount, int threadCount)
    {
        _partition = partition;
        _componentCount = componentCount;
        long least = Math.Max(partition.ChunkSize, Math.Min(partition.RowCount, (long)componentCount * RowsOfComponent));
        _regionSize = (int)Math.Min(partition.RowCount, (least + partition.ChunkSize - 1) / partition.ChunkSize * partition.ChunkSize);
        _rows = new int[partition.RowCount];
        _labels = new int[partition.RowCount];
        _sortedLabels = new int[partition.RowCount];
        Begin();
        _regionCount = (int)(((long)partition.RowCount + _regionSize - 1) / _regionSize);
        _starts = new int[threadCount][];
        _region = new int[threadCount][];
        for (int thread = 0; thread < threadCount; thread++)
        {
            _starts[thread] = new int[componentCount + 1];
            _region[thread] = new int[_regionSize];
        }

        _sortRegion = SortRegion;
    }

    /// <summary>Whether rows have been sorted, so that they must be read by <see cref="Rows"/>.</summary>
    public bool IsSorted { get; private set; }

    /// <summary>Makes an order where it can be worth its while; null elsewhere.</summary>
    public static RowOrder? Create(RowSource source, RowPartition partition, int componentCount, int threadCount) =>
        source.ReadsInAnyOrder && source.Holes is null && partition.RowCount >= FewestRows && componentCount > 1 ? new RowOrder(partition, componentCount, threadCount) : null;

    /// <summary>Goes back to the order of the source.</summary>
    public void Begin()
    {
        for (int i = 0; i < _rows.Length; i++) _rows[i] = i;
        IsSorted = false;
    }

    /// <summary>The rows at some places of the order.</summary>
    public ReadOnlySpan<int> Rows(int first, int count) => _rows.AsSpan(first, count);

    /// <summary>Where a pass notes the most likely component of the rows at some places.</summary>
    public Span<int> Labels(int first, int count) => _labels.AsSpan(first, count);

    /// <summary>Sorts rows by the labels that the last pass has noted, if enough of them have changed since the last time.</summary>
    /// <param name="pass">The number of passes so far: rearranging costs about one, and is to pay in as many to come.</param>
    /// <param name="team">The threads; null for the caller alone.</param>
    /// <returns>Whether the order has changed.</returns>
    public bool Rearrange(int pass, WorkerTeam? team)
    {
        long moved = 0;
        for (int i = 0; i < _labels.Length; i++)
        {
            if (_labels[i] != _sortedLabels[i]) moved++;
        }

        // A row in the wrong place makes its block evaluate one more component, if it is not near to that one anyway.
        if (IsSorted && moved * _partition.BlockSize * pass < LeastGain * _componentCount * _labels.Length) return false;
        if (team is not null)
        {
            team.Run(_regionCount, _sortRegion);
        }
        else
        {
            for (int region = 0; region < _regionCount; region++) SortRegion(region, 0);
        }

        _labels.CopyTo(_sortedLabels, 0);
        IsSorted = true;
        return true;
    }

    // By counting, which keeps the order of rows with the same label.
    private void SortRegion(int region, int thread)
    {
        int first = region * _regionSize, count = Math.Min(_regionSize, _rows.Length - first);
        Span<int> rows = _rows.AsSpan(first, count), labels = _labels.AsSpan(first, count);
        Span<int> before = _region[thread].AsSpan(0, count), starts = _starts[thread];
        rows.CopyTo(before);
        starts.Clear();
        foreach (int label in labels) starts[label + 1]++;
        for (int k = 0; k < _componentCount; k++) starts[k + 1] += starts[k];
        for (int i = 0; i < count; i++) rows[starts[labels[i]]++] = before[i];

        // Each start has moved to the end of its label.
        for (int k = 0, from = 0; k < _componentCount; k++)
        {
            labels[from..starts[k]].Fill(k);
            from = starts[k];
        }
    }
}
