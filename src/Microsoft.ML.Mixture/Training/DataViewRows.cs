using Microsoft.ML.Mixture;
using Microsoft.ML.Mixture.Interop;

namespace Microsoft.ML.Trainers;

/// <summary>Copies the features and weights of a data view into arrays, for EM to pass over.</summary>
internal static class DataViewRows
{
    private const int FewestRowsOfSet = 10_000;

    // Some views of ML.NET make as many cursors as they are asked for, each of which gets a thread.
    private const int MostCursors = 64;

    /// <summary>Reads all rows, in the order in which a single cursor gives them.</summary>
    /// <param name="data">The data view.</param>
    /// <param name="feature">The feature column.</param>
    /// <param name="weight">The weight column; null if every row weighs one.</param>
    /// <param name="threadCount">The number of threads that may read. The result does not depend on it.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static ArrayRowSource<float> Read(
        IDataView data, DataViewSchema.Column feature, DataViewSchema.Column? weight, int threadCount, CancellationToken cancellationToken)
    {
        DataViewSchema.Column[] columns = weight is { } used ? [feature, used] : [feature];
        long? expected = data.GetRowCount();

        // A cache only hands over what it has, which one cursor does faster than several and a merge.
        if (threadCount > 1 && !(expected < FewestRowsOfSet) && !HostInternals.IsCache(data))
        {
            DataViewRowCursor[] cursors = data.GetRowCursorSet(columns, Math.Min(threadCount, MostCursors));
            if (cursors.Length == 1) return Read(cursors[0], feature, weight, expected, cancellationToken);
            if (CursorSetRows.TryRead(cursors, feature, weight, expected, cancellationToken) is { } rows) return rows;
        }

        return Read(data.GetRowCursor(columns), feature, weight, expected, cancellationToken);
    }

    private static ArrayRowSource<float> Read(
        DataViewRowCursor cursor, DataViewSchema.Column feature, DataViewSchema.Column? weight, long? expected, CancellationToken cancellationToken)
    {
        using (cursor)
        {
            var rows = new CursorRows(feature, weight, expected);
            rows.ReadAll(cursor, cancellationToken);
            return new ArrayRowSource<float>(rows.Values, rows.Dimension, rows.Weights);
        }
    }
}
