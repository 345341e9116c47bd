using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>A data view whose missing values are replaced when rows are read.</summary>
internal sealed class FilledDataView(IDataView source, FillingMapper mapper) : IDataView
{
    public bool CanShuffle => source.CanShuffle;

    public DataViewSchema Schema => mapper.OutputSchema;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        bool[] active = mapper.IsActive(columnsNeeded);
        return Fill(source.GetRowCursor(Dependencies(active), rand), active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        bool[] active = mapper.IsActive(columnsNeeded);
        return [.. source.GetRowCursorSet(Dependencies(active), n, rand).Select(cursor => Fill(cursor, active))];
    }

    private IEnumerable<DataViewSchema.Column> Dependencies(bool[] active) => mapper.GetDependencies(mapper.OutputSchema.Where(column => active[column.Index]));

    private FilledCursor Fill(DataViewRowCursor cursor, bool[] active) => new(cursor, new RowFilling(mapper, cursor, active), mapper.OutputSchema);
}

/// <summary>An input row with the replaced values.</summary>
internal sealed class FilledRow(DataViewRow input, RowFilling filling, DataViewSchema schema) : DataViewRow
{
    public override DataViewSchema Schema => schema;

    public override long Position => input.Position;

    public override long Batch => input.Batch;

    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => filling.GetGetter<TValue>(column);

    public override bool IsColumnActive(DataViewSchema.Column column) => filling.IsActive(column);

    protected override void Dispose(bool disposing)
    {
        if (disposing) input.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>The same over a cursor.</summary>
internal sealed class FilledCursor(DataViewRowCursor input, RowFilling filling, DataViewSchema schema) : DataViewRowCursor
{
    public override DataViewSchema Schema => schema;

    public override long Position => input.Position;

    public override long Batch => input.Batch;

    public override bool MoveNext() => input.MoveNext();

    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => filling.GetGetter<TValue>(column);

    public override bool IsColumnActive(DataViewSchema.Column column) => filling.IsActive(column);

    protected override void Dispose(bool disposing)
    {
        if (disposing) input.Dispose();
        base.Dispose(disposing);
    }
}
