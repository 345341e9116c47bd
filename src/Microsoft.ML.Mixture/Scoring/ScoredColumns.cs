using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

/// <summary>The columns of scored rows.</summary>
internal abstract class ScoredColumns(ScoringMapper mapper, bool[] active) : RowColumns(mapper, active)
{
    protected override Delegate GetAddedGetter(int column) => MixtureSchema.AddedColumns[column] switch
    {
        MixtureSchema.PredictedLabel => (ValueGetter<uint>)GetPredictedLabel,
        MixtureSchema.Score => (ValueGetter<VBuffer<float>>)GetScore,
        MixtureSchema.Probability => (ValueGetter<VBuffer<float>>)GetProbability,
        _ => (ValueGetter<float>)GetLogLikelihood,
    };

    // Keys count from one; zero stands for missing.
    protected abstract void GetPredictedLabel(ref uint value);

    protected abstract void GetScore(ref VBuffer<float> value);

    protected abstract void GetProbability(ref VBuffer<float> value);

    // Finite in single precision unless a feature is not.
    protected abstract void GetLogLikelihood(ref float value);
}
