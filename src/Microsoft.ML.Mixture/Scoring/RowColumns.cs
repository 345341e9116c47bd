namespace Microsoft.ML.Trainers;

/// <summary>The columns of an input row that moves, and those that are computed from it: getters of those that are asked for.</summary>
internal abstract class RowColumns(ComputedMapper mapper, bool[] active)
{
    protected ComputedMapper Mapper => mapper;

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

        int added = column.Index - mapper.InputSchema.Count;
        if (added < 0) return GetInputGetter<TValue>(mapper.InputSchema[column.Index]);
        return GetAddedGetter(added) as ValueGetter<TValue> ?? throw WrongType<TValue>(column);
    }

    protected static InvalidOperationException WrongType<TValue>(DataViewSchema.Column column) =>
        new($"The column '{column.Name}' holds {column.Type.RawType.Name}, but its values were asked for as {typeof(TValue).Name}.");

    /// <summary>The getter of a column of the input.</summary>
    protected abstract ValueGetter<TValue> GetInputGetter<TValue>(DataViewSchema.Column column);

    /// <summary>The getter of an added column, counted from zero.</summary>
    protected abstract Delegate GetAddedGetter(int column);

    private void CheckColumn(DataViewSchema.Column column)
    {
        if (column.Index >= active.Length || column.Name != mapper.OutputSchema[column.Index].Name)
        {
            throw new ArgumentOutOfRangeException(nameof(column), $"The column '{column.Name}' at {column.Index} is not part of this schema.");
        }
    }
}
