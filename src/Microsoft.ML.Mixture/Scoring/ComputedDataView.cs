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
        return Create([source.GetRowCursor(Dependencies(active), rand)], active)[0];
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        bool[] active = mapper.IsActive(columnsNeeded);
        return Create(source.GetRowCursorSet(Dependencies(active), n, rand), active);
    }

    // Cursors of the source that nobody gets are nobody's to dispose of.
    private DataViewRowCursor[] Create(DataViewRowCursor[] cursors, bool[] active)
    {
        try
        {
            return [.. cursors.Select(cursor => mapper.CreateCursor(cursor, active))];
        }
        catch
        {
            foreach (DataViewRowCursor cursor in cursors) cursor.Dispose();
            throw;
        }
    }

    private IEnumerable<DataViewSchema.Column> Dependencies(bool[] active) => mapper.GetDependencies(mapper.OutputSchema.Where(column => active[column.Index]));
}
