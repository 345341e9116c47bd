using System.Collections.Concurrent;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Tests;

[Trait("Kind", "Pipeline")]
public class ScoredDataTests
{
    private static readonly string[] _added = ["PredictedLabel", "Score", "Probability", "LogLikelihood"];

    private readonly MLContext _context = new(seed: 1);

    [Fact]
    public void Transform_WithoutReading_TouchesNoData()
    {
        var data = new CountingDataView(TestData.EruptionFeatures(_context));
        GaussianMixtureTransformer transformer = Fit(TestData.EruptionFeatures(_context));

        IDataView scored = transformer.Transform(data);
        _ = scored.Schema.Count + (scored.GetRowCount() ?? 0);
        _ = scored.CanShuffle;

        Assert.Equal((0, 0, 0), (data.Cursors, data.Moves, data.Values));
    }

    [Fact]
    public void Fit_OfTheTrainer_ReadsTheDataOnceAndOnlyItsColumns()
    {
        var data = new CountingDataView(TestData.EruptionFeatures(_context));

        Fit(data);

        Assert.InRange(data.Cursors, 1, Environment.ProcessorCount);
        Assert.Equal((272 + data.Cursors, 272), (data.Moves, data.Values));
        Assert.Equal(["Features"], data.ActiveColumns);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("Duration", 272)]
    [InlineData("Score", 272)]
    [InlineData("PredictedLabel,Score,Probability,LogLikelihood", 272)]
    [InlineData("Duration,LogLikelihood", 544)]
    public void Cursor_OfSomeColumns_ReadsOnlyWhatTheyNeed(string columns, int expectedValues)
    {
        var data = new CountingDataView(TestData.EruptionFeatures(_context));
        IDataView scored = Fit(TestData.EruptionFeatures(_context)).Transform(data);
        string[] names = columns.Split(',', StringSplitOptions.RemoveEmptyEntries);

        string[] rows = TestData.Bits(scored, names);

        Assert.Equal(272, rows.Length);
        Assert.Equal(expectedValues, data.Values);
        string[] needed = [.. names.Select(name => _added.Contains(name) ? "Features" : name).Distinct()];
        Assert.Equal(needed.Order(), data.ActiveColumns.Order());
    }

