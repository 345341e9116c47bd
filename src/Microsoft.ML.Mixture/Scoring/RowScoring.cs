using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

/// <summary>The columns of scored rows over one input row that moves. Computes only what is asked for, at most once a row.</summary>
internal sealed class RowScoring(ScoringMapper mapper, DataViewRow input, bool[] active) : ScoredColumns(mapper, active, capacity: 1)
{
    private readonly ValueGetter<VBuffer<float>>? _getFeatures = IsScored(mapper, active) ? input.GetGetter<VBuffer<float>>(mapper.Feature) : null;
    private long _position = -1;

    protected override ValueGetter<TValue> GetInputGetter<TValue>(DataViewSchema.Column column) => input.GetGetter<TValue>(column);

    protected override int Locate()
    {
        // Before the first row the input's own getter says that there is none.
        if (_position == input.Position && _position >= 0) return 0;
        Read(_getFeatures!, 0, input.Position);
        Score(1);
        _position = input.Position;
        return 0;
    }
}
