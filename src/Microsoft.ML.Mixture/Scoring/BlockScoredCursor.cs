using Microsoft.ML.Data;
using Microsoft.ML.Mixture;

namespace Microsoft.ML.Trainers;

/// <summary>
/// A cursor over the mixture's columns alone, which reads blocks of rows ahead and scores them together. Where columns of the input are asked
/// for as well, their getters must stay at the current row, and <see cref="ScoredCursor"/> scores row by row.
/// </summary>
internal sealed class BlockScoredCursor(DataViewRowCursor input, ScoringMapper mapper, bool[] active) : DataViewRowCursor
{
    private readonly Block _block = new(input, mapper, active);
    private int _count;
    private int _place = -1;
    private bool _isDone;

    public override DataViewSchema Schema => mapper.OutputSchema;

    public override long Position => _isDone || _place < 0 ? -1 : _block.Positions[_place];

    public override long Batch => _isDone || _place < 0 ? input.Batch : _block.Batches[_place];

    public override bool MoveNext()
    {
        if (_isDone) return false;
        if (++_place < _count) return true;
        _place = 0;
        _count = _block.Fill();
        _isDone = _count == 0;
        return !_isDone;
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) =>
    {
        Check();
        value = _block.Ids[_place];
    };

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        ValueGetter<TValue> getter = _block.GetGetter<TValue>(column);
        return (ref TValue value) =>
        {
            Check();
            _block.Place = _place;
            getter(ref value);
        };
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => _block.IsActive(column);

    /// <summary>Whether only columns of the mixture are asked for.</summary>
    public static bool IsPossible(ScoringMapper mapper, bool[] active) =>
        ScoredColumns.IsScored(mapper, active) && Array.IndexOf(active, true, 0, mapper.InputSchema.Count) < 0;

    protected override void Dispose(bool disposing)
    {
        if (disposing) input.Dispose();
        _isDone = true;
        base.Dispose(disposing);
    }

    private void Check()
    {
        if (_isDone || _place < 0) throw new InvalidOperationException("The cursor is not at a row. Call MoveNext first, and get values only where it returns true.");
    }

    private sealed class Block(DataViewRowCursor input, ScoringMapper mapper, bool[] active)
        : ScoredColumns(mapper, active, RowPartition.BlockSizeOf(mapper.Model.Dimension))
    {
        private readonly ValueGetter<VBuffer<float>> _getFeatures = input.GetGetter<VBuffer<float>>(mapper.Feature);
        private readonly ValueGetter<DataViewRowId> _getId = input.GetIdGetter();

        public long[] Positions { get; } = new long[RowPartition.BlockSizeOf(mapper.Model.Dimension)];

        public long[] Batches { get; } = new long[RowPartition.BlockSizeOf(mapper.Model.Dimension)];

        public DataViewRowId[] Ids { get; } = new DataViewRowId[RowPartition.BlockSizeOf(mapper.Model.Dimension)];

        public int Place { get; set; }

        public int Fill()
        {
            int count = 0;
            while (count < Positions.Length && input.MoveNext())
            {
                Read(_getFeatures, count, input.Position);
                Positions[count] = input.Position;
                Batches[count] = input.Batch;
                _getId(ref Ids[count]);
                count++;
            }

            if (count > 0) Score(count);
            return count;
        }

        protected override int Locate() => Place;

        protected override ValueGetter<TValue> GetInputGetter<TValue>(DataViewSchema.Column column) =>
            throw new InvalidOperationException($"The column '{column.Name}' is not active in this row. Ask for it when you make the cursor or row.");
    }
}
