namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>Starts with a higher objective that are not taken, because components rest on a handful of rows.</summary>
[Trait("Kind", "Degenerate")]
public class RejectedStartsTests
{
    [Theory]
    [InlineData(6, 2)]
    [InlineData(6, 0)]
    public void Report_StartsWithMoreDegenerateComponents_AreToldAndDoNotAgree(int componentCount, int seed)
    {
        // The naive way: every start as a fit of its own.
        GaussianMixtureOptions Options(int restarts) => new() { ComponentCount = componentCount, RestartCount = restarts, Seed = seed, Start = MixtureStart.KMeansPlusPlus };
        FitReport[] first = [.. Enumerable.Range(1, 5).Select(restarts => GaussianMixture.Fit(CsvTable.Iris.Features, Options(restarts)).Report!)];
        FitReport report = first[4];
        double taken = report.ObjectiveHistory[^1];

        Assert.Equal(0, report.SpuriousComponentCount);
        Assert.Contains(report.StartObjectives, objective => objective > taken + 1);
        int higher = report.StartObjectives.Count(objective => objective > taken);
        Assert.InRange(report.RejectedStartCount, higher, 4);
        Assert.Equal(1, report.AgreeingStartCount);
        Assert.Contains(
            $"5 starts: 1 led to this maximum or one as high, {report.RejectedStartCount} were rejected, however high, because more of their components rest on a handful of rows. Their objectives are ",
            report.ToString(), StringComparison.Ordinal);

        string warning = Assert.Single(report.Warnings, text => text.StartsWith("Only 1 of 5 starts led to the best maximum; ", StringComparison.Ordinal));
        string reason = report.RejectedStartCount == 4 ? "the others were rejected because" : $"lower; {report.RejectedStartCount} were rejected because";
        Assert.Contains($"{reason} more of their components rest on a handful of rows.", warning, StringComparison.Ordinal);

        // A start that was best for its degenerate components is rejected once a sound one has come.
        Assert.Equal(0, first[0].RejectedStartCount);
    }

    [Fact]
    public void Load_ModelOfRejectedStarts_TellsTheSame()
    {
        var options = new GaussianMixtureOptions { ComponentCount = 6, RestartCount = 5, Seed = 2, Start = MixtureStart.KMeansPlusPlus };
        GaussianMixtureModel model = GaussianMixture.Fit(CsvTable.Iris.Features, options);
        var stream = new MemoryStream();
        model.Save(stream);
        stream.Position = 0;

        GaussianMixtureModel loaded = GaussianMixtureModel.Load(stream);

        Assert.True(model.Report!.RejectedStartCount > 0);
        Assert.Equal(model.Report.RejectedStartCount, loaded.Report!.RejectedStartCount);
        Assert.Contains(" were rejected, however high, ", loaded.Report.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(0, null)]
    [InlineData(-1, null)]
    public void Read_Section_TakesPositiveCountsOnly(int saved, int? expected)
    {
        var writer = new Serialization.PayloadWriter();
        writer.WriteInt32(saved);
        var model = new Serialization.SavedModel(2, 2) { Structure = CovarianceStructure.Full, Shape = CovarianceShape.Full, IsShared = false };
        if (expected is not null)
        {
            model.Report = GaussianMixture.Fit(CsvTable.Faithful.Features, new GaussianMixtureOptions { ComponentCount = 1 }).Report;
            Read(writer, model);
            Assert.Equal(expected, model.Report!.RejectedStartCount);
            return;
        }

        Assert.Throws<FormatException>(() => Read(writer, model));
        model.Report = GaussianMixture.Fit(CsvTable.Faithful.Features, new GaussianMixtureOptions { ComponentCount = 1 }).Report;
        Assert.Throws<FormatException>(() => Read(writer, model));
    }

    private static void Read(Serialization.PayloadWriter writer, Serialization.SavedModel model)
    {
        var reader = new Serialization.PayloadReader(writer.WrittenSpan.ToArray());
        new Serialization.RejectedStartsSection().Read(ref reader, model);
    }
}
