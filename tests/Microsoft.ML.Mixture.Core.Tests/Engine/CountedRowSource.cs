using System.Collections.Concurrent;

namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>The rows of another source, which are counted. They can be had in any order, or only one after the other.</summary>
internal sealed class CountedRowSource(RowSource source, bool readsInAnyOrder) : RowSource
{
    private readonly ConcurrentDictionary<int, bool> _threads = new();
    private long _rowsRead;
    private long _rowsReadOutOfOrder;

    public long RowsRead => _rowsRead;

    public long RowsReadOutOfOrder => _rowsReadOutOfOrder;

    /// <summary>The threads that have read.</summary>
    public ICollection<int> Threads => _threads.Keys;

    public override int Dimension => source.Dimension;

    public override int RowCount => source.RowCount;

    internal override bool ReadsInAnyOrder => readsInAnyOrder;

    public override void Read(int firstRow, int rowCount, Span<double> values, int stride, Span<double> weights)
    {
        _threads.TryAdd(Environment.CurrentManagedThreadId, true);
        Interlocked.Add(ref _rowsRead, rowCount);
        source.Read(firstRow, rowCount, values, stride, weights);
    }

    internal override void ReadScaled(ReadOnlySpan<int> rows, double factor, Span<double> values, int stride, Span<double> weights)
    {
        _threads.TryAdd(Environment.CurrentManagedThreadId, true);
        Interlocked.Add(ref _rowsRead, rows.Length);
        Interlocked.Add(ref _rowsReadOutOfOrder, rows.Length);
        source.ReadScaled(rows, factor, values, stride, weights);
    }
}
