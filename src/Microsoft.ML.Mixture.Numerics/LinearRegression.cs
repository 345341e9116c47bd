using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mixture.Numerics;

/// <summary>The regression of some coordinates of a random vector on the others, from its covariance, and what it predicts for a block of rows.</summary>
public static partial class LinearRegression
{
    private const double SmallestJitter = 1e-15;
    private const double LargestJitter = 1e3;

    // Of the precision of a target, what is left of it beside the other targets. Six digits of sixteen may be lost.
    private const double LeastShare = 1e-6;

    /// <summary>Computes the coefficients B = S_ho inverse(S_oo) and the covariance C = S_hh - B S_oh of what is left.</summary>
    /// <param name="covariance">S, a positive definite matrix; see <see cref="PackedTriangle"/>.</param>
    /// <param name="targets">h, the coordinates that are predicted, in ascending order.</param>
    /// <param name="predictors">o, the others, in ascending order.</param>
    /// <param name="unitExponent">The log-determinant is that of S_oo times 4^-unitExponent.</param>
    /// <param name="coefficients">On return B, row after row, a row for each target.</param>
    /// <param name="residual">On return C, the lower triangle; see <see cref="PackedTriangle"/>.</param>
    /// <param name="work">Scratch memory, as long as the triangle of the predictors.</param>
    /// <returns>log det S_oo.</returns>
    /// <exception cref="ArgumentException">S_oo is no covariance matrix, not even but for rounding.</exception>
    /// <remarks>
    /// By way of the Cholesky factor of S_oo. One that is singular but for rounding has its diagonal raised by the least that makes it not so.
    /// Cost: with h targets and o predictors, o^3 / 6 + h o (o + h / 2) multiplications.
    /// </remarks>
    public static double Compute(
        ReadOnlySpan<double> covariance, ReadOnlySpan<int> targets, ReadOnlySpan<int> predictors, int unitExponent, Span<double> coefficients,
        Span<double> residual, Span<double> work)
    {
        int count = predictors.Length;
        Span<double> factor = work[..PackedTriangle.Length(count)];
        CopySubmatrix(covariance, predictors, factor);
        for (double jitter = SmallestJitter; !Cholesky.TryFactorInPlace(factor, count, out _); jitter *= 10)
        {
            if (jitter > LargestJitter)
            {
                throw new ArgumentException(
                    "The matrix is no covariance: a variance of a predictor is not positive, or an entry is not finite. Pass a positive definite matrix.", nameof(covariance));
            }

            CopySubmatrix(covariance, predictors, factor);
            for (int a = 0; a < count; a++) factor[PackedTriangle.Index(a, a)] *= 1 + jitter;
        }

        for (int a = 0; a < targets.Length; a++)
        {
            Span<double> row = coefficients.Slice(a * count, count);
            int target = targets[a];
            for (int b = 0; b < count; b++)
            {
                int predictor = predictors[b];
                double entry = covariance[target > predictor ? PackedTriangle.Index(target, predictor) : PackedTriangle.Index(predictor, target)];
                ReadOnlySpan<double> left = factor.Slice(PackedTriangle.Index(b, 0), b + 1);
                row[b] = (entry - Lanes.Dot(row[..b], left[..b])) / left[b];
            }

            for (int c = 0; c <= a; c++)
            {
                residual[PackedTriangle.Index(a, c)] = covariance[PackedTriangle.Index(target, targets[c])] - Lanes.Dot(row, coefficients.Slice(c * count, count));
            }
        }

        // Only now, because the residual needs all rows as they were.
        for (int a = 0; a < targets.Length; a++)
        {
            Span<double> row = coefficients.Slice(a * count, count);
            for (int b = count - 1; b >= 0; b--)
            {
                ReadOnlySpan<double> left = factor.Slice(PackedTriangle.Index(b, 0), b + 1);
                row[b] /= left[b];
                Lanes.AddScaled(left[..b], -row[b], row[..b]);
            }
        }

        return Cholesky.LogDeterminant(factor, count, unitExponent);
    }

