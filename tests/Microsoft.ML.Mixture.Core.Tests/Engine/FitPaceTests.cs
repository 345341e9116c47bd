using System.Globalization;
using Xunit.Abstractions;

namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>What a listener is told of the pace of a fit, by a clock that takes one second for every step.</summary>
[Trait("Kind", "Progress")]
public class FitPaceTests(ITestOutputHelper output)
{
    private static readonly EngineProblem _problem = new(RowKind.Overlapping, 600, 2, 4, 3);

    [Fact]
    public void Progress_WithoutATolerance_CountsDownToTheLimitOfIterations()
    {
        List<FitProgress> seen = Fit(_problem.Rows, new GaussianMixtureOptions { ComponentCount = 4, Tolerance = 0, MaximumIterations = 20, RestartCount = 3 });

        Assert.Equal(63, seen.Count);
        for (int at = 0; at < seen.Count; at++)
        {
            FitProgress progress = seen[at];
            Assert.Equal((at / 21, at % 21, TimeSpan.FromSeconds(at)), (progress.Start, progress.Iteration, progress.Elapsed));
            if (progress.Iteration == 0)
            {
                Assert.Null(progress.TimeLeft);
                Assert.True(double.IsNaN(progress.Gain) && double.IsNaN(progress.IterationsPerSecond));
                continue;
            }

            Assert.Equal(progress.AverageObjective - seen[at - 1].AverageObjective, progress.Gain, 1e-12);
            Assert.Equal(1, progress.IterationsPerSecond, 1e-12);

            // The starts to come take as long as those so far, with the second in front of each.
            double left = 20 - progress.Iteration, perStart = (at + left) / (progress.Start + 1);
            Assert.Equal(left + ((2 - progress.Start) * perStart), progress.TimeLeft!.Value.TotalSeconds, 1e-6);
        }
    }

    [Fact]
    public void Progress_OfFitsToRealData_EstimatesTheTimeLeft()
    {
        // Three fifths of all estimates from a third of the way on lie within a factor of three, or three steps. Accelerated gains go up and down,
        // and where they have not shrunk of late, nothing is said.
        int good = 0, count = 0, known = 0, total = 0;
        foreach ((double[,] rows, int components) in new[] { (CsvTable.Faithful.Features, 3), (CsvTable.Iris.Features, 3), (CsvTable.Diabetes.Features, 3), (CsvTable.Wine.Features, 2), (CsvTable.Banknote.Features, 3) })
        {
            foreach (bool accelerates in (bool[])[false, true])
            {
                List<FitProgress> seen = Fit(rows, new GaussianMixtureOptions { ComponentCount = components, Tolerance = 1e-9, Accelerate = accelerates });
                Assert.Equal(TimeSpan.Zero, seen[^1].TimeLeft);
                Assert.Null(seen[0].TimeLeft);
                foreach (FitProgress progress in seen.Skip(seen.Count / 3).SkipLast(1))
                {
                    total++;
                    if (progress.TimeLeft is not { } left) continue;
                    known++;
                    double truth = (seen[^1].Elapsed - progress.Elapsed).TotalSeconds, estimate = left.TotalSeconds;
                    count++;
                    if (Math.Abs(estimate - truth) <= 3 || (estimate <= 3 * truth && truth <= 3 * estimate)) good++;
                }
            }
        }

        output.WriteLine($"{good} of {count} estimates are good; {known} of {total} times were known.");
        Assert.True(count > 100 && 5 * good >= 3 * count, $"{good} of {count}");
        Assert.True(2 * known >= total, $"{known} of {total}");
    }

    // A single start goes on to a hundredth of the tolerance; at the tolerance it was told that a few steps were left, of hundreds.
    [Fact]
    public void Progress_BelowTheTolerance_CountsDownToWhereTheStartEnds()
    {
        List<FitProgress> seen = Fit(_problem.Rows, new GaussianMixtureOptions { ComponentCount = 4, Accelerate = false, Start = _problem.Start(), MaximumIterations = 5000 });

        FitProgress[] below = [.. seen.SkipLast(1).Where(progress => progress.RemainingGain is <= 1e-4 and > 2e-6)];
        double[] ratios = [.. below.Where(progress => progress.TimeLeft is not null).Select(progress => progress.TimeLeft!.Value / (seen[^1].Elapsed - progress.Elapsed))];

        output.WriteLine($"{seen.Count} steps, {below.Length} of them below the tolerance: {string.Join(' ', ratios.Select(ratio => ratio.ToString("F2", System.Globalization.CultureInfo.InvariantCulture)))}");
        Assert.True(ratios.Length > 20);
        Assert.InRange(ratios.Order().ElementAt(ratios.Length / 2), 0.5, 2);
    }

    [Fact]
    public void Progress_OfTheDefaultStart_TellsOfTheRaceBeforeItsBestIsCarriedOn()
    {
        List<FitProgress> seen = All(_problem.Rows, new GaussianMixtureOptions { ComponentCount = 4, RestartCount = 2 });

        for (int start = 0; start < 2; start++)
        {
            FitProgress[] ofStart = [.. seen.Where(progress => progress.Start == start)], race = [.. ofStart.TakeWhile(progress => progress.RacedStarts is not null)];
            Assert.Equal(1, race[0].RacedStarts);
            Assert.True(race.Length < ofStart.Length);
            Assert.All(ofStart.Skip(race.Length), progress => Assert.Null(progress.RacedStarts));
            Assert.All(race, progress => Assert.True(progress.Iteration == 0 && double.IsNaN(progress.Gain)));
            Assert.Null(race[0].TimeLeft);
            Assert.All(race, progress => Assert.False(progress.TimeLeft <= TimeSpan.Zero, $"{progress.TimeLeft} is left."));
            Assert.Contains(race, progress => progress.TimeLeft is not null);
            Assert.All(race.Zip(race.Skip(1)), pair => Assert.True(pair.First.RacedStarts < pair.Second.RacedStarts && pair.First.Elapsed < pair.Second.Elapsed));
            Assert.InRange(ofStart[race.Length].AverageObjective, race[^1].AverageObjective - 1e-9, race[^1].AverageObjective + 0.01);
        }
    }

