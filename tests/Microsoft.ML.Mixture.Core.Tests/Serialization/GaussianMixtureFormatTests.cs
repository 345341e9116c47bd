using System.Diagnostics;
using CsCheck;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Serialization.Tests;

public class GaussianMixtureFormatTests
{
    private const int Mutations = 20_000;
    private static readonly Lazy<GaussianMixtureModel> _model = new(() => new MixtureCase(2, 2, 20, 1).Fit(CovarianceStructure.Full, 2, prior: 1e-6));
    private static readonly byte[] _bytes = Save(_model.Value);
    private static readonly byte[] _body = _bytes[SealedPayload.HeaderLength..^SealedPayload.HashLength];

    [Fact]
    [Trait("Kind", "Persistence")]
    public void Load_AnyBitFlipped_ThrowsFormatException()
    {
        for (int bit = 0; bit < 8 * _bytes.Length; bit++)
        {
            byte[] damaged = [.. _bytes];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<FormatException>(() => Load(damaged));
        }
    }

    [Fact]
    [Trait("Kind", "Persistence")]
    public void Load_Truncated_ThrowsFormatException()
    {
        for (int length = 0; length < _bytes.Length; length++) Assert.Throws<FormatException>(() => Load(_bytes[..length]));
        Assert.Throws<FormatException>(() => Load([.. _bytes, 0]));
    }

    [Fact]
    [Trait("Kind", "Persistence")]
    public void Load_TruncatedBodyWithARightHash_ThrowsFormatException()
    {
        for (int length = 0; length < _body.Length; length++) AssertRejected(_body[..length]);
        AssertRejected([.. _body, 0]);
        AssertRejected([.. _body, .. _body]);
    }

    [Fact]
    [Trait("Kind", "Persistence")]
    public void Load_ImpossibleSizes_AreRejectedAtOnce()
    {
        int[] sizes = [-1, 0, 1 << 20, int.MaxValue];
        foreach (int count in sizes)
        {
            foreach (int dimension in sizes)
            {
                for (byte shape = 0; shape < 3; shape++) AssertRejected(Body(count, dimension, shape: shape));
            }
        }

        foreach ((int count, int dimension) in new[] { (65_536, 46_340), (1, 46_340), (65_536, 1), (3, 2), (2, 3), (1, 2), (46_341, 46_340) })
        {
            AssertRejected(Body(count, dimension));
            AssertRejected(Body(count, dimension, shape: 2, shared: 1));
        }
    }

    [Fact]
    [Trait("Kind", "Persistence")]
    public void Load_ManyFeaturesWithOneVariance_TakesMemoryLikeTheFile()
    {
        const int Dimension = 20_000;
        byte[] file = Seal(Body(1, Dimension, [1], new double[Dimension], [1], name: "spherical", shape: 2));

        (GaussianMixtureModel? model, long allocated, TimeSpan elapsed) = Measure(() => Load(file));

        Assert.Equal(Dimension, model!.Dimension);
        Assert.InRange(allocated, 0, (16L << 20) + (4L * file.Length));
        for (int attempt = 0; attempt < 10 && elapsed.TotalSeconds > 1; attempt++) elapsed = Measure(() => Load(file)).Elapsed;
        Assert.InRange(elapsed.TotalSeconds, 0, 1);
    }

