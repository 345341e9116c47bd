using Microsoft.ML.Data;
using Microsoft.ML.Mixture;

namespace Microsoft.ML.Trainers;

/// <summary>The values of a mixture's columns, of the rows of a block.</summary>
internal abstract class ScoredColumns(ScoringMapper mapper, bool[] active)
{
    /// <summary>Whether any column of the mixture is asked for.</summary>
    public static bool IsScored(ScoringMapper mapper, bool[] active) => Array.IndexOf(active, true, mapper.InputSchema.Count) >= 0;

    public bool IsActive(DataViewSchema.Column column)
    {
        CheckColumn(column);
        return active[column.Index];
    }

    public ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        CheckColumn(column);
        if (!active[column.Index])
        {
            throw new InvalidOperationException($"The column '{column.Name}' is not active in this row. Ask for it when you make the cursor or row.");
        }

        if (column.Index < mapper.InputSchema.Count) return GetInputGetter<TValue>(mapper.InputSchema[column.Index]);
        Delegate getter = MixtureSchema.AddedColumns[column.Index - mapper.InputSchema.Count] switch
        {
            MixtureSchema.PredictedLabel => (ValueGetter<uint>)GetPredictedLabel,
            MixtureSchema.Score => (ValueGetter<VBuffer<float>>)GetScore,
            MixtureSchema.Probability => (ValueGetter<VBuffer<float>>)GetProbability,
            _ => (ValueGetter<float>)GetLogLikelihood,
        };
        return getter as ValueGetter<TValue> ?? throw WrongType<TValue>(column);
    }

    protected static InvalidOperationException WrongType<TValue>(DataViewSchema.Column column) =>
        new($"The column '{column.Name}' holds {column.Type.RawType.Name}, but its values were asked for as {typeof(TValue).Name}.");

    /// <summary>Makes sure that the current row has been scored, and tells its place in the block.</summary>
    protected abstract BlockScorer Locate(out int place);

    protected abstract ValueGetter<TValue> GetInputGetter<TValue>(DataViewSchema.Column column);

    private void CheckColumn(DataViewSchema.Column column)
    {
        if (column.Index >= active.Length || column.Name != mapper.OutputSchema[column.Index].Name)
        {
            throw new ArgumentOutOfRangeException(nameof(column), $"The column '{column.Name}' at {column.Index} is not part of this schema.");
        }
    }

    // Score and LogLikelihood stay finite in single precision, as Clustering.Evaluate skips rows that do not.
    private static float Finite(double value) => (float)Math.Clamp(value, -float.MaxValue, float.MaxValue);

    // Keys count from one; zero stands for missing.
    private void GetPredictedLabel(ref uint value) => value = (uint)(Locate(out int place).Component(place) + 1);

    private void GetLogLikelihood(ref float value) => value = Finite(Locate(out int place).LogDensity(place));

    private void GetScore(ref VBuffer<float> value)
    {
        BlockScorer scorer = Locate(out int place);
        VBufferEditor<float> editor = VBufferEditor.Create(ref value, mapper.Model.ComponentCount);
        scorer.CopyScores(place, editor.Values);
        value = editor.Commit();
    }

    private void GetProbability(ref VBuffer<float> value)
    {
        BlockScorer scorer = Locate(out int place);
        VBufferEditor<float> editor = VBufferEditor.Create(ref value, mapper.Model.ComponentCount);
        scorer.CopyResponsibilities(place, editor.Values);
        value = editor.Commit();
    }
}
