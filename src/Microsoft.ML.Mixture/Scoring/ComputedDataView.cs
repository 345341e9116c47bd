namespace Microsoft.ML.Trainers;

/// <summary>A data view with columns that are computed when rows are read.</summary>
internal sealed class ComputedDataView(IDataView source, ComputedMapper mapper) : IDataView
{
    public bool CanShuffle => source.CanShuffle;

    public DataViewSchema Schema => mapper.OutputSchema;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        bool[] active = mapper.IsActive(columnsNeeded);
        return mapper.CreateCursor(source.GetRowCursor(Dependencies(active), rand), active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        bool[] active = mapper.IsActive(columnsNeeded);
        return [.. source.GetRowCursorSet(Dependencies(active), n, rand).Select(cursor => mapper.CreateCursor(cursor, active))];
    }

    private IEnumerable<DataViewSchema.Column> Dependencies(bool[] active) => mapper.GetDependencies(mapper.OutputSchema.Where(column => active[column.Index]));
}
