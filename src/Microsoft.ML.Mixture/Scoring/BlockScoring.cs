using System.Runtime.ExceptionServices;
using Microsoft.ML.Data;
using Microsoft.ML.Mixture;
using Microsoft.ML.Mixture.Numerics;

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
    private readonly int _componentCount;
    private readonly BufferedColumn?[] _columns;
    private readonly BufferedColumn[] _activeColumns;
    private readonly BufferedVectors<float>? _keptFeatures;
    private readonly ValueGetter<VBuffer<float>> _getFeatures;
    private readonly ValueGetter<DataViewRowId> _getId;
    private readonly ScoredBlock _block;
    private readonly long[] _batches;
    private readonly DataViewRowId[] _ids;
    private readonly float[]? _scores;
    private readonly float[]? _probabilities;
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
        _componentCount = mapper.Model.ShareCount;
        DataViewSchema.Column[] columns = [.. mapper.InputSchema.Where(column => active[column.Index])];
        int capacity = (int)Math.Clamp(MostValues / Math.Max(1, columns.Sum(BufferedColumn.LengthOf)), FewestRows, RowPartition.BlockSizeOf(mapper.Model.Dimension));
        _columns = new BufferedColumn?[mapper.InputSchema.Count];
        foreach (DataViewSchema.Column column in columns) _columns[column.Index] = BufferedColumn.Create(input, column, capacity);
        _activeColumns = [.. _columns.OfType<BufferedColumn>()];
        _keptFeatures = (BufferedVectors<float>?)_columns[mapper.Input.Index];
        _getFeatures = input.GetGetter<VBuffer<float>>(mapper.Input);
        _getId = input.GetIdGetter();
        _block = new ScoredBlock(mapper, capacity);
        _batches = new long[capacity];
        _ids = new DataViewRowId[capacity];
        if (active[mapper.OutputSchema[MixtureSchema.Score].Index]) _scores = new float[capacity * _componentCount];
        if (active[mapper.OutputSchema[MixtureSchema.Probability].Index]) _probabilities = new float[capacity * _componentCount];
    }

    /// <summary>The place of the current row among those that were read ahead.</summary>
    /// <exception cref="InvalidOperationException">There is no current row.</exception>
    public int Place => _place >= 0 ? _place : throw new InvalidOperationException(
        "The cursor is not at a row. Call MoveNext first, and get values only where it returns true.");

    public long Position => _place >= 0 ? _firstPosition + _place : -1;

    public long Batch => _place >= 0 ? _batches[_place] : _input.Batch;

    public DataViewRowId Id => _ids[Place];

    /// <summary>Whether all columns that are asked for can be kept, and any is the mixture's.</summary>
    public static bool IsPossible(ScoringMapper mapper, bool[] active) =>
        mapper.IsComputed(active) && mapper.InputSchema.All(column => !active[column.Index] || BufferedColumn.IsPossible(column));

    public bool MoveNext()
    {
        if (_place + 1 >= _count) return !_isDone && MoveToNextBlock();
        _place++;
        return true;
    }

    /// <summary>Ends the reading: there is no current row any more.</summary>
    public void Stop()
    {
        _isDone = true;
        _place = -1;
        _count = 0;
    }

    protected override void GetPredictedLabel(ref uint value) => value = (uint)(_block.Scorer.Component(Place) + 1);

    protected override void GetLogLikelihood(ref float value) => value = LaneTransposition.ToSingle(_block.Scorer.LogDensity(Place));

    protected override void GetScore(ref VBuffer<float> value) => Copy(_scores!, ref value);

    protected override void GetProbability(ref VBuffer<float> value) => Copy(_probabilities!, ref value);

    protected override ValueGetter<TValue> GetInputGetter<TValue>(DataViewSchema.Column column) =>
        _columns[column.Index]!.GetGetter(this) as ValueGetter<TValue> ?? throw WrongType<TValue>(column);

    private void Copy(float[] rows, ref VBuffer<float> value)
    {
        ReadOnlySpan<float> row = rows.AsSpan(Place * _componentCount, _componentCount);
        VBufferEditor<float> editor = VBufferEditor.Create(ref value, row.Length);
        row.CopyTo(editor.Values);
        value = editor.Commit();
    }

    private bool MoveToNextBlock()
    {
        _firstPosition += _count;
        Fill();
        _place = 0;
        if (_count > 0) return true;
        Stop();
        _failure?.Throw();
        return false;
    }

    // The first blocks are small: who looks at a few rows does not wait for many.
    private void Fill()
    {
        int size = Math.Min(_blockSize, _ids.Length);
        _blockSize = 2 * size;
        _count = 0;
        try
        {
            if (_failure is null) ReadRows(size);
        }
        catch (Exception exception)
        {
            // The rows before it are good, and reached first.
            _failure = ExceptionDispatchInfo.Capture(exception);
        }

        if (_count == 0) return;
        _block.Score(_count);
        if (_scores is not null) _block.Scorer.CopyAllScores(_count, _scores);
        if (_probabilities is not null) _block.Scorer.CopyAllResponsibilities(_count, _probabilities);
    }

    private void ReadRows(int count)
    {
        DataViewRowCursor input = _input;
        for (int place = 0; place < count && input.MoveNext(); place++)
        {
            foreach (BufferedColumn column in _activeColumns) column.Read(place);
            if (_keptFeatures is null)
            {
                _getFeatures(ref _features);
                _block.Set(_features, place, input.Position);
            }
            else
            {
                _block.Set(_keptFeatures[place], place, input.Position);
            }

            _batches[place] = input.Batch;
            _getId(ref _ids[place]);
            _count = place + 1;
        }
    }
}
