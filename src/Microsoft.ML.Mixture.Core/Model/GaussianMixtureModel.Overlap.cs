namespace Microsoft.ML.Mixture;

/// <content>How far components are apart, and how well conditioned their covariances are.</content>
public sealed partial class GaussianMixtureModel
{
    private readonly Lazy<ComponentOverlap?> _mostOverlappingPair;
    private readonly Lazy<(IReadOnlyList<double> Smallest, IReadOnlyList<double> Condition)> _eigenvalues;
    private readonly Lazy<IReadOnlyList<double>> _conditionNumbersOfCorrelations;

    /// <summary>See <see cref="FitReport.MostOverlappingPair"/>.</summary>
    internal ComponentOverlap? MostOverlappingPair => _mostOverlappingPair.Value;

    /// <summary>See <see cref="FitReport.SmallestEigenvalues"/>.</summary>
    internal IReadOnlyList<double> SmallestEigenvalues => _eigenvalues.Value.Smallest;

    /// <summary>See <see cref="FitReport.ConditionNumbers"/>.</summary>
    internal IReadOnlyList<double> ConditionNumbers => _eigenvalues.Value.Condition;

    /// <summary>The condition number of each matrix of correlations, which does not depend on the units of the features.</summary>
    internal IReadOnlyList<double> ConditionNumbersOfCorrelations => _conditionNumbersOfCorrelations.Value;

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

    private (IReadOnlyList<double> Smallest, IReadOnlyList<double> Condition) ComputeEigenvalues()
    {
        (double Least, double Most)[] ranges = RangesOf(k => Components.Covariance(k).ToArray());
        return (Array.AsReadOnly(Array.ConvertAll(ranges, range => range.Least)), Array.AsReadOnly(Array.ConvertAll(ranges, range => range.Most / range.Least)));
    }

    private double[] ComputeConditionNumbersOfCorrelations() => Components.Shape == CovarianceShape.Full
        ? Array.ConvertAll(RangesOf(k => Correlations(Components.Covariance(k))), range => range.Most / range.Least) : [.. Enumerable.Repeat(1.0, ComponentCount)];

    // Of each component the least and the largest eigenvalue of a matrix, stored as the covariances.
    private (double Least, double Most)[] RangesOf(Func<int, double[]> matrix)
    {
        var ranges = new (double Least, double Most)[ComponentCount];
        for (int k = 0; k < ComponentCount; k++)
        {
            if (k > 0 && Components.IsShared)
            {
                ranges[k] = ranges[0];
                continue;
            }

            double[] eigenvalues = Components.Shape == CovarianceShape.Full ? new PrincipalAxes(matrix(k), 1, Dimension).Variances : matrix(k);
            ranges[k] = (eigenvalues.Min(), eigenvalues.Max());
        }

        return ranges;
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
