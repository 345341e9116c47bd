using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

/// <summary>The columns of scored rows: getters of those that are asked for.</summary>
internal abstract class ScoredColumns(ScoringMapper mapper, bool[] active) : IRowColumns
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

    // Keys count from one; zero stands for missing.
    protected abstract void GetPredictedLabel(ref uint value);

    protected abstract void GetScore(ref VBuffer<float> value);

    protected abstract void GetProbability(ref VBuffer<float> value);

    // Finite in single precision unless a feature is not.
    protected abstract void GetLogLikelihood(ref float value);

    protected abstract ValueGetter<TValue> GetInputGetter<TValue>(DataViewSchema.Column column);

    private void CheckColumn(DataViewSchema.Column column)
    {
        if (column.Index >= active.Length || column.Name != mapper.OutputSchema[column.Index].Name)
        {
            throw new ArgumentOutOfRangeException(nameof(column), $"The column '{column.Name}' at {column.Index} is not part of this schema.");
        }
    }
}
