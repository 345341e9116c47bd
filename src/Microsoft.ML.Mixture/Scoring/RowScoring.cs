using Microsoft.ML.Data;
using Microsoft.ML.Mixture;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Trainers;

/// <summary>The columns of scored rows over one input row that moves. Computes only what is asked for, at most once a row.</summary>
internal sealed class RowScoring : ScoredColumns
{
    private readonly DataViewRow _input;
    private readonly int _componentCount;
    private readonly ScoredBlock? _block;
    private readonly ValueGetter<VBuffer<float>>? _getFeatures;
    private VBuffer<float> _features;
    private long _position = -1;

    public RowScoring(ScoringMapper mapper, DataViewRow input, bool[] active)
        : base(mapper, active)
    {
        _input = input;
        _componentCount = mapper.Model.ShareCount;
        if (!mapper.IsComputed(active)) return;
        _block = new ScoredBlock(mapper, capacity: 1);
        _getFeatures = input.GetGetter<VBuffer<float>>(mapper.Input);
    }

    protected override ValueGetter<TValue> GetInputGetter<TValue>(DataViewSchema.Column column) => _input.GetGetter<TValue>(column);

    protected override void GetPredictedLabel(ref uint value) => value = (uint)(Score().Component(0) + 1);

    protected override void GetLogLikelihood(ref float value) => value = LaneTransposition.ToSingle(Score().LogDensity(0));

    protected override void GetScore(ref VBuffer<float> value)
    {
        BlockScorer scorer = Score();
        VBufferEditor<float> editor = VBufferEditor.Create(ref value, _componentCount);
        scorer.CopyScores(0, editor.Values);
        value = editor.Commit();
    }

    protected override void GetProbability(ref VBuffer<float> value)
    {
        BlockScorer scorer = Score();
        VBufferEditor<float> editor = VBufferEditor.Create(ref value, _componentCount);
        scorer.CopyResponsibilities(0, editor.Values);
        value = editor.Commit();
    }

    private BlockScorer Score()
    {
        // Before the first row the input's own getter says that there is none.
        if (_position == _input.Position && _position >= 0) return _block!.Scorer;
        _getFeatures!(ref _features);
        _block!.Set(_features, 0, _input.Position);
        _block.Score(1);
        _position = _input.Position;
        return _block.Scorer;
    }
}
