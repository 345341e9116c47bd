using Microsoft.ML.Data;
using Microsoft.ML.Mixture;

namespace Microsoft.ML.Trainers;

/// <summary>The columns of scored rows over one input row that moves. Computes only what is asked for, at most once a row.</summary>
internal sealed class RowScoring
{
    private readonly ScoringMapper _mapper;
    private readonly DataViewRow _input;
    private readonly bool[] _active;
    private readonly ValueGetter<VBuffer<float>>? _getFeatures;
    private readonly MixtureScorer? _scorer;
    private readonly double[] _row;
    private readonly double[] _responsibilities;
    private VBuffer<float> _features;
    private long _position = -1;

    public RowScoring(ScoringMapper mapper, DataViewRow input, bool[] active)
    {
        _mapper = mapper;
        _input = input;
        _active = active;
        _row = new double[mapper.Model.Dimension];
        _responsibilities = new double[mapper.Model.ComponentCount];
        if (Array.IndexOf(active, true, mapper.InputSchema.Count) < 0) return;
        _getFeatures = input.GetGetter<VBuffer<float>>(mapper.Feature);
        _scorer = mapper.Model.CreateScorer();
    }

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

        if (column.Index < _mapper.InputSchema.Count) return _input.GetGetter<TValue>(_mapper.InputSchema[column.Index]);
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

    // Score and LogLikelihood stay finite in single precision, as Clustering.Evaluate skips rows that do not.
    private static float Finite(double value) => (float)Math.Clamp(value, -float.MaxValue, float.MaxValue);

    private void CheckColumn(DataViewSchema.Column column)
    {
        if (column.Index >= _active.Length || column.Name != _mapper.OutputSchema[column.Index].Name)
        {
            throw new ArgumentOutOfRangeException(nameof(column), $"The column '{column.Name}' at {column.Index} is not part of this schema.");
        }
    }

    private MixtureScorer Score()
    {
        // Before the first row the input's own getter says that there is none.
        if (_position == _input.Position && _position >= 0) return _scorer!;
        _getFeatures!(ref _features);
        if (_features.Length != _row.Length)
        {
            throw new InvalidOperationException(
                $"Row {_input.Position} has {_features.Length} values in the feature column '{_mapper.Feature.Name}', but the mixture has {_row.Length} features. "
                + "Give every row as many as the column's type says.");
        }

        if (_features.IsDense)
        {
            ReadOnlySpan<float> values = _features.GetValues();
            for (int j = 0; j < _row.Length; j++) _row[j] = values[j];
        }
        else
        {
            Array.Clear(_row);
            ReadOnlySpan<float> values = _features.GetValues();
            ReadOnlySpan<int> indices = _features.GetIndices();
            for (int at = 0; at < values.Length; at++) _row[indices[at]] = values[at];
        }

        _scorer!.Score(_row);
        _position = _input.Position;
        return _scorer;
    }

    // Keys count from one; zero stands for missing.
    private void GetPredictedLabel(ref uint value) => value = (uint)(Score().Component + 1);

    private void GetLogLikelihood(ref float value) => value = Finite(Score().LogDensity);

    private void GetScore(ref VBuffer<float> value)
    {
        ReadOnlySpan<double> joint = Score().JointLogDensities;
        VBufferEditor<float> editor = VBufferEditor.Create(ref value, joint.Length);
        for (int k = 0; k < joint.Length; k++) editor.Values[k] = Finite(-joint[k]);
        value = editor.Commit();
    }

    private void GetProbability(ref VBuffer<float> value)
    {
        Score().CopyResponsibilities(_responsibilities);
        VBufferEditor<float> editor = VBufferEditor.Create(ref value, _responsibilities.Length);
        for (int k = 0; k < _responsibilities.Length; k++) editor.Values[k] = (float)_responsibilities[k];
        value = editor.Commit();
    }
}
