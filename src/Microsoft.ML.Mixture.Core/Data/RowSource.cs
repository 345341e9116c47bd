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
}
