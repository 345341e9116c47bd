using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mixture.Numerics;

/// <summary>The Cholesky factor of a symmetric positive definite matrix, and its inverse.</summary>
public static class Cholesky
{
    // So many rows at a time read each row above them once. Every entry is added up in the order in which one row alone would be.
    private const int RowsAtOnce = 4;

    /// <summary>Replaces a symmetric matrix A by its lower factor L, where A = L L'.</summary>
    /// <param name="matrix">On entry the lower triangle of A, on return L; see <see cref="PackedTriangle"/>.</param>
    /// <param name="dimension">D.</param>
    /// <param name="failedPivot">The first row whose pivot is not positive and finite; -1 if all are.</param>
    /// <param name="cancellationToken">Stops it between some rows, and leaves the factor half-done.</param>
    /// <returns>Whether A is positive definite. If not, <paramref name="matrix"/> holds a half-done factor.</returns>
    /// <remarks>Cost: D^3 / 6 multiplications. No allocation. A NaN in A makes the factorisation fail.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryFactorInPlace(Span<double> matrix, int dimension, out int failedPivot, CancellationToken cancellationToken = default)
    {
        Debug.Assert(matrix.Length >= PackedTriangle.Length(dimension));
        for (int first = 0; first < dimension; first += RowsAtOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int end = Math.Min(first + RowsAtOnce, dimension), begun = 0;
            if (end - first == RowsAtOnce)
            {
                begun = first;
                FactorLeft(matrix, first);
            }

            for (int i = first; i < end; i++)
            {
                Span<double> row = matrix.Slice(PackedTriangle.Index(i, 0), i + 1);
                for (int j = begun; j < i; j++)
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
    /// <param name="cancellationToken">Stops it between some rows, and leaves the inverse half-done.</param>
    /// <remarks>
    /// The transpose of the inverse is the upper factor U of the precision matrix: inverse(A) = U U'. Cost: D^3 / 6 multiplications.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void InvertInPlace(Span<double> factor, int dimension, CancellationToken cancellationToken = default)
    {
        Debug.Assert(factor.Length >= PackedTriangle.Length(dimension));
        for (int first = 0; first < dimension; first += RowsAtOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int end = Math.Min(first + RowsAtOnce, dimension), begun = 0;
            if (end - first == RowsAtOnce)
            {
                begun = first;
                for (int m = 0; m < first; m++) AddInverseRow(factor, first, m);
            }

            for (int i = first; i < end; i++)
            {
                Span<double> row = factor.Slice(PackedTriangle.Index(i, 0), i + 1);
                double reciprocal = 1 / row[i];

                // Rows above i are inverted already. Of row i, what is left of m is a sum by now, and the rest still of L.
                for (int m = begun; m < i; m++)
                {
                    double value = row[m];
                    row[m] = 0;
                    AddProduct(value, factor.Slice(PackedTriangle.Index(m, 0), m + 1), row);
                }

                for (int j = 0; j < i; j++) row[j] = -row[j] * reciprocal;
                row[i] = reciprocal;
            }
        }
    }

    // The entries of some rows of the factor that are left of all of them.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FactorLeft(Span<double> matrix, int first)
    {
        ref double start = ref MemoryMarshal.GetReference(matrix);
        ref double row0 = ref Unsafe.Add(ref start, PackedTriangle.Index(first, 0));
        ref double row1 = ref Unsafe.Add(ref start, PackedTriangle.Index(first + 1, 0));
        ref double row2 = ref Unsafe.Add(ref start, PackedTriangle.Index(first + 2, 0));
        ref double row3 = ref Unsafe.Add(ref start, PackedTriangle.Index(first + 3, 0));
        for (int j = 0; j < first; j++)
        {
            ref double other = ref Unsafe.Add(ref start, PackedTriangle.Index(j, 0));
            double sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
            for (int m = 0; m < j; m++)
            {
                double value = Unsafe.Add(ref other, m);
                sum0 += Unsafe.Add(ref row0, m) * value;
                sum1 += Unsafe.Add(ref row1, m) * value;
                sum2 += Unsafe.Add(ref row2, m) * value;
                sum3 += Unsafe.Add(ref row3, m) * value;
            }

            double pivot = Unsafe.Add(ref other, j);
            Unsafe.Add(ref row0, j) = (Unsafe.Add(ref row0, j) - sum0) / pivot;
            Unsafe.Add(ref row1, j) = (Unsafe.Add(ref row1, j) - sum1) / pivot;
            Unsafe.Add(ref row2, j) = (Unsafe.Add(ref row2, j) - sum2) / pivot;
            Unsafe.Add(ref row3, j) = (Unsafe.Add(ref row3, j) - sum3) / pivot;
        }
    }

    // Takes entry m of some rows of L and adds its share, that of row m of the inverse, to the sums that stand left of it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddInverseRow(Span<double> factor, int first, int m)
    {
        ref double start = ref MemoryMarshal.GetReference(factor);
        ref double other = ref Unsafe.Add(ref start, PackedTriangle.Index(m, 0));
        ref double row0 = ref Unsafe.Add(ref start, PackedTriangle.Index(first, 0));
        ref double row1 = ref Unsafe.Add(ref start, PackedTriangle.Index(first + 1, 0));
        ref double row2 = ref Unsafe.Add(ref start, PackedTriangle.Index(first + 2, 0));
        ref double row3 = ref Unsafe.Add(ref start, PackedTriangle.Index(first + 3, 0));
        double value0 = Take(ref Unsafe.Add(ref row0, m)), value1 = Take(ref Unsafe.Add(ref row1, m));
        double value2 = Take(ref Unsafe.Add(ref row2, m)), value3 = Take(ref Unsafe.Add(ref row3, m));
        int j = 0;
        for (; j + Vector256<double>.Count <= m + 1; j += Vector256<double>.Count)
        {
            Vector256<double> of = Vector256.LoadUnsafe(ref other, (nuint)j);
            (Vector256.LoadUnsafe(ref row0, (nuint)j) + (value0 * of)).StoreUnsafe(ref row0, (nuint)j);
            (Vector256.LoadUnsafe(ref row1, (nuint)j) + (value1 * of)).StoreUnsafe(ref row1, (nuint)j);
            (Vector256.LoadUnsafe(ref row2, (nuint)j) + (value2 * of)).StoreUnsafe(ref row2, (nuint)j);
            (Vector256.LoadUnsafe(ref row3, (nuint)j) + (value3 * of)).StoreUnsafe(ref row3, (nuint)j);
        }

        for (; j <= m; j++)
        {
            double of = Unsafe.Add(ref other, j);
            Unsafe.Add(ref row0, j) += value0 * of;
            Unsafe.Add(ref row1, j) += value1 * of;
            Unsafe.Add(ref row2, j) += value2 * of;
            Unsafe.Add(ref row3, j) += value3 * of;
        }
    }

    private static double Take(ref double entry)
    {
        double value = entry;
        entry = 0;
        return value;
    }

    private static void AddProduct(double factor, ReadOnlySpan<double> values, Span<double> sums)
    {
        for (int j = 0; j < values.Length; j++) sums[j] += factor * values[j];
    }

    private static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        double sum = 0;
        for (int i = 0; i < x.Length; i++) sum += x[i] * y[i];
        return sum;
    }
}
