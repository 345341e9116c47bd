namespace Microsoft.ML.Mixture.Serialization;

/// <summary>What has been read of a model so far; its <see cref="ModelSection"/>s add to it.</summary>
internal sealed class SavedModel(int componentCount, int dimension)
{
    /// <summary>K.</summary>
    public int ComponentCount { get; } = componentCount;

    /// <summary>D.</summary>
    public int Dimension { get; } = dimension;

    /// <summary>The covariance structure of Gaussians.</summary>
    public CovarianceStructure Structure { get; init; } = CovarianceStructure.Full;

    /// <summary>How covariances of Gaussians are stored.</summary>
    public CovarianceShape Shape { get; init; }

    /// <summary>Whether there is one covariance for all Gaussians.</summary>
    public bool IsShared { get; init; }

    /// <summary>How the model was fitted; null if no report was saved.</summary>
    public FitReport? Report { get; set; }

    /// <summary>The noise beside the Gaussians, if there is any.</summary>
    public MixtureNoise? Noise { get; set; }

    /// <summary>The variational posterior; null if none was saved.</summary>
    public GaussianMixturePosterior? Posterior { get; set; }
}
