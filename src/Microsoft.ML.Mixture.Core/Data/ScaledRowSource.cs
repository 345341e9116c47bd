namespace Microsoft.ML.Mixture;

/// <summary>The rows of another source times a power of two, which changes no digit.</summary>
internal sealed class ScaledRowSource(RowSource source, int exponent) : RowSource
{
    private readonly double _factor = double.ScaleB(1, exponent);

    public override int Dimension => source.Dimension;

    public override int RowCount => source.RowCount;

    internal override bool ReadsInAnyOrder => source.ReadsInAnyOrder;

    internal override bool HaveEqualWeights => source.HaveEqualWeights;

    internal override HolePatterns? Holes => source.Holes;

    internal override CopiedRows? Copies => source.Copies;

    public override void Read(int firstRow, int rowCount, Span<double> values, int stride, Span<double> weights) =>
        source.ReadScaled(firstRow, rowCount, _factor, values, stride, weights);

    internal override void ReadScaled(ReadOnlySpan<int> rows, double factor, Span<double> values, int stride, Span<double> weights) =>
        source.ReadScaled(rows, factor * _factor, values, stride, weights);

    internal override int PatternOf(int row) => source.PatternOf(row);

    internal override void Prefetch(ReadOnlySpan<int> rows) => source.Prefetch(rows);
}
