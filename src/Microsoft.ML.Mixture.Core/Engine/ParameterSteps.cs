namespace Microsoft.ML.Mixture;

/// <summary>Squared lengths of two steps of EM: of the first, and of the difference of the two.</summary>
internal readonly record struct ParameterSteps(double First, double Change);
