using Microsoft.ML.Trainers;

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

    private ComputedCursor Fill(DataViewRowCursor cursor, bool[] active) => new(cursor, new RowFilling(mapper, cursor, active), mapper.OutputSchema);
}
