using Microsoft.ML.Data;
using Microsoft.ML.Mixture;

namespace Microsoft.ML.Trainers;

/// <summary>The values of a mixture's columns, of the rows of a block.</summary>
internal abstract class ScoredColumns
{
    private readonly ScoringMapper _mapper;
    private readonly bool[] _active;
    private readonly int _dimension;
    private readonly float[] _rows;
    private readonly double[] _joint;
    private readonly BlockScorer? _scorer;
    private VBuffer<float> _features;

    protected ScoredColumns(ScoringMapper mapper, bool[] active, int capacity)
    {
        _mapper = mapper;
        _active = active;
        _dimension = mapper.Model.Dimension;
        _rows = new float[_dimension * capacity];
        _joint = new double[mapper.Model.ComponentCount];
        if (IsScored(mapper, active)) _scorer = new BlockScorer(mapper.Model, capacity);
    }

    /// <summary>Whether any column of the mixture is asked for.</summary>
    public static bool IsScored(ScoringMapper mapper, bool[] active) => Array.IndexOf(active, true, mapper.InputSchema.Count) >= 0;

    public bool IsActive(DataViewSchema.Column column)
    {
        CheckColumn(column);
        return _active[column.Index];
    }

    public ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        CheckColumn(column);
        if (!_active[column.Index])
        {
            throw new InvalidOperationException($"The column '{column.Name}' is not active in this row. Ask for it when you make the cursor or row.");
        }

        if (column.Index < _mapper.InputSchema.Count) return GetInputGetter<TValue>(_mapper.InputSchema[column.Index]);
        Delegate getter = MixtureSchema.AddedColumns[column.Index - _mapper.InputSchema.Count] switch
        {
            MixtureSchema.PredictedLabel => (ValueGetter<uint>)GetPredictedLabel,
            MixtureSchema.Score => (ValueGetter<VBuffer<float>>)GetScore,
            MixtureSchema.Probability => (ValueGetter<VBuffer<float>>)GetProbability,
            _ => (ValueGetter<float>)GetLogLikelihood,
        };
        return getter as ValueGetter<TValue> ?? throw new InvalidOperationException(
            $"The column '{column.Name}' holds {column.Type.RawType.Name}, but its values were asked for as {typeof(TValue).Name}.");
    }

    /// <summary>Makes sure that the current row has been scored, and tells its place in the block.</summary>
    protected abstract int Locate();

    protected abstract ValueGetter<TValue> GetInputGetter<TValue>(DataViewSchema.Column column);

    /// <summary>Reads the features of a row into a place of the block.</summary>
    protected void Read(ValueGetter<VBuffer<float>> getFeatures, int place, long position)
    {
        getFeatures(ref _features);
        if (_features.Length != _dimension)
        {
            throw new InvalidOperationException(
                $"Row {position} has {_features.Length} values in the feature column '{_mapper.Feature.Name}', but the mixture has {_dimension} features. "
                + "Give every row as many as the column's type says.");
        }

        _features.CopyTo(_rows.AsSpan(place * _dimension, _dimension));
    }

    /// <summary>Scores the rows in the first places of the block.</summary>
    protected void Score(int count) => _scorer!.Score<float>(_rows.AsSpan(0, count * _dimension));

    // Score and LogLikelihood stay finite in single precision, as Clustering.Evaluate skips rows that do not.
    private static float Finite(double value) => (float)Math.Clamp(value, -float.MaxValue, float.MaxValue);

    private void CheckColumn(DataViewSchema.Column column)
    {
        if (column.Index >= _active.Length || column.Name != _mapper.OutputSchema[column.Index].Name)
        {
            throw new ArgumentOutOfRangeException(nameof(column), $"The column '{column.Name}' at {column.Index} is not part of this schema.");
        }
    }

    // Keys count from one; zero stands for missing.
    private void GetPredictedLabel(ref uint value) => value = (uint)(_scorer!.Component(Locate()) + 1);

    private void GetLogLikelihood(ref float value) => value = Finite(_scorer!.LogDensity(Locate()));

    private void GetScore(ref VBuffer<float> value)
    {
        int place = Locate();
        VBufferEditor<float> editor = VBufferEditor.Create(ref value, _mapper.Model.ComponentCount);
        _scorer!.CopyJointLogDensities(place, _joint);
        for (int k = 0; k < _joint.Length; k++) editor.Values[k] = Finite(-_joint[k]);
        value = editor.Commit();
    }

    private void GetProbability(ref VBuffer<float> value)
    {
        int place = Locate();
        VBufferEditor<float> editor = VBufferEditor.Create(ref value, _mapper.Model.ComponentCount);
        _scorer!.CopyResponsibilities(place, editor.Values);
        value = editor.Commit();
    }
}
