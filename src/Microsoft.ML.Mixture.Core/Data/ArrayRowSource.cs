using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Mixture;

/// <summary>Rows that stand one after the other in an array of single or double precision; arithmetic on them is in double precision.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class ArrayRowSource<T> : RowSource
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly ReadOnlyMemory<T> _values;
    private readonly ReadOnlyMemory<T> _rowWeights;

    /// <summary>Makes a source of an array, which is read where it stands and not copied.</summary>
    /// <param name="values">Row after row: feature j of row i is <c>values[i * dimension + j]</c>, in feature units.</param>
    /// <param name="dimension">D, the number of features, at least 1.</param>
    /// <param name="rowWeights">One weight a row, or empty for weights of one.</param>
    /// <exception cref="ArgumentException">The length of <paramref name="values"/> is not a multiple of <paramref name="dimension"/>,
    /// or there is not one weight a row.</exception>
    public ArrayRowSource(ReadOnlyMemory<T> values, int dimension, ReadOnlyMemory<T> rowWeights = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        if (values.Length % dimension != 0)
        {
            throw new ArgumentException(
                $"{values.Length} values are not a whole number of rows of {dimension} features. Pass all rows one after the other.", nameof(values));
        }

        RowCount = values.Length / dimension;
        if (!rowWeights.IsEmpty && rowWeights.Length != RowCount)
        {
            throw new ArgumentException(
                $"There are {rowWeights.Length} row weights for {RowCount} rows. Pass one weight a row, or none at all.", nameof(rowWeights));
        }

        _values = values;
        _rowWeights = rowWeights;
        Dimension = dimension;
    }

    /// <inheritdoc/>
    public override int Dimension { get; }

    /// <inheritdoc/>
    public override int RowCount { get; }

    /// <inheritdoc/>
    public override void Read(int firstRow, int rowCount, Span<double> values, int stride, Span<double> weights)
    {
        Transpose(_values.Span.Slice(firstRow * Dimension, rowCount * Dimension), Dimension, values[..(((Dimension - 1) * stride) + rowCount)], stride);
        if (_rowWeights.IsEmpty)
        {
            weights[..rowCount].Fill(1);
            return;
        }

        ReadOnlySpan<T> rowWeights = _rowWeights.Span.Slice(firstRow, rowCount);
        for (int i = 0; i < rowWeights.Length; i++) weights[i] = double.CreateTruncating(rowWeights[i]);
    }

    // A leaf that is compiled at full speed at once: it runs for every block of every iteration. The slices above have checked the ends.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose(ReadOnlySpan<T> source, int dimension, Span<double> destination, int stride)
    {
        ref T from = ref MemoryMarshal.GetReference(source);
        ref double to = ref MemoryMarshal.GetReference(destination);
        for (int j = 0; j < dimension; j++)
        {
            ref double feature = ref Unsafe.Add(ref to, j * stride);
            int i = 0;
            for (int at = j; at < source.Length; at += dimension) Unsafe.Add(ref feature, i++) = ToDouble(Unsafe.Add(ref from, at));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double ToDouble(T value)
    {
        if (typeof(T) == typeof(double)) return (double)(object)value;
        if (typeof(T) == typeof(float)) return (float)(object)value;
        return double.CreateTruncating(value);
    }
}
