using Microsoft.ML.Data;
using Microsoft.ML.Mixture;
using Microsoft.ML.Mixture.Numerics;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Transforms;

/// <summary>The columns of rows with replaced values over one input row that moves. Computes at most once a row.</summary>
internal sealed class RowFilling(FillingMapper mapper, DataViewRow input, bool[] active) : IRowColumns
{
    private readonly MissingValueFiller? _filler = IsFilled(mapper, active) ? mapper.Model.CreateFiller() : null;
    private readonly ValueGetter<VBuffer<float>>? _getFeatures = IsFilled(mapper, active) ? input.GetGetter<VBuffer<float>>(mapper.Input) : null;
    private readonly ValueGetter<DataViewRowId>? _getId = IsFilled(mapper, active) && mapper.Draws ? input.GetIdGetter() : null;
    private readonly double[] _row = new double[mapper.Model.Dimension];
    private readonly double[] _filled = new double[mapper.Model.Dimension];
    private readonly double[] _deviations = new double[mapper.Model.Dimension];
    private VBuffer<float> _features;
    private long _position = -1;

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
        double[] values = column.Index == mapper.InputSchema.Count ? _filled : _deviations;
        ValueGetter<VBuffer<float>> getter = (ref VBuffer<float> value) => Copy(values, ref value);
        return getter as ValueGetter<TValue> ?? throw new InvalidOperationException(
            $"The column '{column.Name}' holds {column.Type.RawType.Name}, but its values were asked for as {typeof(TValue).Name}.");
    }

    private static bool IsFilled(FillingMapper mapper, bool[] active) => Array.IndexOf(active, true, mapper.InputSchema.Count) >= 0;

    private void Copy(double[] values, ref VBuffer<float> value)
    {
        Fill();
        VBufferEditor<float> editor = VBufferEditor.Create(ref value, values.Length);
        for (int j = 0; j < values.Length; j++) editor.Values[j] = double.IsInfinity(_row[j]) ? (float)values[j] : LaneTransposition.ToSingle(values[j]);
        value = editor.Commit();
    }

    private void Fill()
    {
        // Before the first row the input's own getter says that there is none.
        if (_position == input.Position && _position >= 0) return;
        _getFeatures!(ref _features);
        if (_features.Length != _row.Length)
        {
            throw new InvalidOperationException(
                $"Row {input.Position} has {_features.Length} values in the column '{mapper.Input.Name}', which promises {_row.Length}. Give every row as many as its type says.");
        }

        Array.Clear(_row);
        foreach (KeyValuePair<int, float> item in _features.Items()) _row[item.Key] = item.Value;
        _filler!.Fill(_row, _filled, _deviations);
        if (_getId is not null)
        {
            DataViewRowId id = default;
            _getId(ref id);
            _filler.Draw(_row, _filled, Mix(mapper.Seed, id));
        }

        _position = input.Position;
    }

    // Draws depend on the row and not on the order in which rows are read. The mixing is that of SplitMix64, Steele, Lea and Flood (2014),
    // Fast splittable pseudorandom number generators, OOPSLA 2014, 453-472, doi:10.1145/2660193.2660195.
    private static int Mix(int seed, DataViewRowId id)
    {
        ulong value = 0;
        foreach (ulong part in (ReadOnlySpan<ulong>)[(uint)seed, id.Low, id.High])
        {
            value = (value ^ part) + 0x9E3779B97F4A7C15;
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
            value ^= value >> 31;
        }

        return (int)value;
    }

    private void CheckColumn(DataViewSchema.Column column)
    {
        if (column.Index >= active.Length || column.Name != mapper.OutputSchema[column.Index].Name)
        {
            throw new ArgumentOutOfRangeException(nameof(column), $"The column '{column.Name}' at {column.Index} is not part of this schema.");
        }
    }
}
