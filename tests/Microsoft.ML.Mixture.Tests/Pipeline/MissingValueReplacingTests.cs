using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Transforms;

namespace Microsoft.ML.Mixture.Tests;

[Trait("Kind", "Pipeline")]
public sealed class MissingValueReplacingTests
{
    private readonly MLContext _context = new(seed: 1);

    public static TheoryData<string, string?, string?, int> Cases => new()
    {
        { "Features", null, null, 0 },
        { "Filled", "Features", "Spread", 0 },
        { "Features", "Features", "Spread", 1 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Estimator_AnyOptions_PassesTheChecksOfMlNet(string output, string? input, string? deviation, int replacement)
    {
        var estimator = _context.Transforms.ReplaceMissingValuesByMixture(Options(output, input, deviation, replacement));
        IDataView flowers = TestData.IrisFeatures(_context), holes = Holes();
        IDataView three = _context.Transforms.Concatenate(
            "Features", nameof(Flower.SepalLength), nameof(Flower.SepalWidth), nameof(Flower.PetalLength)).Fit(flowers).Transform(flowers);
        IDataView doubles = _context.Transforms.Conversion.ConvertType("Features", outputKind: DataKind.Double).Fit(flowers).Transform(flowers);

        new EstimatorCheck(_context).Run(estimator, flowers, _context.Transforms.SelectColumns("Features").Fit(flowers).Transform(flowers), [TestData.Iris(_context), doubles], three);
        new EstimatorCheck(_context).Run(estimator, holes, holes, [TestData.Iris(_context), doubles], three);
    }

    [Fact]
    public void Transform_Holes_AreExpectationsOfTheMixture()
    {
        IDataView holes = Holes();
        MixtureMissingValueReplacingTransformer transformer = _context.Transforms.ReplaceMissingValuesByMixture(Options("Filled", "Features", "Spread", 0)).Fit(holes);

        Filled[] rows = [.. _context.Data.CreateEnumerable<Filled>(transformer.Transform(holes), reuseRowObject: false)];

        Assert.Equal(3, transformer.Model.NumberOfComponents);
        MissingValueFiller filler = transformer.Model.Mixture.CreateFiller();
        double[] values = new double[4], deviations = new double[4];
        Assert.Contains(rows, row => row.Features.Any(float.IsNaN));
        foreach (Filled row in rows)
        {
            filler.Fill([.. row.Features.Select(value => (double)value)], values, deviations);
            Assert.Equal(values.Select(value => (float)value), row.Values);
            Assert.Equal(deviations.Select(value => (float)value), row.Spread);
            Assert.All(row.Features.Zip(row.Values, row.Spread), cell => Assert.True(float.IsNaN(cell.First) ? cell.Third > 0 : cell.First == cell.Second && cell.Third == 0));
        }

        // One row at a time gives the same.
        using PredictionEngine<Holed, Filled> engine = _context.Model.CreatePredictionEngine<Holed, Filled>(transformer);
        Assert.Equal(rows[12].Values, engine.Predict(new Holed { Features = rows[12].Features }).Values);
    }

    [Fact]
    public void Transform_Draws_DependOnSeedAndRowOnly()
    {
        IDataView holes = Holes();
        (string Id, string Values)[] first = Draw(1, holes), shuffled = Draw(1, _context.Data.ShuffleRows(holes, seed: 3)), last = Draw(1, _context.Data.SkipRows(holes, 41));

        // Whatever is read before a row, it gets the same.
        Assert.NotEqual(first, shuffled);
        Assert.Equal(first.OrderBy(row => row.Id, StringComparer.Ordinal), shuffled.OrderBy(row => row.Id, StringComparer.Ordinal));
        Assert.Equal(first[41..], last);
        Assert.NotEqual(first, Draw(2, holes));
        Assert.DoesNotContain(first, row => row.Values.Contains("NaN", StringComparison.Ordinal));

        (string Id, string Values)[] Draw(int seed, IDataView rows)
        {
            var options = Options("Filled", "Features", null, 1);
            options.Seed = seed;
            IDataView filled = _context.Transforms.ReplaceMissingValuesByMixture(options).Fit(holes).Transform(rows);
            return [.. EstimatorCheck.ReadIds(filled).Zip(TestData.Bits(filled, "Filled"))];
        }
    }

    [Fact]
    public void Estimator_OfModel_FitsNothing()
    {
        IDataView holes = Holes();
        GaussianMixtureModelParameters model = _context.Clustering.Trainers.GaussianMixture(numberOfComponents: 2).Fit(holes).Model;

        MixtureMissingValueReplacingTransformer transformer = _context.Transforms.ReplaceMissingValuesByMixture(Options("Filled", "Features", null, 0), model).Fit(holes);

        Assert.Same(model, transformer.Model);
    }

    [Fact]
    public void Model_SavedToZip_KeepsWhatWasMissing()
    {
        IDataView holes = Holes();
        MixtureMissingValueReplacingTransformer transformer = _context.Transforms.ReplaceMissingValuesByMixture(Options("Filled", "Features", null, 0)).Fit(holes);
        FitReport expected = transformer.Model.Report!;
        using var zip = new MemoryStream();
        _context.Model.Save(transformer, holes.Schema, zip);
        zip.Position = 0;

        ITransformer loaded = _context.Model.Load(zip, out _);

        FitReport actual = Assert.IsType<MixtureMissingValueReplacingTransformer>(loaded is TransformerChain<ITransformer> chain ? chain.LastTransformer : loaded).Model.Report!;
        Assert.InRange(expected.IncompleteRowCount, 50, 150);
        Assert.InRange(expected.MissingPatternCount, 2, 16);
        Assert.Equal((expected.IncompleteRowCount, expected.MissingPatternCount), (actual.IncompleteRowCount, actual.MissingPatternCount));
        Assert.Equal(expected.MissingValueCounts, actual.MissingValueCounts);
        Assert.Equal(4, actual.MissingValueCounts.Count);
    }

    [Fact]
    public void Transform_SlotNames_AreKept()
    {
        IDataView flowers = TestData.IrisFeatures(_context);

        DataViewSchema schema = _context.Transforms.ReplaceMissingValuesByMixture("Features", numberOfComponents: 2).Fit(flowers).GetOutputSchema(flowers.Schema);

        VBuffer<ReadOnlyMemory<char>> names = default;
        schema["Features"].GetSlotNames(ref names);
        Assert.Equal("SepalWidth", names.GetItemOrDefault(1).ToString());
    }

    [Fact]
    public void Options_NotValid_AreRefused()
    {
        AssertRefused<ArgumentException>(Options("Features", null, "Features", 0), "different names");
        AssertRefused<ArgumentException>(Options(" ", null, null, 0), "A column name in the options is empty");
        AssertRefused<ArgumentOutOfRangeException>(Options("Features", null, null, 7), "Expectation or Draw");
        MixtureMissingValueReplacingEstimator.Options options = Options("Features", null, null, 0);
        options.Mixture.NumberOfComponents = 0;
        AssertRefused<ArgumentOutOfRangeException>(options, "NumberOfComponents");
    }

    private void AssertRefused<T>(MixtureMissingValueReplacingEstimator.Options options, string part)
        where T : ArgumentException =>
        Assert.Contains(part, Assert.Throws<T>(() => _context.Transforms.ReplaceMissingValuesByMixture(options)).Message, StringComparison.Ordinal);

    private static MixtureMissingValueReplacingEstimator.Options Options(string output, string? input, string? deviation, int replacement) => new()
    {
        OutputColumnName = output,
        InputColumnName = input,
        DeviationColumnName = deviation,
        Replacement = (MixtureMissingValueReplacingEstimator.ReplacementMode)replacement,
        Mixture = new GaussianMixtureTrainer.Options { NumberOfComponents = 3 },
    };

    // Iris with every seventh cell missing.
    private IDataView Holes()
    {
        float[][] features = TestData.Column<float[]>(TestData.IrisFeatures(_context), "Features");
        return _context.Data.LoadFromEnumerable(features.Select((row, i) => new Holed { Features = [.. row.Select((value, j) => ((4 * i) + j) % 7 == 3 ? float.NaN : value)] }).ToArray());
    }

    private sealed class Holed
    {
        [VectorType(4)]
        public float[] Features { get; set; } = [];
    }

    private sealed class Filled
    {
        [VectorType(4)]
        public float[] Features { get; set; } = [];

        [VectorType(4)]
        [ColumnName("Filled")]
        public float[] Values { get; set; } = [];

        [VectorType(4)]
        public float[] Spread { get; set; } = [];
    }
}
