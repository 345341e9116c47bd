namespace Microsoft.ML.Mixture;

/// <summary>The units of a fit: rows are 2^Exponent times what they are in the data, and totals of log-densities move with that.</summary>
/// <param name="Exponent">The exponent.</param>
/// <param name="LogLikelihoodShift">What to add to a log-likelihood to have it in the units of the data.</param>
/// <param name="ObjectiveShift">The same for an objective, whose prior moves too.</param>
internal readonly record struct FitUnits(int Exponent, double LogLikelihoodShift, double ObjectiveShift);
