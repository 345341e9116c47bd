using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mixture.Numerics;

/// <summary>The Cholesky factor of a symmetric positive definite matrix, and its inverse.</summary>
public static class Cholesky
{
    /// <summary>Replaces a symmetric matrix A by its lower factor L, where A = L L'.</summary>
    /// <param name="matrix">On entry the lower triangle of A, on return L; see <see cref="PackedTriangle"/>.</param>
    /// <param name="dimension">D.</param>
    /// <param name="failedPivot">The first row whose pivot is not positive and finite; -1 if all are.</param>
    /// <returns>Whether A is positive definite. If not, <paramref name="matrix"/> holds a half-done factor.</returns>
    /// <remarks>Cost: D^3 / 3 multiplications. No allocation. A NaN in A makes the factorisation fail.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryFactorInPlace(Span<double> matrix, int dimension, out int failedPivot)
    {
        Debug.Assert(matrix.Length >= PackedTriangle.Length(dimension));
        for (int i = 0; i < dimension; i++)
        {
            Span<double> row = matrix.Slice(PackedTriangle.Index(i, 0), i + 1);
            for (int j = 0; j < i; j++)
            {
                ReadOnlySpan<double> other = matrix.Slice(PackedTriangle.Index(j, 0), j + 1);
                row[j] = (row[j] - Dot(row[..j], other[..j])) / other[j];
            }

            double pivot = row[i] - Dot(row[..i], row[..i]);
            if (!(pivot > 0) || !double.IsFinite(pivot))
            {
                failedPivot = i;
                return false;
            }

            row[i] = Math.Sqrt(pivot);
        }

        failedPivot = -1;
        return true;
    }

    /// <summary>The logarithm of the determinant of A = L L', in nats.</summary>
    /// <param name="factor">L; see <see cref="PackedTriangle"/>.</param>
    /// <param name="dimension">D.</param>
    /// <param name="unitExponent">The result is that of A times 4^-unitExponent, which keeps logarithms of very large or small numbers apart.</param>
    /// <returns>2 times the sum of the logarithms of L's diagonal, in units of 2^unitExponent.</returns>
    public static double LogDeterminant(ReadOnlySpan<double> factor, int dimension, int unitExponent = 0)
    {
        double sum = 0;
        for (int i = 0; i < dimension; i++) sum += Math.Log(double.ScaleB(factor[PackedTriangle.Index(i, i)], -unitExponent));
        return 2 * sum;
    }

    /// <summary>Replaces a lower triangular matrix L by its inverse.</summary>
    /// <param name="factor">On entry L with a diagonal that is not zero, on return its inverse; see <see cref="PackedTriangle"/>.</param>
    /// <param name="dimension">D.</param>
    /// <remarks>
    /// The transpose of the inverse is the upper factor U of the precision matrix: inverse(A) = U U'. Cost: D^3 / 6 multiplications.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void InvertInPlace(Span<double> factor, int dimension)
    {
        Debug.Assert(factor.Length >= PackedTriangle.Length(dimension));
        for (int i = 0; i < dimension; i++)
        {
            Span<double> row = factor.Slice(PackedTriangle.Index(i, 0), i + 1);
            double reciprocal = 1 / row[i];

            // Rows above i are inverted already. Entry j needs row[j..i] of L only, so going up from j = 0 overwrites nothing still needed.
            for (int j = 0; j < i; j++)
            {
                double sum = 0;
                for (int m = j; m < i; m++) sum += row[m] * factor[PackedTriangle.Index(m, j)];
                row[j] = -sum * reciprocal;
            }

            row[i] = reciprocal;
        }
    }

    private static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        double sum = 0;
        for (int i = 0; i < x.Length; i++) sum += x[i] * y[i];
        return sum;
    }
}
