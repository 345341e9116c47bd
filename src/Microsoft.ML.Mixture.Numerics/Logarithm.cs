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
    public static Vector512<double> OfPositive(Vector512<double> x)
    {
        Vector512<long> above = x.AsInt64() + Vector512.Create((Bias << 52) - RootOfHalf);
        Vector512<long> exponent = above >>> 52;
        Vector512<double> m = (x.AsInt64() - (exponent << 52) + Vector512.Create(Bias << 52)).AsDouble();
        Vector512<double> n = (exponent + Vector512.Create(NumberBits)).AsDouble() - Vector512.Create(NumberOfBias);
        Vector512<double> s = (m - Vector512<double>.One) / (m + Vector512<double>.One);
        Vector512<double> z = s * s;
        Vector512<double> p = Vector512.Create(2.0 / 23);
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(2.0 / 21));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(2.0 / 19));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(2.0 / 17));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(2.0 / 15));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(2.0 / 13));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(2.0 / 11));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(2.0 / 9));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(2.0 / 7));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(2.0 / 5));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(2.0 / 3));
        Vector512<double> tail = Vector512.FusedMultiplyAdd(p * z, s, n * Vector512.Create(Ln2Low));
        return Vector512.FusedMultiplyAdd(n, Vector512.Create(Ln2High), Vector512.FusedMultiplyAdd(Vector512.Create(2.0), s, tail));
    }
}
