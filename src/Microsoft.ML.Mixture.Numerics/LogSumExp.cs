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

    // The sums of exponentials of so many rows are kept at a time; the product of one of each vector of them, at most K each, is a finite number.
    private const int RowsAtOnce = 512;
    private const int MostOfProduct = 1 << 15;

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
    public static double NormalizeInPlace(
        Span<double> joint, int stride, int laneCount, ReadOnlySpan<int> components, ReadOnlySpan<double> logWeights, ReadOnlySpan<double> rowWeights,
        Span<double> logDensities) =>
        Normalize<EachRow>(joint, stride, laneCount, components, logWeights, rowWeights, logDensities);

    /// <summary>The same without each row's log-density, which spares most logarithms.</summary>
    /// <param name="joint">As in the other overloads.</param>
    /// <param name="stride">The distance between components, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="laneCount">The number of rows to work on, a multiple of <see cref="Lanes.Width"/>, at most <paramref name="stride"/>.</param>
    /// <param name="components">Which components, in ascending order.</param>
    /// <param name="logWeights">log pi(k) of all components, shape K.</param>
    /// <param name="rowWeights">w(i), shape stride, not negative. Rows that only fill a vector have weight zero.</param>
    /// <param name="scratch">Scratch memory, shape stride.</param>
    /// <returns>The sum over i of w(i) log p(x_i), in nats.</returns>
    /// <remarks>Sums of exponentials of rows of weight one, each from 1 to K, are multiplied, up to 64 of them, before the logarithm is taken.</remarks>
    public static double ShareInPlace(
        Span<double> joint, int stride, int laneCount, ReadOnlySpan<int> components, ReadOnlySpan<double> logWeights, ReadOnlySpan<double> rowWeights,
        Span<double> scratch) =>
        components.Length <= MostOfProduct
            ? Normalize<AllRows>(joint, stride, laneCount, components, logWeights, rowWeights, scratch)
            : Normalize<EachRow>(joint, stride, laneCount, components, logWeights, rowWeights, scratch);

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Normalize<TResult>(
        Span<double> joint, int stride, int laneCount, ReadOnlySpan<int> components, ReadOnlySpan<double> logWeights, ReadOnlySpan<double> rowWeights,
        Span<double> logDensities)
        where TResult : struct, IResult
    {
        Debug.Assert(laneCount % Lanes.Width == 0 && laneCount <= stride && joint.Length >= logWeights.Length * stride);
        Debug.Assert(rowWeights.Length >= laneCount && logDensities.Length >= laneCount && components.Length <= logWeights.Length);
        Span<double> sums = stackalloc double[RowsAtOnce];
        Vector512<double> total = Vector512<double>.Zero;
        for (int first = 0; first < laneCount; first += RowsAtOnce)
        {
            int count = Math.Min(RowsAtOnce, laneCount - first);
            ref double values = ref Unsafe.Add(ref MemoryMarshal.GetReference(joint), first);
            ref double weights = ref Unsafe.Add(ref MemoryMarshal.GetReference(rowWeights), first);
            ref double densities = ref Unsafe.Add(ref MemoryMarshal.GetReference(logDensities), first);
            total += Vector512.IsHardwareAccelerated
                ? Normalize<TResult, EightLanes>(ref values, stride, count, components, logWeights, ref weights, ref densities, ref sums[0])
                : Normalize<TResult, FourLanes>(ref values, stride, count, components, logWeights, ref weights, ref densities, ref sums[0]);
        }

        return Lanes.Sum(total);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector512<double> Normalize<TResult, TVector>(
        ref double joint, int stride, int laneCount, ReadOnlySpan<int> components, ReadOnlySpan<double> logWeights, ref double weights,
        ref double densities, ref double sums)
        where TResult : struct, IResult
        where TVector : struct, IVector<TVector>
    {
        // Sums over the rows are taken of as many of the eight lanes as fit a vector, then of the others.
        nuint width = (nuint)TVector.Width;
        switch (components.Length)
        {
            case 0:
                MemoryMarshal.CreateSpan(ref densities, laneCount).Fill(double.NegativeInfinity);
                MemoryMarshal.CreateSpan(ref sums, laneCount).Clear();
                break;
            case 1:
                double logWeight = logWeights[components[0]];
                joint = ref Unsafe.Add(ref joint, components[0] * stride);
                TVector ofFirst = NormalizeOne<TVector>(ref joint, logWeight, ref weights, laneCount, ref densities, 0), ofOthers = default;
                if (width < Lanes.Width) ofOthers = NormalizeOne<TVector>(ref joint, logWeight, ref weights, laneCount, ref densities, width);
                return TVector.Join(ofFirst, ofOthers);
            case 2:
                int first = components[0], second = components[1];
                ExponentiateTwo<TVector>(
                    ref Unsafe.Add(ref joint, first * stride), ref Unsafe.Add(ref joint, second * stride), logWeights[first], logWeights[second],
                    laneCount, ref densities, ref sums);
                break;
            default:
                FindLargest<TVector>(ref joint, stride, laneCount, components, logWeights, ref densities);
                MemoryMarshal.CreateSpan(ref sums, laneCount).Clear();
                foreach (int k in components) Exponentiate<TVector>(ref Unsafe.Add(ref joint, k * stride), logWeights[k], laneCount, ref densities, ref sums);
                break;
        }

        Vector512<double> total = Divide<TResult, TVector>(laneCount, ref weights, ref densities, ref sums);
        foreach (int k in components) Scale<TVector>(ref Unsafe.Add(ref joint, k * stride), laneCount, ref sums);
        return total;
    }

    // The steps are loops of their own: each is short enough for the processor to work on several vectors of rows at a time.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FindLargest<TVector>(
        ref double joint, int stride, int laneCount, ReadOnlySpan<int> components, ReadOnlySpan<double> logWeights, ref double largest)
        where TVector : struct, IVector<TVector>
    {
        ref int chosen = ref MemoryMarshal.GetReference(components);
        for (int i = 0; i < laneCount; i += 2 * TVector.Width)
        {
            // The second vector is the first again if there is none.
            nuint next = i + TVector.Width < laneCount ? (nuint)TVector.Width : 0;

            // Where nothing is possible the largest is a finite number, so that exp of the difference is zero and not NaN.
            TVector max0 = TVector.Create(double.MinValue), max1 = max0;
            for (int at = 0; at < components.Length; at++)
            {
                int k = Unsafe.Add(ref chosen, at);
                ref double a = ref Unsafe.Add(ref joint, (k * stride) + i);
                TVector logWeight = TVector.Create(logWeights[k]);
                max0 = TVector.Max(TVector.Load(ref a, 0) + logWeight, max0);
                max1 = TVector.Max(TVector.Load(ref a, next) + logWeight, max1);
            }

            max0.Store(ref largest, (nuint)i);
            max1.Store(ref largest, (nuint)i + next);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Exponentiate<TVector>(ref double joint, double logWeight, int laneCount, ref double largest, ref double sums)
        where TVector : struct, IVector<TVector>
    {
        TVector w = TVector.Create(logWeight), smallest = TVector.Create(SmallestExponent(logWeight));
        for (nuint i = 0; i < (nuint)laneCount; i += (nuint)TVector.Width)
        {
            TVector x = TVector.Load(ref joint, i) + w - TVector.Load(ref largest, i);
            if (TVector.AllBelow(x, smallest))
            {
                TVector.Create(0).Store(ref joint, i);
                continue;
            }

            TVector share = Exponential.OfNonPositive(x, smallest);
            share.Store(ref joint, i);
            (TVector.Load(ref sums, i) + share).Store(ref sums, i);
        }
    }

    // Of two components the larger has exp(0) = 1, so one exponential is enough. The bits are those of any number of components.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ExponentiateTwo<TVector>(
        ref double joint0, ref double joint1, double logWeight0, double logWeight1, int laneCount, ref double largest, ref double sums)
        where TVector : struct, IVector<TVector>
    {
        TVector w0 = TVector.Create(logWeight0), smallest0 = TVector.Create(SmallestExponent(logWeight0));
        TVector w1 = TVector.Create(logWeight1), smallest1 = TVector.Create(SmallestExponent(logWeight1));
        TVector lowest = TVector.Create(double.MinValue), one = TVector.Create(1);
        for (nuint i = 0; i < (nuint)laneCount; i += (nuint)TVector.Width)
        {
            TVector a0 = TVector.Load(ref joint0, i) + w0, a1 = TVector.Load(ref joint1, i) + w1;
            TVector max = TVector.Max(a1, a0), x = TVector.SelectAtLeast(a0, a1, a1, a0) - TVector.Max(max, lowest);
            TVector smaller = Exponential.OfNonPositive(x, TVector.SelectAtLeast(a0, a1, smallest1, smallest0));
            TVector larger = TVector.WhereAtLeast(max, lowest, one);
            max.Store(ref largest, i);
            (larger + smaller).Store(ref sums, i);
            TVector.SelectAtLeast(a0, a1, larger, smaller).Store(ref joint0, i);
            TVector.SelectAtLeast(a0, a1, smaller, larger).Store(ref joint1, i);
        }
    }

    // One component owns every row that it can explain.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static TVector NormalizeOne<TVector>(ref double joint, double logWeight, ref double weights, int laneCount, ref double densities, nuint firstLane)
        where TVector : struct, IVector<TVector>
    {
        TVector total = TVector.Create(0), logWeights = TVector.Create(logWeight), lowest = TVector.Create(double.MinValue);
        for (nuint i = firstLane; i < (nuint)laneCount; i += Lanes.Width)
        {
            TVector a = TVector.Load(ref joint, i) + logWeights, w = TVector.Load(ref weights, i);
            TVector.WhereAtLeast(a, lowest, w).Store(ref joint, i);
            a.Store(ref densities, i);
            total += Weighted(w, a);
        }

        return total;
    }

    // From sums of exponentials and the largest exponent of each row to what the exponentials are multiplied by and to log-densities. Of all eight lanes or of none
    // sums are multiplied before a logarithm is taken: how many of them fill a vector must not tell.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector512<double> Divide<TResult, TVector>(int laneCount, ref double weights, ref double densities, ref double sums)
        where TResult : struct, IResult
        where TVector : struct, IVector<TVector>
    {
        nuint width = (nuint)TVector.Width;
        TVector total = TVector.Create(0), others = total, product = TVector.Create(1), productOfOthers = product;
        for (nuint i = 0; i < (nuint)laneCount; i += Lanes.Width)
        {
            bool multiplies = !TResult.IsOfEachRow && CanMultiply<TVector>(ref weights, ref sums, i)
                && (width == Lanes.Width || CanMultiply<TVector>(ref weights, ref sums, i + width));
            Divide<TResult, TVector>(ref weights, ref densities, ref sums, i, multiplies, ref total, ref product);
            if (width < Lanes.Width) Divide<TResult, TVector>(ref weights, ref densities, ref sums, i + width, multiplies, ref others, ref productOfOthers);
        }

        if (TResult.IsOfEachRow) return TVector.Join(total, others);
        total += Logarithm.OfPositive(product);
        if (width < Lanes.Width) others += Logarithm.OfPositive(productOfOthers);
        return TVector.Join(total, others);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool CanMultiply<TVector>(ref double weights, ref double sums, nuint i)
        where TVector : struct, IVector<TVector>
    {
        TVector one = TVector.Create(1);
        return TVector.AllEqual(TVector.Load(ref weights, i), one) && !TVector.AnyBelow(TVector.Load(ref sums, i), one);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Divide<TResult, TVector>(
        ref double weights, ref double densities, ref double sums, nuint i, bool multiplies, ref TVector total, ref TVector product)
        where TResult : struct, IResult
        where TVector : struct, IVector<TVector>
    {
        TVector w = TVector.Load(ref weights, i), sum = TVector.Load(ref sums, i), logDensity = TVector.Load(ref densities, i), one = TVector.Create(1);

        // Rows that belong to one component alone need no division and no logarithm.
        if (TVector.AllEqual(sum, one))
        {
            w.Store(ref sums, i);
            total += Weighted(w, logDensity);
            return;
        }

        // Where something is possible the largest exponential is one, so the sum is not below.
        TVector.WhereAtLeast(sum, one, w / sum).Store(ref sums, i);
        if (multiplies)
        {
            product *= sum;
            total += logDensity;
            return;
        }

        logDensity = TVector.SelectAtLeast(sum, one, logDensity + Logarithm.OfPositive(sum), TVector.Create(double.NegativeInfinity));
        if (TResult.IsOfEachRow) logDensity.Store(ref densities, i);
        total += Weighted(w, logDensity);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scale<TVector>(ref double joint, int laneCount, ref double scales)
        where TVector : struct, IVector<TVector>
    {
        for (nuint i = 0; i < (nuint)laneCount; i += (nuint)TVector.Width) (TVector.Load(ref joint, i) * TVector.Load(ref scales, i)).Store(ref joint, i);
    }

    // A row of weight zero does not count, not even if it is impossible.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Weighted<TVector>(TVector w, TVector logDensity)
        where TVector : struct, IVector<TVector> =>
        TVector.WhereAtLeast(w, TVector.Create(double.Epsilon), w * logDensity);

    /// <summary>What logarithms are wanted for: a constant of the type, so that no code is left of the other.</summary>
    private interface IResult
    {
        static abstract bool IsOfEachRow { get; }
    }

    private readonly struct EachRow : IResult
    {
        public static bool IsOfEachRow => true;
    }

    private readonly struct AllRows : IResult
    {
        public static bool IsOfEachRow => false;
    }
}