    /// <summary>Nothing was told for up to eight seconds of a fit to 50,000 rows, and no time that is left.</summary>
    [Theory]
    [InlineData(600, 0.1, false)]
    [InlineData(600, 0.1, true)]
    [InlineData(9_000, 0.005, false)]
    [InlineData(70_000, 0.002, false)]
    public void Progress_OfTheDefaultStart_IsNeverSilentForLongWhileItRaces(int rowCount, double secondsOfRead, bool hasNoise)
    {
        var problem = new EngineProblem(RowKind.Overlapping, rowCount, 2, 4, 3);
        var clock = new ManualClock();
        var seen = new List<FitProgress>();
        var options = new GaussianMixtureOptions { ComponentCount = 4, NoiseComponent = hasNoise, ThreadCount = 1, Clock = clock, Progress = new ProgressRecorder(seen.Add) };

        GaussianMixture.Fit(new WatchedRowSource(problem.Source, () => clock.Advance(TimeSpan.FromSeconds(secondsOfRead))), options, CancellationToken.None);

        FitProgress[] race = [.. seen.Where(progress => progress.RacedStarts is not null)];
        double[] silences = [.. race.Zip(race.Skip(1)).Select(pair => (pair.Second.Elapsed - pair.First.Elapsed).TotalSeconds)];
        Assert.True(silences.Length > 10, $"It told {race.Length} times of the race.");
        Assert.True(silences.Max() < 2.5, $"It was silent for {silences.Max()} s.");
        double[] shares = [.. race.Where(progress => progress.TimeLeft is not null).Select(progress => progress.TimeLeft!.Value / (seen[^1].Elapsed - progress.Elapsed))];
        Assert.NotEmpty(shares);
        Assert.True(shares.Order().ElementAt(shares.Length / 2) is > 0.3 and < 6, $"{string.Join(' ', shares.Select(share => share.ToString("F2", CultureInfo.InvariantCulture)))} times what was left.");
    }

    [Fact]
    public void Progress_OfARaceWhoseBestRestsOnAHandfulOfRows_SaysSoAndFallsOnlyWhereFewerComponentsDo()
    {
        FitProgress[] race = [.. All(CsvTable.Iris.Features, new GaussianMixtureOptions { ComponentCount = 9 }).Where(progress => progress.RacedStarts is not null)];

        Assert.True(race[0].SpuriousComponentCount > 0);
        Assert.Equal(0, race[^1].SpuriousComponentCount);
        (FitProgress Before, FitProgress After)[] falls = [.. race.Zip(race.Skip(1)).Where(pair => pair.Second.AverageObjective < pair.First.AverageObjective)];
        Assert.NotEmpty(falls);
        Assert.All(falls, fall => Assert.True(fall.After.SpuriousComponentCount < fall.Before.SpuriousComponentCount));
    }

    [Fact]
    public void Progress_WithABudget_NeverPromisesMoreThanIsLeftOfIt()
    {
        var options = new GaussianMixtureOptions { ComponentCount = 4, Tolerance = 0, MaximumIterations = 1000, TimeBudget = TimeSpan.FromSeconds(30) };

        List<FitProgress> seen = Fit(_problem.Rows, options);

        Assert.Equal(30, seen.Count);
        for (int at = 0; at < seen.Count; at++) Assert.Equal(TimeSpan.FromSeconds(30 - at), seen[at].TimeLeft);
    }

    [Fact]
    public void Progress_ClockThatStandsStill_SaysThatNothingIsKnown()
    {
        List<FitProgress> seen = Fit(_problem.Rows, new GaussianMixtureOptions { ComponentCount = 4 }, secondsOfStep: 0);

        Assert.All(seen, progress => Assert.True(double.IsNaN(progress.IterationsPerSecond)));
        Assert.All(seen.SkipLast(1), progress => Assert.Null(progress.TimeLeft));
        Assert.Equal(TimeSpan.Zero, seen[^1].TimeLeft);
        Assert.InRange(seen[^1].RemainingGain, 0, 1e-4);
        Assert.Equal(double.PositiveInfinity, seen[0].RemainingGain);
    }

    // Without the races of starts.
    private static List<FitProgress> Fit(double[,] rows, GaussianMixtureOptions options, double secondsOfStep = 1) =>
        [.. All(rows, options, secondsOfStep).Where(progress => progress.RacedStarts is null)];

    private static List<FitProgress> All(double[,] rows, GaussianMixtureOptions options, double secondsOfStep = 1)
    {
        var clock = new ManualClock();
        var seen = new List<FitProgress>();
        options.Clock = clock;
        options.Progress = new ProgressRecorder(progress =>
        {
            seen.Add(progress);
            clock.Advance(TimeSpan.FromSeconds(secondsOfStep));
        });
        GaussianMixture.Fit(rows, options);
        return seen;
    }
}
