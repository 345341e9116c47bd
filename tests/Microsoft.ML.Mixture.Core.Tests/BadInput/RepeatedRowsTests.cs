namespace Microsoft.ML.Mixture;

/// <summary>Few distinct rows, many times each, lie on lines that hold several of them, and components there rest on the prior.</summary>
[Trait("Kind", "Degenerate")]
public class RepeatedRowsTests
{
    // What the prior adds along a line counted as spread of the rows, the more the steeper it is, and so did what structures make of it. With volumes and axes in common one fit in ten
    // still has such a component without a word.
    [Theory]
    [InlineData("EEE", 0)]
    [InlineData("VEE", 0)]
    [InlineData("EVE", 1)]
    [InlineData("VVE", 0)]
    [InlineData("EEV", 0)]
    [InlineData("VEV", 0)]
    [InlineData("EVV", 0)]
    [InlineData("VVV", 0)]
    public void Fit_TenPointsTwentyTimesEach_IsSoundOrWarns(string code, int mostWithout)
    {
        int without = 0;
        for (int seed = 0; seed < 3; seed++)
        {
            FitReport report = GaussianMixture.Fit(TenPoints(), new GaussianMixtureOptions { ComponentCount = 4, Seed = seed, CovarianceStructure = CovarianceStructure.FromCode(code) }).Report!;

            bool isSingular = report.SmallestEigenvalues.Min() < 1e-3;
            bool isMarked = report.SpuriousComponentCount > 0;
            Assert.Equal(isMarked, report.Warnings.Any(warning => warning.Contains("next to no spread of its own in feature", StringComparison.Ordinal)));
            if (isMarked != isSingular) without++;
        }

        Assert.InRange(without, 0, mostWithout);
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
