using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Tests;

/// <summary>What reading takes of memory goes by values, not by rows.</summary>
[Collection("Timed")]
[Trait("Kind", "Cost")]
public class ReadingMemoryTests
{
    private const int Dimension = 200_000, RowCount = 8;

    /// <summary>Each cursor made room for a thousand rows at first: of so many features close to a gigabyte.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Read_FewRowsOfManyFeatures_MakesRoomForFew(int threads)
    {
        var context = new MLContext(seed: 1);
        Wide[] rows = [.. Enumerable.Range(0, RowCount).Select(i => new Wide { Features = [.. Enumerable.Repeat((float)i, Dimension)] })];
        var data = new PartitionedDataView(context.Data.LoadFromEnumerable(rows), row => ((int)row, row));
        long before = GC.GetTotalAllocatedBytes();

        ArrayRowSource<float> read = DataViewRows.Read(data, data.Schema["Features"], null, threads, CancellationToken.None);

        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 150_000_000);
        Assert.Equal((RowCount, Dimension), (read.RowCount, read.Dimension));
    }

    private sealed class Wide
    {
        [VectorType(Dimension)]
        public float[] Features { get; set; } = [];
    }
}
