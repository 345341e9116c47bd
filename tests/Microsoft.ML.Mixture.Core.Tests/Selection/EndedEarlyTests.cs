using Microsoft.ML.Mixture.Engine.Tests;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Selection.Tests;

/// <summary>Which models a search has fitted to the end. Most cells of its table are not maxima of their models, and nothing had told which.</summary>
public class EndedEarlyTests
{
    // Models that are farther behind than the reach of a search, whatever it finds for them, and such as are well within it.
    private const double OutOfReach = 60;
    private const double WithinReach = 15;

    private static readonly CovarianceStructure[] _few = [CovarianceStructure.Full, CovarianceStructure.Tied, CovarianceStructure.Diagonal, CovarianceStructure.Spherical];

    [Theory]
    [InlineData(MixtureCriterion.Bayesian, false)]
    [InlineData(MixtureCriterion.Akaike, false)]
    [InlineData(MixtureCriterion.Bayesian, true)]
    public void Search_ModelsThatCannotWin_EndEarlyAndThoseNearTheBestDoNot(MixtureCriterion criterion, bool hasNoise)
    {
        MixtureSearchResult result = GaussianMixture.Search(CsvTable.Faithful.Features, Options(options => (options.Criterion, options.NoiseComponent) = (criterion, hasNoise)));

        double best = result.Best.Value(criterion);
        Assert.False(result.Best.EndedEarly);
        Assert.All(result.Ranking.Where(candidate => candidate.Value(criterion) < best + WithinReach), candidate => Assert.False(candidate.EndedEarly, $"{candidate} ended early."));
        MixtureCandidate[] far = [.. result.Ranking.Where(candidate => candidate.ComponentCount > 1 && candidate.Value(criterion) > best + OutOfReach)];
        Assert.NotEmpty(far);
        Assert.All(far, candidate => Assert.True(candidate.EndedEarly, $"{candidate} was fitted to the end."));
        Assert.All(result.Candidates, candidate => Assert.True(candidate.SameAs is not { } same || same.EndedEarly == candidate.EndedEarly, $"{candidate} is not as its twin."));
    }

