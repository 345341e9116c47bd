using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mixture.Numerics;

/// <summary>The exponential function of eight arguments at once, for arguments that are not positive.</summary>
public static class Exponential
{
    /// <summary>Below this, the result would be subnormal.</summary>
    private const double Smallest = -708.0;

    // Adding 1.5 * 2^52 rounds to an integer and leaves that integer in the low bits.
    private const double RoundingMagic = 6755399441055744.0;

    private const double Log2E = 1.4426950408889634074;
    private const double Ln2High = 6.93147180369123816490e-01;
    private const double Ln2Low = 1.90821492927058770002e-10;

    /// <summary>Computes exp(x) in each lane.</summary>
    /// <param name="x">The arguments: at most zero, or negative infinity. Unitless.</param>
    /// <returns>exp(x), to 2 units in the last place; exactly zero below -708. A NaN gives zero or NaN.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> OfNonPositive(Vector512<double> x) => OfNonPositive(x, Vector512.Create(Smallest));

    /// <summary>Computes exp(x) in each lane, and zero where x is below a limit.</summary>
    /// <param name="x">The arguments: at most zero, or negative infinity. Unitless.</param>
    /// <param name="smallest">The limit, at least -708.</param>
    /// <returns>exp(x), to 2 units in the last place; exactly zero below the limit. A NaN gives zero or NaN.</returns>
    /// <remarks>
    /// <code>
    ///   n = round(x / ln 2),  r = x - n ln 2,  |r| at most 0.35
    ///   exp(x) = 2^n (1 + r + r^2 q(r))
    /// </code>
    /// where q is the polynomial of degree nine with the least largest error, 2e-17 of the result.
    /// Unlike a general exp, it has no slow path for large negative arguments, which is where most log-densities lie.
    /// The two parts of ln 2 are those of W. J. Cody and W. Waite, Software Manual for the Elementary Functions (1980).
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> OfNonPositive(Vector512<double> x, Vector512<double> smallest) =>
        OfNonPositive(new EightLanes(x), new EightLanes(smallest)).Value;

    /// <summary>The same for lanes of any width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TVector OfNonPositive<TVector>(TVector x, TVector smallest)
        where TVector : struct, IVector<TVector>
    {
        // Below the limit, where this may be of no meaning or NaN, the result is replaced.
        TVector magic = TVector.Create(RoundingMagic), shifted = TVector.MultiplyAdd(x, TVector.Create(Log2E), magic), n = shifted - magic;
        TVector r = TVector.MultiplyAdd(n, TVector.Create(-Ln2High), x);
        r = TVector.MultiplyAdd(n, TVector.Create(-Ln2Low), r);

        // The even and the odd powers of q side by side: one sum alone would wait for each multiply-add to finish.
        TVector r2 = r * r;
        TVector odd = TVector.MultiplyAdd(TVector.Create(2.510038549551032e-08), r2, TVector.Create(2.7557268459997064e-06));
        TVector even = TVector.MultiplyAdd(TVector.Create(2.7620088445409746e-07), r2, TVector.Create(2.4801521295954376e-05));
        odd = TVector.MultiplyAdd(odd, r2, TVector.Create(0.00019841269863053618));
        even = TVector.MultiplyAdd(even, r2, TVector.Create(0.0013888888917213717));
        odd = TVector.MultiplyAdd(odd, r2, TVector.Create(0.008333333333330062));
        even = TVector.MultiplyAdd(even, r2, TVector.Create(0.04166666666662413));
        odd = TVector.MultiplyAdd(odd, r2, TVector.Create(0.16666666666666669));
        even = TVector.MultiplyAdd(even, r2, TVector.Create(0.5000000000000001));
        TVector q = TVector.MultiplyAdd(odd, r, even);
        TVector p = TVector.MultiplyAdd(q, r2, TVector.Create(1) + r);
        return TVector.WhereAtLeast(x, smallest, TVector.AddBits(p, TVector.ShiftUp(shifted, 52)));
    }
}
