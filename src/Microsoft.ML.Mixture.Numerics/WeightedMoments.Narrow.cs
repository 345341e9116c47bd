using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mixture.Numerics;

/// <content>The same sums by vectors of four lanes or fewer, of which there are sixteen registers at most.</content>
/// <remarks>
/// Differences are taken the other way round, m - x, because then their second operand may stay in memory. Squares do not tell, and sums are
/// taken away instead of added: the bits are the same.
/// </remarks>
public static partial class WeightedMoments
{
    private const int NarrowWidth = Lanes.Width / 2;

    // Four features at a time, then two or three. Returns how many: a last one by itself is left.
    private static int AddSumsInHalves(ref double x, ReadOnlySpan<double> centre, ref double weights, int stride, int laneCount, Span<double> sums)
    {
        int j = 0;
        for (; j + 4 <= centre.Length; j += 4) Sum<Four>(ref Unsafe.Add(ref x, j * stride), centre[j..], ref weights, stride, laneCount, sums[j..]);
        if (centre.Length - j < 2) return j;
        if (centre.Length - j == 2) Sum<Two>(ref Unsafe.Add(ref x, j * stride), centre[j..], ref weights, stride, laneCount, sums[j..]);
        else Sum<Three>(ref Unsafe.Add(ref x, j * stride), centre[j..], ref weights, stride, laneCount, sums[j..]);
        return centre.Length;
    }

    // Four features at a time, then three. Returns how many: one or two by themselves are left.
    private static int AddDiagonalInHalves(
        ref double x, ReadOnlySpan<double> centre, ref double weights, int stride, int laneCount, Span<double> sums, Span<double> squares)
    {
        int j = 0, step = squares.Length == 1 ? 0 : 1;
        for (; j + 4 <= centre.Length; j += 4)
        {
            SumSquares<Four>(ref Unsafe.Add(ref x, j * stride), centre[j..], ref weights, stride, laneCount, sums[j..], squares[(j * step)..]);
        }

        if (centre.Length - j != 3) return j;
        SumSquares<Three>(ref Unsafe.Add(ref x, j * stride), centre[j..], ref weights, stride, laneCount, sums[j..], squares[(j * step)..]);
        return centre.Length;
    }

    // Takes the sums of w (m - x) of two to four features away from s.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum<TCount>(ref double x, ReadOnlySpan<double> centre, ref double weights, int stride, int laneCount, Span<double> sums)
        where TCount : struct, IDimension
    {
        Vector256<double> m0 = Vector256.Create(centre[0]), m1 = Vector256.Create(centre[1]);
        Vector256<double> m2 = Vector256.Create(TCount.Count > 2 ? centre[2] : 0), m3 = Vector256.Create(TCount.Count > 3 ? centre[3] : 0);
        Vector256<double> s0 = Vector256<double>.Zero, s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0;
        ref double x1 = ref Unsafe.Add(ref x, stride);
        ref double x2 = ref Unsafe.Add(ref x1, TCount.Count > 2 ? stride : 0);
        ref double x3 = ref Unsafe.Add(ref x2, TCount.Count > 3 ? stride : 0);
        for (nuint i = 0; i < (nuint)laneCount; i += Lanes.Width)
        {
            Vector256<double> w = Vector256.LoadUnsafe(ref weights, i);
            s0 = Vector256.FusedMultiplyAdd(w, m0 - Vector256.LoadUnsafe(ref x, i), s0);
            s1 = Vector256.FusedMultiplyAdd(w, m1 - Vector256.LoadUnsafe(ref x1, i), s1);
            if (TCount.Count > 2) s2 = Vector256.FusedMultiplyAdd(w, m2 - Vector256.LoadUnsafe(ref x2, i), s2);
            if (TCount.Count > 3) s3 = Vector256.FusedMultiplyAdd(w, m3 - Vector256.LoadUnsafe(ref x3, i), s3);
            w = Vector256.LoadUnsafe(ref weights, i + NarrowWidth);
            t0 = Vector256.FusedMultiplyAdd(w, m0 - Vector256.LoadUnsafe(ref x, i + NarrowWidth), t0);
            t1 = Vector256.FusedMultiplyAdd(w, m1 - Vector256.LoadUnsafe(ref x1, i + NarrowWidth), t1);
            if (TCount.Count > 2) t2 = Vector256.FusedMultiplyAdd(w, m2 - Vector256.LoadUnsafe(ref x2, i + NarrowWidth), t2);
            if (TCount.Count > 3) t3 = Vector256.FusedMultiplyAdd(w, m3 - Vector256.LoadUnsafe(ref x3, i + NarrowWidth), t3);
        }

        Vector256<double> totals = Lanes.SumEachHalf(s0, s1, s2, s3) + Lanes.SumEachHalf(t0, t1, t2, t3);
        TakeFrom<TCount>(sums, totals);
    }

