using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mixture.Numerics;

/// <summary>Products of a block of rows with a tall, narrow matrix, D x Q with Q far below D; no D x D matrix appears.</summary>
/// <remarks>
/// Such a matrix is stored row after row, each row filled up with zeros to a multiple of four: entry (j, m) is <c>matrix[j * P + m]</c>, with P
/// from <see cref="PadRank"/>. Results of the rows stand in lanes: <c>y[m * stride + i]</c>, P x stride. A row's result depends on that row alone.
/// </remarks>
public static class LowRank
{
    private const int PanelWidth = 4;

    /// <summary>Rounds a number of columns up to whole panels.</summary>
    /// <param name="rank">Q, not negative.</param>
    /// <returns>The smallest multiple of four that is not less than <paramref name="rank"/>.</returns>
    public static int PadRank(int rank) => (rank + PanelWidth - 1) & -PanelWidth;

    /// <summary>Computes y_i = B' (x_i - c).</summary>
    /// <param name="values">x, feature-major, shape D x stride.</param>
    /// <param name="centre">c, shape D.</param>
    /// <param name="matrix">B, D x Q, filled up.</param>
    /// <param name="stride">The distance between features, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="laneCount">The number of rows, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="destination">y. Must not overlap <paramref name="values"/>.</param>
    /// <remarks>Cost: D P fused multiply-adds a row, and D P / 4 subtractions.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Project(ReadOnlySpan<double> values, ReadOnlySpan<double> centre, ReadOnlySpan<double> matrix, int stride, int laneCount, Span<double> destination)
    {
        int dimension = centre.Length, padded = matrix.Length / Math.Max(1, dimension);
        Debug.Assert(values.Length >= dimension * stride && destination.Length >= padded * stride && padded % PanelWidth == 0);
        ref double c = ref MemoryMarshal.GetReference(centre);
        ref double y = ref MemoryMarshal.GetReference(destination);
        for (int m = 0; m < padded; m += PanelWidth)
        {
            int i = 0;
            for (; i + (2 * Lanes.Width) <= laneCount; i += 2 * Lanes.Width)
            {
                Vector512<double> a0 = Vector512<double>.Zero, a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
                ref double x = ref Unsafe.Add(ref MemoryMarshal.GetReference(values), i);
                ref double b = ref Unsafe.Add(ref MemoryMarshal.GetReference(matrix), m);
                for (int j = 0; j < dimension; j++)
                {
                    Vector512<double> middle = Vector512.Create(Unsafe.Add(ref c, j));
                    Vector512<double> first = Vector512.LoadUnsafe(ref x) - middle, second = Vector512.LoadUnsafe(ref x, Lanes.Width) - middle;
                    Vector512<double> factor = Vector512.Create(b);
                    a0 = Vector512.FusedMultiplyAdd(first, factor, a0);
                    b0 = Vector512.FusedMultiplyAdd(second, factor, b0);
                    factor = Vector512.Create(Unsafe.Add(ref b, 1));
                    a1 = Vector512.FusedMultiplyAdd(first, factor, a1);
                    b1 = Vector512.FusedMultiplyAdd(second, factor, b1);
                    factor = Vector512.Create(Unsafe.Add(ref b, 2));
                    a2 = Vector512.FusedMultiplyAdd(first, factor, a2);
                    b2 = Vector512.FusedMultiplyAdd(second, factor, b2);
                    factor = Vector512.Create(Unsafe.Add(ref b, 3));
                    a3 = Vector512.FusedMultiplyAdd(first, factor, a3);
                    b3 = Vector512.FusedMultiplyAdd(second, factor, b3);
                    x = ref Unsafe.Add(ref x, stride);
                    b = ref Unsafe.Add(ref b, padded);
                }

                Store(ref y, (m * stride) + i, stride, a0, a1, a2, a3);
                Store(ref y, (m * stride) + i + Lanes.Width, stride, b0, b1, b2, b3);
            }

            if (i >= laneCount) continue;
            Vector512<double> s0 = Vector512<double>.Zero, s1 = s0, s2 = s0, s3 = s0;
            ref double left = ref Unsafe.Add(ref MemoryMarshal.GetReference(values), i);
            ref double row = ref Unsafe.Add(ref MemoryMarshal.GetReference(matrix), m);
            for (int j = 0; j < dimension; j++)
            {
                Vector512<double> z = Vector512.LoadUnsafe(ref left) - Vector512.Create(Unsafe.Add(ref c, j));
                s0 = Vector512.FusedMultiplyAdd(z, Vector512.Create(row), s0);
                s1 = Vector512.FusedMultiplyAdd(z, Vector512.Create(Unsafe.Add(ref row, 1)), s1);
                s2 = Vector512.FusedMultiplyAdd(z, Vector512.Create(Unsafe.Add(ref row, 2)), s2);
                s3 = Vector512.FusedMultiplyAdd(z, Vector512.Create(Unsafe.Add(ref row, 3)), s3);
                left = ref Unsafe.Add(ref left, stride);
                row = ref Unsafe.Add(ref row, padded);
            }

            Store(ref y, (m * stride) + i, stride, s0, s1, s2, s3);
        }
    }

