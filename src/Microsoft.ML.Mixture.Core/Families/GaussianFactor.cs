using System.Runtime.CompilerServices;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>From a covariance to what its density needs.</summary>
internal static class GaussianFactor
{
    /// <summary>Computes the factor of the precision matrix, the log-determinant and the prior's trace.</summary>
    /// <param name="shape">How the covariance is stored.</param>
    /// <param name="dimension">D.</param>
    /// <param name="unitExponent">The log-determinant is that of the covariance times 4^-unitExponent.</param>
    /// <param name="covariance">The covariance.</param>
    /// <param name="regularization">The prior.</param>
    /// <param name="lower">On return L, stored as the covariance: the Cholesky factor, or the standard deviations.</param>
    /// <param name="inverse">On return the inverse of L.</param>
    /// <param name="factor">On return panels of U, or one over the standard deviations.</param>
    /// <param name="logDeterminant">log det Sigma.</param>
    /// <param name="traceOfPrior">trace(V inverse(Sigma)).</param>
    /// <param name="cancellationToken">Stops it, and leaves the results half-done.</param>
    /// <returns>-1, or the first feature at which the covariance is not positive definite.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Factor(
        CovarianceShape shape, int dimension, int unitExponent, ReadOnlySpan<double> covariance, CovarianceRegularization regularization,
        Span<double> lower, Span<double> inverse, Span<double> factor, out double logDeterminant, out double traceOfPrior, CancellationToken cancellationToken)
    {
        ReadOnlySpan<double> priorVariances = regularization.PriorVariances;
        logDeterminant = 0;
        traceOfPrior = 0;
        if (shape == CovarianceShape.Full)
        {
            covariance.CopyTo(lower);
            if (!Cholesky.TryFactorInPlace(lower, dimension, out int failed, cancellationToken)) return failed;
            if (regularization.PriorScatter is not null) regularization.RestoreRowVariances(covariance, lower);
            for (int j = 0; j < dimension; j++)
            {
                int at = PackedTriangle.Index(j, j);
                if (lower[at] * lower[at] < GaussianLimits.RelativePivot * dimension * covariance[at]) return j;
            }

            logDeterminant = Cholesky.LogDeterminant(lower, dimension, unitExponent);
            lower.CopyTo(inverse);
            Cholesky.InvertInPlace(inverse, dimension, cancellationToken);
            for (int i = 0; i < dimension; i++)
            {
                ReadOnlySpan<double> row = inverse.Slice(PackedTriangle.Index(i, 0), i + 1), variances = priorVariances[..row.Length];
                double sum = 0;
                for (int j = 0; j < row.Length; j++) sum += variances[j] * row[j] * row[j];
                if (!double.IsFinite(sum)) return i;
                traceOfPrior += sum;
            }

            if (regularization.PriorScatter is { } scatter) traceOfPrior = scatter.Trace(inverse);
            TriangularPanels.PackTranspose(inverse, dimension, factor);
            return -1;
        }

        for (int j = 0; j < dimension; j++)
        {
            int at = shape.Index(j, j);
            double variance = covariance[at], deviation = Math.Sqrt(variance), scale = 1 / deviation;
            if (!(variance > 0) || !double.IsFinite(variance) || !double.IsFinite(scale)) return j;
            lower[at] = deviation;
            inverse[at] = factor[at] = scale;
            logDeterminant += Math.Log(double.ScaleB(variance, -2 * unitExponent));
            traceOfPrior += priorVariances[j] / variance;
        }

        return -1;
    }

    public static string Explain(int component, string feature, bool isBesideOthers) =>
        $"The covariance of component {component} is not positive definite: {(isBesideOthers ? "given the features before it, " : string.Empty)}{feature} has no variance left. "
        + "Its rows coincide, or lie in a plane. Ask for fewer components, drop constant or copied features, or strengthen the covariance prior or floor.";
}
