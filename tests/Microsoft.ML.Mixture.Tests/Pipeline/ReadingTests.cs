using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Tests;

/// <summary>Whatever cursors a data view gives, its rows are read once each, in the order of a single cursor.</summary>
[Trait("Kind", "Pipeline")]
public sealed class ReadingTests : IDisposable
{
    private const int RowCount = 12_345;

    private readonly MLContext _context = new(seed: 1);
    private readonly string _folder = Directory.CreateTempSubdirectory("mixture-reading").FullName;

    public static TheoryData<string> Views =>
    [
        "list", "enumerable", "cache", "text", "binary", "skipped", "shuffled", "filtered list", "filtered cache", "filtered text", "normalized list",
        "normalized enumerable", "normalized cache", "concatenated text", "custom mapping", "bootstrapped", "empty", "one row",
    ];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Views))]
    public void Read_ByAnyNumberOfThreads_GivesTheBitsOfASingleCursor(string view)
    {
        IDataView data = Create(view);
        float[] expected = [.. data.GetColumn<float[]>("Features").SelectMany(row => row)], expectedWeights = TestData.Column<float>(data, "Weight");

        foreach (int threads in new[] { 1, 2, 3, 7 })
        {
            (float[] values, float[] weights) = Values(Read(data, threads));

            Assert.Equal(expected.Select(BitConverter.SingleToInt32Bits), values.Select(BitConverter.SingleToInt32Bits));
            Assert.Equal(expectedWeights, weights);
        }
    }

    /// <summary>A normalised view ran out of memory for so many cursors.</summary>
    [Theory]
    [InlineData("enumerable")]
    [InlineData("normalized enumerable")]
    public void Read_ByMoreThreadsThanThereCanBe_GivesTheBitsOfASingleCursor(string view)
    {
        IDataView data = Create(view);

        Assert.Equal(Values(Read(data, 1)).Values, Values(Read(data, int.MaxValue)).Values);
        var partitioned = new PartitionedDataView(data, row => ((int)(row / 64) % 2, row / 64));
        Read(partitioned, 5000);
        Assert.InRange(partitioned.MadeCursors, 1, 64);
    }

    [Theory]
    [InlineData("enumerable")]
    [InlineData("concatenated text")]
    [InlineData("normalized cache")]
    public void Fit_ByAnyNumberOfThreads_GivesTheSameModel(string view)
    {
        IDataView data = Create(view);

        string[] models = [.. new[] { 1, 2, 5 }.Select(threads => TestData.Describe(_context.Clustering.Trainers.GaussianMixture(
            new GaussianMixtureTrainer.Options { NumberOfComponents = 3, ExampleWeightColumnName = "Weight", NumberOfThreads = threads }).Fit(data).Model))];

        Assert.Single(models.Distinct());
    }

    [Fact]
    public void Read_BatchesOfAnySizes_AreMergedByTheirNumbers()
    {
        // Batch b has b % 50 rows or so, gaps lie between the numbers, and the third cursor gets none.
        IDataView rows = Create("list");
        var data = new PartitionedDataView(rows, row => ((int)((row / 37) + (row / 1000)) % 2, ((row / 37) + (row / 1000)) * 3));

        (float[] values, float[] weights) = Values(Read(data, 3));

        Assert.Equal(Values(Read(rows, 1)).Values, values);
        Assert.Equal(TestData.Column<float>(rows, "Weight"), weights);
        Assert.Equal(0, data.OpenCursors);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public void Read_BatchNumbersThatTellNoOrder_IsDoneByOneCursor(int rowsOfBatch)
    {
        // The same numbers occur in several cursors.
        IDataView rows = Create("list");
        var data = new PartitionedDataView(rows, row => ((int)(row % 2), rowsOfBatch == 0 ? 0 : row / rowsOfBatch));

        Assert.Equal(Values(Read(rows, 1)).Values, Values(Read(data, 2)).Values);
        Assert.Equal(0, data.OpenCursors);
    }

    [Fact]
    public void Read_CursorThatFails_ThrowsWhatASingleCursorThrows()
    {
        var data = new PartitionedDataView(Create("list"), row => ((int)(row / 64) % 2, row / 64)) { FailingRow = 7000 };

        var exception = Assert.Throws<IOException>(() => Read(data, 2));

        Assert.Equal("Row 7000 cannot be read.", exception.Message);
        Assert.Equal(0, data.OpenCursors);
    }

    [Fact]
    public void Read_RowOfAnotherLength_IsNamedByItsPlaceInTheWhole()
    {
        Weighed[] rows = Rows(RowCount);
        rows[9000].Features = [1, 2];
        var data = new PartitionedDataView(_context.Data.LoadFromEnumerable(rows), row => ((int)(row / 64) % 2, row / 64));

        var exception = Assert.Throws<ArgumentException>(() => Read(data, 2));

        Assert.StartsWith("Row 9000 has 2 values in the feature column 'Features', which promises 3.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_CancelledWhileSeveralCursorsRead_StopsAllOfThem()
    {
        IDataView rows = _context.Data.LoadFromEnumerable(Enumerable.Range(0, int.MaxValue).Select(i => new Weighed { Features = [i, 0, 0] }));
        var data = new PartitionedDataView(rows, row => ((int)(row / 64) % 2, row / 64));
        using var source = new CancellationTokenSource();
        source.CancelAfter(50);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Task.Run(() => DataViewRows.Read(data, data.Schema["Features"], null, 2, source.Token)).WaitAsync(TimeSpan.FromSeconds(60)));

        Assert.Equal(0, data.OpenCursors);
    }

    [Fact]
    public void ReadAll_OfMoreRows_AllocatesNothingMore()
    {
        IDataView data = Create("cache");
        long few = Allocated(_context.Data.Cache(_context.Data.TakeRows(data, 100))), many = Allocated(data);

        Assert.InRange(many - few, -2048, 2048);

        long Allocated(IDataView view)
        {
            // A collection that another test sets off may move the count: the least of several runs is that of the code.
            long allocated = long.MaxValue;
            for (int run = 0; run < 5; run++)
            {
                var rows = new CursorRows(view.Schema["Features"], view.Schema["Weight"], RowCount);
                using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
                long before = GC.GetAllocatedBytesForCurrentThread();
                rows.ReadAll(cursor, CancellationToken.None);
                allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
            }

            return allocated;
        }
    }

    private static ArrayRowSource<float> Read(IDataView data, int threads) =>
        DataViewRows.Read(data, data.Schema["Features"], data.Schema["Weight"], threads, CancellationToken.None);

    private static (float[] Values, float[] Weights) Values(ArrayRowSource<float> rows)
    {
        double[] values = new double[rows.RowCount * rows.Dimension], weights = new double[rows.RowCount];
        for (int i = 0; i < rows.RowCount; i++) rows.Read(i, 1, values.AsSpan(i * rows.Dimension), 1, weights.AsSpan(i));
        return ([.. values.Select(value => (float)value)], [.. weights.Select(value => (float)value)]);
    }

    private IDataView Create(string view)
    {
        int space = view.IndexOf(' ', StringComparison.Ordinal);
        return view switch
        {
            "list" => _context.Data.LoadFromEnumerable(Rows(RowCount)),
            "enumerable" => _context.Data.LoadFromEnumerable(Rows(RowCount).Where(row => row.Weight > 0)),
            "empty" => _context.Data.LoadFromEnumerable(Rows(0).Where(row => row.Weight > 0)),
            "one row" => _context.Data.FilterRowsByMissingValues(_context.Data.LoadFromEnumerable(Rows(1)), "Features"),
            "cache" => _context.Data.Cache(Create("list")),
            "text" => Text(),
            "binary" => Binary(),
            "skipped" => _context.Data.TakeRows(_context.Data.SkipRows(Text(), 1234), 10_500),
            "shuffled" => _context.Data.ShuffleRows(Text(), seed: 3),
            "bootstrapped" => _context.Data.BootstrapSample(Create("cache"), seed: 3),
            "concatenated text" => Transformed(_context.Transforms.Concatenate("Features", "Features", "Weight"), Text()),
            "custom mapping" => Transformed(_context.Transforms.CustomMapping<Weighed, Weighed>((from, to) => (to.Weight, to.Features) = (from.Weight, [.. from.Features.Reverse()]), null), Text()),
            _ when view.StartsWith("filtered", StringComparison.Ordinal) => _context.Data.FilterRowsByColumn(Create(view[(space + 1)..]), "Weight", 0.7, 1.4),
            _ when view.StartsWith("normalized", StringComparison.Ordinal) => Transformed(_context.Transforms.NormalizeMeanVariance("Features"), Create(view[(space + 1)..])),
            _ => throw new ArgumentOutOfRangeException(nameof(view), view, "There is no such view."),
        };
    }

    private static IDataView Transformed(IEstimator<ITransformer> estimator, IDataView data) => estimator.Fit(data).Transform(data);

    private IDataView Text()
    {
        string path = Path.Combine(_folder, "rows.tsv");
        if (!File.Exists(path))
        {
            using FileStream file = File.Create(path);
            _context.Data.SaveAsText(Create("list"), file, schema: false, headerRow: false, forceDense: true);
        }

        return _context.Data.LoadFromTextFile(path, [new TextLoader.Column("Features", DataKind.Single, 0, 2), new TextLoader.Column("Weight", DataKind.Single, 3)]);
    }

    private IDataView Binary()
    {
        string path = Path.Combine(_folder, "rows.idv");
        using (FileStream file = File.Create(path)) _context.Data.SaveAsBinary(Create("list"), file);
        return _context.Data.LoadFromBinary(path);
    }

    private static Weighed[] Rows(int count) =>
    [
        .. Enumerable.Range(0, count).Select(i => new Weighed
        {
            Features = [(i % 3 * 10) + TestData.Noise(3 * i), TestData.Noise((3 * i) + 1), TestData.Noise((3 * i) + 2)],
            Weight = 1 + TestData.Noise(i + 99),
        }),
    ];

    private sealed class Weighed
    {
        [VectorType(3)]
        public float[] Features { get; set; } = [];

        public float Weight { get; set; } = 1;
    }
}
