namespace Microsoft.ML.Mixture;

/// <summary>How far a search has come.</summary>
/// <param name="CompletedModels">The number of models that are done, with success or without.</param>
/// <param name="TotalModels">The number of models of the whole search.</param>
/// <param name="Candidate">The model that was done last.</param>
public readonly record struct FactorAnalyzerSearchProgress(int CompletedModels, int TotalModels, FactorAnalyzerCandidate Candidate);
