namespace Microsoft.ML.Mixture;

/// <summary>Rows with holes, those that lack the same features side by side.</summary>
/// <param name="source">All rows.</param>
/// <param name="rows">Which rows, in the order in which they are read.</param>
/// <param name="patterns">What the numbers of patterns mean.</param>
/// <param name="patternOf">The pattern of each of <paramref name="rows"/>.</param>
internal sealed class HoledRowSource(RowSource source, int[] rows, HolePatterns patterns, int[] patternOf) : RowSource
{
    private readonly SelectedRowSource _selected = new(source, rows);

    public override int Dimension => source.Dimension;

    public override int RowCount => rows.Length;

    internal override bool ReadsInAnyOrder => source.ReadsInAnyOrder;

    internal override HolePatterns? Holes => patterns;

    public override void Read(int firstRow, int rowCount, Span<double> values, int stride, Span<double> weights) =>
        _selected.Read(firstRow, rowCount, values, stride, weights);

    internal override void ReadScaled(int firstRow, int rowCount, double factor, Span<double> values, int stride, Span<double> weights)
    {
        if (ReadsInAnyOrder) source.ReadScaled(rows.AsSpan(firstRow, rowCount), factor, values, stride, weights);
        else base.ReadScaled(firstRow, rowCount, factor, values, stride, weights);
    }

    internal override void ReadScaled(ReadOnlySpan<int> chosen, double factor, Span<double> values, int stride, Span<double> weights) =>
        _selected.ReadScaled(chosen, factor, values, stride, weights);

    internal override int PatternOf(int row) => patternOf[row];
}
