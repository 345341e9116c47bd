using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

/// <summary>The columns that an evaluation reads.</summary>
internal sealed class EvaluatedColumns
{
    public EvaluatedColumns(DataViewSchema schema, string clusters, string? logLikelihoods, string? features, string? labels, string? weights)
    {
        Clusters = MixtureSchema.FindClusters(schema, clusters);
        NoiseLabel = MixtureSchema.NoiseLabelOf(Clusters);
        if (logLikelihoods is not null) LogLikelihoods = MixtureSchema.FindLogLikelihoods(schema, logLikelihoods);
        if (features is not null) Features = MixtureSchema.FindFeatures(schema, features);
        if (labels is not null) Labels = MixtureSchema.FindLabels(schema, labels);
        Weights = MixtureSchema.FindWeight(schema, weights);
    }

    public DataViewSchema.Column Clusters { get; }

    /// <summary>The label of noise; null if there is none, or the column does not tell.</summary>
    public uint? NoiseLabel { get; }

    public DataViewSchema.Column? LogLikelihoods { get; }

    public DataViewSchema.Column? Features { get; }

    public DataViewSchema.Column? Labels { get; }

    public DataViewSchema.Column? Weights { get; }

    /// <summary>The columns there are.</summary>
    public IEnumerable<DataViewSchema.Column> All => new[] { Clusters, LogLikelihoods, Features, Labels, Weights }.OfType<DataViewSchema.Column>();

    /// <summary>D; 0 without features.</summary>
    public int Dimension => Features is { } column ? ((VectorDataViewType)column.Type).Size : 0;
}
