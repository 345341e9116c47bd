namespace Microsoft.ML.Mixture;

/// <summary>The noise of a mixture: its distribution and its weight.</summary>
internal sealed record MixtureNoise(UniformNoise Distribution, double Weight);
