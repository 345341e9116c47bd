using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mixture.Numerics;

/// <summary>Sums of exponentials, computed without overflow or underflow.</summary>
public static class LogSumExp
{
    // Below 1e-20 of a component's share of all rows, a row adds nothing to its sums beyond rounding, not even times the square of a distance.
    private const double SmallestOfWeight = -46;
    private const double SmallestOfAll = -700;

    private const int LargestOnStack = 512;

    /// <summary>The logarithm of the share, relative to the largest of a row, below which a component's share counts as zero.</summary>
    /// <param name="logWeight">log pi(k): the rarer a component, the smaller are the shares that matter to it.</param>
    /// <returns>log(pi(k)) - 46, but at least -700.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double SmallestExponent(double logWeight) => Math.Max(logWeight + SmallestOfWeight, SmallestOfAll);

    /// <summary>
    /// Turns a block of joint log-densities into shares that add up to each row's weight, and gives each row's log-density.
    /// </summary>
    /// <param name="joint">
    /// On entry log p(x_i | k); on return w(i) r(i,k). Shape K x stride, component-major: <c>joint[k * stride + i]</c>.
    /// </param>
    /// <param name="stride">The distance between components, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="laneCount">The number of rows to work on, a multiple of <see cref="Lanes.Width"/>, at most <paramref name="stride"/>.</param>
    /// <param name="logWeights">log pi(k), shape K. Negative infinity means that the component is absent.</param>
    /// <param name="rowWeights">w(i), shape stride, not negative. Rows that only fill a vector have weight zero.</param>
    /// <param name="logDensities">On return log p(x_i), in nats. Shape stride.</param>
    /// <returns>The sum over i of w(i) log p(x_i), in nats: a total, not an average. Rows of weight zero do not count.</returns>
    /// <remarks>
    /// <code>
    ///   a(i,k)     = log pi(k) + log p(x_i | k)
    ///   m(i)       = max over k of a(i,k)
    ///   log p(x_i) = m(i) + log( sum over k of exp(a(i,k) - m(i)) )
    ///   r(i,k)     = exp(a(i,k) - m(i)) / sum over k of exp(a(i,k) - m(i))
    /// </code>
    /// <list type="bullet">
    /// <item>If every a(i,k) is negative infinity, the shares are zero and the log-density is negative infinity. No NaN is produced.</item>
    /// <item>A share so small that it changes no sum beyond rounding is zero, so that later sums can leave it out; see <see cref="SmallestExponent"/>.</item>
    /// </list>
    /// Cost: K exponentials (K - 1 for K of one or two), one division and one logarithm a row. The order of summation is fixed.
    /// Sources: E-step, Dempster, Laird and Rubin (1977), J. R. Stat. Soc. B 39(1), 1-38, doi:10.1111/j.2517-6161.1977.tb01600.x;
    /// shifted form, Blanchard, Higham and Higham (2021), IMA J. Numer. Anal. 41(4), 2311-2330, doi:10.1093/imanum/draa038.
    /// </remarks>
    public static double NormalizeInPlace(
        Span<double> joint, int stride, int laneCount, ReadOnlySpan<double> logWeights, ReadOnlySpan<double> rowWeights, Span<double> logDensities)
    {
        Span<int> all = logWeights.Length <= LargestOnStack ? stackalloc int[logWeights.Length] : new int[logWeights.Length];
        for (int k = 0; k < all.Length; k++) all[k] = k;
        return NormalizeInPlace(joint, stride, laneCount, all, logWeights, rowWeights, logDensities);
    }

