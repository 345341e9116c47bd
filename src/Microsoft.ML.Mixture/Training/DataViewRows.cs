using Microsoft.ML.Data;
using Microsoft.ML.Mixture;

namespace Microsoft.ML.Trainers;

/// <summary>Copies the features and weights of a data view into arrays, once, for EM to pass over.</summary>
internal static class DataViewRows
{
    private const int FirstCapacity = 1024;
    private const int RowsBetweenChecks = 1024;

    public static ArrayRowSource<float> Read(
        IDataView data, DataViewSchema.Column feature, DataViewSchema.Column? weight, CancellationToken cancellationToken)
    {
        int dimension = ((VectorDataViewType)feature.Type).Size;
        long expected = data.GetRowCount() ?? FirstCapacity;
        float[] values = new float[Math.Clamp(expected, 1, Array.MaxLength / dimension) * dimension];
        float[] weights = weight is null ? [] : new float[values.Length / dimension];
        using DataViewRowCursor cursor = data.GetRowCursor(weight is { } used ? [feature, used] : [feature]);
        ValueGetter<VBuffer<float>> getFeatures = cursor.GetGetter<VBuffer<float>>(feature);
        ValueGetter<float>? getWeight = weight is { } column ? cursor.GetGetter<float>(column) : null;
        VBuffer<float> buffer = default;
        int count = 0;
        while (cursor.MoveNext())
        {
            if (count % RowsBetweenChecks == 0) cancellationToken.ThrowIfCancellationRequested();
            if ((count + 1L) * dimension > values.Length)
            {
                int capacity = Grow(count, dimension);
                Array.Resize(ref values, capacity * dimension);
                if (getWeight is not null) Array.Resize(ref weights, capacity);
            }

            getFeatures(ref buffer);
            if (buffer.Length != dimension)
            {
                throw new ArgumentException(
                    $"Row {count} has {buffer.Length} values in the feature column '{feature.Name}', which promises {dimension}. Give every row as many as its type says.");
            }

            buffer.CopyTo(values.AsSpan(count * dimension, dimension));
            getWeight?.Invoke(ref weights[count]);
            count++;
        }

        return new ArrayRowSource<float>(values.AsMemory(0, count * dimension), dimension, weights.AsMemory(0, getWeight is null ? 0 : count));
    }

    private static int Grow(int count, int dimension)
    {
        int most = Array.MaxLength / dimension;
        return count < most
            ? (int)Math.Min(most, Math.Max(FirstCapacity, 2L * count))
            : throw new ArgumentException($"There are more than {most} rows of {dimension} features, the most that one array holds. Fit a sample of the rows.");
    }
}
