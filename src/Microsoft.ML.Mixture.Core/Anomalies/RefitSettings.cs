namespace Microsoft.ML.Mixture;

/// <summary>How to refit a mixture to data sets drawn from it.</summary>
/// <param name="Count">The number of data sets.</param>
/// <param name="PriorStrength">See <see cref="GaussianMixtureOptions.CovariancePriorStrength"/>.</param>
/// <param name="Floor">See <see cref="GaussianMixtureOptions.CovarianceFloor"/>.</param>
internal readonly record struct RefitSettings(int Count, double PriorStrength = GaussianMixtureOptions.DefaultCovariancePriorStrength, double Floor = 0);