    // The same of three or four features, and adds those of w (m - x)^2 to q, in which all features share a place if it has one only.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumSquares<TCount>(
        ref double x, ReadOnlySpan<double> centre, ref double weights, int stride, int laneCount, Span<double> sums, Span<double> squares)
        where TCount : struct, IDimension
    {
        Vector256<double> m0 = Vector256.Create(centre[0]), m1 = Vector256.Create(centre[1]);
        Vector256<double> m2 = Vector256.Create(centre[2]), m3 = Vector256.Create(TCount.Count > 3 ? centre[3] : 0);
        Vector256<double> ofSums = Vector256<double>.Zero, ofSquares = ofSums;
        ref double x1 = ref Unsafe.Add(ref x, stride);
        ref double x2 = ref Unsafe.Add(ref x1, stride);
        ref double x3 = ref Unsafe.Add(ref x2, TCount.Count > 3 ? stride : 0);
        for (nuint half = 0; half < Lanes.Width; half += NarrowWidth)
        {
            Vector256<double> s0 = Vector256<double>.Zero, s1 = s0, s2 = s0, s3 = s0, q0 = s0, q1 = s0, q2 = s0, q3 = s0;
            for (nuint i = half; i < (nuint)laneCount; i += Lanes.Width)
            {
                Vector256<double> w = Vector256.LoadUnsafe(ref weights, i), z = m0 - Vector256.LoadUnsafe(ref x, i), wz = w * z;
                s0 += wz;
                q0 = Vector256.FusedMultiplyAdd(wz, z, q0);
                z = m1 - Vector256.LoadUnsafe(ref x1, i);
                wz = w * z;
                s1 += wz;
                q1 = Vector256.FusedMultiplyAdd(wz, z, q1);
                z = m2 - Vector256.LoadUnsafe(ref x2, i);
                wz = w * z;
                s2 += wz;
                q2 = Vector256.FusedMultiplyAdd(wz, z, q2);
                if (TCount.Count > 3)
                {
                    z = m3 - Vector256.LoadUnsafe(ref x3, i);
                    wz = w * z;
                    s3 += wz;
                    q3 = Vector256.FusedMultiplyAdd(wz, z, q3);
                }
            }

            ofSums += Lanes.SumEachHalf(s0, s1, s2, s3);
            ofSquares += Lanes.SumEachHalf(q0, q1, q2, q3);
        }

        TakeFrom<TCount>(sums, ofSums);
        int step = squares.Length == 1 ? 0 : 1;
        squares[0] += ofSquares.GetElement(0);
        squares[step] += ofSquares.GetElement(1);
        squares[2 * step] += ofSquares.GetElement(2);
        if (TCount.Count > 3) squares[3 * step] += ofSquares.GetElement(3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TakeFrom<TCount>(Span<double> sums, Vector256<double> values)
        where TCount : struct, IDimension
    {
        if (TCount.Count == 4)
        {
            (Vector256.Create(sums) - values).CopyTo(sums);
            return;
        }

        sums[0] -= values.GetElement(0);
        sums[1] -= values.GetElement(1);
        if (TCount.Count > 2) sums[2] -= values.GetElement(2);
    }

    // Two or three features, one half of the lanes after the other.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddTwoOrThree<TDimension>(
        ReadOnlySpan<double> values, ReadOnlySpan<double> centre, ReadOnlySpan<double> weights, int stride, int laneCount, Span<double> sums,
        Span<double> scatter)
        where TDimension : struct, IDimension
    {
        Vector256<double> m0 = Vector256.Create(centre[0]), m1 = Vector256.Create(centre[1]), m2 = Vector256.Create(TDimension.Count > 2 ? centre[2] : 0);
        Vector256<double> ofSums = Vector256<double>.Zero, ofFirst = ofSums, ofThird = ofSums;
        ref double weight = ref MemoryMarshal.GetReference(weights);
        ref double x0 = ref MemoryMarshal.GetReference(values);
        ref double x1 = ref Unsafe.Add(ref x0, stride);
        ref double x2 = ref Unsafe.Add(ref x1, TDimension.Count > 2 ? stride : 0);
        for (nuint half = 0; half < Lanes.Width; half += NarrowWidth)
        {
            Vector256<double> s0 = Vector256<double>.Zero, s1 = s0, s2 = s0, q00 = s0, q10 = s0, q11 = s0, q20 = s0, q21 = s0, q22 = s0;
            for (nuint i = half; i < (nuint)laneCount; i += Lanes.Width)
            {
                Vector256<double> w = Vector256.LoadUnsafe(ref weight, i), z0 = m0 - Vector256.LoadUnsafe(ref x0, i), z1 = m1 - Vector256.LoadUnsafe(ref x1, i);
                Vector256<double> wz = w * z0;
                s0 += wz;
                q00 = Vector256.FusedMultiplyAdd(wz, z0, q00);
                wz = w * z1;
                s1 += wz;
                q10 = Vector256.FusedMultiplyAdd(wz, z0, q10);
                q11 = Vector256.FusedMultiplyAdd(wz, z1, q11);
                if (TDimension.Count > 2)
                {
                    Vector256<double> z2 = m2 - Vector256.LoadUnsafe(ref x2, i);
                    wz = w * z2;
                    s2 += wz;
                    q20 = Vector256.FusedMultiplyAdd(wz, z0, q20);
                    q21 = Vector256.FusedMultiplyAdd(wz, z1, q21);
                    q22 = Vector256.FusedMultiplyAdd(wz, z2, q22);
                }
            }

            ofSums += Lanes.SumEachHalf(s0, s1, s2, q00);
            ofFirst += Lanes.SumEachHalf(q10, q11, q20, q21);
            if (TDimension.Count > 2) ofThird += Lanes.SumEachHalf(q22, q22, q22, q22);
        }

        for (int j = 0; j < TDimension.Count; j++) sums[j] -= ofSums.GetElement(j);
        int row = ScatterTriangle.RowOffset(1);
        scatter[0] += ofSums.GetElement(3);
        scatter[row] += ofFirst.GetElement(0);
        scatter[row + 1] += ofFirst.GetElement(1);
        if (TDimension.Count < 3) return;
        row = ScatterTriangle.RowOffset(2);
        scatter[row] += ofFirst.GetElement(2);
        scatter[row + 1] += ofFirst.GetElement(3);
        scatter[row + 2] += ofThird.GetElement(0);
    }

    // The fourth feature with each of the four.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFourth(
        ReadOnlySpan<double> values, ReadOnlySpan<double> centre, ReadOnlySpan<double> weights, int stride, int laneCount, Span<double> sums,
        Span<double> scatter)
    {
        Vector256<double> m0 = Vector256.Create(centre[0]), m1 = Vector256.Create(centre[1]), m2 = Vector256.Create(centre[2]), m3 = Vector256.Create(centre[3]);
        Vector256<double> total = Vector256<double>.Zero, products = total;
        ref double weight = ref MemoryMarshal.GetReference(weights);
        ref double x0 = ref MemoryMarshal.GetReference(values);
        ref double x1 = ref Unsafe.Add(ref x0, stride);
        ref double x2 = ref Unsafe.Add(ref x1, stride);
        ref double x3 = ref Unsafe.Add(ref x2, stride);
        for (nuint half = 0; half < Lanes.Width; half += NarrowWidth)
        {
            Vector256<double> s = Vector256<double>.Zero, q0 = s, q1 = s, q2 = s, q3 = s;
            for (nuint i = half; i < (nuint)laneCount; i += Lanes.Width)
            {
                Vector256<double> z = m3 - Vector256.LoadUnsafe(ref x3, i), wz = Vector256.LoadUnsafe(ref weight, i) * z;
                s += wz;
                q0 = Vector256.FusedMultiplyAdd(wz, m0 - Vector256.LoadUnsafe(ref x0, i), q0);
                q1 = Vector256.FusedMultiplyAdd(wz, m1 - Vector256.LoadUnsafe(ref x1, i), q1);
                q2 = Vector256.FusedMultiplyAdd(wz, m2 - Vector256.LoadUnsafe(ref x2, i), q2);
                q3 = Vector256.FusedMultiplyAdd(wz, z, q3);
            }

            total += Lanes.SumEachHalf(s, s, s, s);
            products += Lanes.SumEachHalf(q0, q1, q2, q3);
        }

        sums[3] -= total.ToScalar();
        int row = ScatterTriangle.RowOffset(3);
        for (int j = 0; j < 4; j++) scatter[row + j] += products.GetElement(j);
    }
}
