using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Mixture.Numerics;

/// <summary>Turns rows that stand one after the other into a block of features in lanes, in double precision.</summary>
public static partial class RowTransposition
{
    private const int LineBytes = 64;

    /// <summary>Copies consecutive rows.</summary>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <param name="values">Row after row: feature j of row i at [i * D + j].</param>
    /// <param name="dimension">D.</param>
    /// <param name="firstRow">The first row, counted from zero.</param>
    /// <param name="rowCount">The number of rows.</param>
    /// <param name="factor">What every value is multiplied by.</param>
    /// <param name="destination">On return factor * x, feature-major: feature j of row i at [j * stride + i].</param>
    /// <param name="stride">The distance between features, at least <paramref name="rowCount"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy<T>(
        ReadOnlySpan<T> values, int dimension, int firstRow, int rowCount, double factor, Span<double> destination, int stride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Debug.Assert(rowCount <= stride && (rowCount == 0 || destination.Length >= ((dimension - 1) * stride) + rowCount));
        values = values.Slice(firstRow * dimension, values.Length - (firstRow * dimension));
        int whole = CanVectorize<T>() ? rowCount & -Lanes.Width : 0;
        if (dimension == 1)
        {
            CopyOneFeature(values[..rowCount], whole, factor, destination);
            return;
        }

        if (TakesNarrowVectors) CopyInFours(values, dimension, whole, factor, destination, stride);
        for (int i = 0; i < whole && !TakesNarrowVectors; i += Lanes.Width)
        {
            int at = i * dimension;
            CopyEight(
                values, at, at + dimension, at + (2 * dimension), at + (3 * dimension), at + (4 * dimension), at + (5 * dimension),
                at + (6 * dimension), at + (7 * dimension), dimension, factor, destination[i..], stride);
        }

