namespace Microsoft.ML.Mixture.Selection.Tests;

[Trait("Kind", "Recovery")]
public class BootstrapEarlyEndTests
{
    private const int ReplicateCount = 40;

    [Fact]
    [Trait("Kind", "Determinism")]
    public void BootstrapTest_EnoughStatisticsAtLeastAsLarge_EndsWithTheFirstOfThem_ForAnyThreadCount()
    {
        double[,] rows = BootstrapTests.Clusters(1, 60, 0, 3);
        MixtureBootstrapTest all = GaussianMixture.BootstrapTest(rows, Options(null, 2));
        MixtureBootstrapTest[] tests = [.. new[] { 1, 2, 5 }.Select(threads => GaussianMixture.BootstrapTest(rows, Options(3, threads)))];

        // The third in the order of the draws.
        int end = 0;
        for (int found = 0; found < 3; end++)
        {
            if (all.ReplicateStatistics[end] >= all.Statistic) found++;
        }

        Assert.InRange(end, 3, ReplicateCount / 2);
        Assert.Equal((false, ReplicateCount, ReplicateCount), (all.EndedEarly, all.PlannedReplicateCount, all.ReplicateStatistics.Count));
        Assert.Equal((1.0 + all.ExceedanceCount) / (ReplicateCount + 1), all.PValue);
        Assert.All(tests, test =>
        {
            Assert.Equal((true, ReplicateCount, 3), (test.EndedEarly, test.PlannedReplicateCount, test.ExceedanceCount));
            Assert.Equal(all.ReplicateStatistics.Take(end), test.ReplicateStatistics);
            Assert.Equal(3.0 / end, test.PValue);
        });
    }

    [Fact]
    public void BootstrapTest_ThatEndsEarly_HasDoneFewDataSetsMore()
    {
        int done = 0;
        GaussianMixtureBootstrapOptions options = Options(2, 2);
        options.ReplicateCount = 400;
        options.Progress = new Listener(count => done = count);

        MixtureBootstrapTest test = GaussianMixture.BootstrapTest(BootstrapTests.Clusters(1, 60, 0, 3), options);

        // One for the other thread, while one more was under way that counted; more if the machine lets a thread sleep.
        Assert.True(test.EndedEarly);
        Assert.InRange(done, test.ReplicateStatistics.Count, 100);
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void BootstrapTally_WhateverComesFirst_CountsInTheOrderOfTheDraws_AndDecidesAsAllOfThem()
    {
        var random = new Random(17);
        int endedEarly = 0;
        for (int round = 0; round < 2000; round++)
        {
            int count = 5 + random.Next(60), enough = 1 + random.Next(count);
            double share = random.NextDouble();
            double[] statistics = [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() < share ? 2.0 : 0)];
            int[] arrival = [.. Enumerable.Range(0, count)];

            // Threads that are some draws apart.
            double[] at = [.. arrival.Select(replicate => replicate + (6 * random.NextDouble()))];
            Array.Sort(at, arrival);
            var tally = new BootstrapTally(1, count, enough, progress: null);
            foreach (int replicate in arrival)
            {
                if (tally.Add(replicate, statistics[replicate])) break;
            }

            double[] counted = tally.Statistics();
            int exceedances = statistics.Count(statistic => statistic >= 1);
            int naive = 0;
            for (int found = 0; naive < count && found < enough; naive++) found += statistics[naive] >= 1 ? 1 : 0;
            Assert.Equal(statistics.Take(naive), counted);
            Assert.Equal(exceedances >= enough, tally.IsOver);
            if (counted.Length == count) continue;
            endedEarly++;
            double early = (double)enough / counted.Length, whole = (1.0 + exceedances) / (count + 1), highest = (double)enough / (count + 1);
            Assert.True(early > highest && whole > highest, $"{early} and {whole}, where {highest} decides.");
        }

        Assert.InRange(endedEarly, 500, 1900);
    }

    [Fact]
    public void BootstrapSequence_LevelBeyondWhatTheEarlyEndDecides_DrawsMore()
    {
        double[,] rows = BootstrapTests.Clusters(1, 60, 0, 3);

        MixtureBootstrapTest test = Assert.Single(GaussianMixture.BootstrapSequence(rows, Options(1, 2), level: 0.2));

        // 0.2 of 41.
        Assert.Equal((true, 9), (test.EndedEarly, test.ExceedanceCount));
        Assert.True(test.PValue > 0.2, test.ToString());
    }

    private static GaussianMixtureBootstrapOptions Options(int? exceedanceCount, int threadCount) =>
        new() { ReplicateCount = ReplicateCount, ExceedanceCount = exceedanceCount, ThreadCount = threadCount, StartCount = 1, Seed = 4 };

    private sealed class Listener(Action<int> listen) : IProgress<int>
    {
        public void Report(int value) => listen(value);
    }
}
