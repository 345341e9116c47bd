using Microsoft.ML.Data;

namespace Microsoft.ML.Mixture.Benchmarks;

/// <summary>A workload as a data view that is held in memory, with the one column Features.</summary>
internal static class PipelineData
{
    public static IDataView Load(MLContext ml, Workload workload)
    {
        Row[] rows = [.. Enumerable.Range(0, workload.RowCount).Select(i => RowAt(workload, i))];
        IDataView data = ml.Data.Cache(ml.Data.LoadFromEnumerable(rows, Definition(workload)));

        // Fills the cache, so that it is not part of what is timed.
        foreach (VBuffer<float> _ in data.GetColumn<VBuffer<float>>(nameof(Row.Features)))
        {
        }

        return data;
    }

    public static SchemaDefinition Definition(Workload workload)
    {
        var definition = SchemaDefinition.Create(typeof(Row));
        definition[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, workload.Dimension);
        return definition;
    }

    public static Row RowAt(Workload workload, int row)
    {
        float[] features = new float[workload.Dimension];
        for (int j = 0; j < features.Length; j++) features[j] = (float)workload.Rows[(row * workload.Dimension) + j];
        return new Row { Features = features };
    }

    internal sealed class Row
    {
        public float[] Features { get; set; } = [];
    }
}
