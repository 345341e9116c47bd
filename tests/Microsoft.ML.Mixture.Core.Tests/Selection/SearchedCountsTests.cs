using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Selection.Tests;

/// <summary>Searches try no more components than rows can hold, however many are asked for.</summary>
[Trait("Kind", "BadInput")]
public class SearchedCountsTests
{
    private const string TooFewValues =
        "2147483647 components were asked for, but of more than 10 components all models have fewer than two values for each parameter and rank behind those of fewer components, so no more were tried. "
        + "Pass more rows, or ask for at most 10.";

    [Theory]
    [InlineData(false, MixtureCriterion.Bayesian)]
    [InlineData(false, MixtureCriterion.CrossValidation)]
    [InlineData(true, MixtureCriterion.Bayesian)]
    [InlineData(true, MixtureCriterion.CrossValidation)]
    public void Search_ForAsManyComponentsAsThereMayBe_TriesThoseOfWhichSomeModelMayWin(bool hasNoise, MixtureCriterion criterion)
    {
        var options = new GaussianMixtureSearchOptions
        {
            MaximumComponentCount = int.MaxValue,
            NoiseComponent = hasNoise,
            Criterion = criterion,
            FoldCount = 3,
            CovarianceStructures = [CovarianceStructure.Full, CovarianceStructure.TiedSpherical],
        };

        MixtureSearchResult result = GaussianMixture.Search(Rows(32), options);

        // Of K components the simplest has 3 K parameters, and there are 64 values.
        Assert.Equal(10, result.Candidates.Max(candidate => candidate.ComponentCount));
        Assert.Equal(20, result.Candidates.Count);
        Assert.Contains(TooFewValues, result.Warnings);
        Assert.Contains(TooFewValues, result.Model.Report!.Warnings);
        Assert.Equal(int.MaxValue, options.MaximumComponentCount);
        Assert.DoesNotContain(result.Candidates, candidate => candidate.Failure?.Contains("components to", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void Search_ForFactorAnalyzersOfAnyNumber_TriesAsManyAsRowsDiffer()
    {
        double[,] rows = Rows(12);
        (rows[11, 0], rows[11, 1]) = (rows[10, 0], rows[10, 1]);

        FactorAnalyzerSearchResult result = FactorAnalyzerMixture.Search(rows, new FactorAnalyzerMixtureSearchOptions { MaximumComponentCount = int.MaxValue, MaximumFactorCount = 1 });

        Assert.Equal(11, result.Candidates.Max(candidate => candidate.ComponentCount));
        Assert.Contains("2147483647 components were asked for, but there are only 11 rows that differ and show every feature, so no more were tried. Pass more rows, or ask for at most 11.", result.Warnings);
        Assert.DoesNotContain(result.Warnings, warning => warning.Contains("raise the maximum number of components", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Search_OfFewerRowsThanComponentsByDefault_TriesAsManyAsRowsDiffer(bool hasNoise)
    {
        MixtureSearchResult result = GaussianMixture.Search(Rows(6), new GaussianMixtureSearchOptions { NoiseComponent = hasNoise });

        Assert.Equal(6, result.Candidates.Max(candidate => candidate.ComponentCount));
        Assert.All(result.Candidates, candidate => Assert.DoesNotContain("to fit", candidate.Failure ?? string.Empty, StringComparison.Ordinal));
        Assert.Contains("9 components were asked for, but there are only 6 rows that differ and show every feature, so no more were tried. Pass more rows, or ask for at most 6.", result.Warnings);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Search_FromMoreComponentsThanRows_IsRefused(bool hasNoise)
    {
        var options = new GaussianMixtureSearchOptions { MinimumComponentCount = 33, MaximumComponentCount = int.MaxValue, NoiseComponent = hasNoise };
        var ofFactors = new FactorAnalyzerMixtureSearchOptions { MinimumComponentCount = 33, MaximumComponentCount = int.MaxValue };

        Assert.StartsWith("There are 32 rows to fit 33 components to.", Assert.Throws<ArgumentException>(() => GaussianMixture.Search(Rows(32), options)).Message, StringComparison.Ordinal);
        Assert.StartsWith("There are 32 rows to fit 33 components to.", Assert.Throws<ArgumentException>(() => FactorAnalyzerMixture.Search(Rows(32), ofFactors)).Message, StringComparison.Ordinal);
    }

    /// <summary>Models that are asked for though they have too few values are tried, and no others.</summary>
    [Fact]
    public void Search_FromMoreComponentsThanAnyModelMayWin_TriesTheLeastNumber()
    {
        var options = new GaussianMixtureSearchOptions { MinimumComponentCount = 12, MaximumComponentCount = 1000, CovarianceStructures = [CovarianceStructure.Spherical] };

        Assert.Equal(12, Assert.Single(GaussianMixture.Search(Rows(32), options).Candidates).ComponentCount);
    }

    /// <summary>Up to the default number all are tried, doubtful ones too.</summary>
    [Fact]
    public void Search_OfSmallNumbers_TriesAllThatAreAskedFor()
    {
        MixtureSearchResult result = GaussianMixture.Search(Rows(12), new GaussianMixtureSearchOptions { CovarianceStructures = [CovarianceStructure.Full] });

        Assert.Equal(9, result.Candidates.Count);
        Assert.DoesNotContain(result.Warnings, warning => warning.Contains("were asked for", StringComparison.Ordinal));
    }

    [Fact]
    public void Of_MoreModelsThanCanBeCompared_StopsThere()
    {
        double[,] rows = Rows(30_000);
        var options = new FactorAnalyzerMixtureSearchOptions { MinimumComponentCount = 3, MaximumComponentCount = 50_000 };
        TrainingRows training = TrainingRows.InspectUpTo(SearchedCounts.MostToLookFor(options), GaussianMixture.Copy(rows, null), usesHoles: true, feature => $"{feature}", CancellationToken.None);

        SearchedCounts counts = SearchedCounts.Of(options, training, modelsOfCount: 8);

        Assert.Equal(3 + 2499, counts.Most);
        Assert.Equal("50000 components were asked for, but a search compares at most 20000 models, so no more than 2502 were tried. Raise the minimum number of components, or try fewer structures.", counts.Warning);
    }

    private static double[,] Rows(int count)
    {
        var random = new Random(1);
        double[,] rows = new double[count, 2];
        for (int i = 0; i < count; i++) (rows[i, 0], rows[i, 1]) = ((8 * (i % 2)) + MixtureCase.Normal(random), MixtureCase.Normal(random));
        return rows;
    }
}
