using MathNet.Numerics.LinearAlgebra;

namespace Microsoft.ML.Mixture;

/// <summary>Of all rotations of the factors, which the likelihood does not tell apart, the one with Lambda' inverse(Psi) Lambda diagonal.</summary>
/// <remarks>
/// The first factor then is the one that the features tell most of, and so on; the largest loading of each is positive. Source: Lawley and Maxwell (1971), Factor
/// analysis as a statistical method, Butterworths.
/// </remarks>
internal static class FactorRotation
{
    /// <summary>Rotates the loadings of every component.</summary>
    /// <param name="loadings">Lambda(k), shape K x D x q: rotated.</param>
    /// <param name="variances">Psi(k), shape K x D.</param>
    /// <param name="componentCount">K.</param>
    /// <param name="dimension">D.</param>
    /// <param name="factorCount">q.</param>
    public static void ToPrincipalAxes(Span<double> loadings, ReadOnlySpan<double> variances, int componentCount, int dimension, int factorCount)
    {
        double[] row = new double[factorCount];
        for (int k = 0; k < componentCount; k++)
        {
            Span<double> own = loadings.Slice(k * dimension * factorCount, dimension * factorCount);
            double[,] information = new double[factorCount, factorCount];
            for (int j = 0; j < dimension; j++)
            {
                ReadOnlySpan<double> feature = own.Slice(j * factorCount, factorCount);
                for (int a = 0; a < factorCount; a++)
                {
                    for (int b = 0; b <= a; b++) information[b, a] = information[a, b] += feature[a] * feature[b] / variances[(k * dimension) + j];
                }
            }

            // Eigenvalues come in ascending order.
            Matrix<double> axes = Matrix<double>.Build.DenseOfArray(information).Evd(Symmetricity.Symmetric).EigenVectors;
            double[] largest = new double[factorCount];
            for (int j = 0; j < dimension; j++)
            {
                Span<double> feature = own.Slice(j * factorCount, factorCount);
                feature.CopyTo(row);
                for (int m = 0; m < factorCount; m++)
                {
                    double sum = 0;
                    for (int a = 0; a < factorCount; a++) sum += row[a] * axes[a, factorCount - 1 - m];
                    feature[m] = sum;
                    if (Math.Abs(sum) > Math.Abs(largest[m])) largest[m] = sum;
                }
            }

            for (int at = 0; at < own.Length; at++)
            {
                if (largest[at % factorCount] < 0) own[at] = -own[at];
            }
        }
    }
}
