namespace Microsoft.ML.Mixture;

/// <summary>The noise of a fit, which rows in use to begin with as noise, and which are far from all others; null if nothing is said, and if none is.</summary>
internal sealed record InitialNoise(UniformNoise Distribution, bool[]? Rows, bool[]? FarRows);
