using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mixture.Numerics;

/// <content>The regressions of eight random vectors at once, a lane for each.</content>
public static partial class LinearRegression
{
    /// <summary>Computes what <see cref="Compute"/> does for eight covariances, which stand in lanes as all results do: entry e of matrix l at 8 e + l.</summary>
    /// <param name="covariances">S of each; see <see cref="PackedTriangle"/>.</param>
    /// <param name="targets">h, the coordinates that are predicted, in ascending order.</param>
    /// <param name="predictors">o, the others, in ascending order.</param>
    /// <param name="coefficients">On return B of each, row after row, a row for each target.</param>
    /// <param name="residuals">On return C of each, the lower triangle.</param>
    /// <param name="pivots">On return the squares of the diagonal of the factor of each S_oo, whose product is its determinant. Where they are not all above zero and finite, S_oo is singular but for rounding, and its results mean nothing.</param>
    /// <param name="work">Scratch memory, eight times as long as the triangle of the predictors.</param>
    /// <remarks>A lane has the same bits whatever stands in the others. Cost: that of one matrix alone.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ComputeEight(
        ReadOnlySpan<double> covariances, ReadOnlySpan<int> targets, ReadOnlySpan<int> predictors, Span<double> coefficients, Span<double> residuals, Span<double> pivots,
        Span<double> work)
    {
        int size = targets.Length, count = predictors.Length;
        Debug.Assert(coefficients.Length >= Lanes.Width * size * count && residuals.Length >= Lanes.Width * PackedTriangle.Length(size));
        Debug.Assert(pivots.Length >= Lanes.Width * count && work.Length >= Lanes.Width * PackedTriangle.Length(count));
        ref double covariance = ref MemoryMarshal.GetReference(covariances);
        ref double factor = ref MemoryMarshal.GetReference(work);
        ref double result = ref MemoryMarshal.GetReference(coefficients);
        ref double residual = ref MemoryMarshal.GetReference(residuals);
        Factor(ref covariance, predictors, ref factor, ref MemoryMarshal.GetReference(pivots));
        for (int a = 0; a < size; a++)
        {
            int row = a * count, target = targets[a];
            for (int b = 0; b < count; b++)
            {
                int predictor = predictors[b], left = PackedTriangle.Index(b, 0);
                Vector512<double> rest = Load(ref covariance, target > predictor ? PackedTriangle.Index(target, predictor) : PackedTriangle.Index(predictor, target));
                for (int m = 0; m < b; m++) rest -= Load(ref result, row + m) * Load(ref factor, left + m);
                Store(rest * Load(ref factor, left + b), ref result, row + b);
            }

            for (int c = 0; c <= a; c++)
            {
                Vector512<double> rest = Load(ref covariance, PackedTriangle.Index(target, targets[c]));
                for (int b = 0; b < count; b++) rest -= Load(ref result, row + b) * Load(ref result, (c * count) + b);
                Store(rest, ref residual, PackedTriangle.Index(a, c));
            }
        }

        // Only now, because the residual needs all rows as they were.
        for (int row = 0; row < size * count; row += count)
        {
            for (int b = count - 1; b >= 0; b--)
            {
                int left = PackedTriangle.Index(b, 0);
                Vector512<double> value = Load(ref result, row + b) * Load(ref factor, left + b);
                Store(value, ref result, row + b);
                for (int m = 0; m < b; m++) Store(Load(ref result, row + m) - (value * Load(ref factor, left + m)), ref result, row + m);
            }
        }
    }

    // The factor of S_oo, with the reciprocals of its diagonal in their place.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Factor(ref double covariance, ReadOnlySpan<int> predictors, ref double factor, ref double pivots)
    {
        for (int i = 0; i < predictors.Length; i++)
        {
            int row = PackedTriangle.Index(i, 0), given = PackedTriangle.Index(predictors[i], 0);
            for (int j = 0; j < i; j++)
            {
                int above = PackedTriangle.Index(j, 0);
                Vector512<double> rest = Load(ref covariance, given + predictors[j]);
                for (int m = 0; m < j; m++) rest -= Load(ref factor, row + m) * Load(ref factor, above + m);
                Store(rest * Load(ref factor, above + j), ref factor, row + j);
            }

            Vector512<double> pivot = Load(ref covariance, given + predictors[i]);
            for (int m = 0; m < i; m++) pivot -= Load(ref factor, row + m) * Load(ref factor, row + m);
            Store(pivot, ref pivots, i);
            Store(Vector512<double>.One / Vector512.Sqrt(pivot), ref factor, row + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Load(ref double start, int entry) => Vector512.LoadUnsafe(ref start, (nuint)(entry * Lanes.Width));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector512<double> value, ref double start, int entry) => value.StoreUnsafe(ref start, (nuint)(entry * Lanes.Width));
}
