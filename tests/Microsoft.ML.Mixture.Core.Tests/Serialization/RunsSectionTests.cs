using Microsoft.ML.Mixture.Engine.Tests;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Serialization.Tests;

/// <summary>What of a report is saved with a model, and in how many bytes.</summary>
[Trait("Kind", "Persistence")]
public class RunsSectionTests
{
    private static readonly EngineProblem _problem = new(RowKind.Overlapping, 200, 2, 3, 3);

    [Fact]
    public void Load_SavedModel_HasTheSameReport()
    {
        double[] weights = [.. Enumerable.Range(0, 200).Select(i => i % 20 == 0 ? 0.0 : 1)];
        GaussianMixtureModel model = GaussianMixture.Fit(_problem.Rows, new GaussianMixtureOptions { ComponentCount = 3, RestartCount = 5 }, weights);

        GaussianMixtureModel loaded = Load(Save(model));

        FitReport before = model.Report!, after = loaded.Report!;
        Assert.Equal(MixtureAssert.Bits(before.StartObjectives), MixtureAssert.Bits(after.StartObjectives));
        Assert.Equal(
            (before.IterationCount, before.ZeroWeightRowCount, before.AgreeingStartCount, before.UnfinishedStartCount, before.RemainingGain),
            (after.IterationCount, after.ZeroWeightRowCount, after.AgreeingStartCount, after.UnfinishedStartCount, after.RemainingGain));
        Assert.Equal(10, after.ZeroWeightRowCount);
        Assert.Equal(MixtureAssert.Bits(before.SmallestEigenvalues), MixtureAssert.Bits(after.SmallestEigenvalues));
        Assert.Equal(MixtureAssert.Bits(before.ConditionNumbers), MixtureAssert.Bits(after.ConditionNumbers));
        Assert.Equal(before.MostOverlappingPair, after.MostOverlappingPair);
        Assert.True(before.ElapsedTime > TimeSpan.Zero);
        Assert.Null(after.ElapsedTime);
        Assert.Equal(before.ToString().Replace($" The fit took {FormattableString.Invariant($"{before.ElapsedTime!.Value.TotalSeconds:G3}")} s.", string.Empty, StringComparison.Ordinal), after.ToString());
    }

    [Fact]
    public void Save_FitsThatTookDifferentTimes_GivesTheSameBytes()
    {
        byte[]? expected = null;
        foreach (double seconds in (double[])[0, 1, 3600])
        {
            var options = new GaussianMixtureOptions { ComponentCount = 3, RestartCount = 2, Clock = new ManualClock { StepOfReading = TimeSpan.FromSeconds(seconds) } };
            GaussianMixtureModel model = GaussianMixture.Fit(_problem.Rows, options);
            Assert.True(model.Report!.ElapsedTime >= TimeSpan.FromSeconds(seconds));
            byte[] bytes = Save(model);
            expected ??= bytes;
            Assert.Equal(expected, bytes);
        }
    }

    [Fact]
    public void Save_InterruptedFit_KeepsTheReason()
    {
        var clock = new ManualClock();
        var options = new GaussianMixtureOptions { ComponentCount = 3, RestartCount = 4, Clock = clock, TimeBudget = TimeSpan.FromSeconds(1) };
        options.Progress = new ProgressRecorder(progress => { if (progress.Iteration == 1) clock.Advance(TimeSpan.FromSeconds(1)); });

        FitReport report = Load(Save(GaussianMixture.Fit(_problem.Rows, options))).Report!;

        Assert.Equal((StopReason.TimeBudget, 4), (report.StopReason, report.UnfinishedStartCount));
        Assert.Contains("The time budget of 00:00:01 ended the fit before it was done, with 0 of 4 starts finished and 3 not begun.", report.Warnings[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Save_LongFitWithManyStarts_StaysSmall()
    {
        GaussianMixtureModel model = GaussianMixture.Fit(_problem.Rows, new GaussianMixtureOptions { ComponentCount = 3, Tolerance = 0, MaximumIterations = 3_000 });
        FitReport whole = model.Report!;
        whole.StartObjectives = [.. Enumerable.Repeat(-1.0, 5_000)];

        byte[] bytes = Save(model);
        FitReport report = Load(bytes).Report!;

        Assert.InRange(bytes.Length, 3 * 8 * RunsSection.MostValues, (3 * 8 * RunsSection.MostValues) + 2_000);
        Assert.Equal((3_000, 1_024, 1_024), (report.IterationCount, report.ObjectiveHistory.Count, report.StartObjectives.Count));
        Assert.Equal([.. whole.ObjectiveHistory.Take(512), .. whole.ObjectiveHistory.Skip(3_001 - 512)], report.ObjectiveHistory);
        Assert.Equal(whole.LogLikelihood, report.LogLikelihood);
        Assert.Equal(bytes, Save(Load(bytes)));
    }

    [Fact]
    public void Read_SectionThatLies_ThrowsFormatException()
    {
        Assert.Equal(7, Read(Content()).IterationCount);
        Assert.Equal(double.PositiveInfinity, Read(Content(remaining: double.PositiveInfinity)).RemainingGain);
        Assert.True(double.IsNaN(Read(Content(remaining: double.NaN)).RemainingGain));
        foreach (byte[] lie in (byte[][])
        [
            Content(iterations: 1), Content(iterations: -1), Content(weightless: -1), Content(agreeing: -1), Content(unfinished: int.MinValue), Content(remaining: -1e-9),
            Content(remaining: double.NegativeInfinity), Content(objectives: [double.PositiveInfinity]), Content(objectives: [1, double.NegativeInfinity]),
            Content(objectives: new double[RunsSection.MostValues + 1]), [.. Content(), 0], Content()[..^1],
        ])
        {
            Assert.Throws<FormatException>(() => Read(lie));
        }

        Assert.Throws<FormatException>(() => Read(Content(), hasReport: false));
    }

    private static byte[] Content(int iterations = 7, int weightless = 0, int agreeing = 1, int unfinished = 0, double remaining = 1e-5, double[]? objectives = null)
    {
        var writer = new PayloadWriter();
        foreach (int number in (int[])[iterations, weightless, agreeing, unfinished]) writer.WriteInt32(number);
        writer.WriteDouble(remaining);
        writer.WriteDoubleArray(objectives ?? [-1, double.NaN]);
        return writer.WrittenSpan.ToArray();
    }

    private static FitReport Read(byte[] content, bool hasReport = true)
    {
        var saved = new SavedModel(2, 2) { Structure = CovarianceStructure.Full, Shape = CovarianceShape.Full, IsShared = false };
        if (hasReport)
        {
            saved.Report = new FitReport
            {
                RowCount = 9,
                MissingRowCount = 0,
                RowWeightTotal = 9,
                FreeParameterCount = 3,
                StopReason = StopReason.Converged,
                LogLikelihoodHistory = [-3, -2, -1],
                ObjectiveHistory = [-3, -2, -1],
                EffectiveCounts = [4, 5],
                Warnings = [],
            };
        }

        var reader = new PayloadReader(content);
        new RunsSection().Read(ref reader, saved);
        reader.ExpectEnd();
        return saved.Report!;
    }

    private static GaussianMixtureModel Load(byte[] file) => GaussianMixtureModel.Load(new MemoryStream(file));

    private static byte[] Save(GaussianMixtureModel model)
    {
        var stream = new MemoryStream();
        model.Save(stream);
        return stream.ToArray();
    }
}
