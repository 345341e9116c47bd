using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Serialization.Tests;

public class FactorAnalyzerMixtureFormatTests
{
    private static readonly FactorAnalyzerCase _case = new(4, 2, 2, 60, SpecificVarianceStructure.Diagonal, 3);
    private static readonly FactorAnalyzerMixtureModel _model = FactorAnalyzerMixture.Fit(_case.Rows, _case.Options);
    private static readonly byte[] _bytes = Save(_model);
    private static readonly byte[] _body = _bytes[SealedPayload.HeaderLength..^SealedPayload.HashLength];

    [Theory]
    [Trait("Kind", "Persistence")]
    [InlineData(SpecificVarianceStructure.Diagonal)]
    [InlineData(SpecificVarianceStructure.TiedDiagonal)]
    [InlineData(SpecificVarianceStructure.Spherical)]
    [InlineData(SpecificVarianceStructure.TiedSpherical)]
    public void Load_OfASavedModel_PredictsTheSameBits(SpecificVarianceStructure structure)
    {
        FactorAnalyzerCase data = _case with { Structure = structure };
        FactorAnalyzerMixtureModel model = FactorAnalyzerMixture.Fit(data.Rows, data.Options), loaded = Load(Save(model));
        Assert.Equal((structure, 2, 2, 4), (loaded.SpecificVarianceStructure, loaded.FactorCount, loaded.ComponentCount, loaded.Dimension));
        Assert.Equal(MixtureAssert.Bits(FactorAnalyzerCase.Parameters(model)), MixtureAssert.Bits(FactorAnalyzerCase.Parameters(loaded)));
        double[,] rows = data.RowsWithHoles(0.3);
        for (int i = 0; i < data.RowCount; i++)
        {
            double[] row = MixtureAssert.RowOf(rows, i);
            Assert.Equal(MixtureAssert.Bits([model.LogDensity(row), .. model.Responsibilities(row)]), MixtureAssert.Bits([loaded.LogDensity(row), .. loaded.Responsibilities(row)]));
        }

        Assert.Equal(model.Report!.Warnings, loaded.Report!.Warnings);
        Assert.Equal(model.Report.StopReason, loaded.Report.StopReason);
        Assert.Equal(Save(model), Save(loaded));
    }

    [Fact]
    [Trait("Kind", "Persistence")]
    public void Load_OfASavedModel_HasTheSameReport()
    {
        double[] weights = [.. Enumerable.Range(0, _case.RowCount).Select(i => i % 10 == 0 ? 0.0 : 1)];
        FactorAnalyzerMixtureOptions options = _case.Options;
        options.Start = MixtureStart.KMeansPlusPlus;
        options.RestartCount = 3;
        FactorAnalyzerMixtureModel model = FactorAnalyzerMixture.Fit(_case.RowsWithHoles(0.2), options, weights);

        FitReport before = model.Report!, after = Load(Save(model)).Report!;

        Assert.Equal(3, before.StartObjectives.Count);
        Assert.True(before is { ZeroWeightRowCount: > 0, IncompleteRowCount: > 0, MissingPatternCount: > 1 });
        Assert.Equal(MixtureAssert.Bits(before.StartObjectives), MixtureAssert.Bits(after.StartObjectives));
        Assert.Equal(
            (before.IterationCount, before.ZeroWeightRowCount, before.AgreeingStartCount, before.UnfinishedStartCount, before.RemainingGain),
            (after.IterationCount, after.ZeroWeightRowCount, after.AgreeingStartCount, after.UnfinishedStartCount, after.RemainingGain));
        Assert.Equal(before.MissingValueCounts, after.MissingValueCounts);
        Assert.Equal((before.IncompleteRowCount, before.MissingPatternCount), (after.IncompleteRowCount, after.MissingPatternCount));
        Assert.Null(after.ElapsedTime);
        before.ElapsedTime = null;
        Assert.Equal(before.ToString(), after.ToString());
    }