    /// <summary>Computes the same from the inverse of the covariance, at a cost that does not grow with the cube of the number of predictors.</summary>
    /// <param name="precision">P = inverse(S); see <see cref="PackedTriangle"/>.</param>
    /// <param name="targets">h, the coordinates that are predicted, in ascending order.</param>
    /// <param name="predictors">o, the others, in ascending order.</param>
    /// <param name="unitExponent">The log-determinant is that of C times 4^-unitExponent.</param>
    /// <param name="coefficients">On return B = - C P_ho, row after row, a row for each target.</param>
    /// <param name="residual">On return C = inverse(P_hh), the lower triangle; see <see cref="PackedTriangle"/>.</param>
    /// <param name="work">Scratch memory, as long as the triangle of the targets and a predictor each.</param>
    /// <param name="logDeterminant">log det C.</param>
    /// <returns>Whether the precision holds them: false where targets are so alike, given the others, that six digits and more are lost.</returns>
    /// <remarks>
    /// Digits are lost where P_hh is nearly singular, and nowhere else: a P from the inverse factor of S is that of a matrix next to S, however
    /// singular S is. Cost: with h targets and o predictors, h^2 (o + h) multiplications.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryComputeFromPrecision(
        ReadOnlySpan<double> precision, ReadOnlySpan<int> targets, ReadOnlySpan<int> predictors, int unitExponent, Span<double> coefficients,
        Span<double> residual, Span<double> work, out double logDeterminant)
    {
        int size = targets.Length, count = predictors.Length;
        Span<double> factor = work[..PackedTriangle.Length(size)];
        logDeterminant = 0;
        CopySubmatrix(precision, targets, factor);
        if (!Cholesky.TryFactorInPlace(factor, size, out _)) return false;
        for (int a = 0; a < size; a++)
        {
            double pivot = factor[PackedTriangle.Index(a, a)];
            if (!(pivot * pivot >= LeastShare * precision[PackedTriangle.Index(targets[a], targets[a])])) return false;
        }

        logDeterminant = -Cholesky.LogDeterminant(factor, size, -unitExponent);
        Cholesky.InvertInPlace(factor, size);
        for (int a = 0; a < size; a++)
        {
            for (int b = 0; b <= a; b++)
            {
                double sum = 0;
                for (int c = a; c < size; c++) sum += factor[PackedTriangle.Index(c, a)] * factor[PackedTriangle.Index(c, b)];
                residual[PackedTriangle.Index(a, b)] = sum;
            }
        }

        coefficients[..(size * count)].Clear();
        Span<double> entries = work.Slice(factor.Length, count);
        for (int c = 0; c < size; c++)
        {
            int target = targets[c], row = PackedTriangle.Index(target, 0);
            for (int b = 0; b < count; b++)
            {
                int predictor = predictors[b];
                entries[b] = precision[predictor < target ? row + predictor : PackedTriangle.Index(predictor, target)];
            }

            for (int a = 0; a < size; a++)
            {
                double scale = residual[a > c ? PackedTriangle.Index(a, c) : PackedTriangle.Index(c, a)];
                Lanes.AddScaled(entries, -scale, coefficients.Slice(a * count, count));
            }
        }

        return true;
    }

    /// <summary>Writes x(h,i) = m(h) + sum over o of B(h,o) (x(o,i) - m(o)).</summary>
    /// <param name="values">x, feature-major, shape D x stride.</param>
    /// <param name="stride">The distance between features.</param>
    /// <param name="firstRow">The first row to fill in.</param>
    /// <param name="rowCount">The number of rows.</param>
    /// <param name="means">m, shape D.</param>
    /// <param name="targets">h.</param>
    /// <param name="predictors">o.</param>
    /// <param name="coefficients">B, as <see cref="Compute"/> leaves it; empty for zero.</param>
    /// <remarks>A row has the same bits whichever rows stand beside it. Cost: 2 h o operations a row.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Predict(
        Span<double> values, int stride, int firstRow, int rowCount, ReadOnlySpan<double> means, ReadOnlySpan<int> targets, ReadOnlySpan<int> predictors,
        ReadOnlySpan<double> coefficients)
    {
        Debug.Assert(values.Length >= means.Length * stride && firstRow + rowCount <= stride);
        if (rowCount < Lanes.Width && !coefficients.IsEmpty)
        {
            for (int i = firstRow; i < firstRow + rowCount; i++) PredictOne(ref MemoryMarshal.GetReference(values), stride, i, means, targets, predictors, coefficients);
            return;
        }

        for (int a = 0; a < targets.Length; a++)
        {
            int target = targets[a];
            Span<double> destination = values.Slice((target * stride) + firstRow, rowCount);
            if (coefficients.IsEmpty) destination.Fill(means[target]);
            else Predict(ref MemoryMarshal.GetReference(values), stride, firstRow, means, means[target], predictors, coefficients.Slice(a * predictors.Length, predictors.Length), destination);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Predict(
        ref double values, int stride, int firstRow, ReadOnlySpan<double> means, double mean, ReadOnlySpan<int> predictors, ReadOnlySpan<double> coefficients,
        Span<double> destination)
    {
        ref double result = ref MemoryMarshal.GetReference(destination);
        Vector512<double> first = Vector512.Create(mean);
        int i = 0;
        for (; i + (4 * Lanes.Width) <= destination.Length; i += 4 * Lanes.Width)
        {
            Vector512<double> s0 = Vector512<double>.Zero, s1 = s0, s2 = s0, s3 = s0;
            for (int b = 0; b < predictors.Length; b++)
            {
                int predictor = predictors[b];
                ref double x = ref Unsafe.Add(ref values, (predictor * stride) + firstRow + i);
                Vector512<double> m = Vector512.Create(means[predictor]), c = Vector512.Create(coefficients[b]);
                s0 = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref x) - m, c, s0);
                s1 = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref x, Lanes.Width) - m, c, s1);
                s2 = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref x, 2 * Lanes.Width) - m, c, s2);
                s3 = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref x, 3 * Lanes.Width) - m, c, s3);
            }

            (first + s0).StoreUnsafe(ref result, (nuint)i);
            (first + s1).StoreUnsafe(ref result, (nuint)(i + Lanes.Width));
            (first + s2).StoreUnsafe(ref result, (nuint)(i + (2 * Lanes.Width)));
            (first + s3).StoreUnsafe(ref result, (nuint)(i + (3 * Lanes.Width)));
        }

        for (; i + Lanes.Width <= destination.Length; i += Lanes.Width)
        {
            Vector512<double> sum = Vector512<double>.Zero;
            for (int b = 0; b < predictors.Length; b++)
            {
                int predictor = predictors[b];
                Vector512<double> x = Vector512.LoadUnsafe(ref values, (nuint)((predictor * stride) + firstRow + i));
                sum = Vector512.FusedMultiplyAdd(x - Vector512.Create(means[predictor]), Vector512.Create(coefficients[b]), sum);
            }

            (first + sum).StoreUnsafe(ref result, (nuint)i);
        }

        for (; i < destination.Length; i++)
        {
            double sum = 0;
            for (int b = 0; b < predictors.Length; b++)
            {
                int predictor = predictors[b];
                sum = Math.FusedMultiplyAdd(Unsafe.Add(ref values, (predictor * stride) + firstRow + i) - means[predictor], coefficients[b], sum);
            }

            destination[i] = mean + sum;
        }
    }

    // Four targets at a time, for one sum alone would wait for each multiply-add to finish. Each is summed up in the order of the other ways.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PredictOne(
        ref double values, int stride, int row, ReadOnlySpan<double> means, ReadOnlySpan<int> targets, ReadOnlySpan<int> predictors, ReadOnlySpan<double> coefficients)
    {
        int count = predictors.Length;
        ref double b = ref MemoryMarshal.GetReference(coefficients);
        ref double x = ref Unsafe.Add(ref values, row);
        for (int a = 0; a < targets.Length; a += 4)
        {
            int last = targets.Length - 1;
            ref double b0 = ref Unsafe.Add(ref b, a * count), b1 = ref Unsafe.Add(ref b, Math.Min(a + 1, last) * count);
            ref double b2 = ref Unsafe.Add(ref b, Math.Min(a + 2, last) * count), b3 = ref Unsafe.Add(ref b, Math.Min(a + 3, last) * count);
            double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
            for (int j = 0; j < count; j++)
            {
                int predictor = predictors[j];
                double difference = Unsafe.Add(ref x, predictor * stride) - means[predictor];
                s0 = Math.FusedMultiplyAdd(difference, Unsafe.Add(ref b0, j), s0);
                s1 = Math.FusedMultiplyAdd(difference, Unsafe.Add(ref b1, j), s1);
                s2 = Math.FusedMultiplyAdd(difference, Unsafe.Add(ref b2, j), s2);
                s3 = Math.FusedMultiplyAdd(difference, Unsafe.Add(ref b3, j), s3);
            }

            Unsafe.Add(ref x, targets[a] * stride) = means[targets[a]] + s0;
            if (a + 1 <= last) Unsafe.Add(ref x, targets[a + 1] * stride) = means[targets[a + 1]] + s1;
            if (a + 2 <= last) Unsafe.Add(ref x, targets[a + 2] * stride) = means[targets[a + 2]] + s2;
            if (a + 3 <= last) Unsafe.Add(ref x, targets[a + 3] * stride) = means[targets[a + 3]] + s3;
        }
    }

    private static void CopySubmatrix(ReadOnlySpan<double> matrix, ReadOnlySpan<int> coordinates, Span<double> destination)
    {
        int next = 0;
        for (int a = 0; a < coordinates.Length; a++)
        {
            ReadOnlySpan<double> row = matrix[PackedTriangle.Index(coordinates[a], 0)..];
            for (int b = 0; b <= a; b++) destination[next++] = row[coordinates[b]];
        }
    }
}
