using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mixture.Numerics;

/// <summary>Weighted sums over a block of rows that are taken in one go, without centred rows in between.</summary>
/// <remarks>With z = x - m the difference from a point near the rows, so that values far from zero lose nothing.</remarks>
public static partial class WeightedMoments
{
    /// <summary>The largest D for which <see cref="AddFull"/> works.</summary>
    public const int LargestFullDimension = 4;

    /// <summary>Adds the sums over i of w(i) z(j,i).</summary>
    /// <param name="values">x, feature-major, shape D x stride.</param>
    /// <param name="centre">m, shape D, in feature units.</param>
    /// <param name="weights">w, shape stride.</param>
    /// <param name="stride">The distance between features, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="laneCount">The number of rows, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="sums">Shape D, added to.</param>
    /// <remarks>Cost: 2 D operations a row.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddSums(
        ReadOnlySpan<double> values, ReadOnlySpan<double> centre, ReadOnlySpan<double> weights, int stride, int laneCount, Span<double> sums)
    {
        Debug.Assert(values.Length >= centre.Length * stride && weights.Length >= laneCount && sums.Length >= centre.Length);
        ref double x = ref MemoryMarshal.GetReference(values);
        ref double w = ref MemoryMarshal.GetReference(weights);
        ref double s = ref MemoryMarshal.GetReference(sums);
        int j = Vector512.IsHardwareAccelerated ? 0 : AddSumsInHalves(ref x, centre, ref w, stride, laneCount, sums);

        // Eight features share what is loaded of w.
        for (; j + 8 <= centre.Length; j += 8)
        {
            Vector512<double> m0 = Vector512.Create(centre[j]), m1 = Vector512.Create(centre[j + 1]), m2 = Vector512.Create(centre[j + 2]);
            Vector512<double> m3 = Vector512.Create(centre[j + 3]), m4 = Vector512.Create(centre[j + 4]), m5 = Vector512.Create(centre[j + 5]);
            Vector512<double> m6 = Vector512.Create(centre[j + 6]), m7 = Vector512.Create(centre[j + 7]);
            Vector512<double> s0 = Vector512<double>.Zero, s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
            ref double feature = ref Unsafe.Add(ref x, j * stride);
            for (int i = 0; i < laneCount; i += Lanes.Width)
            {
                Vector512<double> r = Vector512.LoadUnsafe(ref w, (nuint)i);
                ref double at = ref Unsafe.Add(ref feature, i);
                s0 = Vector512.FusedMultiplyAdd(r, Vector512.LoadUnsafe(ref at) - m0, s0);
                s1 = Vector512.FusedMultiplyAdd(r, Vector512.LoadUnsafe(ref at, (nuint)stride) - m1, s1);
                s2 = Vector512.FusedMultiplyAdd(r, Vector512.LoadUnsafe(ref at, (nuint)(2 * stride)) - m2, s2);
                s3 = Vector512.FusedMultiplyAdd(r, Vector512.LoadUnsafe(ref at, (nuint)(3 * stride)) - m3, s3);
                s4 = Vector512.FusedMultiplyAdd(r, Vector512.LoadUnsafe(ref at, (nuint)(4 * stride)) - m4, s4);
                s5 = Vector512.FusedMultiplyAdd(r, Vector512.LoadUnsafe(ref at, (nuint)(5 * stride)) - m5, s5);
                s6 = Vector512.FusedMultiplyAdd(r, Vector512.LoadUnsafe(ref at, (nuint)(6 * stride)) - m6, s6);
                s7 = Vector512.FusedMultiplyAdd(r, Vector512.LoadUnsafe(ref at, (nuint)(7 * stride)) - m7, s7);
            }

            (Vector512.LoadUnsafe(ref s, (nuint)j) + Lanes.SumEach(s0, s1, s2, s3, s4, s5, s6, s7)).StoreUnsafe(ref s, (nuint)j);
        }

        for (; j + 4 <= centre.Length; j += 4)
        {
            Vector512<double> m0 = Vector512.Create(centre[j]), m1 = Vector512.Create(centre[j + 1]);
            Vector512<double> m2 = Vector512.Create(centre[j + 2]), m3 = Vector512.Create(centre[j + 3]);
            Vector512<double> s0 = Vector512<double>.Zero, s1 = s0, s2 = s0, s3 = s0;
            ref double feature = ref Unsafe.Add(ref x, j * stride);
            for (int i = 0; i < laneCount; i += Lanes.Width)
            {
                Vector512<double> r = Vector512.LoadUnsafe(ref w, (nuint)i);
                ref double at = ref Unsafe.Add(ref feature, i);
                s0 = Vector512.FusedMultiplyAdd(r, Vector512.LoadUnsafe(ref at) - m0, s0);
                s1 = Vector512.FusedMultiplyAdd(r, Vector512.LoadUnsafe(ref at, (nuint)stride) - m1, s1);
                s2 = Vector512.FusedMultiplyAdd(r, Vector512.LoadUnsafe(ref at, (nuint)(2 * stride)) - m2, s2);
                s3 = Vector512.FusedMultiplyAdd(r, Vector512.LoadUnsafe(ref at, (nuint)(3 * stride)) - m3, s3);
            }

            Vector256<double> totals = Lanes.SumEachHalf(s0.GetLower(), s1.GetLower(), s2.GetLower(), s3.GetLower())
                + Lanes.SumEachHalf(s0.GetUpper(), s1.GetUpper(), s2.GetUpper(), s3.GetUpper());
            (Vector256.LoadUnsafe(ref s, (nuint)j) + totals).StoreUnsafe(ref s, (nuint)j);
        }

        for (; j < centre.Length; j++)
        {
            Vector512<double> m = Vector512.Create(centre[j]), sum = Vector512<double>.Zero;
            ref double feature = ref Unsafe.Add(ref x, j * stride);
            for (int i = 0; i < laneCount; i += Lanes.Width)
            {
                sum = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref w, (nuint)i), Vector512.LoadUnsafe(ref feature, (nuint)i) - m, sum);
            }

            sums[j] += Lanes.Sum(sum);
        }
    }

    /// <summary>Adds the sums over i of w(i) z(j,i) and of w(i) z(j,i)^2.</summary>
    /// <param name="values">x, feature-major, shape D x stride.</param>
    /// <param name="centre">m, shape D, in feature units.</param>
    /// <param name="weights">w, shape stride.</param>
    /// <param name="stride">The distance between features, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="laneCount">The number of rows, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="sums">The sums of w z, shape D, added to.</param>
    /// <param name="squares">The sums of w z^2, shape D, or shape 1 for their sum over the features; added to. Squared feature units.</param>
    /// <remarks>Cost: 4 D operations a row.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddDiagonal(
        ReadOnlySpan<double> values, ReadOnlySpan<double> centre, ReadOnlySpan<double> weights, int stride, int laneCount, Span<double> sums,
        Span<double> squares)
    {
        Debug.Assert(values.Length >= centre.Length * stride && weights.Length >= laneCount && sums.Length >= centre.Length);
        Debug.Assert(squares.Length == 1 || squares.Length >= centre.Length);
        ref double x = ref MemoryMarshal.GetReference(values);
        ref double w = ref MemoryMarshal.GetReference(weights);
        ref double s = ref MemoryMarshal.GetReference(sums);
        ref double q = ref MemoryMarshal.GetReference(squares);
        int step = squares.Length == 1 ? 0 : 1;
        int j = Vector512.IsHardwareAccelerated ? 0 : AddDiagonalInHalves(ref x, centre, ref w, stride, laneCount, sums, squares);
        for (; j + 4 <= centre.Length; j += 4)
        {
            Vector512<double> m0 = Vector512.Create(centre[j]), m1 = Vector512.Create(centre[j + 1]);
            Vector512<double> m2 = Vector512.Create(centre[j + 2]), m3 = Vector512.Create(centre[j + 3]);
            Vector512<double> s0 = Vector512<double>.Zero, s1 = s0, s2 = s0, s3 = s0, q0 = s0, q1 = s0, q2 = s0, q3 = s0;
            ref double x0 = ref Unsafe.Add(ref x, j * stride);
            ref double x1 = ref Unsafe.Add(ref x0, stride);
            ref double x2 = ref Unsafe.Add(ref x1, stride);
            ref double x3 = ref Unsafe.Add(ref x2, stride);
            for (nuint i = 0; i < (nuint)laneCount; i += Lanes.Width)
            {
                Vector512<double> r = Vector512.LoadUnsafe(ref w, i);
                Vector512<double> z = Vector512.LoadUnsafe(ref x0, i) - m0, wz = r * z;
                s0 += wz;
                q0 = Vector512.FusedMultiplyAdd(wz, z, q0);
                z = Vector512.LoadUnsafe(ref x1, i) - m1;
                wz = r * z;
                s1 += wz;
                q1 = Vector512.FusedMultiplyAdd(wz, z, q1);
                z = Vector512.LoadUnsafe(ref x2, i) - m2;
                wz = r * z;
                s2 += wz;
                q2 = Vector512.FusedMultiplyAdd(wz, z, q2);
                z = Vector512.LoadUnsafe(ref x3, i) - m3;
                wz = r * z;
                s3 += wz;
                q3 = Vector512.FusedMultiplyAdd(wz, z, q3);
            }

            Vector512<double> totals = Lanes.SumEach(s0, s1, s2, s3, q0, q1, q2, q3);
            (Vector256.LoadUnsafe(ref s, (nuint)j) + totals.GetLower()).StoreUnsafe(ref s, (nuint)j);
            Vector256<double> ofSquares = totals.GetUpper();
            for (int lane = 0; lane < 4; lane++) Unsafe.Add(ref q, (j + lane) * step) += ofSquares.GetElement(lane);
        }

        for (; j + 2 <= centre.Length; j += 2)
        {
            Vector512<double> m0 = Vector512.Create(centre[j]), m1 = Vector512.Create(centre[j + 1]);
            Vector512<double> s0 = Vector512<double>.Zero, s1 = s0, q0 = s0, q1 = s0;
            ref double x0 = ref Unsafe.Add(ref x, j * stride);
            ref double x1 = ref Unsafe.Add(ref x0, stride);
            for (nuint i = 0; i < (nuint)laneCount; i += Lanes.Width)
            {
                Vector512<double> r = Vector512.LoadUnsafe(ref w, i);
                Vector512<double> z = Vector512.LoadUnsafe(ref x0, i) - m0, wz = r * z;
                s0 += wz;
                q0 = Vector512.FusedMultiplyAdd(wz, z, q0);
                z = Vector512.LoadUnsafe(ref x1, i) - m1;
                wz = r * z;
                s1 += wz;
                q1 = Vector512.FusedMultiplyAdd(wz, z, q1);
            }

            Unsafe.Add(ref s, j) += Lanes.Sum(s0);
            Unsafe.Add(ref s, j + 1) += Lanes.Sum(s1);
            Unsafe.Add(ref q, j * step) += Lanes.Sum(q0);
            Unsafe.Add(ref q, (j + 1) * step) += Lanes.Sum(q1);
        }

        for (; j < centre.Length; j++)
        {
            Vector512<double> m = Vector512.Create(centre[j]), sum = Vector512<double>.Zero, square = sum;
            ref double feature = ref Unsafe.Add(ref x, j * stride);
            for (nuint i = 0; i < (nuint)laneCount; i += Lanes.Width)
            {
                Vector512<double> z = Vector512.LoadUnsafe(ref feature, i) - m, wz = Vector512.LoadUnsafe(ref w, i) * z;
                sum += wz;
                square = Vector512.FusedMultiplyAdd(wz, z, square);
            }

            Unsafe.Add(ref s, j) += Lanes.Sum(sum);
            Unsafe.Add(ref q, j * step) += Lanes.Sum(square);
        }
    }

    /// <summary>Adds the sums over i of w(i) z_i and of w(i) z_i z_i', for few features.</summary>
    /// <param name="values">x, feature-major, shape D x stride.</param>
    /// <param name="centre">m, shape D, at most <see cref="LargestFullDimension"/>, in feature units.</param>
    /// <param name="weights">w, shape stride.</param>
    /// <param name="stride">The distance between features, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="laneCount">The number of rows, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="sums">The sums of w z, shape D, added to.</param>
    /// <param name="scatter">The lower triangle of the sums of w z z', added to; see <see cref="ScatterTriangle"/>. Squared feature units.</param>
    /// <remarks>Cost: D (D + 1) / 2 + 3 D operations a row.</remarks>
    public static void AddFull(
        ReadOnlySpan<double> values, ReadOnlySpan<double> centre, ReadOnlySpan<double> weights, int stride, int laneCount, Span<double> sums,
        Span<double> scatter)
    {
        Debug.Assert(values.Length >= centre.Length * stride && weights.Length >= laneCount);
        switch (centre.Length)
        {
            case 1:
                AddDiagonal(values, centre, weights, stride, laneCount, sums, scatter[..1]);
                break;
            case 2 when !Vector512.IsHardwareAccelerated:
                AddTwoOrThree<Two>(values, centre, weights, stride, laneCount, sums, scatter);
                break;
            case 3 when !Vector512.IsHardwareAccelerated:
                AddTwoOrThree<Three>(values, centre, weights, stride, laneCount, sums, scatter);
                break;
            case 4 when !Vector512.IsHardwareAccelerated:
                AddTwoOrThree<Three>(values, centre[..3], weights, stride, laneCount, sums, scatter);
                AddFourth(values, centre, weights, stride, laneCount, sums, scatter);
                break;
            case 2:
                AddSmall<Two>(values, centre, weights, stride, laneCount, sums, scatter);
                break;
            case 3:
                AddSmall<Three>(values, centre, weights, stride, laneCount, sums, scatter);
                break;
            case 4:
                AddSmall<Four>(values, centre, weights, stride, laneCount, sums, scatter);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(centre));
        }
    }

    // Two to four features; what a smaller number of them does not need is left out when the code is compiled for it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddSmall<TDimension>(
        ReadOnlySpan<double> values, ReadOnlySpan<double> centre, ReadOnlySpan<double> weights, int stride, int laneCount, Span<double> sums,
        Span<double> scatter)
        where TDimension : struct, IDimension
    {
        Vector512<double> s0 = Vector512<double>.Zero, s1 = s0, s2 = s0, s3 = s0;
        Vector512<double> q00 = s0, q10 = s0, q11 = s0, q20 = s0, q21 = s0, q22 = s0, q30 = s0, q31 = s0, q32 = s0, q33 = s0;
        Vector512<double> z2 = s0, z3 = s0;
        Vector512<double> m0 = Vector512.Create(centre[0]), m1 = Vector512.Create(centre[1]);
        Vector512<double> m2 = Vector512.Create(TDimension.Count > 2 ? centre[2] : 0), m3 = Vector512.Create(TDimension.Count > 3 ? centre[3] : 0);
        ref double w = ref MemoryMarshal.GetReference(weights);
        ref double x0 = ref MemoryMarshal.GetReference(values);
        ref double x1 = ref Unsafe.Add(ref x0, stride);
        ref double x2 = ref Unsafe.Add(ref x1, TDimension.Count > 2 ? stride : 0);
        ref double x3 = ref Unsafe.Add(ref x2, TDimension.Count > 3 ? stride : 0);
        for (nuint i = 0; i < (nuint)laneCount; i += Lanes.Width)
        {
            Vector512<double> r = Vector512.LoadUnsafe(ref w, i);
            Vector512<double> z0 = Vector512.LoadUnsafe(ref x0, i) - m0, z1 = Vector512.LoadUnsafe(ref x1, i) - m1;
            Vector512<double> w0 = r * z0, w1 = r * z1;
            s0 += w0;
            s1 += w1;
            q00 = Vector512.FusedMultiplyAdd(w0, z0, q00);
            q10 = Vector512.FusedMultiplyAdd(w1, z0, q10);
            q11 = Vector512.FusedMultiplyAdd(w1, z1, q11);
            if (TDimension.Count > 2)
            {
                z2 = Vector512.LoadUnsafe(ref x2, i) - m2;
                Vector512<double> w2 = r * z2;
                s2 += w2;
                q20 = Vector512.FusedMultiplyAdd(w2, z0, q20);
                q21 = Vector512.FusedMultiplyAdd(w2, z1, q21);
                q22 = Vector512.FusedMultiplyAdd(w2, z2, q22);
            }

            if (TDimension.Count > 3)
            {
                z3 = Vector512.LoadUnsafe(ref x3, i) - m3;
                Vector512<double> w3 = r * z3;
                s3 += w3;
                q30 = Vector512.FusedMultiplyAdd(w3, z0, q30);
                q31 = Vector512.FusedMultiplyAdd(w3, z1, q31);
                q32 = Vector512.FusedMultiplyAdd(w3, z2, q32);
                q33 = Vector512.FusedMultiplyAdd(w3, z3, q33);
            }
        }

        Vector512<double> totals = Lanes.SumEach(s0, s1, s2, s3, q00, q10, q11, Vector512<double>.Zero);
        for (int j = 0; j < TDimension.Count; j++) sums[j] += totals.GetElement(j);
        int row = ScatterTriangle.RowOffset(1);
        scatter[0] += totals.GetElement(4);
        scatter[row] += totals.GetElement(5);
        scatter[row + 1] += totals.GetElement(6);
        if (TDimension.Count < 3) return;
        totals = Lanes.SumEach(q20, q21, q22, q30, q31, q32, q33, Vector512<double>.Zero);
        row = ScatterTriangle.RowOffset(2);
        for (int j = 0; j < 3; j++) scatter[row + j] += totals.GetElement(j);
        row = ScatterTriangle.RowOffset(3);
        for (int j = 0; j < 4 && TDimension.Count > 3; j++) scatter[row + j] += totals.GetElement(3 + j);
    }

    private interface IDimension
    {
        static abstract int Count { get; }
    }

    private readonly struct Two : IDimension
    {
        public static int Count => 2;
    }

    private readonly struct Three : IDimension
    {
        public static int Count => 3;
    }

    private readonly struct Four : IDimension
    {
        public static int Count => 4;
    }
}
