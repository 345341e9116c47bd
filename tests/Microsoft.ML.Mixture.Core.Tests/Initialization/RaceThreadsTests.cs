using Microsoft.ML.Mixture.Engine.Tests;

namespace Microsoft.ML.Mixture.Initialization.Tests;

/// <summary>Where passes over rows are too short for several threads, these share the starts of a race, and what they find does not depend on how many they are.</summary>
public class RaceThreadsTests
{
    private static readonly int[] _threads = [1, 2, 3, 8];

    /// <summary>Starts of all kinds and moves, runners-up, short runs of long ones, missing values, categories, values that many rows share, and few rows for the parameters.</summary>
    [Theory]
    [Trait("Kind", "Determinism")]
    [InlineData("geyser.csv", 2, "VVV")]
    [InlineData("geyser.csv", 3, "VVI")]
    [InlineData("quakes.csv", 4, "VVV")]
    [InlineData("chevron.csv", 3, "VII")]
    [InlineData("penguins.csv", 3, "VVV")]
    [InlineData("airquality.csv", 3, "VVI")]
    [InlineData("wine.csv", 3, "VVV")]
    [InlineData("iris.csv", 3, "EVE")]
    public void Default_AnyNumberOfThreads_SavesTheSameBytes(string name, int componentCount, string code) => SavesTheSame(CsvTable.Load(name).Features, componentCount, code);

    [Fact]
    [Trait("Kind", "Determinism")]
    public void Default_CategoriesAndPointMasses_SavesTheSameBytes()
    {
        var random = new Random(3);
        double[,] rows = new double[400, 4];
        for (int i = 0; i < rows.GetLength(0); i++)
        {
            int group = i % 3;
            rows[i, 0] = i % 7 == 0 ? 0 : group + (0.7 * random.NextDouble());
            rows[i, 1] = (2 * random.NextDouble()) - group;
            rows[i, 2] = random.NextDouble() < 0.3 + (0.2 * group) ? 1 : 0;
            rows[i, 3] = random.NextDouble() + random.NextDouble();
        }

        SavesTheSame(rows, 3, "VVV");
    }

    /// <summary>The threads of a fit without starts of its own are one, for a pass is short; those of a race are as many as are given to it.</summary>
    [Theory]
    [Trait("Kind", "Threads")]
    [InlineData(true, 1, 1, 1)]
    [InlineData(true, 4, 2, 4)]
    [InlineData(false, 4, 1, 1)]
    public void Fit_FewRows_ReadsThemOnAsManyThreadsAsShareStarts(bool races, int threads, int fewest, int most)
    {
        double[,] rows = CsvTable.Load("quakes.csv").Features;
        double[] values = new double[rows.Length];
        Buffer.BlockCopy(rows, 0, values, 0, rows.Length * sizeof(double));
        var source = new CountedRowSource(new ArrayRowSource<double>(values, rows.GetLength(1)), readsInAnyOrder: true);
        var options = new GaussianMixtureOptions { ComponentCount = 4, ThreadCount = threads, Start = races ? MixtureStart.Portfolio : MixtureStart.KMeansPlusPlus };

        GaussianMixture.Fit(source, options, CancellationToken.None);

        Assert.InRange(source.Threads.Count, fewest, most);
    }

    /// <summary>Only the thread that calls tells a listener, one report after the other.</summary>
    [Fact]
    [Trait("Kind", "Progress")]
    public void Progress_OfStartsThatThreadsShare_IsToldByTheCaller()
    {
        var told = new List<(int Thread, FitProgress Progress)>();
        var options = new GaussianMixtureOptions { ComponentCount = 4, ThreadCount = 4, Progress = new ProgressRecorder(progress => told.Add((Environment.CurrentManagedThreadId, progress))) };

        FitReport report = GaussianMixture.Fit(CsvTable.Load("quakes.csv").Features, options).Report!;

        Assert.All(told, one => Assert.Equal(Environment.CurrentManagedThreadId, one.Thread));
        int[] raced = [.. told.Select(one => one.Progress.RacedStarts).OfType<int>()];
        Assert.NotEmpty(raced);
        Assert.Equal(raced.Order(), raced);
        Assert.InRange(raced[^1], 1, report.RacedStartCount);
    }

    private static void SavesTheSame(double[,] rows, int componentCount, string code)
    {
        (byte[] Bytes, int Starts, int Agreeing)[] fits = [.. _threads.Select(threads => Fit(rows, componentCount, code, threads))];

        Assert.InRange(fits[0].Starts, 20, int.MaxValue);
        Assert.All(fits, fit => Assert.Equal((fits[0].Starts, fits[0].Agreeing), (fit.Starts, fit.Agreeing)));
        Assert.All(fits, fit => Assert.True(fit.Bytes.AsSpan().SequenceEqual(fits[0].Bytes), "The models differ."));
    }

    private static (byte[] Bytes, int Starts, int Agreeing) Fit(double[,] rows, int componentCount, string code, int threads)
    {
        GaussianMixtureModel model = GaussianMixture.Fit(
            rows, new GaussianMixtureOptions { ComponentCount = componentCount, CovarianceStructure = CovarianceStructure.FromCode(code), ThreadCount = threads });
        using var saved = new MemoryStream();
        model.Save(saved);
        return (saved.ToArray(), model.Report!.RacedStartCount, model.Report.AgreeingRacedStartCount);
    }
}
