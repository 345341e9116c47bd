using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Covariances of one determinant that are otherwise free.</summary>
/// <remarks>
/// <code>
///   Sigma(k) = g W(k) / det(W(k))^(1/D),   W(k) = S(k) / N(k),   g = sum of p(k) det(W(k))^(1/D),   p(k) = N(k) / sum of N
/// </code>
/// Source: Celeux and Govaert (1995), Gaussian parsimonious clustering models, Pattern Recognition 28(5), 781-793,
/// doi:10.1016/0031-3203(94)00125-6.
/// </remarks>
internal static class CommonVolume
{
    public static void Estimate(CovarianceScatter scatter, Span<double> covariances)
    {
        ScatterAverages.PerComponent(scatter, covariances);
        int length = scatter.Shape.Length(scatter.Dimension);
        Span<double> shares = scatter.ComponentCount <= ScatterAverages.MostOnStack ? stackalloc double[scatter.ComponentCount] : new double[scatter.ComponentCount];
        Span<double> scales = shares.Length <= ScatterAverages.MostOnStack ? stackalloc double[shares.Length] : new double[shares.Length];
        ScatterAverages.Shares(scatter, shares);
        double[] work = Reused<double[]>.Take() is { } kept && kept.Length == length ? kept : new double[length];
        double volume = 0;
        for (int k = 0; k < scales.Length; k++)
        {
            scatter.CancellationToken.ThrowIfCancellationRequested();
            covariances.Slice(k * length, length).CopyTo(work);
            scales[k] = Math.Exp(LogDeterminant(scatter.Shape, work, scatter.Dimension) / scatter.Dimension);
            volume += shares[k] * scales[k];
        }

        Reused<double[]>.Return(work, length);

        // One without a determinant stays as it is, for the caller to find.
        for (int at = 0; at < covariances.Length; at++)
        {
            if (scales[at / length] > 0) covariances[at] *= volume / scales[at / length];
        }
    }

    private static double LogDeterminant(CovarianceShape shape, Span<double> matrix, int dimension)
    {
        if (shape == CovarianceShape.Full)
        {
            return Cholesky.TryFactorInPlace(matrix, dimension, out _) ? Cholesky.LogDeterminant(matrix, dimension) : double.NegativeInfinity;
        }

        double sum = 0;
        foreach (double variance in matrix) sum += Math.Log(variance);
        return sum;
    }
}
