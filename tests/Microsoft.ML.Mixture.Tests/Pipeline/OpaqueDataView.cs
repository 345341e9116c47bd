using Microsoft.ML.Data;

namespace Microsoft.ML.Mixture.Tests;

/// <summary>A data view with one more column, Opaque, of a type whose values ML.NET knows nothing about: they hold for their row only.</summary>
internal sealed class OpaqueDataView : IDataView
{
    private readonly IDataView _inner;

    public OpaqueDataView(IDataView inner)
    {
        _inner = inner;
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(inner.Schema);
        builder.AddColumn("Opaque", new OpaqueType());
        Schema = builder.ToSchema();
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => _inner.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(Schema, _inner.GetRowCursor(_inner.Schema.Where(column => columnsNeeded.Any(needed => needed.Index == column.Index))));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    /// <summary>A value that tells the row that its cursor is at.</summary>
    public sealed class Opaque(DataViewRow row)
    {
        public long Position => row.Position;
    }

    private sealed class OpaqueType : StructuredDataViewType
    {
        public OpaqueType()
            : base(typeof(Opaque))
        {
        }

        public override bool Equals(DataViewType? other) => other is OpaqueType;
    }

    private sealed class Cursor(DataViewSchema schema, DataViewRowCursor inner) : DataViewRowCursor
    {
        public override long Position => inner.Position;

        public override long Batch => inner.Batch;

        public override DataViewSchema Schema => schema;

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => column.Name == "Opaque"
            ? (ValueGetter<TValue>)(Delegate)(ValueGetter<Opaque>)((ref Opaque value) => value = new Opaque(this))
            : inner.GetGetter<TValue>(inner.Schema[column.Index]);

        public override ValueGetter<DataViewRowId> GetIdGetter() => inner.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => column.Name == "Opaque" || inner.IsColumnActive(inner.Schema[column.Index]);

        public override bool MoveNext() => inner.MoveNext();

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
