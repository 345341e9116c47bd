using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Mixture.Numerics;

/// <summary>The sums of <see cref="Centring"/> and <see cref="WeightedScatter"/> over some of the rows of a block: those whose weight is not zero.</summary>
/// <remarks>
/// Here the features of one row stand side by side, so that a row costs the same whichever rows stand beside it, and nothing is added
/// across lanes: of many features this is the faster way even for all rows.
/// </remarks>
public static partial class SparseScatter
{
    // The rows under work stay in the cache next to the processor.
    private const int RowsUnderWork = 24 * 1024 / sizeof(double);

    /// <summary>The distance between rows: D filled up to whole vectors, and a little more where rows would contend for the same places of the cache.</summary>
    /// <param name="dimension">D.</param>
    /// <returns>A multiple of <see cref="Lanes.Width"/>, at least D.</returns>
    public static int RowStride(int dimension) => Lanes.Pad(dimension) + (Lanes.Pad(dimension) % (8 * Lanes.Width) == 0 ? Lanes.Width : 0);

    /// <summary>The length of the scratch memory that <see cref="Add"/> needs.</summary>
    /// <param name="dimension">D.</param>
    /// <returns>The number of doubles.</returns>
    public static int WorkLength(int dimension) => Lanes.Pad(dimension) + (BatchSize(dimension) * RowStride(dimension));

