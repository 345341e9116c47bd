using Microsoft.ML.Data;

namespace Microsoft.ML.Mixture.Tests;

/// <summary>Counts what is asked of a data view.</summary>
internal sealed class CountingDataView(IDataView inner) : IDataView
{
    private int _cursors;
    private int _moves;
    private int _values;

    public int Cursors => _cursors;

    public int Moves => _moves;

    public int Values => _values;

    /// <summary>The columns that the latest cursor was asked for.</summary>
    public string[] ActiveColumns { get; private set; } = [];

    public bool CanShuffle => inner.CanShuffle;

    public DataViewSchema Schema => inner.Schema;

    public long? GetRowCount() => inner.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        ActiveColumns = [.. columnsNeeded.Select(column => column.Name)];
        Interlocked.Increment(ref _cursors);
        return new Cursor(this, inner.GetRowCursor(columnsNeeded, rand));
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        ActiveColumns = [.. columnsNeeded.Select(column => column.Name)];
        DataViewRowCursor[] cursors = inner.GetRowCursorSet(columnsNeeded, n, rand);
        Interlocked.Add(ref _cursors, cursors.Length);
        return [.. cursors.Select(cursor => new Cursor(this, cursor))];
    }

    private sealed class Cursor(CountingDataView owner, DataViewRowCursor inner) : DataViewRowCursor
    {
        public override long Position => inner.Position;

        public override long Batch => inner.Batch;

        public override DataViewSchema Schema => inner.Schema;

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            ValueGetter<TValue> getter = inner.GetGetter<TValue>(column);
            return (ref TValue value) =>
            {
                Interlocked.Increment(ref owner._values);
                getter(ref value);
            };
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => inner.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => inner.IsColumnActive(column);

        public override bool MoveNext()
        {
            Interlocked.Increment(ref owner._moves);
            return inner.MoveNext();
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
