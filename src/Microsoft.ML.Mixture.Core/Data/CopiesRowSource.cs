namespace Microsoft.ML.Mixture;

/// <summary>The rows of another source, of which some are known to be copies of each other.</summary>
internal sealed class CopiesRowSource(RowSource source, CopiedRows copies) : RowSource
{
    public override int Dimension => source.Dimension;

    public override int RowCount => source.RowCount;

    internal override CopiedRows? Copies => copies;

    internal override bool ReadsInAnyOrder => source.ReadsInAnyOrder;

    internal override bool HaveEqualWeights => source.HaveEqualWeights;

    internal override HolePatterns? Holes => source.Holes;

    public override void Read(int firstRow, int rowCount, Span<double> values, int stride, Span<double> weights) => source.Read(firstRow, rowCount, values, stride, weights);

    internal override void ReadScaled(int firstRow, int rowCount, double factor, Span<double> values, int stride, Span<double> weights) =>
        source.ReadScaled(firstRow, rowCount, factor, values, stride, weights);

    internal override void ReadScaled(ReadOnlySpan<int> rows, double factor, Span<double> values, int stride, Span<double> weights) =>
        source.ReadScaled(rows, factor, values, stride, weights);

    internal override int PatternOf(int row) => source.PatternOf(row);

    internal override void Prefetch(ReadOnlySpan<int> rows) => source.Prefetch(rows);
}
