using Microsoft.ML.Mixture.Engine.Tests;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Selection.Tests;

/// <summary>Progress, cancellation and time budgets of searches.</summary>
public class SearchLimitsTests
{
    [Fact]
    public void Search_Progress_CountsUpToAllSteps()
    {
        var seen = new List<MixtureSearchProgress>();
        GaussianMixtureSearchOptions options = Options(seen.Add);
        options.ThreadCount = 3;

        GaussianMixture.Search(Rows, options);

        Assert.Equal(Enumerable.Range(1, seen[0].TotalSteps), seen.Select(progress => progress.CompletedSteps));
    }

    [Fact]
    public void Search_AlreadyCancelled_Throws() => Assert.ThrowsAny<OperationCanceledException>(
        () => GaussianMixture.Search(Rows, null, null, new CancellationToken(canceled: true)));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 14)]
    [InlineData(3, 5)]
    public void Search_CancelledMidway_Throws(int threads, int afterSteps)
    {
        using var source = new CancellationTokenSource();
        int steps = 0;
        GaussianMixtureSearchOptions options = Options(progress =>
        {
            steps = progress.CompletedSteps;
            if (steps == afterSteps) source.Cancel();
        });
        options.ThreadCount = threads;
        options.TimeBudget = TimeSpan.FromMinutes(10);

        Assert.ThrowsAny<OperationCanceledException>(() => GaussianMixture.Search(Rows, options, null, source.Token));

        Assert.InRange(steps, afterSteps, afterSteps + threads);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Search_TimeBudgetEndsBetweenModels_ListsTheOthersAndWarns(bool firesTimers)
    {
        var clock = new ManualClock { FiresTimers = firesTimers };
        var budget = TimeSpan.FromSeconds(4);
        GaussianMixtureSearchOptions options = Options(progress =>
        {
            // The last phase has one step a model; after the first one the time is over.
            if (progress.CompletedSteps == progress.TotalSteps - 3) clock.Advance(budget);
        });
        options.ThreadCount = 1;
        options.TimeBudget = budget;
        options.Clock = clock;

        MixtureSearchResult result = GaussianMixture.Search(Rows, options);

        MixtureCandidate[] unfinished = [.. result.Candidates.Where(candidate => candidate.Model is null)];
        Assert.Equal(3, unfinished.Length);
        Assert.All(unfinished, candidate => Assert.Contains("The time budget of 00:00:04 ended", candidate.Failure!, StringComparison.Ordinal));
        Assert.Contains(result.Warnings, warning => warning.Contains("before 3 of 4 models were fitted", StringComparison.Ordinal));
        Assert.Equal(0, clock.ActiveTimerCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Search_TimeBudgetTooShortForAnything_ThrowsAndSaysSo(bool firesTimers)
    {
        var clock = new ManualClock { FiresTimers = firesTimers };
        GaussianMixtureSearchOptions options = Options(_ => clock.Advance(TimeSpan.FromMilliseconds(1)));
        options.TimeBudget = TimeSpan.FromMilliseconds(1);
        options.Clock = clock;
        MixtureFitException error = Assert.Throws<MixtureFitException>(() => GaussianMixture.Search(Rows, options));
        Assert.Contains("time budget of 00:00:00.0010000 ended", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, clock.ActiveTimerCount);
    }

    [Fact]
    public void Search_TimeBudgetLongerThanAnyTimer_IsNoLimit()
    {
        GaussianMixtureSearchOptions options = Options(_ => { });
        options.TimeBudget = TimeSpan.MaxValue;
        Assert.Equal(4, GaussianMixture.Search(Rows, options).Ranking.Count);
    }

    private static double[,] Rows { get; } = new MixtureCase(2, 2, 40, 3).Rows;

    private static GaussianMixtureSearchOptions Options(Action<MixtureSearchProgress> record) => new()
    {
        MinimumComponentCount = 2,
        MaximumComponentCount = 3,
        CovarianceStructures = [CovarianceStructure.Full, CovarianceStructure.Tied],
        Progress = new Recorder(record),
    };

    private sealed class Recorder(Action<MixtureSearchProgress> record) : IProgress<MixtureSearchProgress>
    {
        public void Report(MixtureSearchProgress value) => record(value);
    }
}
