using Microsoft.ML.Data;
using Microsoft.ML.Mixture;

namespace Microsoft.ML.Trainers;

/// <summary>Columns that are computed from one vector column of an input row that moves, at most once a row.</summary>
internal abstract class ComputedColumns(ComputedMapper mapper, DataViewRow input, bool[] active, int dimension) : IRowColumns
{
    private readonly ValueGetter<VBuffer<float>>? _getFeatures = mapper.IsComputed(active) ? input.GetGetter<VBuffer<float>>(mapper.Input) : null;
    private VBuffer<float> _features;
    private long _position = -1;

    /// <summary>The row that was read last.</summary>
    protected double[] Row { get; } = new double[dimension];

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

        if (column.Index < mapper.InputSchema.Count) return input.GetGetter<TValue>(mapper.InputSchema[column.Index]);
        return Getter(column.Index - mapper.InputSchema.Count) as ValueGetter<TValue> ?? throw new InvalidOperationException(
            $"The column '{column.Name}' holds {column.Type.RawType.Name}, but its values were asked for as {typeof(TValue).Name}.");
    }

    /// <summary>The getter of an added column, counted from zero.</summary>
    protected abstract Delegate Getter(int column);

    /// <summary>Computes what the added columns hold of <see cref="Row"/>.</summary>
    protected abstract void Compute();

    /// <summary>Reads the row where the input stands and computes, unless that was done.</summary>
    protected void Update()
    {
        // Before the first row the input's own getter says that there is none.
        if (_position == input.Position && _position >= 0) return;
        _getFeatures!(ref _features);
        if (_features.Length != Row.Length)
        {
            throw new InvalidOperationException(
                $"Row {input.Position} has {Counted.Of(_features.Length, "value")} in the column '{mapper.Input.Name}', which promises {Row.Length}. Give every row as many as its type says.");
        }

        Array.Clear(Row);
        foreach (KeyValuePair<int, float> item in _features.Items()) Row[item.Key] = item.Value;
        Compute();
        _position = input.Position;
    }

    private void CheckColumn(DataViewSchema.Column column)
    {
        if (column.Index >= active.Length || column.Name != mapper.OutputSchema[column.Index].Name)
        {
            throw new ArgumentOutOfRangeException(nameof(column), $"The column '{column.Name}' at {column.Index} is not part of this schema.");
        }
    }
}
