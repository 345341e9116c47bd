using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Initialization.Tests;

/// <summary>
/// Two Gaussians in three features, one of which is rounded to whole numbers. A component on one of these numbers is likelier the less variance it has there, which says nothing of the
/// data; where volumes or shapes are tied its variance is larger than what the prior leaves, and yet not that of its rows.
/// </summary>
public class RoundedFeatureTests
{
    private const int RowCount = 1000;
    private const int Rounded = 2;
    private static readonly Lazy<double[,]> _rows = new(Draw);

    // Five of nine components were on one number each, and nothing said so.
    [Theory]
    [Trait("Kind", "Law")]
    [InlineData("EVI")]
    [InlineData("EVE")]
    [InlineData("EVV")]
    [InlineData("VEI")]
    [InlineData("VEV")]
    [InlineData("VVE")]
    public void Fit_StructureThatTiesSomething_TellsOfComponentsOnOneNumber(string code)
    {
        for (int seed = 0; seed < 3; seed++)
        {
            GaussianMixtureModel model = GaussianMixture.Fit(
                _rows.Value, new GaussianMixtureOptions { ComponentCount = 9, CovarianceStructure = CovarianceStructure.FromCode(code), Seed = seed });

            int[] clusters = [.. Enumerable.Range(0, RowCount).Select(i => model.Predict(MixtureAssert.RowOf(_rows.Value, i)))];
            for (int k = 0; k < 9; k++)
            {
                double[] values = [.. Enumerable.Range(0, RowCount).Where(i => clusters[i] == k).Select(i => _rows.Value[i, Rounded]).Distinct()];
                if (values.Length != 1 || Math.Sqrt(model.Covariances[k][Rounded, Rounded]) > 0.1) continue;
                Assert.Contains(model.Report!.Warnings, warning => warning.StartsWith($"Component {k} has next to no spread of its own in feature 2", StringComparison.Ordinal) || warning.StartsWith($"Component {k} rests on", StringComparison.Ordinal));
            }
        }
    }

    // It was EVE with nine components, whose BIC was lower by half.
    [Fact]
    [Trait("Kind", "Law")]
    public void Search_RoundedFeature_FindsTheTwoGaussians()
    {
        MixtureSearchResult result = GaussianMixture.Search(_rows.Value, new GaussianMixtureSearchOptions());

        Assert.False(result.Best.IsDoubtful);
        Assert.Equal(2, result.Best.ComponentCount);
    }

    private static double[,] Draw()
    {
        var random = new Random(3);
        double[,] rows = new double[RowCount, 3];
        for (int i = 0; i < RowCount; i++)
        {
            int group = random.Next(2);
            rows[i, 0] = (2 * MixtureCase.Normal(random)) + (4 * group);
            rows[i, 1] = (3 * MixtureCase.Normal(random)) - (3 * group) + (0.5 * rows[i, 0]);
            rows[i, Rounded] = Math.Round(2 + (1.3 * MixtureCase.Normal(random)) + (2 * group));
        }

        return rows;
    }
}
