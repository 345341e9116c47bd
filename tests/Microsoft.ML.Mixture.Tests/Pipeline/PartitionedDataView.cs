using Microsoft.ML.Data;

namespace Microsoft.ML.Mixture.Tests;

/// <summary>A data view that deals out the rows of another in batches of a cursor set, or fails while it does.</summary>
internal sealed class PartitionedDataView(IDataView inner, Func<long, (int Cursor, long Batch)> place) : IDataView
{
    /// <summary>The row, counted over the whole view, whose move fails, if any.</summary>
    public long? FailingRow { get; init; }

    /// <summary>The name of a column that there is no getter of, if any.</summary>
    public string? FailingColumn { get; init; }

    public bool CanShuffle => false;

    public DataViewSchema Schema => inner.Schema;

    /// <summary>How many cursors were made and not yet disposed of.</summary>
    public int OpenCursors;

    /// <summary>How many cursors were made.</summary>
    public int MadeCursors;

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(this, inner.GetRowCursor(columnsNeeded, rand), _ => true, _ => 0);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
    [
        .. Enumerable.Range(0, n).Select(cursor => new Cursor(
            this, inner.GetRowCursor(columnsNeeded, rand), row => place(row).Cursor % n == cursor, row => place(row).Batch)),
    ];

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly PartitionedDataView _owner;
        private readonly DataViewRowCursor _inner;
        private readonly Func<long, bool> _isMine;
        private readonly Func<long, long> _batchOf;
        private long _position = -1;
        private bool _isDisposed;

        public Cursor(PartitionedDataView owner, DataViewRowCursor inner, Func<long, bool> isMine, Func<long, long> batchOf)
        {
            (_owner, _inner, _isMine, _batchOf) = (owner, inner, isMine, batchOf);
            Interlocked.Increment(ref owner.OpenCursors);
            Interlocked.Increment(ref owner.MadeCursors);
        }

        public override long Position => _position;

        public override long Batch => _inner.Position < 0 ? -1 : _batchOf(_inner.Position);

        public override DataViewSchema Schema => _inner.Schema;

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
            column.Name == _owner.FailingColumn ? throw new IOException($"{column.Name} cannot be read.") : _inner.GetGetter<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => _inner.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => _inner.IsColumnActive(column);

        public override bool MoveNext()
        {
            while (_inner.MoveNext())
            {
                if (_inner.Position == _owner.FailingRow) throw new IOException($"Row {_inner.Position} cannot be read.");
                if (!_isMine(_inner.Position)) continue;
                _position++;
                return true;
            }

            _position = -1;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing && !_isDisposed)
            {
                _isDisposed = true;
                _inner.Dispose();
                Interlocked.Decrement(ref _owner.OpenCursors);
            }

            base.Dispose(disposing);
        }
    }
}
