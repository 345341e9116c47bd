using Microsoft.ML.Data;
using Microsoft.ML.Mixture;

namespace Microsoft.ML.Trainers;

/// <summary>The rows that one cursor gives, copied one after the other, and the batches of the data view that they came in.</summary>
internal sealed class CursorRows
{
    private const int MostFirstCapacity = 1024;
    private const int MostFirstValues = 1 << 20;
    private const int RowsBetweenChecks = 1024;

    private readonly DataViewSchema.Column _feature;
    private readonly DataViewSchema.Column? _weight;
    private float[] _values;
    private float[] _weights;

    /// <summary>Makes room for rows.</summary>
    /// <param name="feature">The feature column.</param>
    /// <param name="weight">The weight column; null if every row weighs one.</param>
    /// <param name="expected">The number of rows, if it is known.</param>
    public CursorRows(DataViewSchema.Column feature, DataViewSchema.Column? weight, long? expected)
    {
        _feature = feature;
        _weight = weight;
        Dimension = ((VectorDataViewType)feature.Type).Size;
        _values = new float[Math.Clamp(expected ?? FirstCapacity(feature), 1, Array.MaxLength / Dimension) * Dimension];
        _weights = weight is null ? [] : new float[_values.Length / Dimension];
    }

    /// <summary>D, the number of features.</summary>
    public int Dimension { get; }

    /// <summary>The number of rows that were read.</summary>
    public int Count { get; private set; }

    /// <summary>Row after row.</summary>
    public Memory<float> Values => _values.AsMemory(0, Count * Dimension);

    /// <summary>One a row, or none.</summary>
    public Memory<float> Weights => _weights.AsMemory(0, _weight is null ? 0 : Count);

    /// <summary>Where batches begin: each goes on to the first row of the next.</summary>
    public List<(long Batch, int FirstRow)> Batches { get; } = [];

    /// <summary>How many rows to make room for where nothing is known of their number: fewer of many features.</summary>
    public static int FirstCapacity(DataViewSchema.Column feature) => Math.Clamp(MostFirstValues / ((VectorDataViewType)feature.Type).Size, 1, MostFirstCapacity);

    /// <summary>Reads all rows of a cursor.</summary>
    public void ReadAll(DataViewRowCursor cursor, CancellationToken cancellationToken)
    {
        ValueGetter<VBuffer<float>> getFeatures = cursor.GetGetter<VBuffer<float>>(_feature);
        ValueGetter<float>? getWeight = _weight is { } column ? cursor.GetGetter<float>(column) : null;
        VBuffer<float> buffer = default;
        long batch = long.MinValue;
        int count = 0;
        while (cursor.MoveNext())
        {
            if (count % RowsBetweenChecks == 0) cancellationToken.ThrowIfCancellationRequested();
            if ((count + 1L) * Dimension > _values.Length) Grow(count);
            if (cursor.Batch != batch)
            {
                batch = cursor.Batch;
                Batches.Add((batch, count));
            }

            getFeatures(ref buffer);
            CheckLength(buffer.Length, Dimension, count, _feature.Name);
            buffer.CopyTo(_values.AsSpan(count * Dimension, Dimension));
            getWeight?.Invoke(ref _weights[count]);
            count++;
        }

        Count = count;
    }

    /// <summary>Throws if a row is not as long as its column promises.</summary>
    public static void CheckLength(int length, int promised, long row, string column)
    {
        if (length == promised) return;
        throw new ArgumentException($"Row {row} has {Counted.Of(length, "value")} in the feature column '{column}', which promises {promised}. Give every row as many as its type says.");
    }

    private void Grow(int count)
    {
        int most = Array.MaxLength / Dimension;
        if (count >= most)
        {
            throw new ArgumentException($"There are more than {Counted.Of(most, "row")} of {Counted.Of(Dimension, "feature")}, the most that one array holds. Fit a sample of the rows.");
        }

        int capacity = (int)Math.Min(most, Math.Max(FirstCapacity(_feature), 2L * count));
        Array.Resize(ref _values, capacity * Dimension);
        if (_weight is not null) Array.Resize(ref _weights, capacity);
    }
}