        for (int i = whole; i < rowCount; i++) CopyOne(values.Slice(i * dimension, dimension), factor, destination[i..], stride);
    }

    /// <summary>Copies rows in any order.</summary>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <param name="values">Row after row: feature j of row i at [i * D + j].</param>
    /// <param name="dimension">D.</param>
    /// <param name="rows">Which rows, counted from zero.</param>
    /// <param name="factor">What every value is multiplied by.</param>
    /// <param name="destination">On return factor * x, feature-major: feature j of row rows[i] at [j * stride + i].</param>
    /// <param name="stride">The distance between features, at least as many as there are rows.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy<T>(ReadOnlySpan<T> values, int dimension, ReadOnlySpan<int> rows, double factor, Span<double> destination, int stride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Debug.Assert(rows.Length <= stride && (rows.IsEmpty || destination.Length >= ((dimension - 1) * stride) + rows.Length));
        if (dimension == 1)
        {
            for (int i = 0; i < rows.Length; i++) destination[i] = ToDouble(values[rows[i]]) * factor;
            return;
        }

        int whole = CanVectorize<T>() ? rows.Length & -Lanes.Width : 0;
        if (TakesNarrowVectors) CopyInFours(values, dimension, rows[..whole], factor, destination, stride);
        for (int i = 0; i < whole && !TakesNarrowVectors; i += Lanes.Width)
        {
            CopyEight(
                values, rows[i] * dimension, rows[i + 1] * dimension, rows[i + 2] * dimension, rows[i + 3] * dimension, rows[i + 4] * dimension,
                rows[i + 5] * dimension, rows[i + 6] * dimension, rows[i + 7] * dimension, dimension, factor, destination[i..], stride);
        }

        for (int i = whole; i < rows.Length; i++) CopyOne(values.Slice(rows[i] * dimension, dimension), factor, destination[i..], stride);
    }

    /// <summary>Turns a block of features in lanes into rows again.</summary>
    /// <param name="values">Feature-major: feature j of row i at [j * stride + i].</param>
    /// <param name="dimension">D.</param>
    /// <param name="stride">The distance between features.</param>
    /// <param name="laneCount">The number of rows, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="destination">On return feature j of row i at [i * rowStride + j], and zeros from D to the next multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="rowStride">The distance between rows, at least D filled up to whole vectors.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ToRows(ReadOnlySpan<double> values, int dimension, int stride, int laneCount, Span<double> destination, int rowStride)
    {
        Debug.Assert(rowStride >= Lanes.Pad(dimension) && destination.Length >= ((laneCount - 1) * rowStride) + Lanes.Pad(dimension));
        ref double from = ref MemoryMarshal.GetReference(values);
        ref double to = ref MemoryMarshal.GetReference(destination);
        if (!Avx.IsSupported)
        {
            for (int i = 0; i < laneCount; i++)
            {
                ref double row = ref Unsafe.Add(ref to, i * rowStride);
                for (int j = 0; j < dimension; j++) Unsafe.Add(ref row, j) = Unsafe.Add(ref from, (j * stride) + i);
                for (int j = dimension; j < Lanes.Pad(dimension); j++) Unsafe.Add(ref row, j) = 0;
            }

            return;
        }

        if (TakesNarrowVectors)
        {
            ToRowsInFours(ref from, dimension, stride, laneCount, ref to, rowStride);
            return;
        }

        Span<double> none = stackalloc double[Lanes.Width];
        none.Clear();
        ref double zero = ref MemoryMarshal.GetReference(none);
        for (int j = 0; j < dimension; j += Lanes.Width)
        {
            int count = dimension - j;
            for (int i = 0; i < laneCount; i += Lanes.Width)
            {
                ref double first = ref Unsafe.Add(ref from, (j * stride) + i);
                TransposeEight(
                    ref first, ref count > 1 ? ref Unsafe.Add(ref first, stride) : ref zero, ref count > 2 ? ref Unsafe.Add(ref first, 2 * stride) : ref zero,
                    ref count > 3 ? ref Unsafe.Add(ref first, 3 * stride) : ref zero, ref count > 4 ? ref Unsafe.Add(ref first, 4 * stride) : ref zero,
                    ref count > 5 ? ref Unsafe.Add(ref first, 5 * stride) : ref zero, ref count > 6 ? ref Unsafe.Add(ref first, 6 * stride) : ref zero,
                    ref count > 7 ? ref Unsafe.Add(ref first, 7 * stride) : ref zero, 1, ref Unsafe.Add(ref to, (i * rowStride) + j), rowStride, Lanes.Width);
            }
        }
    }

    /// <summary>Asks for rows to be brought into the cache, in which they will be needed soon.</summary>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <param name="values">Row after row: feature j of row i at [i * D + j].</param>
    /// <param name="dimension">D.</param>
    /// <param name="rows">Which rows, counted from zero.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static unsafe void Prefetch<T>(ReadOnlySpan<T> values, int dimension, ReadOnlySpan<int> rows)
        where T : unmanaged
    {
        if (!Sse.IsSupported) return;
        foreach (int row in rows)
        {
            // An address that has become wrong, because the array has moved, does no harm.
            byte* at = (byte*)Unsafe.AsPointer(ref Unsafe.AsRef(in values[row * dimension])), end = at + ((dimension * sizeof(T)) - 1);
            for (; at < end; at += LineBytes) Sse.Prefetch0(at);
            Sse.Prefetch0(end);
        }
    }

    private static bool CanVectorize<T>() => Avx.IsSupported && (typeof(T) == typeof(double) || typeof(T) == typeof(float));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyOneFeature<T>(ReadOnlySpan<T> values, int whole, double factor, Span<double> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ref T from = ref MemoryMarshal.GetReference(values);
        ref double to = ref MemoryMarshal.GetReference(destination);
        Vector512<double> f = Vector512.Create(factor);
        for (int i = 0; i < whole; i += Lanes.Width) (Load(ref Unsafe.Add(ref from, i)) * f).StoreUnsafe(ref to, (nuint)i);
        for (int i = whole; i < values.Length; i++) Unsafe.Add(ref to, i) = ToDouble(values[i]) * factor;
    }

    // Eight features of eight rows at a time. The last features are read with what follows them, which is not written, as long as there is something.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyEight<T>(
        ReadOnlySpan<T> values, int at0, int at1, int at2, int at3, int at4, int at5, int at6, int at7, int dimension, double factor,
        Span<double> destination, int stride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int last = Math.Max(Math.Max(Math.Max(at0, at1), Math.Max(at2, at3)), Math.Max(Math.Max(at4, at5), Math.Max(at6, at7)));
        if ((uint)(last + dimension) > (uint)values.Length) throw new ArgumentOutOfRangeException(nameof(values));
        ref T from = ref MemoryMarshal.GetReference(values);
        int feature = 0;
        for (; feature < dimension && last + feature + Lanes.Width <= values.Length; feature += Lanes.Width)
        {
            TransposeEight(
                ref Unsafe.Add(ref from, at0 + feature), ref Unsafe.Add(ref from, at1 + feature), ref Unsafe.Add(ref from, at2 + feature),
                ref Unsafe.Add(ref from, at3 + feature), ref Unsafe.Add(ref from, at4 + feature), ref Unsafe.Add(ref from, at5 + feature),
                ref Unsafe.Add(ref from, at6 + feature), ref Unsafe.Add(ref from, at7 + feature), factor,
                ref Unsafe.Add(ref MemoryMarshal.GetReference(destination), feature * stride), stride, Math.Min(Lanes.Width, dimension - feature));
        }

        for (; feature < dimension; feature++)
        {
            Span<double> column = destination.Slice(feature * stride, Lanes.Width);
            column[0] = ToDouble(values[at0 + feature]) * factor;
            column[1] = ToDouble(values[at1 + feature]) * factor;
            column[2] = ToDouble(values[at2 + feature]) * factor;
            column[3] = ToDouble(values[at3 + feature]) * factor;
            column[4] = ToDouble(values[at4 + feature]) * factor;
            column[5] = ToDouble(values[at5 + feature]) * factor;
            column[6] = ToDouble(values[at6 + feature]) * factor;
            column[7] = ToDouble(values[at7 + feature]) * factor;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransposeEight<T>(
        ref T r0, ref T r1, ref T r2, ref T r3, ref T r4, ref T r5, ref T r6, ref T r7, double factor, ref double destination, int stride, int count)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Vector512<double> f = Vector512.Create(factor);
        Vector512<double> a = Load(ref r0) * f, b = Load(ref r1) * f, c = Load(ref r2) * f, d = Load(ref r3) * f;
        Vector512<double> low01 = Avx512F.UnpackLow(a, b), high01 = Avx512F.UnpackHigh(a, b);
        Vector512<double> low23 = Avx512F.UnpackLow(c, d), high23 = Avx512F.UnpackHigh(c, d);
        a = Load(ref r4) * f;
        b = Load(ref r5) * f;
        c = Load(ref r6) * f;
        d = Load(ref r7) * f;
        Vector512<double> low45 = Avx512F.UnpackLow(a, b), high45 = Avx512F.UnpackHigh(a, b);
        Vector512<double> low67 = Avx512F.UnpackLow(c, d), high67 = Avx512F.UnpackHigh(c, d);

        // Quarters of 128 bits: (0, 2) of two vectors are features 0 and 4 (or 1 and 5), (1, 3) are 2 and 6 (or 3 and 7).
        Store(low01, low23, low45, low67, ref destination, stride, count);
        if (count > 1) Store(high01, high23, high45, high67, ref Unsafe.Add(ref destination, stride), stride, count - 1);
    }

    // Writes features 0, 2, 4 and 6 of what is left.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(
        Vector512<double> r01, Vector512<double> r23, Vector512<double> r45, Vector512<double> r67, ref double destination, int stride, int count)
    {
        Vector512<double> even0123 = Avx512F.Shuffle4x128(r01, r23, 0b10_00_10_00), even4567 = Avx512F.Shuffle4x128(r45, r67, 0b10_00_10_00);
        Avx512F.Shuffle4x128(even0123, even4567, 0b10_00_10_00).StoreUnsafe(ref destination);
        if (count > 4) Avx512F.Shuffle4x128(even0123, even4567, 0b11_01_11_01).StoreUnsafe(ref destination, (nuint)(4 * stride));
        if (count <= 2) return;
        Vector512<double> odd0123 = Avx512F.Shuffle4x128(r01, r23, 0b11_01_11_01), odd4567 = Avx512F.Shuffle4x128(r45, r67, 0b11_01_11_01);
        Avx512F.Shuffle4x128(odd0123, odd4567, 0b10_00_10_00).StoreUnsafe(ref destination, (nuint)(2 * stride));
        if (count > 6) Avx512F.Shuffle4x128(odd0123, odd4567, 0b11_01_11_01).StoreUnsafe(ref destination, (nuint)(6 * stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Load<T>(ref T source)
        where T : unmanaged
    {
        if (typeof(T) == typeof(double)) return Vector512.LoadUnsafe(ref Unsafe.As<T, double>(ref source));
        return Avx512F.IsSupported
            ? Avx512F.ConvertToVector512Double(Vector256.LoadUnsafe(ref Unsafe.As<T, float>(ref source)))
            : Vector512.Create(LoadHalf(ref source), LoadHalf(ref Unsafe.Add(ref source, Lanes.Width / 2)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyOne<T>(ReadOnlySpan<T> row, double factor, Span<double> destination, int stride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ref double to = ref MemoryMarshal.GetReference(destination);
        for (int j = 0; j < row.Length; j++) Unsafe.Add(ref to, j * stride) = ToDouble(row[j]) * factor;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double ToDouble<T>(T value)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(double)) return (double)(object)value;
        if (typeof(T) == typeof(float)) return (float)(object)value;
        return double.CreateTruncating(value);
    }
}
