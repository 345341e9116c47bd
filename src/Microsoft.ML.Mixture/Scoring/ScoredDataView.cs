namespace Microsoft.ML.Trainers;

/// <summary>A data view whose rows are scored when they are read.</summary>
internal sealed class ScoredDataView(IDataView source, ScoringMapper mapper) : IDataView
{
    public bool CanShuffle => source.CanShuffle;

    public DataViewSchema Schema => mapper.OutputSchema;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        bool[] active = mapper.IsActive(columnsNeeded);
        return Score(source.GetRowCursor(Dependencies(active), rand), active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        bool[] active = mapper.IsActive(columnsNeeded);
        return [.. source.GetRowCursorSet(Dependencies(active), n, rand).Select(cursor => Score(cursor, active))];
    }

    private IEnumerable<DataViewSchema.Column> Dependencies(bool[] active) => mapper.GetDependencies(mapper.OutputSchema.Where(column => active[column.Index]));

    private DataViewRowCursor Score(DataViewRowCursor cursor, bool[] active) => BlockScoring.IsPossible(mapper, active)
        ? new BlockScoredCursor(cursor, mapper.OutputSchema, new BlockScoring(mapper, cursor, active))
        : new ComputedCursor(cursor, new RowScoring(mapper, cursor, active), mapper.OutputSchema);
}
