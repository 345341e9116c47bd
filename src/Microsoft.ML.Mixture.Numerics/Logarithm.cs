using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mixture.Numerics;

/// <summary>The natural logarithm of eight arguments at once, for positive normal arguments.</summary>
public static class Logarithm
{
    private const double Ln2High = 6.93147180369123816490e-01;
    private const double Ln2Low = 1.90821492927058770002e-10;

    // The bits of the square root of one half: what is above it in an exponent and a mantissa counts as the next power of two.
    private const long RootOfHalf = 0x3FE6A09E667F3BCD;

    // Keeps the exponent positive, so that no shift has to know of signs, which narrow vectors do not have.
    private const long Bias = 1024;

    // As an integer the bits of 2^52, as a number 2^52 + Bias: with n + Bias in its low bits, the first is the number 2^52 + n + Bias.
    private const long NumberBits = 0x4330000000000000;
    private const double NumberOfBias = 4503599627370496.0 + Bias;

    /// <summary>Computes log(x) in each lane.</summary>
    /// <param name="x">The arguments: positive, finite and not subnormal. Others give numbers of no meaning.</param>
    /// <returns>log(x), to 3 units in the last place; exactly zero for one.</returns>
    /// <remarks>
    /// <code>
    ///   x = 2^n m,  m from sqrt(1/2) to sqrt(2),  s = (m - 1) / (m + 1)
    ///   log(x) = n ln 2 + 2 (s + s^3/3 + s^5/5 + ... + s^23/23)
    /// </code>
    /// It is compiled into its caller, so that no vector has to be put away for a call.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> OfPositive(Vector512<double> x) => OfPositive(new EightLanes(x)).Value;

    /// <summary>The same for lanes of any width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TVector OfPositive<TVector>(TVector x)
        where TVector : struct, IVector<TVector>
    {
        TVector above = TVector.AddBits(x, TVector.Create(BitConverter.Int64BitsToDouble((Bias << 52) - RootOfHalf)));
        TVector exponent = TVector.ShiftDown(above, 52);
        TVector m = TVector.AddBits(TVector.SubtractBits(x, TVector.ShiftUp(exponent, 52)), TVector.Create(BitConverter.Int64BitsToDouble(Bias << 52)));
        TVector n = TVector.AddBits(exponent, TVector.Create(BitConverter.Int64BitsToDouble(NumberBits))) - TVector.Create(NumberOfBias);
        TVector one = TVector.Create(1), s = (m - one) / (m + one);

        // Every other term of the sum by itself: see Exponential.
        TVector z = s * s, z2 = z * z;
        TVector even = TVector.MultiplyAdd(TVector.Create(2.0 / 23), z2, TVector.Create(2.0 / 19));
        TVector odd = TVector.MultiplyAdd(TVector.Create(2.0 / 21), z2, TVector.Create(2.0 / 17));
        even = TVector.MultiplyAdd(even, z2, TVector.Create(2.0 / 15));
        odd = TVector.MultiplyAdd(odd, z2, TVector.Create(2.0 / 13));
        even = TVector.MultiplyAdd(even, z2, TVector.Create(2.0 / 11));
        odd = TVector.MultiplyAdd(odd, z2, TVector.Create(2.0 / 9));
        even = TVector.MultiplyAdd(even, z2, TVector.Create(2.0 / 7));
        odd = TVector.MultiplyAdd(odd, z2, TVector.Create(2.0 / 5));
        even = TVector.MultiplyAdd(even, z2, TVector.Create(2.0 / 3));
        TVector p = TVector.MultiplyAdd(odd, z, even);
        TVector tail = TVector.MultiplyAdd(p * z, s, n * TVector.Create(Ln2Low));
        return TVector.MultiplyAdd(n, TVector.Create(Ln2High), TVector.MultiplyAdd(TVector.Create(2), s, tail));
    }
}
