namespace Microsoft.ML.Mixture;

/// <summary>By how much totals of log-densities of a fit are off those in the units of the data.</summary>
/// <param name="LogLikelihoodShift">What to add to a log-likelihood to have it in the units of the data.</param>
/// <param name="ObjectiveShift">The same for an objective, whose prior moves too.</param>
internal readonly record struct FitUnits(double LogLikelihoodShift, double ObjectiveShift);
