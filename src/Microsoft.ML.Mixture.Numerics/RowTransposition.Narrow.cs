using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Mixture.Numerics;

/// <content>Transposition by vectors of four lanes.</content>
public static partial class RowTransposition
{
    private const int NarrowWidth = Lanes.Width / 2;

    private static bool TakesNarrowVectors => Avx.IsSupported && !Avx512F.IsSupported;

    // Consecutive rows, a multiple of four of them.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyInFours<T>(ReadOnlySpan<T> values, int dimension, int rowCount, double factor, Span<double> destination, int stride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ref T row = ref MemoryMarshal.GetReference(values[..(rowCount * dimension)]);
        ref double to = ref MemoryMarshal.GetReference(destination);
        for (int i = 0; i < rowCount; i += NarrowWidth)
        {
            CopyFour(ref row, 0, dimension, 2 * dimension, 3 * dimension, dimension, factor, ref Unsafe.Add(ref to, i), stride);
            row = ref Unsafe.Add(ref row, NarrowWidth * dimension);
        }
    }

    // Rows in any order, a multiple of four of them.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyInFours<T>(ReadOnlySpan<T> values, int dimension, ReadOnlySpan<int> rows, double factor, Span<double> destination, int stride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ref T from = ref MemoryMarshal.GetReference(values);
        ref double to = ref MemoryMarshal.GetReference(destination);
        uint rowCount = (uint)(values.Length / dimension);
        for (int i = 0; i + NarrowWidth <= rows.Length; i += NarrowWidth)
        {
            int r0 = rows[i], r1 = rows[i + 1], r2 = rows[i + 2], r3 = rows[i + 3];
            if ((uint)r0 >= rowCount || (uint)r1 >= rowCount || (uint)r2 >= rowCount || (uint)r3 >= rowCount) throw new ArgumentOutOfRangeException(nameof(rows));
            CopyFour(ref from, r0 * dimension, r1 * dimension, r2 * dimension, r3 * dimension, dimension, factor, ref Unsafe.Add(ref to, i), stride);
        }
    }

    // Two features of four rows at a time: rows 0 and 2 in one vector, 1 and 3 in the other.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyFour<T>(ref T source, nint at0, nint at1, nint at2, nint at3, int dimension, double factor, ref double destination, int stride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ref T r0 = ref Unsafe.Add(ref source, at0);
        ref T r1 = ref Unsafe.Add(ref source, at1);
        ref T r2 = ref Unsafe.Add(ref source, at2);
        ref T r3 = ref Unsafe.Add(ref source, at3);
        Vector256<double> f = Vector256.Create(factor);
        nint j = 0;
        for (; j < dimension - 1; j += 2)
        {
            Vector256<double> even = Vector256.Create(LoadPair(ref Unsafe.Add(ref r0, j)), LoadPair(ref Unsafe.Add(ref r2, j)));
            Vector256<double> odd = Vector256.Create(LoadPair(ref Unsafe.Add(ref r1, j)), LoadPair(ref Unsafe.Add(ref r3, j)));
            (Avx.UnpackLow(even, odd) * f).StoreUnsafe(ref destination);
            destination = ref Unsafe.Add(ref destination, stride);
            (Avx.UnpackHigh(even, odd) * f).StoreUnsafe(ref destination);
            destination = ref Unsafe.Add(ref destination, stride);
        }

        if (j == dimension) return;
        Vector256<double> last = Vector256.Create(
            ToDouble(Unsafe.Add(ref r0, j)), ToDouble(Unsafe.Add(ref r1, j)), ToDouble(Unsafe.Add(ref r2, j)), ToDouble(Unsafe.Add(ref r3, j)));
        (last * f).StoreUnsafe(ref destination);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<double> LoadPair<T>(ref T source)
        where T : unmanaged
    {
        return typeof(T) == typeof(double)
            ? Vector128.LoadUnsafe(ref Unsafe.As<T, double>(ref source))
            : Sse2.ConvertToVector128Double(Vector128.CreateScalarUnsafe(Unsafe.As<T, double>(ref source)).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> LoadHalf<T>(ref T source)
        where T : unmanaged
    {
        return typeof(T) == typeof(double)
            ? Vector256.LoadUnsafe(ref Unsafe.As<T, double>(ref source))
            : Avx.ConvertToVector256Double(Vector128.LoadUnsafe(ref Unsafe.As<T, float>(ref source)));
    }

    // Four features of four rows at a time.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ToRowsInFours(ref double values, int dimension, int stride, int laneCount, ref double destination, int rowStride)
    {
        for (int i = 0; i < laneCount; i += NarrowWidth)
        {
            ref double from = ref Unsafe.Add(ref values, i);
            ref double to = ref Unsafe.Add(ref destination, i * rowStride);
            int j = 0;
            for (; j + NarrowWidth <= dimension; j += NarrowWidth)
            {
                Vector256<double> a = Vector256.LoadUnsafe(ref from), b = Vector256.LoadUnsafe(ref from, (nuint)stride);
                from = ref Unsafe.Add(ref from, 2 * stride);
                StoreFour(a, b, Vector256.LoadUnsafe(ref from), Vector256.LoadUnsafe(ref from, (nuint)stride), ref Unsafe.Add(ref to, j), (nuint)rowStride);
                from = ref Unsafe.Add(ref from, 2 * stride);
            }

            // What only fills up to whole vectors is zero.
            for (; j < Lanes.Pad(dimension); j += NarrowWidth)
            {
                int count = dimension - j;
                Vector256<double> a = count > 0 ? Vector256.LoadUnsafe(ref from) : Vector256<double>.Zero;
                Vector256<double> b = count > 1 ? Vector256.LoadUnsafe(ref from, (nuint)stride) : Vector256<double>.Zero;
                Vector256<double> c = count > 2 ? Vector256.LoadUnsafe(ref from, (nuint)(2 * stride)) : Vector256<double>.Zero;
                StoreFour(a, b, c, Vector256<double>.Zero, ref Unsafe.Add(ref to, j), (nuint)rowStride);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreFour(Vector256<double> a, Vector256<double> b, Vector256<double> c, Vector256<double> d, ref double row, nuint stride)
    {
        Vector256<double> even01 = Avx.UnpackLow(a, b), odd01 = Avx.UnpackHigh(a, b), even23 = Avx.UnpackLow(c, d), odd23 = Avx.UnpackHigh(c, d);
        Avx.Permute2x128(even01, even23, 0x20).StoreUnsafe(ref row);
        Avx.Permute2x128(odd01, odd23, 0x20).StoreUnsafe(ref row, stride);
        Avx.Permute2x128(even01, even23, 0x31).StoreUnsafe(ref row, 2 * stride);
        Avx.Permute2x128(odd01, odd23, 0x31).StoreUnsafe(ref row, 3 * stride);
    }
}