    /// <summary>The same for some of the components; the others are known to have no share in these rows.</summary>
    /// <param name="joint">As in the other overload; the parts of other components are neither read nor written.</param>
    /// <param name="stride">The distance between components, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="laneCount">The number of rows to work on, a multiple of <see cref="Lanes.Width"/>, at most <paramref name="stride"/>.</param>
    /// <param name="components">Which components, in ascending order.</param>
    /// <param name="logWeights">log pi(k) of all components, shape K.</param>
    /// <param name="rowWeights">w(i), shape stride, not negative. Rows that only fill a vector have weight zero.</param>
    /// <param name="logDensities">On return log p(x_i), in nats. Shape stride.</param>
    /// <returns>The sum over i of w(i) log p(x_i), in nats. The bits are those of the other overload if the others' shares are zero there.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double NormalizeInPlace(
        Span<double> joint, int stride, int laneCount, ReadOnlySpan<int> components, ReadOnlySpan<double> logWeights, ReadOnlySpan<double> rowWeights,
        Span<double> logDensities)
    {
        Debug.Assert(laneCount % Lanes.Width == 0 && laneCount <= stride && joint.Length >= logWeights.Length * stride);
        Debug.Assert(rowWeights.Length >= laneCount && logDensities.Length >= laneCount && components.Length <= logWeights.Length);
        ref double values = ref MemoryMarshal.GetReference(joint);
        ref double weights = ref MemoryMarshal.GetReference(rowWeights);
        ref double densities = ref MemoryMarshal.GetReference(logDensities);
        switch (components.Length)
        {
            case 0:
                logDensities[..laneCount].Fill(double.NegativeInfinity);
                break;
            case 1:
                int only = components[0];
                return NormalizeOne(ref Unsafe.Add(ref values, only * stride), logWeights[only], ref weights, laneCount, ref densities);
            case 2:
                int first = components[0], second = components[1];
                ExponentiateTwo(
                    ref Unsafe.Add(ref values, first * stride), ref Unsafe.Add(ref values, second * stride), logWeights[first], logWeights[second],
                    laneCount, ref densities);
                break;
            default:
                FindLargest(ref values, stride, laneCount, components, logWeights, ref densities);
                foreach (int k in components) Exponentiate(ref Unsafe.Add(ref values, k * stride), logWeights[k], laneCount, ref densities);
                break;
        }

        return Normalize(ref values, stride, laneCount, components, ref weights, ref densities);
    }

    // The steps are loops of their own: each is short enough for the processor to work on several vectors of rows at a time.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FindLargest(
        ref double joint, int stride, int laneCount, ReadOnlySpan<int> components, ReadOnlySpan<double> logWeights, ref double largest)
    {
        ref int chosen = ref MemoryMarshal.GetReference(components);
        for (int i = 0; i < laneCount; i += 2 * Lanes.Width)
        {
            // The second vector is the first again if there is none.
            nuint next = i + Lanes.Width < laneCount ? (nuint)Lanes.Width : 0;
            Vector512<double> max0 = Vector512.Create(double.NegativeInfinity), max1 = max0;
            for (int at = 0; at < components.Length; at++)
            {
                int k = Unsafe.Add(ref chosen, at);
                ref double a = ref Unsafe.Add(ref joint, (k * stride) + i);
                Vector512<double> logWeight = Vector512.Create(logWeights[k]);
                max0 = Vector512.MaxNative(Vector512.LoadUnsafe(ref a) + logWeight, max0);
                max1 = Vector512.MaxNative(Vector512.LoadUnsafe(ref a, next) + logWeight, max1);
            }

            max0.StoreUnsafe(ref largest, (nuint)i);
            max1.StoreUnsafe(ref largest, (nuint)i + next);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Exponentiate(ref double joint, double logWeight, int laneCount, ref double largest)
    {
        Vector512<double> w = Vector512.Create(logWeight), smallest = Vector512.Create(SmallestExponent(logWeight));
        for (nuint i = 0; i < (nuint)laneCount; i += Lanes.Width)
        {
            // Where nothing is possible the shift is zero, so that exp gives zero and not NaN.
            Vector512<double> x = Vector512.LoadUnsafe(ref joint, i) + w - ReplaceInfinity(Vector512.LoadUnsafe(ref largest, i));
            if (Vector512.LessThanAll(x, smallest)) Vector512<double>.Zero.StoreUnsafe(ref joint, i);
            else Exponential.OfNonPositive(x, smallest).StoreUnsafe(ref joint, i);
        }
    }

    // Of two components the larger has exp(0) = 1, so one exponential is enough. The bits are those of any number of components.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ExponentiateTwo(ref double joint0, ref double joint1, double logWeight0, double logWeight1, int laneCount, ref double largest)
    {
        Vector512<double> w0 = Vector512.Create(logWeight0), smallest0 = Vector512.Create(SmallestExponent(logWeight0));
        Vector512<double> w1 = Vector512.Create(logWeight1), smallest1 = Vector512.Create(SmallestExponent(logWeight1));
        for (nuint i = 0; i < (nuint)laneCount; i += Lanes.Width)
        {
            Vector512<double> a0 = Vector512.LoadUnsafe(ref joint0, i) + w0, a1 = Vector512.LoadUnsafe(ref joint1, i) + w1;
            Vector512<double> max = Vector512.MaxNative(a1, a0), isFirst = Vector512.GreaterThanOrEqual(a0, a1);
            Vector512<double> impossible = Vector512.Equals(max, Vector512.Create(double.NegativeInfinity));
            Vector512<double> one = Vector512.ConditionalSelect(impossible, Vector512<double>.Zero, Vector512<double>.One);
            Vector512<double> smaller = Exponential.OfNonPositive(
                Vector512.ConditionalSelect(isFirst, a1, a0) - ReplaceInfinity(max), Vector512.ConditionalSelect(isFirst, smallest1, smallest0));
            max.StoreUnsafe(ref largest, i);
            Vector512.ConditionalSelect(isFirst, one, smaller).StoreUnsafe(ref joint0, i);
            Vector512.ConditionalSelect(isFirst, smaller, one).StoreUnsafe(ref joint1, i);
        }
    }

    // From exponentials and the largest exponent of each row to shares and log-densities.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Normalize(
        ref double joint, int stride, int laneCount, ReadOnlySpan<int> components, ref double weights, ref double densities)
    {
        ref int chosen = ref MemoryMarshal.GetReference(components);
        Vector512<double> total = Vector512<double>.Zero;
        int i = 0;

        // Narrower vectors have too few registers for two of eight lanes at a time.
        for (; Vector512.IsHardwareAccelerated && i + (2 * Lanes.Width) <= laneCount; i += 2 * Lanes.Width)
        {
            Vector512<double> sum0 = Vector512<double>.Zero, sum1 = sum0;
            for (int at = 0; at < components.Length; at++)
            {
                ref double share = ref Unsafe.Add(ref joint, (Unsafe.Add(ref chosen, at) * stride) + i);
                sum0 += Vector512.LoadUnsafe(ref share);
                sum1 += Vector512.LoadUnsafe(ref share, Lanes.Width);
            }

            nuint first = (nuint)i, next = first + Lanes.Width;
            Vector512<double> w0 = Vector512.LoadUnsafe(ref weights, first), w1 = Vector512.LoadUnsafe(ref weights, next);
            Vector512<double> logDensity0 = Vector512.LoadUnsafe(ref densities, first), logDensity1 = Vector512.LoadUnsafe(ref densities, next);
            Vector512<double> scale0 = w0, scale1 = w1;
            if (!Vector512.EqualsAll(sum0, Vector512<double>.One) || !Vector512.EqualsAll(sum1, Vector512<double>.One))
            {
                // Rows that belong to one component alone need no division and no logarithm.
                (scale0, logDensity0) = Normalize(w0, sum0, logDensity0);
                (scale1, logDensity1) = Normalize(w1, sum1, logDensity1);
                logDensity0.StoreUnsafe(ref densities, first);
                logDensity1.StoreUnsafe(ref densities, next);
            }

            total = total + Weighted(w0, logDensity0) + Weighted(w1, logDensity1);
            for (int at = 0; at < components.Length; at++)
            {
                ref double share = ref Unsafe.Add(ref joint, (Unsafe.Add(ref chosen, at) * stride) + i);
                Vector512<double> share0 = Vector512.LoadUnsafe(ref share) * scale0, share1 = Vector512.LoadUnsafe(ref share, Lanes.Width) * scale1;
                share0.StoreUnsafe(ref share);
                share1.StoreUnsafe(ref share, Lanes.Width);
            }
        }

        for (; i < laneCount; i += Lanes.Width)
        {
            Vector512<double> sum = Vector512<double>.Zero;
            for (int at = 0; at < components.Length; at++) sum += Vector512.LoadUnsafe(ref joint, (nuint)((Unsafe.Add(ref chosen, at) * stride) + i));
            Vector512<double> w = Vector512.LoadUnsafe(ref weights, (nuint)i), logDensity = Vector512.LoadUnsafe(ref densities, (nuint)i), scale = w;
            if (!Vector512.EqualsAll(sum, Vector512<double>.One))
            {
                (scale, logDensity) = Normalize(w, sum, logDensity);
                logDensity.StoreUnsafe(ref densities, (nuint)i);
            }

            total += Weighted(w, logDensity);
            for (int at = 0; at < components.Length; at++)
            {
                ref double share = ref Unsafe.Add(ref joint, (Unsafe.Add(ref chosen, at) * stride) + i);
                (Vector512.LoadUnsafe(ref share) * scale).StoreUnsafe(ref share);
            }
        }

        return Lanes.Sum(total);
    }

    // One component owns every row that it can explain.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double NormalizeOne(ref double joint, double logWeight, ref double weights, int laneCount, ref double densities)
    {
        Vector512<double> total = Vector512<double>.Zero;
        for (nuint i = 0; i < (nuint)laneCount; i += Lanes.Width)
        {
            Vector512<double> a = Vector512.LoadUnsafe(ref joint, i) + Vector512.Create(logWeight), w = Vector512.LoadUnsafe(ref weights, i);
            Vector512<double> impossible = Vector512.Equals(a, Vector512.Create(double.NegativeInfinity));
            Vector512.ConditionalSelect(impossible, Vector512<double>.Zero, w).StoreUnsafe(ref joint, i);
            a.StoreUnsafe(ref densities, i);
            total += Weighted(w, a);
        }

        return Lanes.Sum(total);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> ReplaceInfinity(Vector512<double> max) =>
        Vector512.ConditionalSelect(Vector512.Equals(max, Vector512.Create(double.NegativeInfinity)), Vector512<double>.Zero, max);

    // w / sum and largest + log(sum), but zero and negative infinity where nothing is possible.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<double> Scale, Vector512<double> LogDensity) Normalize(Vector512<double> w, Vector512<double> sum, Vector512<double> largest)
    {
        Vector512<double> impossible = Vector512.Equals(sum, Vector512<double>.Zero);
        return (Vector512.ConditionalSelect(impossible, Vector512<double>.Zero, w / sum),
            largest + Vector512.ConditionalSelect(impossible, Vector512<double>.Zero, Logarithm.OfPositive(sum)));
    }

    // A row of weight zero does not count, not even if it is impossible.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Weighted(Vector512<double> w, Vector512<double> logDensity) =>
        Vector512.ConditionalSelect(Vector512.Equals(w, Vector512<double>.Zero), Vector512<double>.Zero, w * logDensity);
}
