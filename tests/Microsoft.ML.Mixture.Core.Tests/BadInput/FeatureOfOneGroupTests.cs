using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.BadInput.Tests;

/// <summary>
/// Two groups that lie apart, one of which shows a feature in none of its rows or in a few, as where a device does not record it: a fit in which that group is a component of its own counted as spurious, whatever
/// its likelihood, and default fits were 200 nats and more below a plain one.
/// </summary>
[Trait("Kind", "Degenerate")]
public class FeatureOfOneGroupTests
{
    private const int RowCount = 400;

    [Theory]
    [InlineData("EEE", 0)]
    [InlineData("VVV", 0)]
    [InlineData("VVV", 2)]
    [InlineData("VVV", 8)]
    [InlineData("EEV", 0)]
    public void Default_FeatureThatOneGroupHardlyShows_FindsTheGroups(string code, int shown)
    {
        for (int seed = 1; seed <= 2; seed++)
        {
            double[,] rows = Draw(shown, seed);
            GaussianMixtureOptions Options(MixtureStart? start, int restarts) => new() { ComponentCount = 2, CovarianceStructure = CovarianceStructure.FromCode(code), Start = start, RestartCount = restarts, Seed = seed };
            FitReport plain = GaussianMixture.Fit(rows, Options(MixtureStart.KMeansPlusPlus, 1)).Report!;

            foreach (int restarts in new[] { 1, 3 })
            {
                FitReport report = GaussianMixture.Fit(rows, Options(null, restarts)).Report!;

                // What rows that show little may add is not looked for.
                Assert.InRange(report.LogLikelihood, plain.LogLikelihood - 8, double.PositiveInfinity);
                Assert.InRange(report.EffectiveCounts.Min(), 190, RowCount / 2);
                Assert.Equal(0, report.RejectedStartCount);
            }
        }
    }

    /// <summary>It is told nevertheless, and a search, which has other numbers and structures, says that it is doubtful.</summary>
    [Fact]
    public void Fit_FeatureThatOneGroupHardlyShows_Warns()
    {
        GaussianMixtureModel model = GaussianMixture.Fit(Draw(4, 1), 2);

        Assert.Contains(model.Report!.Warnings, warning => warning.Contains("so much is missing in them that they tell as much of feature 3 as 4 rows of which nothing is missing", StringComparison.Ordinal));
    }

    private static double[,] Draw(int shown, int seed)
    {
        var random = new Random(seed);
        double[,] rows = new double[RowCount, 4];
        for (int i = 0; i < RowCount; i++)
        {
            for (int j = 0; j < 3; j++) rows[i, j] = (i % 2 * 4) + MixtureCase.Normal(random);
            double last = MixtureCase.Normal(random);
            rows[i, 3] = i % 2 == 0 && i / 2 >= shown ? double.NaN : last;
        }

        return rows;
    }
}
