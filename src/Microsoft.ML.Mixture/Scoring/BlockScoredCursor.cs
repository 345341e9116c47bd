using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

/// <summary>A cursor that scores blocks of rows together.</summary>
internal sealed class BlockScoredCursor(DataViewRowCursor input, DataViewSchema schema, BlockScoring scoring) : DataViewRowCursor
{
    public override DataViewSchema Schema => schema;

    public override long Position => scoring.Position;

    public override long Batch => scoring.Batch;

    public override bool MoveNext() => scoring.MoveNext();

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = scoring.Id;

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => scoring.GetGetter<TValue>(column);

    public override bool IsColumnActive(DataViewSchema.Column column) => scoring.IsActive(column);

    protected override void Dispose(bool disposing)
    {
        scoring.Stop();
        if (disposing) input.Dispose();
        base.Dispose(disposing);
    }
}
