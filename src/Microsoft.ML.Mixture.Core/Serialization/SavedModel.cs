namespace Microsoft.ML.Mixture.Serialization;

/// <summary>What has been read of a model so far; its <see cref="ModelSection"/>s add to it.</summary>
internal sealed class SavedModel(int componentCount, int dimension)
{
    /// <summary>K.</summary>
    public int ComponentCount { get; } = componentCount;

    /// <summary>D.</summary>
    public int Dimension { get; } = dimension;

    /// <summary>How the model was fitted; null if no report was saved.</summary>
    public FitReport? Report { get; set; }
}