    [Fact]
    public void Cursor_ColumnThatIsNotActive_Throws()
    {
        IDataView scored = Fit(TestData.EruptionFeatures(_context)).Transform(TestData.EruptionFeatures(_context));
        using DataViewRowCursor cursor = scored.GetRowCursor([scored.Schema["Score"]]);
        DataViewSchema foreign = _context.Clustering.Trainers.KMeans(numberOfClusters: 2).Fit(scored).GetOutputSchema(scored.Schema);

        Assert.True(cursor.IsColumnActive(scored.Schema["Score"]));
        Assert.All(new[] { "Duration", "Features", "PredictedLabel", "LogLikelihood" }, name => Assert.False(cursor.IsColumnActive(scored.Schema[name])));
        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<uint>(scored.Schema["PredictedLabel"]));
        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<float>(scored.Schema["Duration"]));
        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<VBuffer<double>>(scored.Schema["Score"]));
        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<float>(scored.Schema["Score"]));
        Assert.Throws<ArgumentOutOfRangeException>(() => cursor.GetGetter<VBuffer<float>>(foreign["Score"]));
    }

    [Fact]
    public void Getter_BeforeTheFirstRow_Throws()
    {
        IDataView scored = Fit(TestData.EruptionFeatures(_context)).Transform(TestData.EruptionFeatures(_context));
        using DataViewRowCursor cursor = scored.GetRowCursor(scored.Schema);
        ValueGetter<uint> getLabel = cursor.GetGetter<uint>(scored.Schema["PredictedLabel"]);
        uint label = 0;

        Assert.ThrowsAny<Exception>(() => getLabel(ref label));
    }

    [Fact]
    public void Getter_CalledTwice_GivesTheSameAndReusesBuffers()
    {
        IDataView scored = Fit(TestData.EruptionFeatures(_context)).Transform(TestData.EruptionFeatures(_context));
        using DataViewRowCursor cursor = scored.GetRowCursor(scored.Schema);
        ValueGetter<VBuffer<float>> getScore = cursor.GetGetter<VBuffer<float>>(scored.Schema["Score"]);
        ValueGetter<VBuffer<float>> getProbability = cursor.GetGetter<VBuffer<float>>(scored.Schema["Probability"]);
        VBuffer<float> first = default, second = new(2, 1, [7f, 7f], [1, 0]), probability = default;
        while (cursor.MoveNext())
        {
            getScore(ref first);
            getProbability(ref probability);
            getScore(ref second);
            Assert.True(first.IsDense && second.IsDense && first.GetValues().SequenceEqual(second.GetValues()));
        }
    }

    [Fact]
    public void Scoring_OfOneRow_AllocatesNothing()
    {
        Point[] points = TestData.Clusters(3000);
        IDataView data = _context.Data.LoadFromEnumerable(points);
        IDataView scored = Fit(data).Transform(new CountingDataView(_context.Data.Cache(data)));
        long few = Allocated(100), many = Allocated(3000);

        // A cursor allocates, a row does not.
        Assert.InRange(many - few, -4096, 4096);

        long Allocated(int rowCount)
        {
            // A collection that another test sets off may move the count: the least of several runs is that of the code.
            long before = 0, least = long.MaxValue;
            for (int run = 0; run < 5; run++)
            {
                using DataViewRowCursor cursor = scored.GetRowCursor(scored.Schema.Where(column => _added.Contains(column.Name)));
                ValueGetter<VBuffer<float>> getScore = cursor.GetGetter<VBuffer<float>>(scored.Schema["Score"]);
                ValueGetter<VBuffer<float>> getProbability = cursor.GetGetter<VBuffer<float>>(scored.Schema["Probability"]);
                ValueGetter<uint> getLabel = cursor.GetGetter<uint>(scored.Schema["PredictedLabel"]);
                VBuffer<float> score = default, probability = default;
                uint label = 0;
                cursor.MoveNext();
                getScore(ref score);
                getProbability(ref probability);
                before = GC.GetAllocatedBytesForCurrentThread();
                for (int row = 1; row < rowCount; row++)
                {
                    cursor.MoveNext();
                    getScore(ref score);
                    getProbability(ref probability);
                    getLabel(ref label);
                }

                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }

            return least;
        }
    }

    [Fact]
    public void GetRowCursorSet_OfAnySize_GivesAllRowsOnce()
    {
        var data = _context.Data.Cache(_context.Data.LoadFromEnumerable(TestData.Clusters(5000)));
        IDataView scored = Fit(data).Transform(data);
        string[] expected = [.. TestData.Bits(scored, ["Features", .. _added]).Order()];
        foreach (int count in new[] { 1, 2, 3, 8 })
        {
            DataViewRowCursor[] cursors = scored.GetRowCursorSet(scored.Schema, count);
            var rows = new ConcurrentBag<string>();
            var ids = new ConcurrentBag<DataViewRowId>();

            Parallel.ForEach(cursors, cursor =>
            {
                Func<string>[] cells = [.. new[] { "Features" }.Concat(_added).Select(name => EstimatorCheck.CellReader(cursor, scored.Schema[name]))];
                ValueGetter<DataViewRowId> getId = cursor.GetIdGetter();
                DataViewRowId id = default;
                while (cursor.MoveNext())
                {
                    rows.Add(string.Join(';', cells.Select(cell => cell())));
                    getId(ref id);
                    ids.Add(id);
                }

                cursor.Dispose();
            });

            Assert.InRange(cursors.Length, 1, count);
            Assert.Equal(expected, rows.Order());
            Assert.Equal(5000, ids.Distinct().Count());
        }
    }

    [Fact]
    public void ShuffleRows_BehindAndBeforeTheTransformer_GivesTheSameRows()
    {
        IDataView data = _context.Data.LoadFromEnumerable(TestData.Clusters(600));
        GaussianMixtureTransformer transformer = Fit(data);
        string[] columns = ["Features", .. _added];
        string[] expected = TestData.Bits(transformer.Transform(data), columns);

        string[] behind = TestData.Bits(_context.Data.ShuffleRows(transformer.Transform(data), seed: 5), columns);
        string[] before = TestData.Bits(transformer.Transform(_context.Data.ShuffleRows(data, seed: 5)), columns);

        Assert.NotEqual(expected, behind);
        Assert.NotEqual(expected, before);
        Assert.Equal(expected.Order(), behind.Order());
        Assert.Equal(expected.Order(), before.Order());
    }

    [Fact]
    public void SparseFeatures_AndDenseOnes_GiveEqualBits()
    {
        float[][] rows = [.. Enumerable.Range(0, 400).Select(i => Enumerable.Range(0, 6).Select(j => (i + j) % 3 == 0 ? TestData.Noise((6 * i) + j) : 0f).ToArray())];
        IDataView dense = _context.Data.LoadFromEnumerable(rows.Select(row => new Buffered { Features = new VBuffer<float>(6, row) }));
        IDataView sparse = _context.Data.LoadFromEnumerable(rows.Select(row =>
        {
            int[] indices = [.. Enumerable.Range(0, 6).Where(j => row[j] != 0)];
            return new Buffered { Features = new VBuffer<float>(6, indices.Length, [.. indices.Select(j => row[j])], indices) };
        }));

        GaussianMixtureTransformer fromDense = Fit(dense), fromSparse = Fit(sparse);

        Assert.Equal(TestData.Describe(fromDense.Model), TestData.Describe(fromSparse.Model));
        Assert.Equal(TestData.Bits(fromDense.Transform(dense), _added), TestData.Bits(fromDense.Transform(sparse), _added));
    }

    [Fact]
    public void RowMapper_OnEightThreads_GivesTheBitsOfOne()
    {
        Point[] points = TestData.Clusters(2000);
        IDataView data = _context.Data.LoadFromEnumerable(points);
        GaussianMixtureTransformer transformer = Fit(data);
        string[] expected = TestData.Bits(transformer.Transform(data), _added);
        string[][] results = new string[8][];

        Thread[] threads =
        [
            .. Enumerable.Range(0, results.Length).Select(t => new Thread(() =>
            {
                IRowToRowMapper mapper = ((ITransformer)transformer).GetRowToRowMapper(data.Schema);
                using DataViewRowCursor cursor = data.GetRowCursor(mapper.GetDependencies(mapper.OutputSchema));
                using DataViewRow row = mapper.GetRow(cursor, mapper.OutputSchema);
                Func<string>[] cells = [.. _added.Select(name => EstimatorCheck.CellReader(row, mapper.OutputSchema[name]))];
                var lines = new List<string>();
                while (cursor.MoveNext()) lines.Add(string.Join(';', cells.Select(cell => cell())));
                results[t] = [.. lines];
            })),
        ];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();

        Assert.All(results, result => Assert.Equal(expected, result));
    }

    /// <summary>The exception came wrapped in one of reflection, and the cursors of the source stayed open.</summary>
    [Theory]
    [InlineData("Features", "Score")]
    [InlineData("Waiting", "Score,Waiting")]
    public void Cursor_ColumnWithoutAGetter_ThrowsWhatTheSourceThrowsAndClosesItsCursors(string failing, string columns)
    {
        IDataView data = TestData.EruptionFeatures(_context);
        var partitioned = new PartitionedDataView(data, row => ((int)(row / 64), row / 64)) { FailingColumn = failing };
        IDataView scored = Fit(data).Transform(partitioned);
        DataViewSchema.Column[] asked = [.. columns.Split(',').Select(name => scored.Schema[name])];

        Assert.Equal($"{failing} cannot be read.", Assert.Throws<IOException>(() => scored.GetRowCursor(asked)).Message);
        Assert.Equal($"{failing} cannot be read.", Assert.Throws<IOException>(() => scored.GetRowCursorSet(asked, 3)).Message);
        Assert.Equal(0, partitioned.OpenCursors);
    }

    [Fact]
    public void RowMapper_RowOfAnotherSchema_Throws()
    {
        IDataView data = TestData.EruptionFeatures(_context), other = TestData.EruptionFeatures(_context);
        IRowToRowMapper mapper = ((ITransformer)Fit(data)).GetRowToRowMapper(data.Schema);
        using DataViewRowCursor cursor = other.GetRowCursor(other.Schema);

        Assert.Same(data.Schema, mapper.InputSchema);
        Assert.Throws<ArgumentException>(() => mapper.GetRow(cursor, mapper.OutputSchema));
    }

    [Fact]
    public void GetDependencies_OfEachColumn_AreThoseThatItNeeds()
    {
        IDataView data = TestData.EruptionFeatures(_context);
        IRowToRowMapper mapper = ((ITransformer)Fit(data)).GetRowToRowMapper(data.Schema);

        Assert.All(_added, name => Assert.Equal(["Features"], mapper.GetDependencies([mapper.OutputSchema[name]]).Select(column => column.Name)));
        Assert.Equal(["Waiting"], mapper.GetDependencies([mapper.OutputSchema["Waiting"]]).Select(column => column.Name));
        Assert.Empty(mapper.GetDependencies([]));
    }

    private GaussianMixtureTransformer Fit(IDataView data) => _context.Clustering.Trainers.GaussianMixture(numberOfComponents: 3).Fit(data);

    private sealed class Buffered
    {
        [VectorType(6)]
        public VBuffer<float> Features { get; set; }
    }
}
