using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>How much of a feature follows from the others, which does not depend on units.</summary>
/// <remarks>
/// The inflation of feature j is Sigma_jj inverse(Sigma)_jj, one over the share of its variance that the other features do not explain. The
/// condition number of the correlations is at least as large and at most D times the sum of all. Source: Stewart (1987), Collinearity and
/// least squares regression, Stat. Sci. 2(1), 68-84.
/// </remarks>
internal static class VarianceInflation
{
    /// <summary>The feature with the largest inflation in a component with a full covariance. Cost: D^2 / 2.</summary>
    public static (int Feature, double Inflation) FindLargest(GaussianComponents components, int component)
    {
        int dimension = components.Dimension;
        ReadOnlySpan<double> covariance = components.Covariance(component);
        double[] inverse = new double[PackedTriangle.Length(dimension)], inflations = new double[dimension];
        components.CopyInverseFactor(component, inverse);
        for (int i = 0; i < dimension; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double scaled = Math.Sqrt(covariance[PackedTriangle.Index(j, j)]) * inverse[PackedTriangle.Index(i, j)];
                inflations[j] += scaled * scaled;
            }
        }

        int largest = 0;
        for (int j = 1; j < dimension; j++)
        {
            if (inflations[j] > inflations[largest]) largest = j;
        }

        return (largest, inflations[largest]);
    }
}
