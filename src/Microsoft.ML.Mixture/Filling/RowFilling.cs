using Microsoft.ML.Data;
using Microsoft.ML.Mixture;
using Microsoft.ML.Mixture.Numerics;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Transforms;

/// <summary>The columns of rows with replaced values over one input row that moves. Computes at most once a row.</summary>
internal sealed class RowFilling(FillingMapper mapper, DataViewRow input, bool[] active) : ComputedColumns(mapper, input, active, mapper.Model.Dimension)
{
    private readonly MissingValueFiller? _filler = mapper.IsComputed(active) ? mapper.Model.CreateFiller() : null;
    private readonly ValueGetter<DataViewRowId>? _getId = mapper.IsComputed(active) && mapper.Draws ? input.GetIdGetter() : null;
    private readonly bool _hasDeviations = Array.IndexOf(active, true, mapper.InputSchema.Count + 1) >= 0;
    private readonly double[] _filled = new double[mapper.Model.Dimension];
    private readonly double[] _deviations = new double[mapper.Model.Dimension];

    protected override Delegate GetAddedGetter(int column)
    {
        double[] values = column == 0 ? _filled : _deviations;
        return (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) => Copy(values, ref value));
    }

    protected override void Compute()
    {
        if (_getId is null || _hasDeviations) _filler!.Fill(Row, _filled, _hasDeviations ? _deviations : default);
        if (_getId is null) return;
        DataViewRowId id = default;
        _getId(ref id);
        _filler!.Draw(Row, _filled, Mix(mapper.Seed, id));
    }

    private void Copy(double[] values, ref VBuffer<float> value)
    {
        Update();
        VBufferEditor<float> editor = VBufferEditor.Create(ref value, values.Length);
        for (int j = 0; j < values.Length; j++) editor.Values[j] = double.IsInfinity(Row[j]) ? (float)values[j] : LaneTransposition.ToSingle(values[j]);
        value = editor.Commit();
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
}
