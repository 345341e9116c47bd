using Microsoft.ML.Mixture;

namespace Microsoft.ML.Trainers;

/// <summary>Reads the cursors of a set at the same time and puts their rows into the order of a single cursor, which their batch numbers tell.</summary>
internal static class CursorSetRows
{
    private const int SpareCapacity = 1024;

    /// <summary>Reads all rows.</summary>
    /// <returns>
    /// The rows; or null if a cursor failed or the batch numbers tell no order. Then a single cursor has to read, whose error, if any, names the row.
    /// </returns>
    /// <exception cref="OperationCanceledException">The reading was cancelled.</exception>
    public static ArrayRowSource<float>? TryRead(
        DataViewRowCursor[] cursors, DataViewSchema.Column feature, DataViewSchema.Column? weight, long? expected, CancellationToken cancellationToken)
    {
        CursorRows[] parts = [.. cursors.Select(_ => new CursorRows(feature, weight, (expected / cursors.Length) + SpareCapacity))];
        return TryReadAll(cursors, parts, cancellationToken) ? TryMerge(parts, hasWeights: weight is not null) : null;
    }

    // A thread a cursor, as they may wait for each other.
    private static bool TryReadAll(DataViewRowCursor[] cursors, CursorRows[] parts, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] readers =
        [
            .. cursors.Select((cursor, i) => Task.Factory.StartNew(
                () => ReadAll(cursor, parts[i]), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)),
        ];
        try
        {
            Task.WaitAll(readers, CancellationToken.None);
            return true;
        }
        catch (AggregateException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }

        void ReadAll(DataViewRowCursor cursor, CursorRows part)
        {
            using (cursor)
            {
                try
                {
                    part.ReadAll(cursor, stop.Token);
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
