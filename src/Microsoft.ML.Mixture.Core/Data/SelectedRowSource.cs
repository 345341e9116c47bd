using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>Some of the rows of another source, in the order given.</summary>
internal class SelectedRowSource(RowSource source, int[] rows) : RowSource
{
    private CopiedRows? _copies;

    /// <summary>Some rows from all over, the same in every call, or all where there are no more.</summary>
    public static RowSource Spread(RowSource rows, int most) => rows.RowCount <= most
        ? rows : new SelectedRowSource(rows, RandomDraws.OneOfEachStretch(rows.RowCount, most, new Xoshiro256StarStar(0, threadSafe: false)));

    public override int Dimension => source.Dimension;

    public override int RowCount => rows.Length;

    internal override bool ReadsInAnyOrder => source.ReadsInAnyOrder;

    internal override bool HaveEqualWeights => source.HaveEqualWeights;

    internal override HolePatterns? Holes => source.Holes;

    internal override CopiedRows? Copies => _copies ??= source.Copies?.Select(rows);

    public override void Read(int firstRow, int rowCount, Span<double> values, int stride, Span<double> weights)
    {
        if (ReadsInAnyOrder)
        {
            ReadScaled(firstRow, rowCount, 1, values, stride, weights);
            return;
        }

        // Consecutive rows are read together, so that leaving out a few rows costs next to nothing.
        for (int i = 0; i < rowCount;)
        {
            int run = 1;
            while (i + run < rowCount && rows[firstRow + i + run] == rows[firstRow + i] + run) run++;
            source.Read(rows[firstRow + i], run, values[i..], stride, weights[i..]);
            i += run;
        }
    }

    internal override void ReadScaled(int firstRow, int rowCount, double factor, Span<double> values, int stride, Span<double> weights)
    {
        if (ReadsInAnyOrder) source.ReadScaled(rows.AsSpan(firstRow, rowCount), factor, values, stride, weights);
        else base.ReadScaled(firstRow, rowCount, factor, values, stride, weights);
    }

    internal override void ReadScaled(ReadOnlySpan<int> chosen, double factor, Span<double> values, int stride, Span<double> weights)
    {
        Span<int> places = stackalloc int[chosen.Length];
        for (int i = 0; i < chosen.Length; i++) places[i] = rows[chosen[i]];
        source.ReadScaled(places, factor, values, stride, weights);
    }

    internal override int PatternOf(int row) => source.PatternOf(rows[row]);
}