    [Fact]
    [Trait("Kind", "Persistence")]
    public void Load_SectionOfGaussians_IsRejectedByName()
    {
        var writer = new PayloadWriter();
        writer.WriteInt32(1);
        writer.WriteString("noise");
        writer.WriteInt32(0);

        FormatException error = Assert.Throws<FormatException>(() => Load(Seal([.. Body(mark: 2), .. writer.WrittenSpan])));

        Assert.Contains("its section 'noise' is unknown", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Kind", "Persistence")]
    public void Load_AnyBitFlippedOrTruncated_ThrowsFormatException()
    {
        for (int bit = 0; bit < 8 * _bytes.Length; bit += 3)
        {
            byte[] damaged = [.. _bytes];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<FormatException>(() => Load(damaged));
        }

        for (int length = 0; length < _bytes.Length; length++) Assert.Throws<FormatException>(() => Load(_bytes[..length]));
        Assert.Throws<FormatException>(() => Load([.. _bytes, 0]));
    }

    [Fact]
    [Trait("Kind", "Persistence")]
    public void Load_TruncatedBodyWithARightHash_ThrowsFormatException()
    {
        Assert.Equal(2, Load(Seal(_body)).ComponentCount);
        for (int length = 0; length < _body.Length; length++) AssertRejected(_body[..length]);
        AssertRejected([.. _body, 0]);
    }

    [Fact]
    [Trait("Kind", "Persistence")]
    public void Load_ImpossibleSizes_AreRejectedAtOnce()
    {
        int[] sizes = [-1, 0, 3, 1 << 20, int.MaxValue];
        foreach (int count in sizes)
        {
            foreach (int dimension in sizes)
            {
                foreach (int factors in sizes) AssertRejected(Body(count, dimension, factors));
            }
        }

        AssertRejected(Body(structure: 4));
        AssertRejected(Body(structure: 255));
        AssertRejected(Body(mark: 2));
        AssertRejected(Body(mark: 1));
    }

    [Theory]
    [Trait("Kind", "Persistence")]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(-1)]
    [InlineData(0)]
    public void Load_BadNumber_ThrowsFormatException(double bad)
    {
        Assert.Equal(0.25, Load(Seal(Body())).Weights[0]);
        AssertRejected(Body(weight: bad));
        AssertRejected(Body(variance: bad));
        if (double.IsFinite(bad)) return;
        AssertRejected(Body(mean: bad));
        AssertRejected(Body(loading: bad));
    }

    [Fact]
    [Trait("Kind", "Persistence")]
    public void Load_PayloadOfAnotherKind_SaysSo()
    {
        using var gaussian = new MemoryStream();
        _model.ToGaussianMixture().Save(gaussian);

        FormatException exception = Assert.Throws<FormatException>(() => Load(gaussian.ToArray()));

        Assert.Contains("FactorAnalyzerMixtureModel", exception.Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => GaussianMixtureModel.Load(new MemoryStream(_bytes)));
    }

    private static byte[] Body(
        int count = 2, int dimension = 2, int factors = 1, byte structure = 0, double weight = 0.25, double mean = 0, double loading = 0.5, double variance = 1, byte mark = 0)
    {
        var writer = new PayloadWriter();
        writer.WriteInt32(count);
        writer.WriteInt32(dimension);
        writer.WriteInt32(factors);
        writer.WriteByte(structure);
        writer.WriteDoubles([weight, 0.75]);
        writer.WriteDoubles([1, mean, 3, 4]);
        writer.WriteDoubles([0.1, 0.2, loading, -0.3]);
        writer.WriteDoubles([1, 2, variance, 3]);
        writer.WriteByte(mark);
        return [.. writer.WrittenSpan];
    }

    private static void AssertRejected(byte[] body) => Assert.Throws<FormatException>(() => Load(Seal(body)));

    private static byte[] Seal(byte[] body) => SealedPayload.Seal(PayloadKind.FactorAnalyzerMixtureModel, body);

    private static FactorAnalyzerMixtureModel Load(byte[] bytes) => FactorAnalyzerMixtureModel.Load(new MemoryStream(bytes));

    private static byte[] Save(FactorAnalyzerMixtureModel model)
    {
        using var stream = new MemoryStream();
        model.Save(stream);
        return stream.ToArray();
    }
}
