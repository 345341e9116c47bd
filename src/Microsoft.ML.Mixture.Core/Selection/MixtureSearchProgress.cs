namespace Microsoft.ML.Mixture;

/// <summary>How far a search has come.</summary>
/// <param name="CompletedSteps">The number of steps done: each model takes several, some of them to find where to start.</param>
/// <param name="TotalSteps">The number of steps of the whole search.</param>
/// <param name="ComponentCount">K of the model that the last step was about.</param>
/// <param name="CovarianceStructure">Its structure.</param>
public readonly record struct MixtureSearchProgress(int CompletedSteps, int TotalSteps, int ComponentCount, CovarianceStructure CovarianceStructure);
