using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Tests;

/// <summary>Rows that are read ahead and scored in blocks are the rows that a mapper scores one by one.</summary>
[Trait("Kind", "Pipeline")]
public class BlockScoringTests
{
    private const string Mixture = "PredictedLabel,Score,Probability,LogLikelihood";
    private readonly MLContext _context = new(seed: 1);

    // Blocks have 8, 16, 32, ... rows, up to 512 with two features and 128 with twenty: they end after 8, 24, 56, 120, 248, 504, 1016, ... rows.
    public static TheoryData<int, int> Sizes
    {
        get
        {
            var sizes = new TheoryData<int, int>();
            foreach (int count in new[] { 0, 1, 7, 8, 9, 23, 24, 25, 248, 249, 503, 504, 505, 1016, 1017, 1528, 3000 }) sizes.Add(count, 2);
            foreach (int count in new[] { 0, 1, 8, 247, 248, 249, 375, 376, 377, 1000 }) sizes.Add(count, 20);
            return sizes;
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Rows_OfAnyNumber_AreThoseOfTheRowMapper(int count, int dimension)
    {
        IDataView data = Data(count, dimension);
        foreach (GaussianMixtureModel model in new[] { Broad(dimension), Narrow(dimension) })
        {
            GaussianMixtureTransformer transformer = Transformer(model);
            foreach (string columns in new[] { Mixture, "PredictedLabel", "Score", "Probability,Weight", $"Name,Features,{Mixture}" })
            {
                string[] names = columns.Split(',');
                Assert.Equal(RowByRow(transformer, data, names), TestData.Bits(transformer.Transform(data), names));
            }
        }
    }

    [Fact]
    public void Rows_WithHolesInfiniteOrDistantAmongOthers_HaveTheirOwnValues()
    {
        IDataView scored = Transformer(Narrow(2)).Transform(Data(1000, 2));
        uint[] labels = TestData.Column<uint>(scored, "PredictedLabel");
        float[][] probabilities = TestData.Column<float[]>(scored, "Probability"), scores = TestData.Column<float[]>(scored, "Score");
        float[] likelihoods = TestData.Column<float>(scored, "LogLikelihood");

        for (int i = 0; i < labels.Length; i++)
        {
            bool isInfinite = IsInfinite(i);
            Assert.Equal(isInfinite, labels[i] == 0);
            Assert.Equal(isInfinite, float.IsNaN(likelihoods[i]));
            Assert.All(scores[i], score => Assert.Equal(isInfinite, !float.IsFinite(score)));
            Assert.Equal(isInfinite ? float.NaN : 1, probabilities[i].Sum(), 1e-5f);
            if (IsDistant(i) && !isInfinite) Assert.Equal(1, probabilities[i][labels[i] - 1]);
        }
    }

    [Theory]
    [InlineData(Mixture)]
    [InlineData("Score,Weight,Name")]
    public void CursorsOfASet_KeepPositionsBatchesAndIds(string columns)
    {
        string[] names = columns.Split(',');
        var data = new PartitionedDataView(Data(2345, 2), row => ((int)(row / 64) % 3, row / 64));
        GaussianMixtureTransformer transformer = Transformer(Broad(2));
        IDataView scored = transformer.Transform(data);
        DataViewRowCursor[] sources = data.GetRowCursorSet(data.Schema, 3), cursors = scored.GetRowCursorSet(names.Select(name => scored.Schema[name]), 3);
        Assert.Equal(3, cursors.Length);

        for (int i = 0; i < cursors.Length; i++)
        {
            using DataViewRowCursor source = sources[i], cursor = cursors[i];
            ValueGetter<DataViewRowId> getId = cursor.GetIdGetter(), getSourceId = source.GetIdGetter();
            DataViewRowId id = default, sourceId = default;
            Assert.Equal((source.Position, source.Batch), (cursor.Position, cursor.Batch));
            while (source.MoveNext())
            {
                Assert.True(cursor.MoveNext());
                getId(ref id);
                getSourceId(ref sourceId);
                Assert.Equal((source.Position, source.Batch, sourceId), (cursor.Position, cursor.Batch, id));
            }

            Assert.False(cursor.MoveNext());
            Assert.Equal(-1, cursor.Position);
        }

        Assert.Equal(0, data.OpenCursors);
    }

    [Theory]
    [InlineData(Mixture)]
    [InlineData("Score,Weight,Features")]
    public void Getters_OutsideOfTheRows_Throw(string columns)
    {
        string[] names = columns.Split(',');
        IDataView scored = Transformer(Broad(2)).Transform(Data(20, 2));
        using DataViewRowCursor cursor = scored.GetRowCursor(names.Select(name => scored.Schema[name]));
        Func<string>[] cells = [.. names.Select(name => EstimatorCheck.CellReader(cursor, scored.Schema[name]))];
        ValueGetter<DataViewRowId> getId = cursor.GetIdGetter();
        DataViewRowId id = default;

        AssertThrows();
        for (int row = 0; row < 20; row++)
        {
            Assert.True(cursor.MoveNext());
            Assert.All(cells, cell => cell());
        }

        for (int attempt = 0; attempt < 3; attempt++)
        {
            Assert.False(cursor.MoveNext());
            AssertThrows();
        }

        void AssertThrows()
        {
            Assert.Equal(-1, cursor.Position);
            Assert.All(cells, cell => Assert.Throws<InvalidOperationException>(() => cell()));
            Assert.Throws<InvalidOperationException>(() => getId(ref id));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(1000)]
    public void Dispose_AfterSomeRows_EndsTheCursorAndItsSource(int rows)
    {
        var data = new PartitionedDataView(Data(2000, 2), row => (0, 0));
        IDataView scored = Transformer(Broad(2)).Transform(data);
        DataViewRowCursor cursor = scored.GetRowCursor(scored.Schema);
        Func<string> cell = EstimatorCheck.CellReader(cursor, scored.Schema["Score"]);
        for (int row = 0; row < rows; row++) Assert.True(cursor.MoveNext());

        cursor.Dispose();
        cursor.Dispose();

        Assert.Equal((0, -1), (data.OpenCursors, cursor.Position));
        Assert.False(cursor.MoveNext());
        Assert.Throws<InvalidOperationException>(() => cell());
    }

    [Fact]
    public void SeveralCursors_InTurns_DoNotDisturbEachOther()
    {
        string[] names = ["Weight", .. Mixture.Split(',')];
        IDataView scored = Transformer(Broad(2)).Transform(Data(700, 2));
        string[] expected = TestData.Bits(scored, names);
        DataViewRowCursor[] cursors = [.. Enumerable.Range(0, 3).Select(_ => scored.GetRowCursor(scored.Schema))];
        Func<string>[][] cells = [.. cursors.Select(cursor => names.Select(name => EstimatorCheck.CellReader(cursor, scored.Schema[name])).ToArray())];
        for (int row = -300; row < 700; row++)
        {
            // The second and third cursor are 150 and 300 rows ahead of the first.
            for (int i = 0; i < cursors.Length; i++)
            {
                int at = row + (150 * i);
                if (at < 0 || at >= 700) continue;
                Assert.True(cursors[i].MoveNext());
                Assert.Equal(expected[at], string.Join(';', cells[i].Select(cell => cell())));
            }
        }

        foreach (DataViewRowCursor cursor in cursors) cursor.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    [InlineData(56)]
    public void SourceThatFails_GivesTheRowsBeforeFirst(int failingRow)
    {
        var data = new PartitionedDataView(Data(100, 2), row => (0, 0)) { FailingRow = failingRow };
        GaussianMixtureTransformer transformer = Transformer(Broad(2));
        IDataView scored = transformer.Transform(data);
        using DataViewRowCursor cursor = scored.GetRowCursor(scored.Schema);
        Func<string> cell = EstimatorCheck.CellReader(cursor, scored.Schema["Score"]);
        string[] expected = TestData.Bits(transformer.Transform(Data(100, 2)), "Score");
        for (int row = 0; row < failingRow; row++)
        {
            Assert.True(cursor.MoveNext());
            Assert.Equal(expected[row], cell());
        }

        Assert.Equal($"Row {failingRow} cannot be read.", Assert.Throws<IOException>(() => cursor.MoveNext()).Message);
        Assert.False(cursor.MoveNext());
        Assert.Throws<InvalidOperationException>(() => cell());
    }

    [Fact]
    public void RowOfAnotherLength_IsNamedWhenItIsReached()
    {
        Named[] rows = Rows(40, 2);
        rows[33].Features = new VBuffer<float>(3, [1, 2, 3]);
        IDataView scored = Transformer(Broad(2)).Transform(Load(rows, 2));
        using DataViewRowCursor cursor = scored.GetRowCursor([scored.Schema["Score"]]);
        for (int row = 0; row < 33; row++) Assert.True(cursor.MoveNext());

        var exception = Assert.Throws<InvalidOperationException>(() => cursor.MoveNext());

        Assert.StartsWith("Row 33 has 3 values in the feature column 'Features', but the mixture has 2 features.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FirstRow_IsThereBeforeManyAreRead()
    {
        int read = 0;
        IDataView data = _context.Data.LoadFromEnumerable(Rows(5000, 2).Where(_ => ++read > 0), Definition(2));
        IDataView scored = Transformer(Broad(2)).Transform(data);
        using DataViewRowCursor cursor = scored.GetRowCursor(scored.Schema);

        cursor.MoveNext();

        Assert.InRange(read, 1, 10);
    }

    [Fact]
    public void VeryWideColumns_AreNotKeptForManyRows()
    {
        int read = 0;
        float[] wide = new float[300_000];
        IEnumerable<Wide> rows = Rows(600, 2).Select(row => new Wide { Features = [.. row.Features.DenseValues()], Pixels = ++read > 0 ? wide : [] });
        IDataView scored = Transformer(Broad(2)).Transform(_context.Data.LoadFromEnumerable(rows));
        using DataViewRowCursor cursor = scored.GetRowCursor(scored.Schema);
        for (int row = 0; row < 100; row++)
        {
            cursor.MoveNext();
            Assert.InRange(read, row, row + 10);
        }
    }

    [Fact]
    public void ColumnOfAnUnknownType_StaysAtItsRow()
    {
        var data = new OpaqueDataView(Data(300, 2));
        GaussianMixtureTransformer transformer = Transformer(Broad(2));
        IDataView scored = transformer.Transform(data);
        string[] expected = TestData.Bits(transformer.Transform(Data(300, 2)), "Score");
        using DataViewRowCursor cursor = scored.GetRowCursor([scored.Schema["Score"], scored.Schema["Opaque"]]);
        Func<string> cell = EstimatorCheck.CellReader(cursor, scored.Schema["Score"]);
        ValueGetter<OpaqueDataView.Opaque> getOpaque = cursor.GetGetter<OpaqueDataView.Opaque>(scored.Schema["Opaque"]);
        OpaqueDataView.Opaque opaque = null!;
        for (int row = 0; row < 300; row++)
        {
            Assert.True(cursor.MoveNext());
            getOpaque(ref opaque);
            Assert.Equal(row, opaque.Position);
            Assert.Equal(expected[row], cell());
        }
    }

    [Fact]
    public void MoreRows_WithColumnsOfTheInput_AllocateNothingMore()
    {
        IDataView data = _context.Data.Cache(Data(6000, 2));
        IDataView scored = Transformer(Broad(2)).Transform(data);

        // Each place of a block needs its memory once, when the first row of a kind, dense or sparse, comes there.
        Assert.InRange(Allocated(3000), -1024, 1024);

        long Allocated(int rowCount)
        {
            // A collection that another test sets off may move the count: the least of several runs is that of the code.
            long before = 0, least = long.MaxValue;
            for (int run = 0; run < 5; run++)
            {
                using DataViewRowCursor cursor = scored.GetRowCursor(scored.Schema);
                ValueGetter<VBuffer<float>> getScore = cursor.GetGetter<VBuffer<float>>(scored.Schema["Score"]);
                ValueGetter<VBuffer<float>> getFeatures = cursor.GetGetter<VBuffer<float>>(scored.Schema["Features"]);
                ValueGetter<float> getWeight = cursor.GetGetter<float>(scored.Schema["Weight"]);
                ValueGetter<ReadOnlyMemory<char>> getName = cursor.GetGetter<ReadOnlyMemory<char>>(scored.Schema["Name"]);
                VBuffer<float> score = default, features = default;
                ReadOnlyMemory<char> name = default;
                float weight = 0;
                for (int row = 0; row < 3000 + rowCount; row++)
                {
                    if (row == 3000) before = GC.GetAllocatedBytesForCurrentThread();
                    cursor.MoveNext();
                    getScore(ref score);
                    getFeatures(ref features);
                    getWeight(ref weight);
                    getName(ref name);
                }

                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }

            return least;
        }
    }

    [Fact]
    public void Downstream_CacheFilterAppendAndLoad_GiveTheSameRows()
    {
        IDataView data = Data(1500, 2);
        GaussianMixtureTransformer transformer = Transformer(Broad(2));
        string[] names = ["Name", "Weight", .. Mixture.Split(',')];
        string[] expected = RowByRow(transformer, data, names);
        using var file = new MemoryStream();
        _context.Model.Save(transformer, data.Schema, file);
        file.Position = 0;
        IDataView scored = transformer.Transform(data), loaded = _context.Model.Load(file, out _).Transform(data);
        IDataView appended = _context.Transforms.CopyColumns("Copy", "Score").Fit(scored).Transform(scored);
        IDataView filtered = _context.Data.FilterRowsByColumn(scored, "Weight", 1);
        float[] weights = TestData.Column<float>(data, "Weight");

        Assert.Equal(expected, TestData.Bits(_context.Data.Cache(scored), names));
        Assert.Equal(expected, TestData.Bits(loaded, names));
        Assert.Equal(expected, TestData.Bits(appended, names));
        Assert.Equal(TestData.Bits(scored, "Score"), TestData.Bits(appended, "Copy"));
        Assert.Equal(expected.Where((_, i) => weights[i] >= 1), TestData.Bits(filtered, names));
        Assert.Equal(
            TestData.Bits(scored, "LogLikelihood"),
            _context.Data.CreateEnumerable<Assignment>(scored, reuseRowObject: false).Select(row => BitConverter.SingleToUInt32Bits(row.LogLikelihood).ToString("X8", CultureInfo.InvariantCulture)));
    }

    private static bool HasHole(int row) => row % 11 == 3;

    private static bool IsInfinite(int row) => row % 29 == 7 && !HasHole(row);

    private static bool IsDistant(int row) => row % 13 == 4;

    private static string[] RowByRow(GaussianMixtureTransformer transformer, IDataView data, string[] names)
    {
        IRowToRowMapper mapper = ((ITransformer)transformer).GetRowToRowMapper(data.Schema);
        DataViewSchema.Column[] columns = [.. names.Select(name => mapper.OutputSchema[name])];
        using DataViewRowCursor cursor = data.GetRowCursor(mapper.GetDependencies(columns));
        using DataViewRow row = mapper.GetRow(cursor, columns);
        Func<string>[] cells = [.. columns.Select(column => EstimatorCheck.CellReader(row, column))];
        var lines = new List<string>();
        while (cursor.MoveNext()) lines.Add(string.Join(';', cells.Select(cell => cell())));
        return [.. lines];
    }

    private static GaussianMixtureModel Broad(int dimension) => Model(dimension, 1, 3);

    // So narrow that the distances of distant rows overflow.
    private static GaussianMixtureModel Narrow(int dimension) => Model(dimension, 1e-30, 1e-34);

    private static GaussianMixtureModel Model(int dimension, params double[] variances)
    {
        double[][,] covariances = [.. variances.Select(variance =>
        {
            double[,] covariance = new double[dimension, dimension];
            for (int j = 0; j < dimension; j++) covariance[j, j] = variance;
            return covariance;
        })];
        double[,] means = new double[variances.Length, dimension];
        means[0, 0] = 0.25;
        return GaussianMixtureModel.FromParameters([0.3, 0.7], means, covariances);
    }

    private GaussianMixtureTransformer Transformer(GaussianMixtureModel model) => new(_context, new GaussianMixtureModelParameters(model));

    private IDataView Data(int count, int dimension) => Load(Rows(count, dimension), dimension);

    private IDataView Load(Named[] rows, int dimension) => _context.Data.LoadFromEnumerable(rows, Definition(dimension));

    private static SchemaDefinition Definition(int dimension)
    {
        var definition = SchemaDefinition.Create(typeof(Named));
        definition[nameof(Named.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, dimension);
        return definition;
    }

    // Every third row is sparse; some miss a feature or stand far away.
    private static Named[] Rows(int count, int dimension) =>
    [
        .. Enumerable.Range(0, count).Select(i =>
        {
            float[] x = [.. Enumerable.Range(0, dimension).Select(j => 3 * TestData.Noise((dimension * i) + j))];
            if (IsDistant(i)) x[0] = 1e30f;
            if (HasHole(i)) x[^1] = float.NaN;
            if (IsInfinite(i)) x[^1] = float.NegativeInfinity;
            VBuffer<float> features = i % 3 == 0 ? new VBuffer<float>(dimension, 1, [x[^1]], [dimension - 1]) : new VBuffer<float>(dimension, x);
            return new Named { Features = features, Weight = 1 + TestData.Noise(i), Name = $"row {i}" };
        }),
    ];

    private sealed class Named
    {
        public VBuffer<float> Features { get; set; }

        public float Weight { get; set; }

        public string Name { get; set; } = string.Empty;
    }

    private sealed class Wide
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];

        [VectorType(300_000)]
        public float[] Pixels { get; set; } = [];
    }
}
