using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mixture.Numerics;

/// <summary>Sums of exponentials, computed without overflow or underflow.</summary>
public static class LogSumExp
{
    /// <summary>
    /// A share below exp of this number times the largest, 1.6e-28, counts as zero: it is below rounding even after it is multiplied by the
    /// square of any distance that occurs, or summed over any number of rows.
    /// </summary>
    public const double SmallestExponent = -64;

    private const int LargestOnStack = 512;

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
    /// <item>A share below exp(-64), see <see cref="SmallestExponent"/>, of the largest is zero, so that later sums can leave it out.</item>
    /// </list>
    /// Cost: K exponentials and one logarithm a row. The order of summation is fixed.
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
        Vector512<double> smallest = Vector512.Create(SmallestExponent);
        Vector512<double> negativeInfinity = Vector512.Create(double.NegativeInfinity);
        Vector512<double> total = Vector512<double>.Zero;
        for (int i = 0; i < laneCount; i += Lanes.Width)
        {
            Vector512<double> max = negativeInfinity;
            foreach (int k in components)
            {
                nuint at = (nuint)((k * stride) + i);
                Vector512<double> a = Vector512.LoadUnsafe(ref values, at) + Vector512.Create(logWeights[k]);
                a.StoreUnsafe(ref values, at);
                max = Vector512.MaxNative(a, max);
            }

            // Where nothing is possible the shift is zero, so that exp gives zero and not NaN.
            Vector512<double> impossible = Vector512.Equals(max, negativeInfinity);
            Vector512<double> shift = Vector512.ConditionalSelect(impossible, Vector512<double>.Zero, max);
            Vector512<double> sum = Vector512<double>.Zero;
            foreach (int k in components)
            {
                nuint at = (nuint)((k * stride) + i);
                Vector512<double> exponent = Vector512.LoadUnsafe(ref values, at) - shift;
                if (Vector512.LessThanAll(exponent, smallest))
                {
                    Vector512<double>.Zero.StoreUnsafe(ref values, at);
                    continue;
                }

                Vector512<double> e = Vector512.ConditionalSelect(
                    Vector512.LessThan(exponent, smallest), Vector512<double>.Zero, Exponential.OfNonPositive(exponent));
                e.StoreUnsafe(ref values, at);
                sum += e;
            }

            Vector512<double> w = Vector512.LoadUnsafe(ref weights, (nuint)i);
            Vector512<double> logDensity = max;
            if (Vector512.EqualsAll(sum, Vector512<double>.One))
            {
                // Each row belongs to one component alone, and the logarithm of one is zero.
                foreach (int k in components)
                {
                    nuint at = (nuint)((k * stride) + i);
                    (Vector512.LoadUnsafe(ref values, at) * w).StoreUnsafe(ref values, at);
                }
            }
            else
            {
                Vector512<double> scale = Vector512.ConditionalSelect(impossible, Vector512<double>.Zero, w / sum);
                foreach (int k in components)
                {
                    nuint at = (nuint)((k * stride) + i);
                    (Vector512.LoadUnsafe(ref values, at) * scale).StoreUnsafe(ref values, at);
                }

                logDensity += Vector512.ConditionalSelect(impossible, Vector512<double>.Zero, Vector512.Log(sum));
            }

            logDensity.StoreUnsafe(ref densities, (nuint)i);
            total += Vector512.ConditionalSelect(Vector512.Equals(w, Vector512<double>.Zero), Vector512<double>.Zero, w * logDensity);
        }

        return Lanes.Sum(total);
    }
}
