using CsCheck;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Selection.Tests;

public class SearchTests
{
    private static readonly CovarianceStructure[] _few = [CovarianceStructure.Full, CovarianceStructure.Tied, CovarianceStructure.Diagonal, CovarianceStructure.TiedShape];

    [Theory]
    [Trait("Kind", "Determinism")]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(60, false)]
    public void Search_AnyNumberOfThreads_GivesTheSameBits(int copies, bool haveHoles)
    {
        // With sixty copies of the rows they are explored on a sample.
        var data = new MixtureCase(3, 2, 40, 11);
        double[,] rows = new double[data.RowCount * copies, 2];
        for (int i = 0; i < rows.GetLength(0); i++)
        {
            for (int j = 0; j < 2; j++) rows[i, j] = data.Rows[i % data.RowCount, j] + (1e-3 * (i / data.RowCount));
            if (haveHoles && i % 9 == 0) rows[i, i % 2] = double.NaN;
        }

        MixtureSearchResult expected = Run(rows, 1);

        foreach (int threads in (int[])[2, 5])
        {
            MixtureSearchResult actual = Run(rows, threads);
            Assert.Equal(expected.Ranking.Select(candidate => candidate.ToString()), actual.Ranking.Select(candidate => candidate.ToString()));
            Assert.Equal(expected.ToString(), actual.ToString());
            foreach ((MixtureCandidate one, MixtureCandidate other) in expected.Candidates.Zip(actual.Candidates)) MixtureAssert.SameBits(one.Model!, other.Model!);
        }

        static MixtureSearchResult Run(double[,] rows, int threads) => GaussianMixture.Search(
            rows, new GaussianMixtureSearchOptions { MaximumComponentCount = 4, CovarianceStructures = _few, ThreadCount = threads, Seed = 3 });
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Search_RowsWithHoles_ComparesFitsThatUseThem()
    {
        var data = new MixtureCase(2, 2, 120, 5);
        double[,] rows = (double[,])data.Rows.Clone();
        for (int i = 0; i < data.RowCount; i += 9) rows[i, i % 2] = double.NaN;

        MixtureSearchResult result = GaussianMixture.Search(rows, new GaussianMixtureSearchOptions { MaximumComponentCount = 3, CovarianceStructures = _few });

        MixtureCandidate winner = result.Ranking[0];
        FitReport report = winner.Model!.Report!;
        Assert.Equal((data.RowCount + 8) / 9, report.IncompleteRowCount);
        Assert.All(result.Ranking, candidate => Assert.True(double.IsFinite(candidate.Criteria!.BayesianInformationCriterion)));
        Assert.Equal(report.LogLikelihood, winner.Criteria!.LogLikelihood, 1e-9 * Math.Abs(report.LogLikelihood));
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Search_AnyData_RanksByTheCriterionAndReportsWhatModelsAre() =>
        Gen.Select(MixtureCase.Any, Gen.OneOf(MixtureCriterion.Bayesian, MixtureCriterion.IntegratedCompletedLikelihood, MixtureCriterion.Akaike)).Sample(
            (data, criterion) =>
            {
                var options = new GaussianMixtureSearchOptions { MaximumComponentCount = 3, CovarianceStructures = _few, Criterion = criterion, ThreadCount = 1 };
                MixtureSearchResult result = GaussianMixture.Search(data.Rows, options);
                Assert.Equal(12, result.Candidates.Count);
                for (int rank = 1; rank < result.Ranking.Count; rank++)
                {
                    MixtureCandidate better = result.Ranking[rank - 1], worse = result.Ranking[rank];
                    Assert.True(worse.IsDoubtful || (!better.IsDoubtful && better.Value(criterion) <= worse.Value(criterion)));
                }

                Assert.Same(result.Ranking[0].Model, result.Model);
                foreach (MixtureCandidate candidate in result.Candidates)
                {
                    Assert.True(candidate.Model is null != candidate.Failure is null);
                    if (candidate.Model is null) continue;
                    MixtureAssert.Close([candidate.Model.Report!.BayesianInformationCriterion], [candidate.Value(MixtureCriterion.Bayesian)], 1e-9);
                    Assert.Equal(candidate.ComponentCount, candidate.Model.ComponentCount);
                }
            },
            iter: 10);

    [Fact]
    [Trait("Kind", "Law")]
    public void Search_StructuresInAnotherOrder_FindsTheSame() =>
        MixtureCase.Any.Where(data => data.Dimension > 1).Sample(
            data =>
            {
                // In one feature structures coincide, and the first of them is the one that is fitted.
                MixtureSearchResult one = Run(_few), other = Run([.. _few.Reverse()]);
                foreach (MixtureCandidate candidate in one.Candidates)
                {
                    double expected = candidate.Value(MixtureCriterion.Bayesian), actual = other.Find(candidate.ComponentCount, candidate.CovarianceStructure)!.Value(MixtureCriterion.Bayesian);
                    MixtureAssert.Close([expected], [actual], 1e-6);
                }

                MixtureSearchResult Run(CovarianceStructure[] structures) => GaussianMixture.Search(
                    data.Rows, new GaussianMixtureSearchOptions { MinimumComponentCount = 2, MaximumComponentCount = 3, CovarianceStructures = structures, ThreadCount = 1 });
            },
            iter: 5);

    [Fact]
    public void Search_ByIcl_CountsClusters_AndByCrossValidation_ForeseesRows()
    {
        double[,] rows = CsvTable.Faithful.Features;
        var options = new GaussianMixtureSearchOptions { MaximumComponentCount = 3, CovarianceStructures = [CovarianceStructure.Tied, CovarianceStructure.Full] };

        options.Criterion = MixtureCriterion.IntegratedCompletedLikelihood;
        MixtureSearchResult byIcl = GaussianMixture.Search(rows, options);
        options.Criterion = MixtureCriterion.CrossValidation;
        MixtureSearchResult byRows = GaussianMixture.Search(rows, options);

        Assert.Equal(2, byIcl.Best.ComponentCount);
        Assert.All(byIcl.Candidates, candidate => Assert.Null(candidate.CrossValidation));
        Assert.True(byRows.Best.ComponentCount > 1);
        Assert.All(byRows.Candidates, candidate => Assert.Equal(10, candidate.CrossValidation!.FoldLogLikelihoods.Count));
    }

    // All models had been fitted, and none was left of them.
    [Theory]
    [InlineData(5, "There are 5 rows in use, too few for 10 folds. Ask for at most 5, pass more rows, or rank by another criterion.")]
    [InlineData(1, "There is 1 row in use, too few for 10 folds. Pass more rows, or rank by another criterion.")]
    public void Search_ByCrossValidationOfFewerRowsThanFolds_SaysSo(int used, string expected)
    {
        double[,] rows = { { 1 }, { 2 }, { 4 }, { 7 }, { 11 }, { 16 } };
        double[] weights = [.. Enumerable.Range(0, 6).Select(i => i < used ? 1.0 : 0)];
        var options = new GaussianMixtureSearchOptions { MaximumComponentCount = 2, Criterion = MixtureCriterion.CrossValidation };
        var ofFactors = new FactorAnalyzerMixtureSearchOptions { MaximumComponentCount = 1, MaximumFactorCount = 1, Criterion = MixtureCriterion.CrossValidation };

        Assert.Equal(expected, Assert.Throws<ArgumentException>(() => GaussianMixture.Search(rows, options, weights)).Message);
        Assert.Equal(expected, Assert.Throws<ArgumentException>(() => FactorAnalyzerMixture.Search(rows, ofFactors, weights)).Message);
        options.NoiseComponent = true;
        Assert.Equal(expected, Assert.Throws<ArgumentException>(() => GaussianMixture.Search(rows, options, weights)).Message);
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 3)]
    [InlineData(2, 5)]
    public void Search_ModelWhoseFitIsDoubtful_IsStartedAgainUntilASoundOneIsFound(int seed, int dimension)
    {
        // Rows on a grid, where groups of a few that coincide are everywhere. The likelihood of a doubtful fit is not that of a sound one, and says that the model may win.
        var random = new Random(seed);
        double[] centres = [.. Enumerable.Range(0, 3 * dimension).Select(_ => 2.5 * Normal())], scales = [.. Enumerable.Range(0, 3 * dimension).Select(_ => Math.Exp(0.7 * Normal()))];
        double[,] rows = new double[90, dimension];
        for (int i = 0; i < 90; i++)
        {
            for (int j = 0; j < dimension; j++) rows[i, j] = Math.Round(centres[(i % 3 * dimension) + j] + (scales[(i % 3 * dimension) + j] * Normal()));
        }

        MixtureSearchResult result = GaussianMixture.Search(
            rows,
            new GaussianMixtureSearchOptions
            {
                MaximumComponentCount = 5,
                CovarianceStructures = [CovarianceStructure.Full, CovarianceStructure.Diagonal, CovarianceStructure.Tied, CovarianceStructure.Spherical],
            });

        Assert.False(result.Find(5, CovarianceStructure.Diagonal)!.IsDoubtful);

        double Normal() => Enumerable.Range(0, 12).Sum(_ => random.NextDouble()) - 6;
    }

    [Fact]
    public void Search_OneComponentOrOneFeature_NamesModelsThatAreTheSame()
    {
        var data = new MixtureCase(2, 1, 40, 1);

        MixtureSearchResult result = GaussianMixture.Search(data.Rows, new GaussianMixtureSearchOptions { MaximumComponentCount = 2, CovarianceStructures = MixtureCase.Lettered });

        // In one feature variances are equal or not, and with one component not even that.
        Assert.Equal(3, result.Ranking.Count);
        Assert.Equal(28 - 3, result.Candidates.Count(candidate => candidate.SameAs is not null));
        Assert.All(result.Candidates, candidate => Assert.NotNull(candidate.Model));
        Assert.Same(result.Find(1, CovarianceStructure.Full), result.Find(1, CovarianceStructure.TiedSpherical)!.SameAs);
    }

    [Fact]
    public void Search_MoreComponentsThanDistinctRows_TriesAsManyAsDiffer()
    {
        double[,] rows = new double[40, 1];
        for (int i = 0; i < 40; i++) rows[i, 0] = i % 4;

        MixtureSearchResult result = GaussianMixture.Search(
            rows, new GaussianMixtureSearchOptions { MaximumComponentCount = 6, CovarianceStructures = [CovarianceStructure.TiedSpherical] });

        Assert.Equal([1, 2, 3, 4], result.Candidates.Select(candidate => candidate.ComponentCount));
        Assert.All(result.Candidates, candidate => Assert.NotNull(candidate.Model));
        Assert.Contains("Warning: 6 components were asked for, but there are only 4 rows that differ and show every feature", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Search_OneModelBeyondDoublePrecision_ListsWhyAndRanksTheOthers()
    {
        // Two clumps so far apart that one component about both has a variance of 2.25e308.
        double[,] rows = new double[40, 1];
        for (int i = 0; i < 40; i++) rows[i, 0] = (i % 2 == 0 ? 1.5e154 : -1.5e154) * (1 + (0.01 * i));
        var options = new GaussianMixtureSearchOptions { MaximumComponentCount = 2, CovarianceStructures = [CovarianceStructure.Full] };

        MixtureSearchResult result = GaussianMixture.Search(rows, options);

        Assert.Equal(2, result.Best.ComponentCount);
        Assert.Contains("beyond double precision in the units of the data", result.Find(1, CovarianceStructure.Full)!.Failure!, StringComparison.Ordinal);
        Assert.Contains($"No model: full (VVV), 1 component. {result.Find(1, CovarianceStructure.Full)!.Failure}", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Search_FewerDistinctRowsThanTheLeastComponents_Throws()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => GaussianMixture.Search(
            new double[,] { { 1 }, { 1 }, { 2 } },
            new GaussianMixtureSearchOptions { MinimumComponentCount = 3, MaximumComponentCount = 3, CovarianceStructures = [CovarianceStructure.Full] }));
        Assert.Contains("Only 2 of the 3 rows differ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Search_InvalidRow_ThrowsAtOnce()
    {
        double[,] rows = { { 1, 2 }, { double.PositiveInfinity, 3 }, { 4, 4 } };
        ArgumentException error = Assert.Throws<ArgumentException>(() => GaussianMixture.Search(rows));
        Assert.Contains("row 1", error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<GaussianMixtureSearchOptions, string> Absurd() => new()
    {
        { new() { MinimumComponentCount = 0 }, "MinimumComponentCount is 0" },
        { new() { MinimumComponentCount = 3, MaximumComponentCount = 2 }, "MaximumComponentCount is 2" },
        { new() { CovarianceStructures = [] }, "CovarianceStructures" },
        { new() { CovarianceStructures = [CovarianceStructure.Full, CovarianceStructure.Full] }, "each once" },
        { new() { FoldCount = 1 }, "FoldCount is 1" },
        { new() { TimeBudget = TimeSpan.Zero }, "TimeBudget" },
        { new() { Tolerance = 0 }, "Tolerance is 0" },
        { new() { StartCount = 0 }, "StartCount is 0" },
        { new() { StartCount = int.MaxValue }, "StartCount is 2147483647, but must be from 1 to 1000" },
        { new() { ThreadCount = 0 }, "ThreadCount is 0" },
        { new() { CovariancePriorStrength = -1 }, "CovariancePriorStrength is -1" },
        { new() { Criterion = (MixtureCriterion)7 }, "Criterion is 7" },
    };

    [Theory]
    [MemberData(nameof(Absurd), DisableDiscoveryEnumeration = true)]
    public void Search_OptionWithoutSense_Throws(GaussianMixtureSearchOptions options, string expected)
    {
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(() => GaussianMixture.Search(new double[,] { { 1 }, { 2 } }, options));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }
}
