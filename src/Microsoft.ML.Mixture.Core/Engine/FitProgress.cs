namespace Microsoft.ML.Mixture;

/// <summary>How far a fit has come.</summary>
/// <param name="Start">The start at work, counted from zero.</param>
/// <param name="Iteration">The number of M-steps behind the parameters that were just evaluated.</param>
/// <param name="AverageLogLikelihood">Their log-likelihood per unit of row weight, in nats.</param>
/// <param name="AverageObjective">The same with the prior, which is what EM raises.</param>
public readonly record struct FitProgress(int Start, int Iteration, double AverageLogLikelihood, double AverageObjective);
