using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Mixture.Numerics;

/// <summary>
/// The eight lanes in which every kernel works, whatever the width of the machine's vectors.
/// </summary>
/// <remarks>
/// Eight rows of data stand side by side in one vector, so no kernel adds across lanes until the end of a block, and then always in
/// one order. A machine with narrower vectors runs the same eight lanes in several registers: the bits do not change.
/// </remarks>
public static class Lanes
{
    /// <summary>The number of lanes.</summary>
    public const int Width = 8;

    /// <summary>Rounds a number of rows up to whole vectors.</summary>
    /// <param name="rowCount">The number of rows, not negative.</param>
    /// <returns>The smallest multiple of <see cref="Width"/> that is not less than <paramref name="rowCount"/>.</returns>
    public static int Pad(int rowCount) => (rowCount + Width - 1) & -Width;

    /// <summary>Adds up the eight lanes in a fixed order: ((0+1)+(2+3)) + ((4+5)+(6+7)).</summary>
    /// <param name="lanes">The eight values.</param>
    /// <returns>Their sum.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Sum(Vector512<double> lanes)
    {
        Vector128<double> first = AddPairs(lanes.GetLower().GetLower(), lanes.GetLower().GetUpper());
        Vector128<double> last = AddPairs(lanes.GetUpper().GetLower(), lanes.GetUpper().GetUpper());
        return (first.ToScalar() + first.GetElement(1)) + (last.ToScalar() + last.GetElement(1));
    }

    /// <summary>Adds up whole vectors of values, lane by lane, then the lanes in the order of the other overload.</summary>
    /// <param name="values">The values, a multiple of <see cref="Width"/> of them.</param>
    /// <returns>Their sum.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Sum(ReadOnlySpan<double> values)
    {
        ref double first = ref MemoryMarshal.GetReference(values);
        Vector512<double> sum = Vector512<double>.Zero;
        for (int i = 0; i + Width <= values.Length; i += Width) sum += Vector512.LoadUnsafe(ref first, (nuint)i);
        return Sum(sum);
    }

