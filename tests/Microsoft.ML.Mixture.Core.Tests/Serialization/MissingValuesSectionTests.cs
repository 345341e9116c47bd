using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Serialization.Tests;

/// <summary>What was missing is saved with the report of a model, and checked when it is read.</summary>
[Trait("Kind", "Persistence")]
public class MissingValuesSectionTests
{
    private static readonly MixtureCase _data = new(2, 3, 40, 4);

    [Fact]
    public void Save_FitOfRowsWithHoles_KeepsTheCounts()
    {
        double[,] rows = MissingValueLaws.Remove(_data.Rows, 0.3, 5);
        for (int j = 0; j < 3; j++) rows[20, j] = double.NaN;
        GaussianMixtureModel model = GaussianMixture.Fit(rows, _data.Options(CovarianceStructure.Full, 5, prior: 1e-3));

        GaussianMixtureModel loaded = Again(model);

        FitReport expected = model.Report!, actual = loaded.Report!;
        Assert.True(expected.IncompleteRowCount > 10 && expected.MissingPatternCount > 3 && expected.MissingRowCount > 0);
        Assert.Equal((expected.IncompleteRowCount, expected.MissingPatternCount, expected.MissingRowCount), (actual.IncompleteRowCount, actual.MissingPatternCount, actual.MissingRowCount));
        Assert.Equal(Enumerable.Range(0, 3).Select(j => Enumerable.Range(0, _data.RowCount).Count(i => double.IsNaN(rows[i, j]))), actual.MissingValueCounts);
        Assert.Equal(expected.ToString().Split('\n')[0], actual.ToString().Split('\n')[0]);
        MixtureAssert.SameBits(model, loaded);
    }

    [Fact]
    public void Save_FitOfCompleteRows_HasNoSuchSection()
    {
        GaussianMixtureModel model = _data.Fit(CovarianceStructure.Full, 3);

        FitReport report = Again(model).Report!;

        Assert.False(new MissingValuesSection().IsIn(model));
        Assert.Equal((0, 1), (report.IncompleteRowCount, report.MissingPatternCount));
        Assert.Empty(report.MissingValueCounts);
    }

    [Theory]
    [InlineData(new[] { 3, 2, 1, 2, 3 }, true)]
    [InlineData(new[] { 0, 1, 0, 0, 0 }, true)]
    [InlineData(new[] { -1, 2, 1, 2, 3 }, false)]
    [InlineData(new[] { 3, 0, 1, 2, 3 }, false)]
    [InlineData(new[] { 3, 2, 1, -2, 3 }, false)]
    [InlineData(new[] { 3, 2, 1, 2 }, false)]
    [InlineData(new[] { 3, 2, 1, 2, 3, 4 }, false)]
    [InlineData(new[] { 3 }, false)]
    public void Read_Numbers_AreChecked(int[] numbers, bool isValid)
    {
        var writer = new PayloadWriter();
        foreach (int number in numbers) writer.WriteInt32(number);
        byte[] bytes = writer.WrittenSpan.ToArray();
        var model = new SavedModel(2, 3) { Structure = CovarianceStructure.Full, Shape = CovarianceShape.Full, IsShared = false, Report = _data.Fit(CovarianceStructure.Full, 1).Report };

        Exception? exception = Record.Exception(() =>
        {
            var reader = new PayloadReader(bytes);
            new MissingValuesSection().Read(ref reader, model);
            reader.ExpectEnd();
        });

        if (isValid) Assert.Equal(numbers[2..], model.Report!.MissingValueCounts);
        else Assert.IsType<FormatException>(exception);
    }

    [Fact]
    public void Read_WithoutReport_Throws()
    {
        var model = new SavedModel(2, 3) { Structure = CovarianceStructure.Full, Shape = CovarianceShape.Full, IsShared = false };

        Assert.Throws<FormatException>(() =>
        {
            var reader = new PayloadReader(new byte[20]);
            new MissingValuesSection().Read(ref reader, model);
        });
    }

    private static GaussianMixtureModel Again(GaussianMixtureModel model)
    {
        using var stream = new MemoryStream();
        model.Save(stream);
        stream.Position = 0;
        return GaussianMixtureModel.Load(stream);
    }
}
