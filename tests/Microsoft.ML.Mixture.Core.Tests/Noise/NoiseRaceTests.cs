using Microsoft.ML.Mixture.Laws.Tests;
using Microsoft.ML.Mixture.Reliability.Tests;
using Xunit.Abstractions;

namespace Microsoft.ML.Mixture.Noise.Tests;

/// <summary>Default fits with noise race as those without do.</summary>
public class NoiseRaceTests(ITestOutputHelper output)
{
    // What two runs to one maximum may differ by.
    private const double Near = 0.2;

    /// <summary>Groups of 900, 400, 180 and 20 rows among stray ones: two fits of ten had left the last group to the noise.</summary>
    [Fact]
    [Trait("Kind", "Recovery")]
    public void Fit_GroupsOfUnevenSize_FindsTheMaximumNearTheTruthFromAllSeeds()
    {
        (double[,] rows, int[] labels) = UnevenGroups(150);
        double near = Fit(rows, 0, MixtureStart.FromLabels(labels));
        double[] found = Find(rows);

        int hits = found.Count(objective => objective > near - Near);
        Assert.True(hits == found.Length, $"{hits} of {found.Length} fits come to the maximum near the truth.");
    }

    /// <summary>Four fits of twenty had come to the best maximum known, and the others ended 121 to 148 below.</summary>
    [Fact]
    [Trait("Kind", "Recovery")]
    public void Fit_Quakes_FindsTheBestMaximumFromMostSeeds()
    {
        double[] found = Find(CsvTable.Load("quakes.csv").Select("lat", "long", "depth", "mag", "stations"));

        int hits = found.Count(objective => objective > found.Max() - Near);
        Assert.True(hits >= 0.8 * found.Length, $"{hits} of {found.Length} fits come to the best maximum.");
    }

    /// <summary>One start from the given rows had led up to 38 lower, depending on the seed.</summary>
    [Fact]
    [Trait("Kind", "Recovery")]
    public void Fit_GivenRowsOfNoise_RacesFromThem()
    {
        (double[,] rows, int[] labels) = UnevenGroups(150);
        var options = new GaussianMixtureOptions { ComponentCount = 4, NoiseComponent = true, InitialNoise = [.. labels.Select(label => label == 4)] };
        var objectives = new List<double>();
        for (options.Seed = 0; options.Seed < 6; options.Seed++)
        {
            FitReport report = GaussianMixture.Fit(rows, options).Report!;
            Assert.InRange(report.RacedStartCount, 10, 5000);
            objectives.Add(report.ObjectiveHistory[^1]);
        }

        Assert.InRange(objectives.Min(), objectives.Max() - Near, objectives.Max());
    }

    [Fact]
    [Trait("Kind", "Reference")]
    public void Report_OfADefaultFit_TellsOfTheRace()
    {
        (double[,] rows, _) = UnevenGroups(150);
        FitReport report = Fit(null);

        Assert.InRange(report.RacedStartCount, 10, 5000);
        Assert.InRange(report.AgreeingRacedStartCount, 2, report.RacedStartCount);
        Assert.Contains($"{report.RacedStartCount} starts of all kinds raced", report.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, Fit(MixtureStart.KMeansPlusPlus).RacedStartCount);

        FitReport Fit(MixtureStart? start) => GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 4, NoiseComponent = true, Start = start }).Report!;
    }

    [Theory]
    [Trait("Kind", "Determinism")]
    [InlineData(1)]
    [InlineData(8)]
    public void Fit_AnyThreadCount_IsBitIdentical(int copies)
    {
        // Eight times the rows race on a sample.
        (double[,] groups, _) = UnevenGroups(150);
        int count = groups.GetLength(0);
        var random = new Random(3);
        double[,] rows = new double[copies * count, 2];
        for (int at = 0; at < rows.Length; at++) rows[at / 2, at % 2] = groups[at / 2 % count, at % 2] + (at < groups.Length ? 0 : 0.01 * MixtureCase.Normal(random));

        GaussianMixtureModel one = Fit(1), four = Fit(4);

        Assert.Equal(one.Means.ToArray(), four.Means.ToArray());
        Assert.Equal(one.NoiseWeight, four.NoiseWeight);
        Assert.Equal(one.Report!.RacedStartCount, four.Report!.RacedStartCount);

        GaussianMixtureModel Fit(int threads) => GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 4, NoiseComponent = true, ThreadCount = threads });
    }

    [Fact]
    [Trait("Kind", "Budget")]
    public void Fit_CancelledWithinTheRace_ReturnsTheBestSoFar()
    {
        (double[,] rows, _) = UnevenGroups(150);
        using var cancellation = new CancellationTokenSource();
        var options = new GaussianMixtureOptions { ComponentCount = 4, NoiseComponent = true, CancellationBehavior = CancellationBehavior.ReturnBest, Progress = new Canceller(cancellation) };

        GaussianMixtureModel model = GaussianMixture.Fit(rows, options, cancellationToken: cancellation.Token);

        Assert.Equal((StopReason.Cancelled, 1), (model.Report!.StopReason, model.Report.UnfinishedStartCount));
        Assert.True(model.HasNoise);
        Assert.InRange(model.Report.RacedStartCount, 1, 5);
    }

    private sealed class Canceller(CancellationTokenSource cancellation) : IProgress<FitProgress>
    {
        public void Report(FitProgress value) => cancellation.Cancel();
    }

    private double[] Find(double[,] rows)
    {
        double[] found = [.. Enumerable.Range(0, GoalSize.Of(10, 100)).Select(seed => Fit(rows, seed, null))];
        output.WriteLine(FormattableString.Invariant($"{found.Count(objective => objective > found.Max() - Near)} of {found.Length} at {found.Max():F2}, the lowest at {found.Min():F2}"));
        return found;
    }

    private static double Fit(double[,] rows, int seed, MixtureStart? start) =>
        GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 4, NoiseComponent = true, Seed = seed, Start = start }).Report!.ObjectiveHistory[^1];

    private static (double[,] Rows, int[] Labels) UnevenGroups(int strayCount)
    {
        int[] counts = [900, 400, 180, 20, strayCount];
        double[,] centres = { { 0, 0 }, { 6, 1 }, { 1, 6 }, { 3.5, 3 } };
        double[] spreads = [1, 1.2, 0.8, 0.3];
        var random = new Random(7);
        int[] labels = [.. counts.SelectMany((count, label) => Enumerable.Repeat(label, count))];
        double[,] rows = new double[labels.Length, 2];
        for (int at = 0; at < rows.Length; at++)
        {
            int label = labels[at / 2];
            rows[at / 2, at % 2] = label == 4 ? -6 + (18 * random.NextDouble()) : centres[label, at % 2] + (spreads[label] * MixtureCase.Normal(random));
        }

        return (rows, labels);
    }
}
