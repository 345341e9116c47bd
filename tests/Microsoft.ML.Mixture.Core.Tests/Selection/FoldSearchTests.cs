using Microsoft.ML.Mixture.Engine.Tests;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Selection.Tests;

/// <summary>Searches by cross-validation: of each fold the rows of the others are searched.</summary>
public class FoldSearchTests
{
    private static readonly CovarianceStructure[] _few = [CovarianceStructure.Full, CovarianceStructure.Tied, CovarianceStructure.Diagonal, CovarianceStructure.TiedShape];

    private static double[,] Rows => new MixtureCase(3, 2, 40, 11).Rows;

    // A single component has a closed form, whichever way it is fitted.
    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public void Search_OneComponent_ForeseesRowsAsCrossValidateDoes(int missing)
    {
        double[,] rows = Rows;
        for (int i = 0; i < missing * rows.GetLength(0); i += 9) rows[i, i % 2] = double.NaN;
        double[] weights = [.. Enumerable.Range(0, rows.GetLength(0)).Select(i => i % 4 * 0.5)];

        MixtureSearchResult result = GaussianMixture.Search(rows, Options(options => (options.MaximumComponentCount, options.FoldCount, options.Seed) = (2, 7, 5)), weights);

        foreach (CovarianceStructure structure in (CovarianceStructure[])[CovarianceStructure.Full, CovarianceStructure.Diagonal])
        {
            MixtureCrossValidation expected = GaussianMixture.CrossValidate(
                rows, new GaussianMixtureOptions { CovarianceStructure = structure, Seed = 5, Tolerance = 1e-10 }, foldCount: 7, weights);
            MixtureCrossValidation actual = result.Find(1, structure)!.CrossValidation!;
            Assert.Equal(expected.FoldRowWeights, actual.FoldRowWeights);
            Assert.All(expected.FoldLogLikelihoods.Zip(actual.FoldLogLikelihoods), pair => Closeness.Relative(pair.First, pair.Second, missing == 0 ? 1e-9 : 1e-4, "Fold"));
        }
    }

    /// <summary>
    /// Each fold of each model was a race of starts, some 150 times as many passes. As many as a search of all rows and one for each fold are enough.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Kind", "Cost")]
    public void Search_ByCrossValidation_ReadsLittleMoreThanOneSearchForEachFold(bool hasNoise)
    {
        int byBic = Reads(MixtureCriterion.Bayesian), byFolds = Reads(MixtureCriterion.CrossValidation);

        Assert.InRange(byFolds, 5 * byBic, 14 * byBic);

        int Reads(MixtureCriterion criterion)
        {
            int reads = 0;
            double[,] rows = Rows;
            var source = new WatchedRowSource(new ArrayRowSource<double>(rows.Cast<double>().ToArray(), 2), () => reads++);
            GaussianMixture.Search(source, Options(options => (options.Criterion, options.ThreadCount, options.NoiseComponent) = (criterion, 1, hasNoise)), CancellationToken.None);
            return reads;
        }
    }

