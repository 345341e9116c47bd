namespace Microsoft.ML.Mixture;

/// <summary>Few distinct rows, many times each, lie on lines that hold several of them, and components there rest on the prior.</summary>
[Trait("Kind", "Degenerate")]
public class RepeatedRowsTests
{
    // What the prior adds along a line counted as spread of the rows, the more the steeper it is, and so did what structures make of it. With volumes in common a line is as much wider as
    // other components are narrower: one fit in ten under EVE had such a component without a word.
    [Theory]
    [InlineData("EEE", 3)]
    [InlineData("VEE", 3)]
    [InlineData("EVE", 10)]
    [InlineData("VVE", 3)]
    [InlineData("EEV", 3)]
    [InlineData("VEV", 3)]
    [InlineData("EVV", 3)]
    [InlineData("VVV", 3)]
    public void Fit_TenPointsTwentyTimesEach_IsSoundOrWarns(string code, int seeds)
    {
        for (int seed = 0; seed < seeds; seed++)
        {
            FitReport report = GaussianMixture.Fit(TenPoints(), new GaussianMixtureOptions { ComponentCount = 4, Seed = seed, CovarianceStructure = CovarianceStructure.FromCode(code) }).Report!;

            bool isSingular = report.SmallestEigenvalues.Min() < 1e-3;
            bool isMarked = report.SpuriousComponentCount > 0;
            Assert.Equal(isMarked, report.Warnings.Any(warning => warning.Contains("next to no spread of its own in feature", StringComparison.Ordinal)));
            bool isTold = isMarked || report.Warnings.Any(warning => warning.Contains("lie in a plane", StringComparison.Ordinal));
            Assert.True(isTold == isSingular, $"Seed {seed}: {report}");
        }
    }

    [Fact]
    public void Search_TenPointsTwentyTimesEach_HasASoundWinnerAndMarksTheOthers()
    {
        MixtureSearchResult result = GaussianMixture.Search(TenPoints(), new GaussianMixtureSearchOptions());

        Assert.False(result.Best.IsDoubtful);
        Assert.InRange(result.Model.Report!.SmallestEigenvalues.Min(), 1e-3, double.PositiveInfinity);
        Assert.All(result.Candidates.Where(candidate => candidate.Criteria?.BayesianInformationCriterion < 0), candidate => Assert.True(candidate.IsDoubtful, $"{candidate.CovarianceStructure.Code},{candidate.ComponentCount}"));
    }

    private static double[,] TenPoints()
    {
        double[,] rows = new double[200, 2];
        for (int i = 0; i < 200; i++)
        {
            rows[i, 0] = i % 10 * 7 % 5;
            rows[i, 1] = rows[i, 0] + (i % 10);
        }

        return rows;
    }
}