    [Theory]
    [Trait("Kind", "Persistence")]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(-0.1)]
    [InlineData(1e308)]
    public void Load_BadNumber_ThrowsFormatException(double bad)
    {
        AssertRejected(Body(weights: [bad, 0.5]));
        AssertRejected(Body(weights: [0.5, bad]));
        AssertRejected(Body(covariances: [1, 0, 1, 1, bad, bad == -0.1 ? -1 : 1]));
        if (bad != 1e308) AssertRejected(Body(covariances: [bad, 0, bad, 1, 0, 1]));
        if (!double.IsFinite(bad)) AssertRejected(Body(means: [0, 0, bad, 1]));
    }

    [Theory]
    [Trait("Kind", "Persistence")]
    [InlineData(1, 1, 1)]
    [InlineData(1, 2, 1)]
    [InlineData(0, 0, 1)]
    [InlineData(1, 0, 0)]
    [InlineData(-1, 0, 1)]
    [InlineData(1, 0.99999999999999999, 1)]
    public void Load_CovarianceNotPositiveDefinite_ThrowsFormatException(double first, double between, double second)
    {
        AssertRejected(Body(covariances: [1, 0, 1, first, between, second]));
        AssertRejected(Body(covariances: [first, between, second], shared: 1, name: "tied"));
    }

    [Theory]
    [Trait("Kind", "Persistence")]
    [InlineData(0.5, 0.5000001)]
    [InlineData(0.5, 0.4999999)]
    [InlineData(1.5, -0.5)]
    [InlineData(0, 0)]
    [InlineData(2, 2)]
    public void Load_WeightsWithAnotherSumThanOne_ThrowsFormatException(double first, double second) => AssertRejected(Body(weights: [first, second]));

    [Theory]
    [Trait("Kind", "Persistence")]
    [InlineData("full ", 0, 0, 0)]
    [InlineData("", 0, 0, 0)]
    [InlineData("Full", 0, 0, 0)]
    [InlineData("shared variance", 0, 0, 0)]
    [InlineData("full", 3, 0, 0)]
    [InlineData("full", 255, 0, 0)]
    [InlineData("full", 0, 2, 0)]
    [InlineData("full", 0, 0, 3)]
    public void Load_UnknownCode_ThrowsFormatException(string name, byte shape, byte shared, byte hasReport) =>
        AssertRejected(Body(name: name, shape: shape, shared: shared, hasReport: hasReport));

    [Fact]
    [Trait("Kind", "Persistence")]
    public void Load_ReportThatLies_ThrowsFormatException()
    {
        byte[] without = Body(hasReport: 1);
        byte[] Report(int rows = 9, int missing = 0, double weight = 9, long parameters = 3, byte reason = 0, double[]? histories = null, int historyCount = -5, double count = 4, int warnings = 0)
        {
            var writer = new PayloadWriter();
            writer.WriteInt32(rows);
            writer.WriteInt32(missing);
            writer.WriteDouble(weight);
            writer.WriteInt64(parameters);
            writer.WriteByte(reason);
            writer.WriteInt32(historyCount == -5 ? (histories ?? [-1]).Length : historyCount);
            writer.WriteDoubles(histories ?? [-1]);
            writer.WriteDoubleArray([-1]);
            writer.WriteDoubles([count, 5]);
            writer.WriteInt32(warnings);
            return [.. without, .. writer.WrittenSpan];
        }

        Assert.NotNull(Load(Seal(Report())).Report);
        byte[] content = Report()[without.Length..];
        Assert.NotNull(Load(Seal(Sections(1, ("report", content.Length, content)))).Report);
        Assert.Null(Load(Seal(Sections(0))).Report);
        foreach (int lie in new[] { -1, int.MinValue, 0, content.Length - 1, content.Length + 1, int.MaxValue }) AssertRejected(Sections(1, ("report", lie, content)));
        foreach (int lie in new[] { -1, 0, 2, int.MinValue, int.MaxValue }) AssertRejected(Sections(lie, ("report", content.Length, content)));
        AssertRejected(Sections(2, ("report", content.Length, content), ("report", content.Length, content)));
        foreach (string name in new[] { "", "Report", "another", new string('r', 65) }) AssertRejected(Sections(1, (name, content.Length, content)));
        foreach (int lie in new[] { -1, int.MinValue, 1 << 20, int.MaxValue })
        {
            AssertRejected(Report(warnings: lie));
            AssertRejected(Report(historyCount: lie));
        }

        AssertRejected(Report(warnings: 1));
        AssertRejected(Report(rows: 0));
        AssertRejected(Report(rows: -1));
        AssertRejected(Report(missing: -1));
        AssertRejected(Report(weight: 0));
        AssertRejected(Report(weight: double.NaN));
        AssertRejected(Report(parameters: -1));
        AssertRejected(Report(reason: 6));
        AssertRejected(Report(histories: [-1, -1]));
        AssertRejected(Report(histories: []));
        AssertRejected(Report(histories: [double.NaN]));
        AssertRejected(Report(histories: [double.NegativeInfinity]));
        AssertRejected(Report(histories: [double.PositiveInfinity]));
        AssertRejected(Report(count: double.PositiveInfinity));
        AssertRejected(Report(count: -1));
    }

    [Theory]
    [Trait("Kind", "Persistence")]
    [InlineData(1, 50_000)]
    [InlineData(70_000, 1)]
    public void Save_ManyFeaturesOrComponents_CanBeLoaded(int count, int dimension)
    {
        double[,] means = new double[count, dimension];
        for (int at = 0; at < means.Length; at++) means[at / dimension, at % dimension] = at;
        GaussianMixtureModel model = count == 1
            ? GaussianMixture.Fit(means, new GaussianMixtureOptions { CovarianceStructure = CovarianceStructure.Spherical })
            : GaussianMixtureModel.FromParameters([.. Enumerable.Repeat(1.0 / count, count)], means, [new double[,] { { 1 } }]);

        GaussianMixtureModel loaded = Load(Save(model));

        Assert.Equal((count, dimension), (loaded.ComponentCount, loaded.Dimension));
    }

    [Fact]
    [Trait("Kind", "Persistence")]
    public void Save_FitWhoseStartLiesTooFarFromTheRows_CanBeLoaded()
    {
        double[,] rows = new double[40, 1];
        for (int i = 0; i < 40; i++) rows[i, 0] = (0.1 * i) - 1.9;
        var start = MixtureStart.FromParameters([0.5, 0.5], new double[,] { { -1.9 }, { 0 } }, [new double[,] { { 1e-308 } }, new double[,] { { 1e-308 } }]);
        GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2, Start = start, CovarianceStructure = CovarianceStructure.Diagonal });
        Assert.Equal(double.NegativeInfinity, model.Report!.LogLikelihoodHistory[0]);

        Assert.Equal(model.Report.LogLikelihoodHistory, Load(Save(model)).Report!.LogLikelihoodHistory);
    }

    // Sizes that the body holds in one way, and the statistics of the structure in no array.
    [Fact]
    [Trait("Kind", "Persistence")]
    public void Load_DiagonalsOfAStructureThatNoArrayHolds_ThrowsFormatException()
    {
        const int Dimension = 50_000;
        double[] ones = [.. Enumerable.Repeat(1.0, Dimension)];
        Assert.Throws<FormatException>(() => Load(Seal(Body(1, Dimension, [1], new double[Dimension], ones, shape: 1))));
    }

    // Names come from the user, and UTF-8 has no half of a surrogate pair.
    [Fact]
    [Trait("Kind", "Persistence")]
    public void Save_WarningThatUtf8CannotHold_KeepsTheRestOfIt()
    {
        double[,] rows = { { 0, 5 }, { 1, 5 }, { 2, 5 }, { 4, 5 } };
        GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions { FeatureNames = ["a", "b\ud800"] });
        Assert.Contains(model.Report!.Warnings, warning => warning.Contains("b\ud800", StringComparison.Ordinal));

        Assert.Contains(Load(Save(model)).Report!.Warnings, warning => warning.Contains("'b\ufffd'", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Kind", "Persistence")]
    public void Load_AnyMutationWithARightHash_IsRejectedOrAValidModel()
    {
        int valid = 0;
        Gen.Int[0, int.MaxValue].Sample(
            seed =>
            {
                byte[] mutated = Mutate(new Random(seed));
                GaussianMixtureModel model;
                try
                {
                    model = Load(Seal(mutated));
                }
                catch (FormatException)
                {
                    return;
                }

                Interlocked.Increment(ref valid);
                AssertValid(model);
            },
            iter: Mutations);
        Assert.InRange(valid, 1, Mutations - 1);
    }

    private static byte[] Mutate(Random random)
    {
        var bytes = new List<byte>(_body);
        for (int left = random.Next(1, 4); left > 0; left--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes.RemoveRange(at, Math.Min(random.Next(1, 20), bytes.Count - at)); break;
                case 3: bytes.InsertRange(at, bytes.GetRange(0, random.Next(1, 20))); break;
                case 4:
                    double extreme = new[] { 0, double.NaN, double.PositiveInfinity, -1, 1e300, 1e-300, double.Epsilon, 1e-160 }[random.Next(8)];
                    BitConverter.GetBytes(extreme).Select((value, i) => (value, i)).Where(p => at + p.i < bytes.Count).ToList().ForEach(p => bytes[at + p.i] = p.value);
                    break;
                default:
                    int number = new[] { -1, 0, 1, 3, 65_536, 46_340, int.MaxValue, int.MinValue }[random.Next(8)];
                    BitConverter.GetBytes(number).Select((value, i) => (value, i)).Where(p => at + p.i < bytes.Count).ToList().ForEach(p => bytes[at + p.i] = p.value);
                    break;
            }

            if (bytes.Count == 0) bytes.Add(0);
        }

        return [.. bytes];
    }

    private static void AssertValid(GaussianMixtureModel model)
    {
        Assert.All(MixtureAssert.Parameters(model), value => Assert.True(double.IsFinite(value)));
        Assert.InRange(Math.Abs(model.Weights.Sum() - 1), 0, 1e-11);
        Assert.All(model.Weights, weight => Assert.True(weight >= 0));
        foreach (double scale in new[] { 0, 1, 1e155, 1e308 })
        {
            double[] row = [.. Enumerable.Range(0, model.Dimension).Select(j => j % 2 == 0 ? scale : -scale)], responsibilities = model.Responsibilities(row);
            Assert.InRange(model.Predict(row), 0, model.ComponentCount - 1);
            Assert.InRange(Math.Abs(responsibilities.Sum() - 1), 0, 1e-12);
            Assert.False(double.IsNaN(model.LogDensity(row)));
        }
    }

    private static byte[] Body(
        int count = 2, int dimension = 2, double[]? weights = null, double[]? means = null, double[]? covariances = null,
        string name = "full", byte shape = 0, byte shared = 0, byte hasReport = 0)
    {
        var writer = new PayloadWriter();
        writer.WriteInt32(count);
        writer.WriteInt32(dimension);
        writer.WriteString(name);
        writer.WriteByte(shape);
        writer.WriteByte(shared);
        writer.WriteDoubles(weights ?? [0.5, 0.5]);
        writer.WriteDoubles(means ?? [0, 0, 3, 3]);
        writer.WriteDoubles(covariances ?? [1, 0, 1, 2, 0.5, 1]);
        writer.WriteByte(hasReport);
        return writer.WrittenSpan.ToArray();
    }

    private static byte[] Sections(int count, params (string Name, int Length, byte[] Content)[] sections)
    {
        var writer = new PayloadWriter();
        writer.WriteInt32(count);
        foreach ((string name, int length, byte[] content) in sections)
        {
            writer.WriteString(name);
            writer.WriteInt32(length);
            writer.WriteBytes(content);
        }

        return [.. Body(hasReport: 2), .. writer.WrittenSpan];
    }

    private static void AssertRejected(byte[] body)
    {
        byte[] file = Seal(body);
        (Exception? exception, long allocated, TimeSpan elapsed) = Measure(() => Record.Exception(() => Load(file)));
        Assert.IsType<FormatException>(exception);
        Assert.InRange(allocated, 0, 1_000_000);

        // Again if the machine was busy: the work itself is what counts.
        for (int attempt = 0; attempt < 20 && elapsed.TotalMilliseconds >= 50; attempt++) elapsed = Measure(() => Record.Exception(() => Load(file))).Elapsed;
        Assert.InRange(elapsed.TotalMilliseconds, 0, 50);
    }

    private static (T Result, long Allocated, TimeSpan Elapsed) Measure<T>(Func<T> action)
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread(), started = Stopwatch.GetTimestamp();
        T result = action();
        return (result, GC.GetAllocatedBytesForCurrentThread() - allocated, Stopwatch.GetElapsedTime(started));
    }

    private static byte[] Seal(byte[] body) => SealedPayload.Seal(PayloadKind.GaussianMixtureModel, body);

    private static GaussianMixtureModel Load(byte[] file) => GaussianMixtureModel.Load(new MemoryStream(file));

    private static byte[] Save(GaussianMixtureModel model)
    {
        var stream = new MemoryStream();
        model.Save(stream);
        return stream.ToArray();
    }
}
