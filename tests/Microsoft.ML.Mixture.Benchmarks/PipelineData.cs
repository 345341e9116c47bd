using Microsoft.ML.Data;

namespace Microsoft.ML.Mixture.Benchmarks;

/// <summary>A workload as a data view that is held in memory, with the one column Features.</summary>
internal static class PipelineData
{
    public static IDataView Load(MLContext ml, Workload workload)
    {
        var definition = SchemaDefinition.Create(typeof(Row));
        definition[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, workload.Dimension);
        var rows = new Row[workload.RowCount];
        for (int i = 0; i < rows.Length; i++)
        {
            float[] features = new float[workload.Dimension];
            for (int j = 0; j < features.Length; j++) features[j] = (float)workload.Rows[(i * workload.Dimension) + j];
            rows[i] = new Row { Features = features };
        }

        IDataView data = ml.Data.Cache(ml.Data.LoadFromEnumerable(rows, definition));

        // Fills the cache, so that it is not part of what is timed.
        foreach (VBuffer<float> _ in data.GetColumn<VBuffer<float>>(nameof(Row.Features)))
        {
        }

        return data;
    }

    private sealed class Row
    {
        public float[] Features { get; set; } = [];
    }
}
