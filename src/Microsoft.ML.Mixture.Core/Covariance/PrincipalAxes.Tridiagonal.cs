using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <content>The axes by a tridiagonal matrix: several times quicker than Jacobi rotations, but absolute errors are those of the largest variance.</content>
/// <remarks>
/// Householder reflections make a matrix tridiagonal, and QL steps with implicit shifts make that diagonal. Source: Golub and Van Loan (2013), Matrix
/// Computations, 4th edition, sections 8.3.1 and 8.3.3. Cost: about 9 D^3 multiplications a matrix.
/// </remarks>
internal sealed partial class PrincipalAxes
{
    // The smallest variances lose as many digits as this has.
    private const double MostSpread = 1e6;

    // Of so many, rotations would take a hundred times as long. What a likelihood loses at its maximum is the square of what variances lose.
    private const int ManyDimensions = 64;
    private const double MostSpreadOfMany = 1e10;

    private const int MostStepsOfVariance = 30;
    private const int FewestDimensions = 3;

    // Leaves the matrix as it is and returns false where the result would not be exact enough. Axes are rows.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool TryDiagonalize(
        ReadOnlySpan<double> matrix, int dimension, Span<double> work, Span<double> variances, Span<double> axes, CancellationToken cancellationToken)
    {
        if (dimension < FewestDimensions) return false;
        Span<double> vectors = dimension <= SquareMatrix.MostOnStack ? stackalloc double[4 * dimension] : new double[4 * dimension];
        Span<double> beside = vectors[..dimension], reflection = vectors.Slice(dimension, dimension), image = vectors.Slice(2 * dimension, dimension), factors = vectors[(3 * dimension)..];
        matrix.CopyTo(work);

        // Column c below the diagonal becomes a multiple of one unit vector; the reflection stays in row c.
        for (int c = 0; c < dimension - 2; c++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int first = c + 1, length = dimension - first;
            Span<double> row = work.Slice((c * dimension) + first, length), v = reflection[..length], p = image[..length];
            double below = 0;
            for (int j = 1; j < length; j++) below += row[j] * row[j];
            if (below == 0)
            {
                (beside[c], factors[c]) = (row[0], 0);
                continue;
            }

            double norm = Math.Sqrt((row[0] * row[0]) + below), head = row[0] <= 0 ? row[0] - norm : -below / (row[0] + norm);
            double factor = 2 * head * head / (below + (head * head)), scale = 1 / head;
            v[0] = 1;
            for (int j = 1; j < length; j++) v[j] = row[j] * scale;
            (beside[c], factors[c]) = (norm, factor);
            v.CopyTo(row);
            double product = 0;
            for (int i = 0; i < length; i++)
            {
                p[i] = factor * Lanes.Dot(work.Slice(((first + i) * dimension) + first, length), v);
                product += p[i] * v[i];
            }

            Lanes.AddScaled(v, -0.5 * factor * product, p);
            for (int i = 0; i < length; i++)
            {
                Span<double> target = work.Slice(((first + i) * dimension) + first, length);
                Lanes.AddScaled(p, -v[i], target);
                Lanes.AddScaled(v, -p[i], target);
            }
        }

        beside[dimension - 2] = work[((dimension - 2) * dimension) + dimension - 1];
        for (int j = 0; j < dimension; j++) variances[j] = work[(j * dimension) + j];
        axes[..(dimension * dimension)].Clear();
        for (int j = 0; j < dimension; j++) axes[(j * dimension) + j] = 1;
        for (int c = dimension - 3; c >= 0; c--)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (factors[c] == 0) continue;
            int first = c + 1, length = dimension - first;
            ReadOnlySpan<double> v = work.Slice((c * dimension) + first, length);
            for (int i = first; i < dimension; i++)
            {
                Span<double> target = axes.Slice((i * dimension) + first, length);
                Lanes.AddScaled(v, -factors[c] * Lanes.Dot(v, target), target);
            }
        }

        return TryFinish(variances, beside, axes, dimension, cancellationToken);
    }

    // QL steps on a tridiagonal matrix, which turn neighbouring axes.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool TryFinish(Span<double> variances, Span<double> beside, Span<double> axes, int dimension, CancellationToken cancellationToken)
    {
        beside[dimension - 1] = 0;
        for (int at = 0; at < dimension; at++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (int step = 0; ; step++)
            {
                int end = at;
                while (end < dimension - 1 && Math.Abs(beside[end]) > Rounding * (Math.Abs(variances[end]) + Math.Abs(variances[end + 1]))) end++;
                if (end == at) break;
                if (step == MostStepsOfVariance) return false;
                double g = (variances[at + 1] - variances[at]) / (2 * beside[at]);
                g = variances[end] - variances[at] + (beside[at] / (g + Math.CopySign(Math.Sqrt((g * g) + 1), g)));
                double sine = 1, cosine = 1, shift = 0;
                int i = end - 1;
                for (; i >= at; i--)
                {
                    double f = sine * beside[i], b = cosine * beside[i], length = Math.Sqrt((f * f) + (g * g));
                    beside[i + 1] = length;
                    if (length == 0)
                    {
                        variances[i + 1] -= shift;
                        beside[end] = 0;
                        break;
                    }

                    (sine, cosine) = (f / length, g / length);
                    g = variances[i + 1] - shift;
                    double along = ((variances[i] - g) * sine) + (2 * cosine * b);
                    shift = sine * along;
                    variances[i + 1] = g + shift;
                    g = (cosine * along) - b;
                    Turn(axes.Slice(i * dimension, 2 * dimension), dimension, cosine, sine);
                }

                if (i >= at) continue;
                variances[at] -= shift;
                (beside[at], beside[end]) = (g, 0);
            }
        }

        double smallest = double.PositiveInfinity, largest = 0;
        foreach (double variance in variances[..dimension]) (smallest, largest) = (Math.Min(smallest, variance), Math.Max(largest, variance));
        return smallest * (dimension < ManyDimensions ? MostSpread : MostSpreadOfMany) >= largest && double.IsFinite(largest);
    }

    // Two rows one after the other: the first becomes cosine times it less sine times the second, the second sine times the first and cosine times it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Turn(Span<double> rows, int dimension, double cosine, double sine)
    {
        ref double first = ref MemoryMarshal.GetReference(rows), second = ref Unsafe.Add(ref first, dimension);
        Vector256<double> c = Vector256.Create(cosine), s = Vector256.Create(sine);
        int j = 0;
        for (; j + Vector256<double>.Count <= dimension; j += Vector256<double>.Count)
        {
            Vector256<double> x = Vector256.LoadUnsafe(ref first, (nuint)j), y = Vector256.LoadUnsafe(ref second, (nuint)j);
            ((c * x) - (s * y)).StoreUnsafe(ref first, (nuint)j);
            ((s * x) + (c * y)).StoreUnsafe(ref second, (nuint)j);
        }

        for (; j < dimension; j++)
        {
            double x = Unsafe.Add(ref first, j), y = Unsafe.Add(ref second, j);
            Unsafe.Add(ref first, j) = (cosine * x) - (sine * y);
            Unsafe.Add(ref second, j) = (sine * x) + (cosine * y);
        }
    }
}