    [Fact]
    public void Search_ModelsFittedToTheEnd_AreNotBelowAFitOfTheirOwnAndManyOthersAre()
    {
        double[,] rows = CsvTable.Faithful.Features;
        MixtureSearchResult result = GaussianMixture.Search(rows, Options(_ => { }));

        double[] Behind(bool ended) => [.. result.Ranking.Where(candidate => !candidate.IsDoubtful && candidate.EndedEarly == ended).Select(candidate =>
            candidate.Value(MixtureCriterion.Bayesian) - GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = candidate.ComponentCount, CovarianceStructure = candidate.CovarianceStructure }).Report!.BayesianInformationCriterion)];

        Assert.All(Behind(ended: false), behind => Assert.InRange(behind, double.NegativeInfinity, 0.1));
        Assert.Contains(Behind(ended: true), behind => behind > 1);
    }

    /// <summary>The least AIC of a search by BIC was 10 to 37 above that of a search by AIC, and of another K.</summary>
    [Fact]
    public void Search_LeastOfAnotherCriterion_IsOfAModelThatEndedEarly()
    {
        double[,] rows = CsvTable.Faithful.Features;
        MixtureCandidate byBic = GaussianMixture.Search(rows, Options(_ => { })).Candidates.MinBy(candidate => candidate.Value(MixtureCriterion.Akaike))!;
        MixtureCandidate byAic = GaussianMixture.Search(rows, Options(options => options.Criterion = MixtureCriterion.Akaike)).Best;

        Assert.True(byBic.Value(MixtureCriterion.Akaike) > byAic.Value(MixtureCriterion.Akaike) + 5, $"{byBic} and {byAic} do not differ.");
        Assert.Equal((true, false), (byBic.EndedEarly, byAic.EndedEarly));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Search_NoLoserIsStopped_NoneEndsEarly(bool hasNoise)
    {
        MixtureSearchResult result = GaussianMixture.Search(
            CsvTable.Faithful.Features, Options(options => (options.StopsLosersEarly, options.NoiseComponent, options.MaximumComponentCount) = (false, hasNoise, 3)));

        Assert.All(result.Candidates, candidate => Assert.False(candidate.EndedEarly, $"{candidate} ended early."));
        Assert.DoesNotContain("~", result.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Of a fold that is searched by BIC what cannot win by that ends early, however well it may foresee.</summary>
    [Fact]
    public void Search_ByCrossValidation_TellsWhatEndedEarlyInAFold()
    {
        MixtureSearchResult result = GaussianMixture.Search(CsvTable.Faithful.Features, Options(options => (options.Criterion, options.FoldCount, options.MaximumComponentCount) = (MixtureCriterion.CrossValidation, 3, 5)));

        double best = result.Candidates.Min(candidate => candidate.Value(MixtureCriterion.Bayesian));
        Assert.All(
            result.Candidates.Where(candidate => candidate.ComponentCount > 1 && candidate.Value(MixtureCriterion.Bayesian) > best + OutOfReach),
            candidate => Assert.True(candidate.EndedEarly, $"{candidate} was fitted to the end."));
        Assert.Contains(result.Candidates, candidate => candidate is { ComponentCount: > 1, EndedEarly: false });
        Assert.Contains(result.Candidates, candidate => candidate.EndedEarly && candidate.Value(MixtureCriterion.Bayesian) < best + WithinReach);
    }

    // Two groups, and the winner is of all rows.
    [Fact]
    public void Search_OnASample_TellsWhatEndedEarly()
    {
        MixtureSearchResult result = GaussianMixture.Search(new MixtureCase(2, 2, 2000, 3).Rows, Options(options => options.MaximumComponentCount = 3));

        Assert.False(result.Best.EndedEarly);
        Assert.All(result.Candidates, candidate => Assert.True(candidate.ComponentCount > 1 || !candidate.EndedEarly, $"{candidate} ended early, and it has one maximum."));
        Assert.Contains(result.Candidates, candidate => candidate.EndedEarly);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Search_TimeEndsOnTheWay_ModelsOfSeveralComponentsEndEarly(bool hasNoise)
    {
        var clock = new ManualClock();
        GaussianMixtureSearchOptions options = Options(options => (options.Clock, options.ThreadCount, options.NoiseComponent, options.TimeBudget) = (clock, 1, hasNoise, TimeSpan.FromSeconds(4)));
        options.Progress = new Recorder(progress =>
        {
            if (progress.CompletedSteps == (hasNoise ? 12 : progress.TotalSteps * 2 / 3)) clock.Advance(TimeSpan.FromSeconds(4));
        });

        MixtureSearchResult result = GaussianMixture.Search(CsvTable.Faithful.Features, options);

        Assert.Contains(result.Warnings, warning => warning.StartsWith("The time budget of 00:00:04 ended before", StringComparison.Ordinal));
        Assert.Contains(result.Candidates, candidate => candidate is { ComponentCount: > 1, Model: not null });
        Assert.All(result.Candidates, candidate => Assert.Equal(candidate.Model is not null && (hasNoise || candidate.ComponentCount > 1), candidate.EndedEarly));
    }

    [Fact]
    public void Search_StepsRunOut_ModelsEndEarly()
    {
        var options = new FactorAnalyzerMixtureSearchOptions { MinimumComponentCount = 2, MaximumComponentCount = 3, MaximumFactorCount = 1, MaximumIterations = 2 };

        Assert.All(FactorAnalyzerMixture.Search(CsvTable.Iris.Features, options).Candidates, candidate => Assert.True(candidate.EndedEarly, $"{candidate} was fitted to the end."));
        options.MaximumIterations = 5000;
        Assert.All(FactorAnalyzerMixture.Search(CsvTable.Iris.Features, options).Candidates, candidate => Assert.False(candidate.EndedEarly, $"{candidate} ended early."));
        MixtureSearchResult gaussian = GaussianMixture.Search(CsvTable.Iris.Features, Options(options => options.MaximumIterations = 2));

        // The winner's race may be over in as many.
        Assert.All(gaussian.Ranking.Skip(1).Where(candidate => candidate.ComponentCount > 1), candidate => Assert.True(candidate.EndedEarly, $"{candidate} was fitted to the end."));
    }

    private static GaussianMixtureSearchOptions Options(Action<GaussianMixtureSearchOptions> change)
    {
        var options = new GaussianMixtureSearchOptions { MaximumComponentCount = 8, CovarianceStructures = _few };
        change(options);
        return options;
    }

    private sealed class Recorder(Action<MixtureSearchProgress> record) : IProgress<MixtureSearchProgress>
    {
        public void Report(MixtureSearchProgress value) => record(value);
    }
}
