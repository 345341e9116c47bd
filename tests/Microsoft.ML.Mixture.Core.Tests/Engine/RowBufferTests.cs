namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>Where all rows are one block, passes over them read them once.</summary>
public class RowBufferTests
{
    private static readonly double[] _values = [1, 2, 3, 4, 5, 6];

    [Fact]
    [Trait("Kind", "Cost")]
    public void Read_TheSameRowsAgain_ReadsThemOnce()
    {
        var source = new CountedRowSource(new ArrayRowSource<double>(_values, 2), readsInAnyOrder: true);
        var buffer = new RowBuffer(dimension: 2, blockSize: 8);
        for (int pass = 0; pass < 3; pass++) Assert.Equal([1, 3, 5], buffer.Read(source, 0, 3).Feature(0)[..3].ToArray());

        Assert.Equal(3, source.RowsRead);
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Read_OtherRowsBetween_ReadsAnew()
    {
        var source = new ArrayRowSource<double>(_values, 2);
        var other = new ArrayRowSource<double>(new double[] { 7, 8, 9, 10, 11, 12 }, 2);
        var buffer = new RowBuffer(dimension: 2, blockSize: 8);

        Assert.Equal([1, 3, 5], buffer.Read(source, 0, 3).Feature(0)[..3].ToArray());
        Assert.Equal([7, 9, 11], buffer.Read(other, 0, 3).Feature(0)[..3].ToArray());
        Assert.Equal([1, 3, 5], buffer.Read(source, 0, 3).Feature(0)[..3].ToArray());
        Assert.Equal([5, 1], buffer.Read(source, [2, 0]).Feature(0)[..2].ToArray());
        Assert.Equal([1, 3, 0], buffer.Read(source, 0, 2).Feature(0)[..3].ToArray());
        Assert.Equal([3, 5, 0], buffer.Read(source, 1, 2).Feature(0)[..3].ToArray());
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Read_AfterOneThatFailedHalfway_ReadsAnew()
    {
        var source = new FailingRowSource();
        var buffer = new RowBuffer(dimension: 1, blockSize: 8);
        Assert.Equal([1, 2], buffer.Read(source, 0, 2).Feature(0)[..2].ToArray());
        source.Fails = true;
        Assert.Throws<IOException>(() => { _ = buffer.Read(source, 2, 2).RowCount; });
        source.Fails = false;

        Assert.Equal([1, 2], buffer.Read(source, 0, 2).Feature(0)[..2].ToArray());
    }

    /// <summary>Rows 1, 2, 3 and 4 of one feature.</summary>
    private sealed class FailingRowSource : RowSource
    {
        public bool Fails { get; set; }

        public override int Dimension => 1;

        public override int RowCount => 4;

        public override void Read(int firstRow, int rowCount, Span<double> values, int stride, Span<double> weights)
        {
            for (int i = 0; i < rowCount; i++)
            {
                values[i] = firstRow + i + 1;
                weights[i] = 1;
                if (Fails) throw new IOException("The rows cannot be read to the end.");
            }
        }
    }
}
