using System.Numerics;
using Microsoft.ML.Mixture.Numerics;

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
        if (dimension < 1) throw new ArgumentOutOfRangeException(nameof(dimension), $"The rows have {dimension} features, but need at least 1. Pass rows with values.");
        if (values.Length % dimension != 0)
        {
            throw new ArgumentException(
                $"{Counted.Of(values.Length, "value")} {Counted.Is(values.Length)} not a whole number of rows of {Counted.Of(dimension, "feature")}. Pass all rows one after the other.", nameof(values));
        }

        RowCount = values.Length / dimension;
        if (!rowWeights.IsEmpty && rowWeights.Length != RowCount)
        {
            throw new ArgumentException(
                $"There {Counted.Is(rowWeights.Length)} {Counted.Of(rowWeights.Length, "row weight")} for {Counted.Of(RowCount, "row")}. Pass one weight a row, or none at all.", nameof(rowWeights));
        }

        _values = values;
        _rowWeights = rowWeights;
        Dimension = dimension;
    }

    /// <inheritdoc/>
    public override int Dimension { get; }

    /// <inheritdoc/>
    public override int RowCount { get; }

    internal override bool ReadsInAnyOrder => true;

    internal override bool HaveEqualWeights => _rowWeights.IsEmpty;

    /// <inheritdoc/>
    public override void Read(int firstRow, int rowCount, Span<double> values, int stride, Span<double> weights) =>
        ReadScaled(firstRow, rowCount, 1, values, stride, weights);

    internal override void ReadScaled(int firstRow, int rowCount, double factor, Span<double> values, int stride, Span<double> weights)
    {
        RowTransposition.Copy(_values.Span, Dimension, firstRow, rowCount, factor, values, stride);
        if (_rowWeights.IsEmpty)
        {
            weights[..rowCount].Fill(1);
            return;
        }

        ReadOnlySpan<T> rowWeights = _rowWeights.Span.Slice(firstRow, rowCount);
        for (int i = 0; i < rowWeights.Length; i++) weights[i] = double.CreateTruncating(rowWeights[i]);
    }

    internal override void ReadScaled(ReadOnlySpan<int> rows, double factor, Span<double> values, int stride, Span<double> weights)
    {
        RowTransposition.Copy(_values.Span, Dimension, rows, factor, values, stride);
        if (_rowWeights.IsEmpty)
        {
            weights[..rows.Length].Fill(1);
            return;
        }

        ReadOnlySpan<T> rowWeights = _rowWeights.Span;
        for (int i = 0; i < rows.Length; i++) weights[i] = double.CreateTruncating(rowWeights[rows[i]]);
    }

    internal override void Prefetch(ReadOnlySpan<int> rows) => RowTransposition.Prefetch(_values.Span, Dimension, rows);
}
