namespace Microsoft.ML.Mixture;

/// <summary>The rows of another source with the squares of their weights, which tell how many rows a sum of weights is worth.</summary>
/// <param name="source">The rows.</param>
/// <param name="scale">What weights are multiplied by before they are squared.</param>
internal sealed class SquaredWeightRowSource(RowSource source, double scale) : RowSource
{
    public override int Dimension => source.Dimension;

    public override int RowCount => source.RowCount;

    internal override HolePatterns? Holes => source.Holes;

    public override void Read(int firstRow, int rowCount, Span<double> values, int stride, Span<double> weights)
    {
        source.Read(firstRow, rowCount, values, stride, weights);
        foreach (ref double weight in weights[..rowCount]) weight *= scale * scale * weight;
    }

    internal override int PatternOf(int row) => source.PatternOf(row);
}