    /// <summary>Computes q(i) = |y_i|^2 plus the sum over j of (s(j) r(j,i))^2, where r_i = x_i - c - B y_i.</summary>
    /// <param name="values">x, feature-major, shape D x stride.</param>
    /// <param name="centre">c, shape D.</param>
    /// <param name="matrix">B, D x Q, filled up.</param>
    /// <param name="scales">s, shape D.</param>
    /// <param name="projections">y, as <see cref="Project"/> writes it.</param>
    /// <param name="stride">The distance between features, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="laneCount">The number of rows, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="destination">q, shape stride; infinite where a row is too far away to tell, never NaN if the row is finite.</param>
    /// <remarks>A sum of squares, so nothing cancels. Cost: D P + 3 D operations a row.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ResidualNorm(
        ReadOnlySpan<double> values, ReadOnlySpan<double> centre, ReadOnlySpan<double> matrix, ReadOnlySpan<double> scales, ReadOnlySpan<double> projections,
        int stride, int laneCount, Span<double> destination)
    {
        int dimension = centre.Length, padded = matrix.Length / Math.Max(1, dimension);
        Debug.Assert(values.Length >= dimension * stride && projections.Length >= padded * stride && destination.Length >= laneCount && scales.Length == dimension);
        ref double x = ref MemoryMarshal.GetReference(values);
        ref double c = ref MemoryMarshal.GetReference(centre);
        ref double b = ref MemoryMarshal.GetReference(matrix);
        ref double s = ref MemoryMarshal.GetReference(scales);
        ref double y = ref MemoryMarshal.GetReference(projections);
        for (int i = 0; i < laneCount; i += Lanes.Width)
        {
            Vector512<double> even = Vector512<double>.Zero, odd = even;
            for (int m = 0; m < padded; m++)
            {
                Vector512<double> length = Vector512.LoadUnsafe(ref y, (nuint)((m * stride) + i));
                even = Vector512.FusedMultiplyAdd(length, length, even);
            }

            int j = 0;
            for (; j + 4 <= dimension; j += 4)
            {
                Vector512<double> e0 = Vector512<double>.Zero, e1 = e0, e2 = e0, e3 = e0;
                ref double b0 = ref Unsafe.Add(ref b, j * padded);
                ref double b1 = ref Unsafe.Add(ref b0, padded);
                ref double b2 = ref Unsafe.Add(ref b1, padded);
                ref double b3 = ref Unsafe.Add(ref b2, padded);
                for (int m = 0; m < padded; m++)
                {
                    Vector512<double> length = Vector512.LoadUnsafe(ref y, (nuint)((m * stride) + i));
                    e0 = Vector512.FusedMultiplyAdd(length, Vector512.Create(Unsafe.Add(ref b0, m)), e0);
                    e1 = Vector512.FusedMultiplyAdd(length, Vector512.Create(Unsafe.Add(ref b1, m)), e1);
                    e2 = Vector512.FusedMultiplyAdd(length, Vector512.Create(Unsafe.Add(ref b2, m)), e2);
                    e3 = Vector512.FusedMultiplyAdd(length, Vector512.Create(Unsafe.Add(ref b3, m)), e3);
                }

                e0 = Residual(ref x, ref c, ref s, j, stride, i, e0);
                e1 = Residual(ref x, ref c, ref s, j + 1, stride, i, e1);
                e2 = Residual(ref x, ref c, ref s, j + 2, stride, i, e2);
                e3 = Residual(ref x, ref c, ref s, j + 3, stride, i, e3);
                even = Vector512.FusedMultiplyAdd(e0, e0, even);
                odd = Vector512.FusedMultiplyAdd(e1, e1, odd);
                even = Vector512.FusedMultiplyAdd(e2, e2, even);
                odd = Vector512.FusedMultiplyAdd(e3, e3, odd);
            }

            for (; j < dimension; j++)
            {
                Vector512<double> sum = Vector512<double>.Zero;
                for (int m = 0; m < padded; m++)
                {
                    sum = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref y, (nuint)((m * stride) + i)), Vector512.Create(Unsafe.Add(ref b, (j * padded) + m)), sum);
                }

                sum = Residual(ref x, ref c, ref s, j, stride, i, sum);
                even = Vector512.FusedMultiplyAdd(sum, sum, even);
            }

            Vector512<double> total = even + odd;
            Vector512.ConditionalSelect(Vector512.Equals(total, total), total, Vector512.Create(double.PositiveInfinity))
                .StoreUnsafe(ref MemoryMarshal.GetReference(destination), (nuint)i);
        }
    }

    /// <summary>Adds the sum over i of (x_i - c) y_i' to a matrix.</summary>
    /// <param name="values">x, feature-major, shape D x stride.</param>
    /// <param name="centre">c, shape D.</param>
    /// <param name="projections">y, P x stride, with the weights of the rows in it.</param>
    /// <param name="stride">The distance between features, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="laneCount">The number of rows, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="matrix">The sum, D x P: added to.</param>
    /// <remarks>Cost: D P fused multiply-adds a row, and D P / 4 subtractions.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddProducts(
        ReadOnlySpan<double> values, ReadOnlySpan<double> centre, ReadOnlySpan<double> projections, int stride, int laneCount, Span<double> matrix)
    {
        int dimension = centre.Length, padded = matrix.Length / Math.Max(1, dimension);
        Debug.Assert(values.Length >= dimension * stride && projections.Length >= padded * stride && padded % PanelWidth == 0);
        for (int j = 0; j < dimension; j += 2)
        {
            // A last feature without a neighbour is its own.
            int other = Math.Min(j + 1, dimension - 1);
            Vector512<double> c0 = Vector512.Create(centre[j]), c1 = Vector512.Create(centre[other]);
            ref double x0 = ref Unsafe.Add(ref MemoryMarshal.GetReference(values), j * stride);
            ref double x1 = ref Unsafe.Add(ref MemoryMarshal.GetReference(values), other * stride);
            for (int m = 0; m < padded; m += PanelWidth)
            {
                Vector512<double> a0 = Vector512<double>.Zero, a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
                ref double y0 = ref Unsafe.Add(ref MemoryMarshal.GetReference(projections), m * stride);
                ref double y1 = ref Unsafe.Add(ref y0, stride);
                ref double y2 = ref Unsafe.Add(ref y1, stride);
                ref double y3 = ref Unsafe.Add(ref y2, stride);
                for (nuint i = 0; i < (nuint)laneCount; i += Lanes.Width)
                {
                    Vector512<double> first = Vector512.LoadUnsafe(ref x0, i) - c0, second = Vector512.LoadUnsafe(ref x1, i) - c1;
                    Vector512<double> factor = Vector512.LoadUnsafe(ref y0, i);
                    a0 = Vector512.FusedMultiplyAdd(first, factor, a0);
                    b0 = Vector512.FusedMultiplyAdd(second, factor, b0);
                    factor = Vector512.LoadUnsafe(ref y1, i);
                    a1 = Vector512.FusedMultiplyAdd(first, factor, a1);
                    b1 = Vector512.FusedMultiplyAdd(second, factor, b1);
                    factor = Vector512.LoadUnsafe(ref y2, i);
                    a2 = Vector512.FusedMultiplyAdd(first, factor, a2);
                    b2 = Vector512.FusedMultiplyAdd(second, factor, b2);
                    factor = Vector512.LoadUnsafe(ref y3, i);
                    a3 = Vector512.FusedMultiplyAdd(first, factor, a3);
                    b3 = Vector512.FusedMultiplyAdd(second, factor, b3);
                }

                Vector512<double> sums = Lanes.SumEach(a0, a1, a2, a3, b0, b1, b2, b3);
                AddTo(ref matrix[(j * padded) + m], sums.GetLower());
                if (other > j) AddTo(ref matrix[(other * padded) + m], sums.GetUpper());
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Residual(ref double x, ref double c, ref double s, int feature, int stride, int row, Vector512<double> expected) =>
        (Vector512.LoadUnsafe(ref x, (nuint)((feature * stride) + row)) - Vector512.Create(Unsafe.Add(ref c, feature)) - expected)
        * Vector512.Create(Unsafe.Add(ref s, feature));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(ref double y, int at, int stride, Vector512<double> first, Vector512<double> second, Vector512<double> third, Vector512<double> fourth)
    {
        first.StoreUnsafe(ref y, (nuint)at);
        second.StoreUnsafe(ref y, (nuint)(at + stride));
        third.StoreUnsafe(ref y, (nuint)(at + (2 * stride)));
        fourth.StoreUnsafe(ref y, (nuint)(at + (3 * stride)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTo(ref double destination, Vector256<double> value) => (Vector256.LoadUnsafe(ref destination) + value).StoreUnsafe(ref destination);
}