    /// <summary>
    /// Fits to folds that begin at the fit to all rows have seen what they are to foresee: they made full covariances of six components the best, which are 90 behind where they have not.
    /// </summary>
    [Fact]
    public void Search_ByCrossValidation_DoesNotBeginAtWhatRowsLeftOutHaveLedTo()
    {
        MixtureSearchResult result = GaussianMixture.Search(CsvTable.Faithful.Features, Options(options => (options.MaximumComponentCount, options.Seed) = (6, 0)));

        Assert.Equal("tied (EEE), 3 components", result.Best.ToString());
        Assert.True(result.Find(6, CovarianceStructure.Full)!.Value(MixtureCriterion.CrossValidation) > result.Best.Value(MixtureCriterion.CrossValidation) + 40, "Six are not worse.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Kind", "Determinism")]
    public void Search_ByCrossValidationOnAnyThreads_GivesTheSameBits(bool hasNoise)
    {
        MixtureSearchResult[] all = [.. new[] { 1, 3, 16 }.Select(threads =>
            GaussianMixture.Search(Rows, Options(options => (options.NoiseComponent, options.FoldCount, options.ThreadCount) = (hasNoise, 5, threads))))];

        foreach (MixtureSearchResult other in all[1..])
        {
            Assert.Equal(all[0].ToString(), other.ToString());
            Assert.All(all[0].Candidates.Zip(other.Candidates), pair => Assert.Equal(
                MixtureAssert.Bits([.. pair.First.CrossValidation!.FoldLogLikelihoods]), MixtureAssert.Bits([.. pair.Second.CrossValidation!.FoldLogLikelihoods])));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Search_ByCrossValidation_TellsOfAllSteps(bool hasNoise)
    {
        var seen = new List<MixtureSearchProgress>();

        GaussianMixture.Search(Rows, Options(options => (options.NoiseComponent, options.Progress) = (hasNoise, new Recorder(seen.Add))));

        Assert.Equal(Enumerable.Range(1, seen[0].TotalSteps).Distinct(), seen.Select(progress => progress.CompletedSteps).Distinct());
        Assert.Equal(seen[^1].TotalSteps, seen[^1].CompletedSteps);
    }

    [Fact]
    public void Search_ModelThatAFoldIsTooSmallFor_SaysSoAndHasNone()
    {
        double[,] rows = { { 1 }, { 2 }, { 4 }, { 7 }, { 11 }, { 16 } };

        MixtureSearchResult result = GaussianMixture.Search(
            rows, Options(options => (options.MaximumComponentCount, options.FoldCount, options.CovarianceStructures) = (6, 3, [CovarianceStructure.TiedSpherical])));

        MixtureCandidate most = result.Find(6, CovarianceStructure.TiedSpherical)!;
        Assert.StartsWith("It could not be cross-validated. There are 4 rows to fit 6 components to.", most.Failure, StringComparison.Ordinal);
        Assert.Null(most.Model);
        Assert.Null(most.Criteria);
        Assert.NotNull(result.Find(2, CovarianceStructure.TiedSpherical)!.CrossValidation);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Search_TimeBudgetThatIsEnough_GivesTheSameBitsAndSaysNothing(bool hasNoise)
    {
        var clock = new ManualClock();
        GaussianMixtureSearchOptions options = Options(options => (options.NoiseComponent, options.Clock, options.ThreadCount) = (hasNoise, clock, 1));
        string expected = GaussianMixture.Search(Rows, options).ToString();

        // All rows have an eleventh of it, and so have the folds, each of what is left.
        options.TimeBudget = TimeSpan.FromSeconds(24);
        bool isPast = false;
        options.Progress = new Recorder(progress =>
        {
            if (!isPast && progress.CompletedSteps >= 0.75 * progress.TotalSteps) clock.Advance(TimeSpan.FromSeconds(5));
            isPast = progress.CompletedSteps >= 0.75 * progress.TotalSteps;
        });

        Assert.Equal(expected, GaussianMixture.Search(Rows, options).ToString());
        Assert.Equal(0, clock.ActiveTimerCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Search_TimeBudgetEndsBeforeTheLastFold_SaysThatTheTimeWasOver(bool hasNoise)
    {
        var clock = new ManualClock();
        GaussianMixtureSearchOptions options = Options(options => (options.NoiseComponent, options.Clock, options.ThreadCount) = (hasNoise, clock, 1));
        options.TimeBudget = TimeSpan.FromSeconds(24);
        int steps = 0;
        options.Progress = new Recorder(progress =>
        {
            if (++steps == progress.TotalSteps - 20) clock.Advance(TimeSpan.FromSeconds(24));
        });

        string message = Assert.Throws<MixtureFitException>(() => GaussianMixture.Search(Rows, options)).Message;

        Assert.Contains("The time budget of 00:00:24 ended before the fit did.", message, StringComparison.Ordinal);
        Assert.Equal(0, clock.ActiveTimerCount);
    }

    // Each fold has an even part of the time. Where one is cut off, it has single components at least, and the others go on.
    [Fact]
    public void Search_TimeBudgetEndsWithinAFold_HasModelsThatAllFoldsHaveAndWarns()
    {
        var clock = new ManualClock();
        double[,] rows = Rows;
        bool isInFolds = false;
        int reads = 0;
        var source = new WatchedRowSource(new ArrayRowSource<double>(rows.Cast<double>().ToArray(), 2), () =>
        {
            if (isInFolds && ++reads == 30) clock.Advance(TimeSpan.FromSeconds(3.1));
        });
        GaussianMixtureSearchOptions options = Options(options => (options.Clock, options.ThreadCount, options.FoldCount, options.TimeBudget) = (clock, 1, 3, TimeSpan.FromSeconds(9)));
        options.Progress = new Recorder(progress => isInFolds |= progress.CompletedSteps == progress.TotalSteps - (3 * 16));

        MixtureSearchResult result = GaussianMixture.Search(source, options, CancellationToken.None);

        Assert.NotEmpty(result.Ranking);
        Assert.All(result.Ranking, candidate => Assert.Equal(3, candidate.CrossValidation!.FoldLogLikelihoods.Count));
        Assert.Contains(result.Warnings, warning => warning.StartsWith("The time budget of 00:00:09 ended before", StringComparison.Ordinal));
    }

    private static GaussianMixtureSearchOptions Options(Action<GaussianMixtureSearchOptions> change)
    {
        var options = new GaussianMixtureSearchOptions { MaximumComponentCount = 4, CovarianceStructures = _few, Criterion = MixtureCriterion.CrossValidation, Seed = 3 };
        change(options);
        return options;
    }

    private sealed class Recorder(Action<MixtureSearchProgress> record) : IProgress<MixtureSearchProgress>
    {
        public void Report(MixtureSearchProgress value) => record(value);
    }
}