    /// <summary>Adds the sums of w(i) z_i and the lower triangle of the sum of w(i) z_i z_i', z being x - m.</summary>
    /// <param name="rows">x, row after row; see <see cref="RowTransposition.ToRows"/>.</param>
    /// <param name="centre">m, shape D: a point near the rows, so that values far from zero lose nothing.</param>
    /// <param name="weights">w of all rows of the block, a multiple of <see cref="Lanes.Width"/> of them.</param>
    /// <param name="places">Which rows; see <see cref="FindRows"/>.</param>
    /// <param name="work">Scratch memory; see <see cref="WorkLength"/>.</param>
    /// <param name="sums">The sum of w(i) z_i, shape D: added to.</param>
    /// <param name="scatter">The lower triangle, added to; see <see cref="ScatterTriangle"/>. Squared feature units.</param>
    /// <remarks>Cost: D (D + 1) / 2 fused multiply-adds a row, rounded up to tiles of eight by eight, and 4 D operations.</remarks>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(
        ReadOnlySpan<double> rows, ReadOnlySpan<double> centre, ReadOnlySpan<double> weights, ReadOnlySpan<int> places, Span<double> work,
        Span<double> sums, Span<double> scatter)
    {
        int dimension = centre.Length, padded = Lanes.Pad(dimension), stride = RowStride(dimension), batchSize = BatchSize(dimension);
        Debug.Assert(rows.Length >= weights.Length * stride && work.Length >= WorkLength(dimension));
        Debug.Assert(sums.Length >= dimension && scatter.Length >= ScatterTriangle.Length(dimension));
        Span<double> roots = stackalloc double[weights.Length];
        for (int i = 0; i < weights.Length; i += Lanes.Width) Vector512.Sqrt(Vector512.LoadUnsafe(in weights[i])).StoreUnsafe(ref roots[i]);
        Span<double> m = work[..padded], scaled = work.Slice(padded, batchSize * stride);
        centre.CopyTo(m);
        m[dimension..].Clear();
        for (int first = 0; first < places.Length; first += batchSize)
        {
            ReadOnlySpan<int> batch = places[first..Math.Min(places.Length, first + batchSize)];
            CentreAndScale(rows, m, weights, roots, stride, batch, scaled, sums[..dimension]);
            ref double y = ref MemoryMarshal.GetReference(scaled);
            if (!Vector512.IsHardwareAccelerated)
            {
                AddInNarrowTiles(ref y, padded, stride, batch.Length, ref MemoryMarshal.GetReference(scatter));
                continue;
            }

            for (int row = 0; row < padded; row += Lanes.Width)
            {
                ref double result = ref scatter[ScatterTriangle.RowOffset(row)];
                int length = row + Lanes.Width, column = 0;
                for (; column + (2 * Lanes.Width) <= length; column += 2 * Lanes.Width)
                {
                    AddEightBySixteen(
                        ref Unsafe.Add(ref y, row), ref Unsafe.Add(ref y, column), stride, batch.Length, ref Unsafe.Add(ref result, column), length, column + (2 * Lanes.Width) == length);
                }

                if (column < length) AddDiagonalTile(ref Unsafe.Add(ref y, row), ref Unsafe.Add(ref y, column), stride, batch.Length, ref Unsafe.Add(ref result, column), length);
            }
        }
    }

    /// <summary>Finds the rows whose weight is not zero.</summary>
    /// <param name="weights">w, a multiple of <see cref="Lanes.Width"/> of them.</param>
    /// <param name="rows">On return the places of the weights that are not zero, in order. As long as <paramref name="weights"/>; what follows the places is of no meaning.</param>
    /// <returns>How many there are.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int FindRows(ReadOnlySpan<double> weights, Span<int> rows)
    {
        Debug.Assert(rows.Length >= weights.Length && weights.Length % Lanes.Width == 0);
        ref double w = ref MemoryMarshal.GetReference(weights);
        int count = 0;
        if (Avx512F.VL.IsSupported)
        {
            // Eight places are written each time, of which those that are not taken are overwritten by the next.
            Vector256<int> places = Vector256<int>.Indices;
            for (int i = 0; i < weights.Length; i += Lanes.Width)
            {
                Vector512<double> isTaken = ~Vector512.Equals(Vector512.LoadUnsafe(ref w, (nuint)i), Vector512<double>.Zero);
                Avx512F.VL.Compress(places, Avx512F.ConvertToVector256Int32(isTaken.AsInt64()), places).CopyTo(rows[count..]);
                count += BitOperations.PopCount(isTaken.ExtractMostSignificantBits());
                places += Vector256.Create(Lanes.Width);
            }

            return count;
        }

        ref int steps = ref MemoryMarshal.GetReference(Steps);
        for (int i = 0; i < weights.Length; i += NarrowWidth)
        {
            uint set = ~Vector256.Equals(Vector256.LoadUnsafe(ref w, (nuint)i), Vector256<double>.Zero).ExtractMostSignificantBits() & 0xF;
            (Vector128.Create(i) + Vector128.LoadUnsafe(ref steps, NarrowWidth * set)).CopyTo(rows[count..]);
            count += BitOperations.PopCount(set);
        }

        return count;
    }

    // For each set of four places those that are in it, side by side.
    private static ReadOnlySpan<int> Steps =>
    [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 1, 2, 0, 0, 0, 1, 2, 0,
        3, 0, 0, 0, 0, 3, 0, 0, 1, 3, 0, 0, 0, 1, 3, 0, 2, 3, 0, 0, 0, 2, 3, 0, 1, 2, 3, 0, 0, 1, 2, 3,
    ];

    private static int BatchSize(int dimension) => Math.Clamp(RowsUnderWork / RowStride(dimension), 8, 128);

    // Copies y = sqrt(w) z of some rows, whose products are those of z with w, and adds up w z.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CentreAndScale(
        ReadOnlySpan<double> rows, ReadOnlySpan<double> centre, ReadOnlySpan<double> weights, ReadOnlySpan<double> roots, int stride,
        ReadOnlySpan<int> places, Span<double> scaled, Span<double> sums)
    {
        ref double x = ref MemoryMarshal.GetReference(rows);
        ref double m = ref MemoryMarshal.GetReference(centre);
        ref double w = ref MemoryMarshal.GetReference(weights);
        ref double root = ref MemoryMarshal.GetReference(roots);
        ref double y = ref MemoryMarshal.GetReference(scaled);
        ref int place = ref MemoryMarshal.GetReference(places);
        int panel = 0;
        for (; !Vector512.IsHardwareAccelerated && panel + (2 * Lanes.Width) <= sums.Length; panel += 2 * Lanes.Width)
        {
            CentreAndScaleFourHalves(
                ref Unsafe.Add(ref x, panel), ref Unsafe.Add(ref m, panel), ref w, ref root, stride, places, ref Unsafe.Add(ref y, panel), ref sums[panel]);
        }

        for (; panel < centre.Length; panel += Lanes.Width)
        {
            Vector512<double> point = Vector512.LoadUnsafe(ref m, (nuint)panel), total = Vector512<double>.Zero;
            for (int at = 0; at < places.Length; at++)
            {
                int row = Unsafe.Add(ref place, at);
                Vector512<double> z = Vector512.LoadUnsafe(ref x, (nuint)((row * stride) + panel)) - point;
                (Vector512.Create(Unsafe.Add(ref root, row)) * z).StoreUnsafe(ref y, (nuint)((at * stride) + panel));
                total = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref w, row)), z, total);
            }

            if (panel + Lanes.Width <= sums.Length)
            {
                (Vector512.LoadUnsafe(ref sums[panel]) + total).StoreUnsafe(ref sums[panel]);
                continue;
            }

            for (int j = panel; j < sums.Length; j++) sums[j] += total.GetElement(j - panel);
        }
    }

    // Eight rows by sixteen columns of the result stay in registers while the rows of the data pass by.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddEightBySixteen(
        ref double rows, ref double columns, int stride, int rowCount, ref double destination, int rowLength, bool isOnDiagonal)
    {
        Vector512<double> a0 = Vector512<double>.Zero, a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
        Vector512<double> b0 = a0, b1 = a0, b2 = a0, b3 = a0, b4 = a0, b5 = a0, b6 = a0, b7 = a0;
        for (int at = 0; at < rowCount; at++)
        {
            Vector512<double> left = Vector512.LoadUnsafe(ref columns), right = Vector512.LoadUnsafe(ref columns, Lanes.Width);
            Vector512<double> c = Vector512.Create(rows);
            a0 = Vector512.FusedMultiplyAdd(c, left, a0);
            b0 = Vector512.FusedMultiplyAdd(c, right, b0);
            c = Vector512.Create(Unsafe.Add(ref rows, 1));
            a1 = Vector512.FusedMultiplyAdd(c, left, a1);
            b1 = Vector512.FusedMultiplyAdd(c, right, b1);
            c = Vector512.Create(Unsafe.Add(ref rows, 2));
            a2 = Vector512.FusedMultiplyAdd(c, left, a2);
            b2 = Vector512.FusedMultiplyAdd(c, right, b2);
            c = Vector512.Create(Unsafe.Add(ref rows, 3));
            a3 = Vector512.FusedMultiplyAdd(c, left, a3);
            b3 = Vector512.FusedMultiplyAdd(c, right, b3);
            c = Vector512.Create(Unsafe.Add(ref rows, 4));
            a4 = Vector512.FusedMultiplyAdd(c, left, a4);
            b4 = Vector512.FusedMultiplyAdd(c, right, b4);
            c = Vector512.Create(Unsafe.Add(ref rows, 5));
            a5 = Vector512.FusedMultiplyAdd(c, left, a5);
            b5 = Vector512.FusedMultiplyAdd(c, right, b5);
            c = Vector512.Create(Unsafe.Add(ref rows, 6));
            a6 = Vector512.FusedMultiplyAdd(c, left, a6);
            b6 = Vector512.FusedMultiplyAdd(c, right, b6);
            c = Vector512.Create(Unsafe.Add(ref rows, 7));
            a7 = Vector512.FusedMultiplyAdd(c, left, a7);
            b7 = Vector512.FusedMultiplyAdd(c, right, b7);
            columns = ref Unsafe.Add(ref columns, stride);
            rows = ref Unsafe.Add(ref rows, stride);
        }

        AddColumn(a0, a1, a2, a3, a4, a5, a6, a7, ref destination, rowLength, isOnDiagonal: false);
        AddColumn(b0, b1, b2, b3, b4, b5, b6, b7, ref Unsafe.Add(ref destination, Lanes.Width), rowLength, isOnDiagonal);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddDiagonalTile(ref double rows, ref double columns, int stride, int rowCount, ref double destination, int rowLength)
    {
        Vector512<double> a0 = Vector512<double>.Zero, a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
        for (int at = 0; at < rowCount; at++)
        {
            Vector512<double> row = Vector512.LoadUnsafe(ref columns);
            a0 = Vector512.FusedMultiplyAdd(Vector512.Create(rows), row, a0);
            a1 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref rows, 1)), row, a1);
            a2 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref rows, 2)), row, a2);
            a3 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref rows, 3)), row, a3);
            a4 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref rows, 4)), row, a4);
            a5 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref rows, 5)), row, a5);
            a6 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref rows, 6)), row, a6);
            a7 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref rows, 7)), row, a7);
            columns = ref Unsafe.Add(ref columns, stride);
            rows = ref Unsafe.Add(ref rows, stride);
        }

        AddColumn(a0, a1, a2, a3, a4, a5, a6, a7, ref destination, rowLength, isOnDiagonal: true);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddColumn(
        Vector512<double> a, Vector512<double> b, Vector512<double> c, Vector512<double> d,
        Vector512<double> e, Vector512<double> f, Vector512<double> g, Vector512<double> h, ref double destination, int rowLength, bool isOnDiagonal)
    {
        if (isOnDiagonal)
        {
            // Above the diagonal the same entries stay zero as in the dense sums, so that the two add up to the same.
            a = Vector512.Create(a.GetLower(), Vector256<double>.Zero);
            b = Vector512.Create(b.GetLower(), Vector256<double>.Zero);
            c = Vector512.Create(c.GetLower(), Vector256<double>.Zero);
            d = Vector512.Create(d.GetLower(), Vector256<double>.Zero);
        }

        nuint length = (nuint)rowLength;
        (Vector512.LoadUnsafe(ref destination) + a).StoreUnsafe(ref destination);
        (Vector512.LoadUnsafe(ref destination, length) + b).StoreUnsafe(ref destination, length);
        (Vector512.LoadUnsafe(ref destination, 2 * length) + c).StoreUnsafe(ref destination, 2 * length);
        (Vector512.LoadUnsafe(ref destination, 3 * length) + d).StoreUnsafe(ref destination, 3 * length);
        (Vector512.LoadUnsafe(ref destination, 4 * length) + e).StoreUnsafe(ref destination, 4 * length);
        (Vector512.LoadUnsafe(ref destination, 5 * length) + f).StoreUnsafe(ref destination, 5 * length);
        (Vector512.LoadUnsafe(ref destination, 6 * length) + g).StoreUnsafe(ref destination, 6 * length);
        (Vector512.LoadUnsafe(ref destination, 7 * length) + h).StoreUnsafe(ref destination, 7 * length);
    }
}
