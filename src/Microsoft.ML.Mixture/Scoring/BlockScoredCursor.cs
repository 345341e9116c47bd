using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

/// <summary>A cursor that scores blocks of rows together.</summary>
internal sealed class BlockScoredCursor(DataViewRowCursor input, ScoringMapper mapper, bool[] active) : DataViewRowCursor
{
    private readonly BlockScoring _scoring = new(mapper, input, active);

    public override DataViewSchema Schema => mapper.OutputSchema;

    public override long Position => _scoring.Position;

    public override long Batch => _scoring.Batch;

    public override bool MoveNext() => _scoring.MoveNext();

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = _scoring.Id;

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => _scoring.GetGetter<TValue>(column);

    public override bool IsColumnActive(DataViewSchema.Column column) => _scoring.IsActive(column);

    protected override void Dispose(bool disposing)
    {
        _scoring.Stop();
        if (disposing) input.Dispose();
        base.Dispose(disposing);
    }
}
