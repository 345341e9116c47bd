namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>The rows of another source; something happens before every block that is read.</summary>
internal sealed class WatchedRowSource(RowSource source, Action beforeRead) : RowSource
{
    public override int Dimension => source.Dimension;

    public override int RowCount => source.RowCount;

    internal override bool ReadsInAnyOrder => source.ReadsInAnyOrder;

    public override void Read(int firstRow, int rowCount, Span<double> values, int stride, Span<double> weights)
    {
        beforeRead();
        source.Read(firstRow, rowCount, values, stride, weights);
    }

    internal override void ReadScaled(ReadOnlySpan<int> rows, double factor, Span<double> values, int stride, Span<double> weights)
    {
        beforeRead();
        source.ReadScaled(rows, factor, values, stride, weights);
    }
}
