using System.Numerics.Tensors;

namespace Microsoft.ML.Mixture;

/// <summary>Rows that can be read again and again, in any order and by several threads at once.</summary>
public abstract class RowSource
{
    /// <summary>D, the number of features.</summary>
    public abstract int Dimension { get; }

    /// <summary>N, the number of rows.</summary>
    public abstract int RowCount { get; }

    /// <summary>Writes consecutive rows, feature after feature.</summary>
    /// <param name="firstRow">The first row, counted from zero.</param>
    /// <param name="rowCount">The number of rows, at most <paramref name="stride"/>.</param>
    /// <param name="values">Feature j of row i goes to <c>values[j * stride + i]</c>, in feature units.</param>
    /// <param name="stride">The distance between features.</param>
    /// <param name="weights">The weight of row i goes to <c>weights[i]</c>.</param>
    /// <remarks>Must be safe to call from several threads and give the same values each time.</remarks>
    public abstract void Read(int firstRow, int rowCount, Span<double> values, int stride, Span<double> weights);

    /// <summary>Whether <see cref="ReadScaled(ReadOnlySpan{int}, double, Span{double}, int, Span{double})"/> works and costs little more than reading in order.</summary>
    internal virtual bool ReadsInAnyOrder => false;

    /// <summary>Whether all rows are known to have one weight.</summary>
    internal virtual bool HaveEqualWeights => false;

    /// <summary>What rows lack, if some lack something; null if none does. The cells that are missing are NaN.</summary>
    internal virtual HolePatterns? Holes => null;

    /// <summary>Which rows are copies of each other; null if that is not known, or hardly any are.</summary>
    internal virtual CopiedRows? Copies => null;

    /// <summary>The number of what a row lacks, in <see cref="Holes"/>.</summary>
    internal virtual int PatternOf(int row) => HolePatterns.Complete;

    /// <summary>Writes consecutive rows as <see cref="Read"/>, times a factor.</summary>
    internal virtual void ReadScaled(int firstRow, int rowCount, double factor, Span<double> values, int stride, Span<double> weights)
    {
        Read(firstRow, rowCount, values, stride, weights);
        for (int j = 0; j < Dimension; j++)
        {
            Span<double> feature = values.Slice(j * stride, rowCount);
            TensorPrimitives.Multiply(feature, factor, feature);
        }
    }

    /// <summary>Writes rows in any order as <see cref="Read"/>, times a factor.</summary>
    internal virtual void ReadScaled(ReadOnlySpan<int> rows, double factor, Span<double> values, int stride, Span<double> weights) =>
        throw new NotSupportedException("This source reads its rows in order only.");

    /// <summary>Tells that some rows will be read soon.</summary>
    internal virtual void Prefetch(ReadOnlySpan<int> rows)
    {
    }
}
