using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>A block of consecutive rows, feature after feature, with one weight a row.</summary>
/// <remarks>
/// Feature j of row i is <c>Values[j * Stride + i]</c>. Rows are filled up to whole vectors of <see cref="Lanes.Width"/>: the rows from
/// <see cref="RowCount"/> to <see cref="LaneCount"/> are zero and have weight zero, so that kernels need no special case at the end.
/// </remarks>
public readonly ref struct RowBlock
{
    /// <summary>Makes a block of what a row source has written.</summary>
    /// <param name="values">Feature-major values, shape <paramref name="dimension"/> x <paramref name="stride"/>, in feature units.</param>
    /// <param name="weights">Row weights, shape <paramref name="stride"/>.</param>
    /// <param name="dimension">D, the number of features.</param>
    /// <param name="stride">The distance between features, a multiple of <see cref="Lanes.Width"/>.</param>
    /// <param name="rowCount">The number of rows, at most <paramref name="stride"/>.</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    public RowBlock(ReadOnlySpan<double> values, ReadOnlySpan<double> weights, int dimension, int stride, int rowCount)
    {
        if (stride % Lanes.Width != 0 || rowCount > stride || values.Length < dimension * stride || weights.Length < stride)
        {
            throw new ArgumentException(
                $"A block of {rowCount} rows and {dimension} features with stride {stride} needs a stride that is a multiple of {Lanes.Width} and "
                + $"not below the row count, {dimension * stride} values (there are {values.Length}) and {stride} weights (there are {weights.Length}).");
        }

        Values = values;
        Weights = weights;
        Dimension = dimension;
        Stride = stride;
        RowCount = rowCount;
    }

    /// <summary>The values, feature-major, shape D x <see cref="Stride"/>.</summary>
    public ReadOnlySpan<double> Values { get; }

    /// <summary>The row weights, shape <see cref="Stride"/>; zero beyond <see cref="RowCount"/>.</summary>
    public ReadOnlySpan<double> Weights { get; }

    /// <summary>D, the number of features.</summary>
    public int Dimension { get; }

    /// <summary>The distance between features in <see cref="Values"/>.</summary>
    public int Stride { get; }

    /// <summary>The number of rows.</summary>
    public int RowCount { get; }

    /// <summary>The number of rows, filled up to whole vectors.</summary>
    public int LaneCount => Lanes.Pad(RowCount);

    /// <summary>What rows lack; null if they lack nothing. The cells that are missing are NaN.</summary>
    internal BlockHoles? Holes { get; init; }

    /// <summary>One feature of all rows.</summary>
    /// <param name="feature">j, counted from zero.</param>
    /// <returns>The values of the rows, shape <see cref="LaneCount"/>.</returns>
    public ReadOnlySpan<double> Feature(int feature) => Values.Slice(feature * Stride, LaneCount);

    /// <summary>Copies the rows one after the other.</summary>
    /// <param name="destination">Feature j of row i goes to <c>destination[i * D + j]</c>.</param>
    internal void CopyRows(Span<double> destination)
    {
        for (int at = 0; at < RowCount * Dimension; at++) destination[at] = Values[(at % Dimension * Stride) + (at / Dimension)];
    }
}
