using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Mixture.Numerics;

/// <summary>Turns a block of columns, whose rows stand in lanes, into rows in single precision.</summary>
public static class LaneTransposition
{
    private const int ColumnsAtOnce = 4;

    /// <summary>Scales, shifts and copies a block.</summary>
    /// <param name="values">a(i,k), shape K x stride, column-major: <c>values[k * stride + i]</c>.</param>
    /// <param name="stride">The distance between columns.</param>
    /// <param name="rowCount">The number of rows, at most <paramref name="stride"/>.</param>
    /// <param name="columnCount">K, the number of columns.</param>
    /// <param name="factor">The factor.</param>
    /// <param name="addend">The addend.</param>
    /// <param name="rows">
    /// On return factor * a(i,k) + addend, computed in double and rounded to single precision, row-major: <c>rows[i * K + k]</c>. What single
    /// precision does not reach becomes its largest number of that sign; NaN stays NaN.
    /// </param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy(ReadOnlySpan<double> values, int stride, int rowCount, int columnCount, double factor, double addend, Span<float> rows)
    {
        Debug.Assert(rowCount <= stride && rows.Length >= rowCount * columnCount);
        Debug.Assert(rowCount == 0 || values.Length >= ((columnCount - 1) * stride) + rowCount);
        int wholeRows = Avx.IsSupported ? rowCount & -Lanes.Width : 0, wholeColumns = columnCount & -ColumnsAtOnce;
        ref double from = ref MemoryMarshal.GetReference(values);
        ref float to = ref MemoryMarshal.GetReference(rows);
        Vector512<double> f = Vector512.Create(factor), a = Vector512.Create(addend);
        for (int i = 0; i < wholeRows; i += Lanes.Width)
        {
            for (int k = 0; k < wholeColumns; k += ColumnsAtOnce)
            {
                ref double first = ref Unsafe.Add(ref from, (k * stride) + i);
                Vector256<float> v0 = Load(ref first, f, a), v1 = Load(ref Unsafe.Add(ref first, stride), f, a);
                Vector256<float> v2 = Load(ref Unsafe.Add(ref first, 2 * stride), f, a), v3 = Load(ref Unsafe.Add(ref first, 3 * stride), f, a);
                StoreRows(v0, v1, v2, v3, ref Unsafe.Add(ref to, (i * columnCount) + k), columnCount);
            }
        }

        // What fills no vector.
        for (int k = 0; k < columnCount; k++)
        {
            for (int i = k < wholeColumns ? wholeRows : 0; i < rowCount; i++)
            {
                Unsafe.Add(ref to, (i * columnCount) + k) = ToSingle((Unsafe.Add(ref from, (k * stride) + i) * factor) + addend);
            }
        }
    }

    /// <summary>Rounds to single precision; what it does not reach becomes its largest number of that sign.</summary>
    /// <param name="value">The value; NaN stays NaN.</param>
    /// <returns>The nearest finite single.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ToSingle(double value)
    {
        float single = (float)value;
        return float.IsInfinity(single) ? float.CopySign(float.MaxValue, single) : single;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Load(ref double source, Vector512<double> factor, Vector512<double> addend)
    {
        Vector512<double> value = (Vector512.LoadUnsafe(ref source) * factor) + addend;
        Vector256<float> single = Vector256.Narrow(value.GetLower(), value.GetUpper());
        Vector256<float> isInfinite = Vector256.Equals(Vector256.Abs(single), Vector256.Create(float.PositiveInfinity));
        return Vector256.ConditionalSelect(isInfinite, Vector256.CopySign(Vector256.Create(float.MaxValue), single), single);
    }

    // Eight rows of four columns. A neighbour of every lane first, then pairs; each half of a vector holds a row.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRows(Vector256<float> v0, Vector256<float> v1, Vector256<float> v2, Vector256<float> v3, ref float rows, int stride)
    {
        Vector256<double> low01 = Avx.UnpackLow(v0, v1).AsDouble(), high01 = Avx.UnpackHigh(v0, v1).AsDouble();
        Vector256<double> low23 = Avx.UnpackLow(v2, v3).AsDouble(), high23 = Avx.UnpackHigh(v2, v3).AsDouble();
        StoreTwo(Avx.UnpackLow(low01, low23), ref rows, stride);
        StoreTwo(Avx.UnpackHigh(low01, low23), ref Unsafe.Add(ref rows, stride), stride);
        StoreTwo(Avx.UnpackLow(high01, high23), ref Unsafe.Add(ref rows, 2 * stride), stride);
        StoreTwo(Avx.UnpackHigh(high01, high23), ref Unsafe.Add(ref rows, 3 * stride), stride);
    }

    // Rows i and i + 4.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreTwo(Vector256<double> rows, ref float destination, int stride)
    {
        rows.GetLower().AsSingle().StoreUnsafe(ref destination);
        rows.GetUpper().AsSingle().StoreUnsafe(ref Unsafe.Add(ref destination, 4 * stride));
    }
}
