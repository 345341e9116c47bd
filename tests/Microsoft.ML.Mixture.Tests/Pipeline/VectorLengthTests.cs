using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Tests;

/// <summary>ML.NET does not check that a row has as many values as its column's type says.</summary>
[Trait("Kind", "Pipeline")]
public class VectorLengthTests
{
    private readonly MLContext _context = new(seed: 1);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Fit_RowOfAnotherLength_IsNamed(int length)
    {
        List<Point> rows = Rows();
        rows[7].Features = new float[length];

        var exception = Assert.Throws<ArgumentException>(() => Trainer().Fit(_context.Data.LoadFromEnumerable(rows)));

        Assert.Contains($"Row 7 has {length} value{(length == 1 ? "" : "s")} in the feature column 'Features', which promises 2", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Predict_RowOfAnotherLength_Throws(int length)
    {
        GaussianMixtureTransformer model = Trainer().Fit(_context.Data.LoadFromEnumerable(Rows()));
        using PredictionEngine<Point, Output> engine = _context.Model.CreatePredictionEngine<Point, Output>(model);

        var exception = Assert.Throws<InvalidOperationException>(() => engine.Predict(new Point { Features = new float[length] }));

        Assert.Contains($"has {length} value{(length == 1 ? "" : "s")} in the feature column 'Features', but the mixture has 2 features", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>Slots of all columns together are more than an int counts, as of hashed text.</summary>
    [Fact]
    public void Transform_ColumnsOfVeryManySlots_AreRead()
    {
        const int Slots = 1_200_000_000;
        var definition = SchemaDefinition.Create(typeof(Hashed));
        foreach (string name in (string[])[nameof(Hashed.Words), nameof(Hashed.Letters)]) definition[name].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Slots);
        var few = new VBuffer<float>(Slots, 1, [3], [Slots - 1]);
        IDataView data = _context.Data.LoadFromEnumerable([new Hashed { Features = [1, 2], Words = few, Letters = few }], definition);
        IDataView scored = Trainer().Fit(_context.Data.LoadFromEnumerable(Rows())).Transform(data);

        using DataViewRowCursor cursor = scored.GetRowCursor(scored.Schema);
        ValueGetter<VBuffer<float>> getWords = cursor.GetGetter<VBuffer<float>>(scored.Schema[nameof(Hashed.Words)]);
        VBuffer<float> words = default;
        Assert.True(cursor.MoveNext());
        getWords(ref words);

        Assert.Equal([KeyValuePair.Create(Slots - 1, 3f)], words.Items());
    }

    [Fact]
    public void Constructor_OfAMixtureAtHand_ScoresLikeTheFittedOne()
    {
        IDataView data = _context.Data.LoadFromEnumerable(Rows());
        GaussianMixtureTransformer fitted = Trainer().Fit(data);
        var file = new MemoryStream();
        fitted.Model.Save(file);
        file.Position = 0;

        var made = new GaussianMixtureTransformer(_context, GaussianMixtureModelParameters.Load(file));

        Assert.Equal(
            fitted.Transform(data).GetColumn<float>("LogLikelihood").Select(BitConverter.SingleToInt32Bits),
            made.Transform(data).GetColumn<float>("LogLikelihood").Select(BitConverter.SingleToInt32Bits));
    }

    private GaussianMixtureTrainer Trainer() => _context.Clustering.Trainers.GaussianMixture(numberOfComponents: 2);

    private static List<Point> Rows()
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, 40).Select(i => new Point { Features = [(5 * (i % 2)) + random.NextSingle(), random.NextSingle()] })];
    }

    private sealed class Point
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];
    }

    private sealed class Output
    {
        public uint PredictedLabel { get; set; }
    }

    private sealed class Hashed
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];

        public VBuffer<float> Words { get; set; }

        public VBuffer<float> Letters { get; set; }
    }
}