    /// <summary>Replaces each value by factor * value + addend, and by negative infinity where that is NaN.</summary>
    /// <param name="values">The values, a multiple of <see cref="Width"/> of them.</param>
    /// <param name="factor">The factor.</param>
    /// <param name="addend">The addend.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyAddInPlace(Span<double> values, double factor, double addend)
    {
        ref double first = ref MemoryMarshal.GetReference(values);
        Vector512<double> f = Vector512.Create(factor), a = Vector512.Create(addend), least = Vector512.Create(double.NegativeInfinity);
        for (int i = 0; i + Width <= values.Length; i += Width)
        {
            // Of a NaN and another number the instruction takes the second.
            Vector512<double> result = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref first, (nuint)i), f, a);
            Vector512.MaxNative(result, least).StoreUnsafe(ref first, (nuint)i);
        }
    }

    /// <summary>The sum of the products of two rows of numbers.</summary>
    /// <param name="x">x, any number of values.</param>
    /// <param name="y">y, as many.</param>
    /// <returns>The sum over i of x(i) y(i): lane by lane, then the lanes in the order of <see cref="Sum(Vector512{double})"/>, then what does not fill a vector.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        ref double a = ref MemoryMarshal.GetReference(x);
        ref double b = ref MemoryMarshal.GetReference(y[..x.Length]);
        double sum = 0;
        int i = 0;
        if (x.Length >= Width)
        {
            Vector512<double> sums = Vector512<double>.Zero;
            for (; i + Width <= x.Length; i += Width)
            {
                sums = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref a, (nuint)i), Vector512.LoadUnsafe(ref b, (nuint)i), sums);
            }

            sum = Sum(sums);
        }

        for (; i < x.Length; i++) sum = Math.FusedMultiplyAdd(Unsafe.Add(ref a, i), Unsafe.Add(ref b, i), sum);
        return sum;
    }

    /// <summary>Adds factor times x to y.</summary>
    /// <param name="x">x, any number of values.</param>
    /// <param name="factor">The factor.</param>
    /// <param name="y">y, at least as many values: added to.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddScaled(ReadOnlySpan<double> x, double factor, Span<double> y)
    {
        ref double from = ref MemoryMarshal.GetReference(x);
        ref double to = ref MemoryMarshal.GetReference(y[..x.Length]);
        Vector512<double> f = Vector512.Create(factor);
        int i = 0;
        for (; i + Width <= x.Length; i += Width)
        {
            Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref from, (nuint)i), f, Vector512.LoadUnsafe(ref to, (nuint)i)).StoreUnsafe(ref to, (nuint)i);
        }

        for (; i < x.Length; i++) Unsafe.Add(ref to, i) = Math.FusedMultiplyAdd(Unsafe.Add(ref from, i), factor, Unsafe.Add(ref to, i));
    }

    /// <summary>Adds up the lanes of each of eight vectors, in the order of a single one.</summary>
    /// <returns>The eight sums, in the order of the arguments.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<double> SumEach(
        Vector512<double> a, Vector512<double> b, Vector512<double> c, Vector512<double> d,
        Vector512<double> e, Vector512<double> f, Vector512<double> g, Vector512<double> h)
    {
        if (!Avx512F.IsSupported)
        {
            return Vector512.Create(
                SumEachHalf(a.GetLower(), b.GetLower(), c.GetLower(), d.GetLower()) + SumEachHalf(a.GetUpper(), b.GetUpper(), c.GetUpper(), d.GetUpper()),
                SumEachHalf(e.GetLower(), f.GetLower(), g.GetLower(), h.GetLower()) + SumEachHalf(e.GetUpper(), f.GetUpper(), g.GetUpper(), h.GetUpper()));
        }

        // Neighbours within 128 bits, then 128-bit quarters, then halves: seven merges instead of eight reductions.
        Vector512<double> abcd = AddQuarters(AddNeighbours(a, b), AddNeighbours(c, d));
        Vector512<double> efgh = AddQuarters(AddNeighbours(e, f), AddNeighbours(g, h));
        return Vector512.Create(abcd.GetLower() + abcd.GetUpper(), efgh.GetLower() + efgh.GetUpper());
    }

    /// <summary>Adds up the four lanes of each of four vectors, which are one half of eight lanes, as (0+1)+(2+3).</summary>
    /// <returns>The four sums, in the order of the arguments. Those of both halves, added up, are the sums of the eight lanes.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<double> SumEachHalf(Vector256<double> a, Vector256<double> b, Vector256<double> c, Vector256<double> d)
    {
        if (!Avx.IsSupported) return Vector256.Create(SumHalf(a), SumHalf(b), SumHalf(c), SumHalf(d));
        Vector256<double> ab = Avx.HorizontalAdd(a, b), cd = Avx.HorizontalAdd(c, d);
        return Avx.Permute2x128(ab, cd, 0x20) + Avx.Permute2x128(ab, cd, 0x31);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double SumHalf(Vector256<double> lanes)
    {
        Vector128<double> pairs = AddPairs(lanes.GetLower(), lanes.GetUpper());
        return pairs.ToScalar() + pairs.GetElement(1);
    }

    // (a0+a1, b0+b1, a2+a3, b2+b3, ...)
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> AddNeighbours(Vector512<double> a, Vector512<double> b) => Avx512F.UnpackLow(a, b) + Avx512F.UnpackHigh(a, b);

    // From (a01, b01, a23, b23, a45, b45, a67, b67) and the same of c and d: (a0123, b0123, c0123, d0123, a4567, b4567, c4567, d4567).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> AddQuarters(Vector512<double> ab, Vector512<double> cd)
    {
        Vector512<double> even = Avx512F.PermuteVar8x64x2(ab, Vector512.Create(0L, 1, 8, 9, 4, 5, 12, 13), cd);
        Vector512<double> odd = Avx512F.PermuteVar8x64x2(ab, Vector512.Create(2L, 3, 10, 11, 6, 7, 14, 15), cd);
        return even + odd;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<double> AddPairs(Vector128<double> low, Vector128<double> high) =>
        Vector128.Create(low.ToScalar() + low.GetElement(1), high.ToScalar() + high.GetElement(1));
}
