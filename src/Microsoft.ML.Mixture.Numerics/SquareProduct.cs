using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mixture.Numerics;

/// <summary>Products of small square matrices.</summary>
public static class SquareProduct
{
    private const int RowsAtOnce = 2;

    /// <summary>C = A B.</summary>
    /// <param name="a">A, row after row.</param>
    /// <param name="b">B, row after row.</param>
    /// <param name="dimension">The number of rows and of columns.</param>
    /// <param name="c">On return C, row after row. It must not overlap the others.</param>
    /// <remarks>Each entry is a sum in the order of the columns of A, on every machine.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(ReadOnlySpan<double> a, ReadOnlySpan<double> b, int dimension, Span<double> c)
    {
        int square = dimension * dimension, width = Vector256<double>.Count;
        ref double left = ref MemoryMarshal.GetReference(a[..square]), right = ref MemoryMarshal.GetReference(b[..square]), to = ref MemoryMarshal.GetReference(c[..square]);
        if (dimension < width)
        {
            MultiplyOneByOne(ref left, ref right, dimension, ref to);
            return;
        }

        // The last columns overlap those before, so that all of them fill vectors.
        for (int column = 0; column < dimension; column += width)
        {
            int first = Math.Min(column, dimension - width), row = 0;
            for (; row + RowsAtOnce <= dimension; row += RowsAtOnce)
            {
                Vector256<double> one = Vector256<double>.Zero, two = Vector256<double>.Zero;
                ref double rowOne = ref Unsafe.Add(ref left, row * dimension), rowTwo = ref Unsafe.Add(ref rowOne, dimension), entry = ref Unsafe.Add(ref right, first);
                for (int m = 0; m < dimension; m++)
                {
                    Vector256<double> entries = Vector256.LoadUnsafe(ref entry);
                    one = Vector256.FusedMultiplyAdd(Vector256.Create(Unsafe.Add(ref rowOne, m)), entries, one);
                    two = Vector256.FusedMultiplyAdd(Vector256.Create(Unsafe.Add(ref rowTwo, m)), entries, two);
                    entry = ref Unsafe.Add(ref entry, dimension);
                }

                one.StoreUnsafe(ref to, (nuint)((row * dimension) + first));
                two.StoreUnsafe(ref to, (nuint)(((row + 1) * dimension) + first));
            }

            if (row == dimension) continue;
            Vector256<double> last = Vector256<double>.Zero;
            for (int m = 0; m < dimension; m++)
            {
                last = Vector256.FusedMultiplyAdd(
                    Vector256.Create(Unsafe.Add(ref left, (row * dimension) + m)), Vector256.LoadUnsafe(ref right, (nuint)((m * dimension) + first)), last);
            }

            last.StoreUnsafe(ref to, (nuint)((row * dimension) + first));
        }
    }

    /// <summary>c = a B, of rows a and c.</summary>
    /// <param name="a">a.</param>
    /// <param name="b">B, row after row.</param>
    /// <param name="c">On return c. It must not overlap the others.</param>
    /// <remarks>Each entry is a sum in the order of a, on every machine.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyRow(ReadOnlySpan<double> a, ReadOnlySpan<double> b, Span<double> c)
    {
        int dimension = a.Length, width = Vector256<double>.Count;
        ref double left = ref MemoryMarshal.GetReference(a), right = ref MemoryMarshal.GetReference(b[..(dimension * dimension)]), to = ref MemoryMarshal.GetReference(c[..dimension]);
        if (dimension < width)
        {
            for (int j = 0; j < dimension; j++)
            {
                double sum = 0;
                for (int m = 0; m < dimension; m++) sum = Math.FusedMultiplyAdd(Unsafe.Add(ref left, m), Unsafe.Add(ref right, (m * dimension) + j), sum);
                Unsafe.Add(ref to, j) = sum;
            }

            return;
        }

        // Two vectors of columns at a time, of which the last overlap those before.
        for (int column = 0; column < dimension; column += 2 * width)
        {
            int first = Math.Min(column, dimension - width), second = Math.Min(column + width, dimension - width);
            Vector256<double> one = Vector256<double>.Zero, two = Vector256<double>.Zero;
            for (int m = 0; m < dimension; m++)
            {
                Vector256<double> factor = Vector256.Create(Unsafe.Add(ref left, m));
                one = Vector256.FusedMultiplyAdd(factor, Vector256.LoadUnsafe(ref right, (nuint)((m * dimension) + first)), one);
                two = Vector256.FusedMultiplyAdd(factor, Vector256.LoadUnsafe(ref right, (nuint)((m * dimension) + second)), two);
            }

            one.StoreUnsafe(ref to, (nuint)first);
            two.StoreUnsafe(ref to, (nuint)second);
        }
    }

    /// <summary>Adds s B + t a a' to C, of a row a.</summary>
    /// <param name="b">B, row after row.</param>
    /// <param name="scale">s.</param>
    /// <param name="a">a.</param>
    /// <param name="factor">t.</param>
    /// <param name="c">C, row after row: added to. It must not overlap the others.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddScaledAndOuter(ReadOnlySpan<double> b, double scale, ReadOnlySpan<double> a, double factor, Span<double> c)
    {
        int dimension = a.Length, width = Vector256<double>.Count;
        ref double own = ref MemoryMarshal.GetReference(a), from = ref MemoryMarshal.GetReference(b[..(dimension * dimension)]);
        ref double to = ref MemoryMarshal.GetReference(c[..(dimension * dimension)]);
        Vector256<double> s = Vector256.Create(scale);
        for (int i = 0; i < dimension; i++)
        {
            double entry = factor * Unsafe.Add(ref own, i);
            Vector256<double> f = Vector256.Create(entry);
            int j = 0;
            for (; j + width <= dimension; j += width)
            {
                Vector256<double> sum = Vector256.FusedMultiplyAdd(f, Vector256.LoadUnsafe(ref own, (nuint)j), Vector256.LoadUnsafe(ref to, (nuint)j));
                Vector256.FusedMultiplyAdd(s, Vector256.LoadUnsafe(ref from, (nuint)j), sum).StoreUnsafe(ref to, (nuint)j);
            }

            for (; j < dimension; j++)
            {
                Unsafe.Add(ref to, j) = Math.FusedMultiplyAdd(scale, Unsafe.Add(ref from, j), Math.FusedMultiplyAdd(entry, Unsafe.Add(ref own, j), Unsafe.Add(ref to, j)));
            }

            from = ref Unsafe.Add(ref from, dimension);
            to = ref Unsafe.Add(ref to, dimension);
        }
    }

    private static void MultiplyOneByOne(ref double left, ref double right, int dimension, ref double to)
    {
        for (int i = 0; i < dimension; i++)
        {
            for (int j = 0; j < dimension; j++)
            {
                double sum = 0;
                for (int m = 0; m < dimension; m++) sum = Math.FusedMultiplyAdd(Unsafe.Add(ref left, (i * dimension) + m), Unsafe.Add(ref right, (m * dimension) + j), sum);
                Unsafe.Add(ref to, (i * dimension) + j) = sum;
            }
        }
    }
}
