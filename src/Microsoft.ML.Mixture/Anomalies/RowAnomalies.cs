using Microsoft.ML.Data;
using Microsoft.ML.Mixture;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Trainers;

/// <summary>The columns that tell what is unusual about rows, over one input row that moves.</summary>
internal sealed class RowAnomalies(AnomalyMapper mapper, DataViewRow input, bool[] active)
    : ComputedColumns(mapper, input, active, mapper.Calibration.Model.Dimension)
{
    private readonly AnomalyScorer? _scorer = mapper.IsComputed(active) ? mapper.Calibration.CreateScorer() : null;

    // Contributions cost many times what all the others do.
    private readonly ContributionScorer? _contributionScorer = active[mapper.OutputSchema[MixtureSchema.Contributions].Index]
        ? mapper.Calibration.Model.CreateContributionScorer() : null;

    private readonly FeatureContribution[] _contributions = new FeatureContribution[mapper.Calibration.Model.Dimension];

    protected override Delegate GetAddedGetter(int column) => MixtureSchema.AnomalyColumns[column] switch
    {
        MixtureSchema.PredictedLabel => (ValueGetter<bool>)GetPredictedLabel,
        MixtureSchema.Score => (ValueGetter<float>)GetScore,
        MixtureSchema.PValue => (ValueGetter<float>)GetPValue,
        MixtureSchema.LogLikelihood => (ValueGetter<float>)GetLogLikelihood,
        _ => (ValueGetter<VBuffer<float>>)GetContributions,
    };

    protected override void Compute()
    {
        _scorer!.Score(Row);
        _contributionScorer?.Score(Row, _contributions);
    }

    private void GetPredictedLabel(ref bool value)
    {
        Update();
        value = _scorer!.IsAnomaly;
    }

    private void GetScore(ref float value)
    {
        Update();
        value = LaneTransposition.ToSingle(_scorer!.Excess);
    }

    private void GetPValue(ref float value)
    {
        Update();
        value = (float)_scorer!.PValue;
    }

    private void GetLogLikelihood(ref float value)
    {
        Update();
        value = LaneTransposition.ToSingle(_scorer!.LogDensity);
    }

    private void GetContributions(ref VBuffer<float> value)
    {
        Update();
        VBufferEditor<float> editor = VBufferEditor.Create(ref value, _contributions.Length);
        for (int j = 0; j < _contributions.Length; j++) editor.Values[j] = LaneTransposition.ToSingle(_contributions[j].Contribution);
        value = editor.Commit();
    }
}
