using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Mixture.Numerics;

/// <content>Transposition by vectors of four lanes.</content>
public static partial class RowTransposition
{
    // Up to eight features of four rows.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransposeInFours<T>(ref T r0, ref T r1, ref T r2, ref T r3, double factor, ref double destination, int stride, int count)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        const int Half = Lanes.Width / 2;
        TransposeFour(ref r0, ref r1, ref r2, ref r3, factor, ref destination, stride, count);
        if (count <= Half) return;
        TransposeFour(
            ref Unsafe.Add(ref r0, Half), ref Unsafe.Add(ref r1, Half), ref Unsafe.Add(ref r2, Half), ref Unsafe.Add(ref r3, Half), factor,
            ref Unsafe.Add(ref destination, Half * stride), stride, count - Half);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransposeFour<T>(ref T r0, ref T r1, ref T r2, ref T r3, double factor, ref double destination, int stride, int count)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Vector256<double> f = Vector256.Create(factor);
        Vector256<double> a = LoadHalf(ref r0) * f, b = LoadHalf(ref r1) * f, c = LoadHalf(ref r2) * f, d = LoadHalf(ref r3) * f;
        Vector256<double> even01 = Avx.UnpackLow(a, b), even23 = Avx.UnpackLow(c, d);
        Avx.Permute2x128(even01, even23, 0x20).StoreUnsafe(ref destination);
        if (count > 2) Avx.Permute2x128(even01, even23, 0x31).StoreUnsafe(ref destination, (nuint)(2 * stride));
        if (count < 2) return;
        Vector256<double> odd01 = Avx.UnpackHigh(a, b), odd23 = Avx.UnpackHigh(c, d);
        Avx.Permute2x128(odd01, odd23, 0x20).StoreUnsafe(ref destination, (nuint)stride);
        if (count > 3) Avx.Permute2x128(odd01, odd23, 0x31).StoreUnsafe(ref destination, (nuint)(3 * stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> LoadHalf<T>(ref T source)
        where T : unmanaged
    {
        return typeof(T) == typeof(double)
            ? Vector256.LoadUnsafe(ref Unsafe.As<T, double>(ref source))
            : Avx.ConvertToVector256Double(Vector128.LoadUnsafe(ref Unsafe.As<T, float>(ref source)));
    }
}
