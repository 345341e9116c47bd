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
            // The first phase has one step a model; after the first one the time is over.
            if (progress.CompletedSteps == 1) clock.Advance(budget);
        });
        options.ThreadCount = 1;
        options.TimeBudget = budget;
        options.Clock = clock;

        MixtureSearchResult result = GaussianMixture.Search(Rows, options);

        MixtureCandidate[] unfinished = [.. result.Candidates.Where(candidate => candidate.Model is null)];
        Assert.Equal(3, unfinished.Length);
        Assert.Equal(2, result.Best.ComponentCount);
        Assert.All(unfinished, candidate => Assert.Contains("The time budget of 00:00:04 ended", candidate.Failure!, StringComparison.Ordinal));
        Assert.Contains(result.Warnings, warning => warning.Contains("before 3 of 4 models were fitted", StringComparison.Ordinal));
        Assert.DoesNotContain(result.Warnings, warning => warning.Contains("as many components as were tried", StringComparison.Ordinal));
        Assert.Equal(0, clock.ActiveTimerCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Search_TimeBudgetTooShortForAnything_ThrowsAndSaysSo(bool firesTimers)
    {
        var clock = new ManualClock { FiresTimers = firesTimers };
        GaussianMixtureSearchOptions options = Options(_ => { });
        options.TimeBudget = TimeSpan.FromMilliseconds(1);
        options.Clock = clock;
        double[,] rows = Rows;
        var source = new WatchedRowSource(new ArrayRowSource<double>(rows.Cast<double>().ToArray(), rows.GetLength(1)), () => clock.Advance(TimeSpan.FromMilliseconds(1)));
        MixtureFitException error = Assert.Throws<MixtureFitException>(() => GaussianMixture.Search(source, options, CancellationToken.None));
        Assert.Contains("time budget of 00:00:00.0010000 ended", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, clock.ActiveTimerCount);
    }

    /// <summary>Searches looked for features that follow from others, values that repeat and rows far from others whatever the budget.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Search_TimeIsOverAfterTheFirstLook_LooksForNothingMore(bool hasNoise)
    {
        Assert.Equal(Reads(0.25, 20), Reads(0, 1e5));

        int Reads(double noise, double farthest)
        {
            int reads = 0;
            var clock = new ManualClock { FiresTimers = true };
            var options = new GaussianMixtureSearchOptions
            {
                MaximumComponentCount = 2,
                CovarianceStructures = [CovarianceStructure.Full],
                NoiseComponent = hasNoise,
                ThreadCount = 1,
                TimeBudget = TimeSpan.FromSeconds(1),
                Clock = clock,
            };
            double[,] rows = new double[600, 2];
            for (int i = 0; i < 600; i++) (rows[i, 0], rows[i, 1]) = (i % 20, (i % 20) + (noise * (i % 7)));
            rows[599, 0] = farthest;
            var source = new WatchedRowSource(GaussianMixture.Copy(rows, null), () =>
            {
                reads++;
                clock.Advance(TimeSpan.FromSeconds(1));
            });
            if (hasNoise) Assert.Throws<MixtureFitException>(() => GaussianMixture.Search(source, options, CancellationToken.None));
            else Assert.Equal(1, GaussianMixture.Search(source, options, CancellationToken.None).Best.ComponentCount);
            return reads;
        }
    }

    [Fact]
    public void Search_TimeBudgetTooShortForGroups_HasSingleComponents()
    {
        var clock = new ManualClock { FiresTimers = true };
        GaussianMixtureSearchOptions options = Options(_ => { });
        options.MinimumComponentCount = 1;
        options.TimeBudget = TimeSpan.FromMilliseconds(1);
        options.Clock = clock;
        double[,] rows = Rows;
        var source = new WatchedRowSource(new ArrayRowSource<double>(rows.Cast<double>().ToArray(), rows.GetLength(1)), () => clock.Advance(TimeSpan.FromMilliseconds(1)));

        MixtureSearchResult result = GaussianMixture.Search(source, options, CancellationToken.None);

        Assert.Equal(1, result.Best.ComponentCount);
        Assert.Equal(GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 1, CovarianceStructure = result.Best.CovarianceStructure }).Report!.LogLikelihood, result.Best.Criteria!.LogLikelihood, 1e-6);
    }

    // A sample of 2,048 rows is fitted best by nine components; the one model for which there is time on all rows is the one that others of the rows speak for.
    [Fact]
    public void Search_TimeBudgetEndsWhileModelsAreFittedToAllRows_HasTheMostPromising()
    {
        var clock = new ManualClock { FiresTimers = true };
        var options = new GaussianMixtureSearchOptions
        {
            CovarianceStructures = [CovarianceStructure.Full, CovarianceStructure.TiedShape],
            ThreadCount = 1,
            TimeBudget = TimeSpan.FromSeconds(4),
            Clock = clock,
        };
        int explored = options.CovarianceStructures.Count * 9 * SearchExploration.StepCountOf(areSample: true);
        options.Progress = new Recorder(progress => clock.Advance(TimeSpan.FromSeconds(progress.CompletedSteps == explored + 1 ? 4 : 0)));
        var random = new Random(1);
        double[,] rows = new double[40000, 5];
        for (int i = 0; i < rows.GetLength(0); i++)
        {
            for (int j = 0; j < 5; j++) rows[i, j] = (((i % 3) - 1) * (j + 1) * 1.5) + ((1 + (0.3 * (i % 3))) * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        MixtureSearchResult result = GaussianMixture.Search(rows, options);

        Assert.Equal(3, result.Best.ComponentCount);
        Assert.Single(result.Candidates, candidate => candidate.Model is not null);
    }

    // The time is over after all models have started, from the tree, and before any of them is finished. A sample of 2,048 rows has fits that are none to all rows yet.
    [Theory]
    [InlineData(1, 600, 4)]
    [InlineData(2, 600, 4)]
    [InlineData(1, 5000, 1)]
    public void Search_TimeBudgetEndsBeforeAnyModelIsFinished_HasWhatWasFound(int threads, int rowCount, int expectedModels)
    {
        var clock = new ManualClock { FiresTimers = true };
        GaussianMixtureSearchOptions options = Options(progress => clock.Advance(TimeSpan.FromSeconds(progress.CompletedSteps == 4 ? 4 : 0)));
        options.ThreadCount = threads;
        options.TimeBudget = TimeSpan.FromSeconds(4);
        options.Clock = clock;
        double[,] rows = new double[rowCount, 2];
        var random = new Random(1);
        for (int i = 0; i < rowCount; i++) (rows[i, 0], rows[i, 1]) = ((8 * (i % 3)) + random.NextDouble(), random.NextDouble());

        MixtureSearchResult result = GaussianMixture.Search(rows, options);

        Assert.Equal(3, result.Best.ComponentCount);
        Assert.Equal(result.Best.Criteria!.LogLikelihood, result.Best.Model!.CriteriaOf(rows).LogLikelihood, 1e-6 * Math.Abs(result.Best.Criteria.LogLikelihood));
        Assert.Equal(expectedModels, result.Candidates.Count(candidate => candidate.Model is not null));
        string expected = expectedModels == 4 ? "all 4 models are fitted, but may be short of their best" : "before 3 of 4 models were fitted";
        Assert.Contains(result.Warnings, warning => warning.Contains(expected, StringComparison.Ordinal));
        Assert.Equal(0, clock.ActiveTimerCount);
    }

    // Exploring a sample has three fifths of the time, and what is left is for fits to all rows.
    [Fact]
    public void Search_TimeOfExploringASampleEnds_FitsTheBestOfItToAllRows()
    {
        var clock = new ManualClock { FiresTimers = true };
        GaussianMixtureSearchOptions options = Options(progress => clock.Advance(TimeSpan.FromSeconds(progress.CompletedSteps == 4 ? 2.5 : 0)));
        options.TimeBudget = TimeSpan.FromSeconds(4);
        options.Clock = clock;
        var random = new Random(1);
        double[,] rows = new double[5000, 2];
        for (int i = 0; i < 5000; i++) (rows[i, 0], rows[i, 1]) = ((8 * (i % 3)) + random.NextDouble(), random.NextDouble());

        MixtureSearchResult result = GaussianMixture.Search(rows, options);

        Assert.Equal(4, result.Ranking.Count);
        Assert.All(result.Ranking, candidate => Assert.Equal(StopReason.Converged, candidate.Model!.Report!.StopReason));
        Assert.Contains(result.Warnings, warning => warning.Contains("all 4 models are fitted, but may be short of their best", StringComparison.Ordinal));
    }

    [Fact]
    public void Search_NoMoreRowsThanFeatures_LeavesOutCorrelationsAndSaysSo()
    {
        var random = new Random(2);
        double[,] rows = new double[12, 12];
        for (int i = 0; i < 12; i++)
        {
            for (int j = 0; j < 12; j++) rows[i, j] = (6 * (i % 2)) + random.NextDouble();
        }

        MixtureSearchResult result = GaussianMixture.Search(rows, new GaussianMixtureSearchOptions { MaximumComponentCount = 2 });

        Assert.All(result.Ranking, candidate => Assert.NotEqual("VVV", candidate.CovarianceStructure.Code));
        Assert.Contains("12 rows cannot tell the correlations of 12 features", result.Find(2, CovarianceStructure.Full)!.Failure!, StringComparison.Ordinal);
        Assert.NotNull(GaussianMixture.Search(rows, new GaussianMixtureSearchOptions { MaximumComponentCount = 1, CovarianceStructures = [CovarianceStructure.Full] }).Model);
    }

    /// <summary>All were refused, for a row that "cannot tell the correlations of 1 feature".</summary>
    [Fact]
    public void Search_OneRowOfOneFeature_HasAModel() => Assert.Equal(3, GaussianMixture.Search(new double[,] { { 3 } }, new GaussianMixtureSearchOptions()).Model.Means[0, 0], 1e-12);

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
