using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>What a component would be if it borrowed from the others what its own rows are too few to tell.</summary>
internal static class PooledGaussian
{
    // Enough for a direction in which there is next to nothing, and hardly a change to any other.
    private const double BorrowedRows = 2;

    /// <summary>How much of the log-likelihood a component owes to a covariance that its few rows do not hold open.</summary>
    /// <param name="components">The components, two at least.</param>
    /// <param name="effectiveCounts">The row weight of each.</param>
    /// <param name="component">The component.</param>
    /// <returns>
    /// What its rows would lose if some of the others were added to its covariance, in nats: its weight times the divergence of the two Gaussians; null where the others have no rows, or rounding leaves no such covariance.
    /// </returns>
    /// <remarks>Cost: some D^3 / 2 multiplications for covariances with correlations.</remarks>
    public static double? Owed(GaussianComponents components, ReadOnlySpan<double> effectiveCounts, int component)
    {
        double others = 0;
        for (int k = 0; k < components.ComponentCount; k++) others += k == component ? 0 : effectiveCounts[k];
        if (!(others > 0)) return null;
        ReadOnlySpan<double> own = components.Covariance(component);
        double[] mixed = new double[own.Length];
        double count = effectiveCounts[component];
        for (int k = 0; k < components.ComponentCount; k++)
        {
            double share = (k == component ? count : BorrowedRows * effectiveCounts[k] / others) / (count + BorrowedRows);
            ReadOnlySpan<double> covariance = components.Covariance(k);
            for (int at = 0; at < mixed.Length; at++) mixed[at] += share * covariance[at];
        }

        double? divergence = components.Shape == CovarianceShape.Full ? OfMatrices(components.Factor(component), mixed, components.Dimension) : OfVariances(own, mixed) * (components.Dimension / own.Length);
        return count * divergence;
    }

    private static double OfVariances(ReadOnlySpan<double> own, ReadOnlySpan<double> mixed)
    {
        double sum = 0;
        for (int j = 0; j < own.Length; j++) sum += Math.Log(mixed[j] / own[j]) + (own[j] / mixed[j]) - 1;
        return 0.5 * sum;
    }

    private static double? OfMatrices(ReadOnlySpan<double> own, double[] mixed, int dimension)
    {
        if (!Cholesky.TryFactorInPlace(mixed, dimension, out _)) return null;
        double logRatio = Cholesky.LogDeterminant(mixed, dimension) - Cholesky.LogDeterminant(own, dimension), trace = 0;
        Cholesky.InvertInPlace(mixed, dimension);
        for (int i = 0; i < dimension; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double entry = 0;
                for (int m = j; m <= i; m++) entry += mixed[PackedTriangle.Index(i, m)] * own[PackedTriangle.Index(m, j)];
                trace += entry * entry;
            }
        }

        return 0.5 * (logRatio + trace - dimension);
    }
}
