using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

/// <summary>An input row with computed columns.</summary>
internal sealed class ComputedRow(DataViewRow input, RowColumns columns, DataViewSchema schema) : DataViewRow
{
    public override DataViewSchema Schema => schema;

    public override long Position => input.Position;

    public override long Batch => input.Batch;

    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => columns.GetGetter<TValue>(column);

    public override bool IsColumnActive(DataViewSchema.Column column) => columns.IsActive(column);

    protected override void Dispose(bool disposing)
    {
        if (disposing) input.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>The same over a cursor.</summary>
internal sealed class ComputedCursor(DataViewRowCursor input, RowColumns columns, DataViewSchema schema) : DataViewRowCursor
{
    public override DataViewSchema Schema => schema;

    public override long Position => input.Position;

    public override long Batch => input.Batch;

    public override bool MoveNext() => input.MoveNext();

    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => columns.GetGetter<TValue>(column);

    public override bool IsColumnActive(DataViewSchema.Column column) => columns.IsActive(column);

    protected override void Dispose(bool disposing)
    {
        if (disposing) input.Dispose();
        base.Dispose(disposing);
    }
}
