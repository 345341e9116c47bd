using Microsoft.ML.Data;
using Microsoft.ML.Mixture;

namespace Microsoft.ML.Trainers;

/// <summary>Columns that are computed from one vector column of an input row that moves, at most once a row.</summary>
internal abstract class ComputedColumns(ComputedMapper mapper, DataViewRow input, bool[] active, int dimension) : RowColumns(mapper, active)
{
    private readonly ValueGetter<VBuffer<float>>? _getFeatures = mapper.IsComputed(active) ? input.GetGetter<VBuffer<float>>(mapper.Input) : null;
    private VBuffer<float> _features;
    private long _position = -1;

    /// <summary>The row that was read last.</summary>
    protected double[] Row { get; } = new double[dimension];

    protected override ValueGetter<TValue> GetInputGetter<TValue>(DataViewSchema.Column column) => input.GetGetter<TValue>(column);

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
                $"Row {input.Position} has {Counted.Of(_features.Length, "value")} in the column '{Mapper.Input.Name}', which promises {Row.Length}. Give every row as many as its type says.");
        }

        Array.Clear(Row);
        foreach (KeyValuePair<int, float> item in _features.Items()) Row[item.Key] = item.Value;
        Compute();
        _position = input.Position;
    }
}
