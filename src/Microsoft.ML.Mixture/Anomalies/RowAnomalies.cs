using Microsoft.ML.Data;
using Microsoft.ML.Mixture;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Trainers;

/// <summary>The columns that tell what is unusual about rows, over one input row that moves.</summary>
internal sealed class RowAnomalies(AnomalyMapper mapper, DataViewRow input, bool[] active)
    : ComputedColumns(mapper, input, active, mapper.Calibration.Model.Dimension)
{
    // A prediction engine makes all columns active, and calls the getters of some.
    private AnomalyScorer? _scorer;
    private ContributionScorer? _contributionScorer;
    private FeatureContribution[] _contributions = [];
    private bool _isJudged;
    private bool _hasContributions;

    protected override Delegate GetAddedGetter(int column) => MixtureSchema.AnomalyColumns[column] switch
    {
        MixtureSchema.PredictedLabel => (ValueGetter<bool>)GetPredictedLabel,
        MixtureSchema.Score => (ValueGetter<float>)GetScore,
        MixtureSchema.PValue => (ValueGetter<float>)GetPValue,
        MixtureSchema.LogLikelihood => (ValueGetter<float>)GetLogLikelihood,
        _ => (ValueGetter<VBuffer<float>>)GetContributions,
    };

    // Another row: nothing is known of it until it is asked for.
    protected override void Compute() => (_isJudged, _hasContributions) = (false, false);

    private AnomalyScorer Judge()
    {
        Update();
        _scorer ??= mapper.Calibration.CreateScorer();
        if (!_isJudged) _scorer.Score(Row);
        _isJudged = true;
        return _scorer;
    }

    private FeatureContribution[] Contribute()
    {
        Update();
        if (_hasContributions) return _contributions;
        if (_contributionScorer is null)
        {
            _contributionScorer = mapper.Calibration.Model.CreateContributionScorer();
            _contributions = new FeatureContribution[Row.Length];
        }

        _contributionScorer.Score(Row, _contributions);
        _hasContributions = true;
        return _contributions;
    }

    private void GetPredictedLabel(ref bool value) => value = Judge().IsAnomaly;

    private void GetScore(ref float value) => value = LaneTransposition.ToSingle(Judge().Excess);

    private void GetPValue(ref float value) => value = (float)Judge().PValue;

    private void GetLogLikelihood(ref float value) => value = LaneTransposition.ToSingle(Judge().LogDensity);

    private void GetContributions(ref VBuffer<float> value)
    {
        FeatureContribution[] contributions = Contribute();
        VBufferEditor<float> editor = VBufferEditor.Create(ref value, contributions.Length);
        for (int j = 0; j < contributions.Length; j++) editor.Values[j] = LaneTransposition.ToSingle(contributions[j].Contribution);
        value = editor.Commit();
    }
}
