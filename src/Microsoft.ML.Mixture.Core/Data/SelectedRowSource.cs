namespace Microsoft.ML.Mixture;

/// <summary>Some of the rows of another source, in the order given.</summary>
internal sealed class SelectedRowSource(RowSource source, int[] rows) : RowSource
{
    public override int Dimension => source.Dimension;

    public override int RowCount => rows.Length;

    public override void Read(int firstRow, int rowCount, Span<double> values, int stride, Span<double> weights)
    {
        // Consecutive rows are read together, so that leaving out a few rows costs next to nothing.
        for (int i = 0; i < rowCount;)
        {
            int run = 1;
            while (i + run < rowCount && rows[firstRow + i + run] == rows[firstRow + i] + run) run++;
            source.Read(rows[firstRow + i], run, values[i..], stride, weights[i..]);
            i += run;
        }
    }
}
