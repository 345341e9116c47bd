using System.Runtime.ExceptionServices;
using Microsoft.ML.Data;
using Microsoft.ML.Mixture;

namespace Microsoft.ML.Trainers;

/// <summary>
/// The columns of scored rows over a cursor that is read ahead, so that blocks of rows are scored together; the values of the input's columns
/// are kept until their row is reached.
/// </summary>
internal sealed class BlockScoring : ScoredColumns
{
    private const int FewestRows = 8;
    private const int MostValues = 1 << 19;

    private readonly DataViewRowCursor _input;
    private readonly BufferedColumn?[] _columns;
    private readonly BufferedColumn[] _activeColumns;
    private readonly BufferedVectors<float>? _keptFeatures;
    private readonly ValueGetter<VBuffer<float>> _getFeatures;
    private readonly ValueGetter<DataViewRowId> _getId;
    private readonly ScoredBlock _block;
    private readonly long[] _batches;
    private readonly DataViewRowId[] _ids;
    private VBuffer<float> _features;
    private ExceptionDispatchInfo? _failure;
    private long _firstPosition;
    private int _blockSize = FewestRows;
    private int _count;
    private int _place = -1;
    private bool _isDone;

    public BlockScoring(ScoringMapper mapper, DataViewRowCursor input, bool[] active)
        : base(mapper, active)
    {
        _input = input;
        DataViewSchema.Column[] columns = [.. mapper.InputSchema.Where(column => active[column.Index])];
        int capacity = Math.Clamp(MostValues / Math.Max(1, columns.Sum(BufferedColumn.LengthOf)), FewestRows, RowPartition.BlockSizeOf(mapper.Model.Dimension));
        _columns = new BufferedColumn?[mapper.InputSchema.Count];
        foreach (DataViewSchema.Column column in columns) _columns[column.Index] = BufferedColumn.Create(input, column, capacity);
        _activeColumns = [.. _columns.OfType<BufferedColumn>()];
        _keptFeatures = (BufferedVectors<float>?)_columns[mapper.Feature.Index];
        _getFeatures = input.GetGetter<VBuffer<float>>(mapper.Feature);
        _getId = input.GetIdGetter();
        _block = new ScoredBlock(mapper, capacity);
        _batches = new long[capacity];
        _ids = new DataViewRowId[capacity];
    }

    /// <summary>The place of the current row among those that were read ahead.</summary>
    /// <exception cref="InvalidOperationException">There is no current row.</exception>
    public int Slot => _place >= 0 ? _place : throw new InvalidOperationException(
        "The cursor is not at a row. Call MoveNext first, and get values only where it returns true.");

    public long Position => _place >= 0 ? _firstPosition + _place : -1;

    public long Batch => _place >= 0 ? _batches[_place] : _input.Batch;

    public DataViewRowId Id => _ids[Slot];

    /// <summary>Whether all columns that are asked for can be kept, and any is the mixture's.</summary>
    public static bool IsPossible(ScoringMapper mapper, bool[] active) =>
        IsScored(mapper, active) && mapper.InputSchema.All(column => !active[column.Index] || BufferedColumn.IsPossible(column));

    public bool MoveNext()
    {
        if (_isDone) return false;
        if (++_place < _count) return true;
        _firstPosition += _count;
        Fill();
        _place = 0;
        if (_count > 0) return true;
        Stop();
        _failure?.Throw();
        return false;
    }

    /// <summary>Ends the reading: there is no current row any more.</summary>
    public void Stop()
    {
        _isDone = true;
        _place = -1;
    }

    protected override BlockScorer Locate(out int place)
    {
        place = Slot;
        return _block.Scorer;
    }

    protected override ValueGetter<TValue> GetInputGetter<TValue>(DataViewSchema.Column column) =>
        _columns[column.Index]!.GetGetter(this) as ValueGetter<TValue> ?? throw WrongType<TValue>(column);

    // The first blocks are small: who looks at a few rows does not wait for many.
    private void Fill()
    {
        _count = 0;
        try
        {
            int size = Math.Min(_blockSize, _ids.Length);
            _blockSize = 2 * size;
            while (_count < size && _failure is null && _input.MoveNext())
            {
                ReadRow(_count);
                _count++;
            }
        }
        catch (Exception exception)
        {
            // The rows before it are good, and reached first.
            _failure = ExceptionDispatchInfo.Capture(exception);
        }

        if (_count > 0) _block.Score(_count);
    }

    private void ReadRow(int slot)
    {
        foreach (BufferedColumn column in _activeColumns) column.Read(slot);
        if (_keptFeatures is null)
        {
            _getFeatures(ref _features);
            _block.Set(_features, slot, _input.Position);
        }
        else
        {
            _block.Set(_keptFeatures[slot], slot, _input.Position);
        }

        _batches[slot] = _input.Batch;
        _getId(ref _ids[slot]);
    }
}
