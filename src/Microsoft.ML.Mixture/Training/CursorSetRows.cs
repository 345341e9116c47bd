using Microsoft.ML.Mixture;

namespace Microsoft.ML.Trainers;

/// <summary>Reads the cursors of a set at the same time and puts their rows into the order of a single cursor, which their batch numbers tell.</summary>
internal static class CursorSetRows
{
    /// <summary>Reads all rows.</summary>
    /// <returns>
    /// The rows; or null if a cursor failed or the batch numbers tell no order. Then a single cursor has to read, whose error, if any, names the row.
    /// </returns>
    /// <exception cref="OperationCanceledException">The reading was cancelled.</exception>
    public static ArrayRowSource<float>? TryRead(
        DataViewRowCursor[] cursors, DataViewSchema.Column feature, DataViewSchema.Column? weight, long? expected, CancellationToken cancellationToken)
    {
        // Cursors do not share rows evenly.
        long? expectedOfCursor = (expected / cursors.Length) + CursorRows.FirstCapacity(feature);
        return TryReadAll(cursors, () => new CursorRows(feature, weight, expectedOfCursor), cancellationToken) is { } parts ? TryMerge(parts, hasWeights: weight is not null) : null;
    }

    // A thread a cursor, as they may wait for each other. Each makes its own room, so that want of memory is a failure like any other.
    private static CursorRows[]? TryReadAll(DataViewRowCursor[] cursors, Func<CursorRows> makeRoom, CancellationToken cancellationToken)
    {
        var parts = new CursorRows[cursors.Length];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] readers =
        [
            .. cursors.Select((cursor, i) => Task.Factory.StartNew(
                () => parts[i] = ReadAll(cursor), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)),
        ];
        try
        {
            Task.WaitAll(readers, CancellationToken.None);
            return parts;
        }
        catch (AggregateException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }

        CursorRows ReadAll(DataViewRowCursor cursor)
        {
            using (cursor)
            {
                try
                {
                    CursorRows rows = makeRoom();
                    rows.ReadAll(cursor, stop.Token);
                    return rows;
                }
                catch
                {
                    stop.Cancel();
                    throw;
                }
            }
        }
    }

    private static ArrayRowSource<float>? TryMerge(CursorRows[] parts, bool hasWeights)
    {
        int dimension = parts[0].Dimension;
        long count = parts.Sum(part => (long)part.Count);
        if (count > Array.MaxLength / dimension) return null;
        List<Batch> batches = [.. parts.SelectMany(BatchesOf)];
        batches.Sort((a, b) => a.Number.CompareTo(b.Number));
        float[] values = new float[count * dimension], weights = new float[hasWeights ? count : 0];
        int at = 0;
        for (int i = 0; i < batches.Count; i++)
        {
            Batch batch = batches[i];
            if (i > 0 && batches[i - 1].Number == batch.Number) return null;
            batch.Rows.Values.Slice(batch.First * dimension, batch.Count * dimension).CopyTo(values.AsMemory(at * dimension));
            if (hasWeights) batch.Rows.Weights.Slice(batch.First, batch.Count).CopyTo(weights.AsMemory(at));
            at += batch.Count;
        }

        return new ArrayRowSource<float>(values, dimension, weights);
    }

    private static IEnumerable<Batch> BatchesOf(CursorRows rows)
    {
        for (int i = 0; i < rows.Batches.Count; i++)
        {
            (long number, int first) = rows.Batches[i];
            int end = i + 1 < rows.Batches.Count ? rows.Batches[i + 1].FirstRow : rows.Count;
            yield return new Batch(number, rows, first, end - first);
        }
    }

    private readonly record struct Batch(long Number, CursorRows Rows, int First, int Count);
}
