namespace Microsoft.ML.Mixture;

/// <content>How far components are apart, and how well conditioned their covariances are.</content>
public sealed partial class GaussianMixtureModel
{
    private readonly Lazy<ComponentOverlap?> _mostOverlappingPair;
    private readonly Lazy<(IReadOnlyList<double> Smallest, IReadOnlyList<double> Condition, IReadOnlyList<double> OfCorrelations)> _eigenvalues;

    /// <summary>See <see cref="FitReport.MostOverlappingPair"/>.</summary>
    internal ComponentOverlap? MostOverlappingPair => _mostOverlappingPair.Value;

    /// <summary>See <see cref="FitReport.SmallestEigenvalues"/>.</summary>
    internal IReadOnlyList<double> SmallestEigenvalues => _eigenvalues.Value.Smallest;

    /// <summary>See <see cref="FitReport.ConditionNumbers"/>.</summary>
    internal IReadOnlyList<double> ConditionNumbers => _eigenvalues.Value.Condition;

    /// <summary>The condition number of each matrix of correlations, which does not depend on the units of the features.</summary>
    internal IReadOnlyList<double> ConditionNumbersOfCorrelations => _eigenvalues.Value.OfCorrelations;

    /// <summary>How much two components overlap.</summary>
    /// <param name="first">A component, counted from zero.</param>
    /// <param name="second">Another one, or the same.</param>
    /// <returns>The overlap. Cost: D^3 / 3 for structures with full matrices, else D.</returns>
    /// <exception cref="ArgumentOutOfRangeException">One of them is not a component.</exception>
    public ComponentOverlap Overlap(int first, int second)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(second);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(first, ComponentCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(second, ComponentCount);
        return new GaussianOverlap(Components, Weights).Compute(first, second);
    }

    private (IReadOnlyList<double> Smallest, IReadOnlyList<double> Condition, IReadOnlyList<double> OfCorrelations) ComputeEigenvalues()
    {
        double[] smallest = new double[ComponentCount], condition = new double[ComponentCount], ofCorrelations = new double[ComponentCount];
        for (int k = 0; k < ComponentCount; k++)
        {
            if (k > 0 && Components.IsShared)
            {
                (smallest[k], condition[k], ofCorrelations[k]) = (smallest[0], condition[0], ofCorrelations[0]);
                continue;
            }

            ReadOnlySpan<double> covariance = Components.Covariance(k);
            bool isFull = Components.Shape == CovarianceShape.Full;
            (double least, double most) = Range(isFull ? new PrincipalAxes(covariance, 1, Dimension).Variances : covariance);
            (smallest[k], condition[k], ofCorrelations[k]) = (least, most / least, 1);
            if (!isFull) continue;
            (least, most) = Range(new PrincipalAxes(Correlations(covariance), 1, Dimension).Variances);
            ofCorrelations[k] = most / least;
        }

        return (Array.AsReadOnly(smallest), Array.AsReadOnly(condition), Array.AsReadOnly(ofCorrelations));
    }

    private static (double Least, double Most) Range(ReadOnlySpan<double> variances)
    {
        double least = variances[0], most = variances[0];
        foreach (double variance in variances) (least, most) = (Math.Min(least, variance), Math.Max(most, variance));
        return (least, most);
    }

    private double[] Correlations(ReadOnlySpan<double> covariance)
    {
        double[] correlations = covariance.ToArray(), deviations = new double[Dimension];
        for (int j = 0; j < Dimension; j++) deviations[j] = Math.Sqrt(covariance[CovarianceShape.Full.Index(j, j)]);
        for (int i = 0; i < Dimension; i++)
        {
            for (int j = 0; j <= i; j++) correlations[CovarianceShape.Full.Index(i, j)] /= deviations[i] * deviations[j];
        }

        return correlations;
    }
}
