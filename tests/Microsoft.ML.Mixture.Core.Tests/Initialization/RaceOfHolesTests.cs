using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Initialization.Tests;

/// <summary>Where nearly every row lacks other features, a pass takes many times as long as over complete rows.</summary>
public class RaceOfHolesTests
{
    // The race took as many passes as over complete rows: 4 to 76 s for 1,000 rows of 30 features and eleven components, where a plain start takes half a second.
    [Fact]
    [Trait("Kind", "Law")]
    public void Fit_ManySetsOfMissingFeatures_RacesNoLongerThanThatIsWorth()
    {
        const int RowCount = 500, FeatureCount = 24;
        var random = new Random(8);
        double[,] rows = new double[RowCount, FeatureCount], holed = new double[RowCount, FeatureCount];
        for (int i = 0; i < RowCount; i++)
        {
            for (int j = 0; j < FeatureCount; j++)
            {
                rows[i, j] = MixtureCase.Normal(random) + (i % 5 == j % 5 ? 2 : 0);
                holed[i, j] = random.NextDouble() < 0.1 ? double.NaN : rows[i, j];
            }
        }

        var options = new GaussianMixtureOptions { ComponentCount = 5, CovarianceStructure = CovarianceStructure.TiedVolumeAndShape };
        int ofAll = GaussianMixture.Fit(rows, options).Report!.RacedStartCount, ofHoled = GaussianMixture.Fit(holed, options).Report!.RacedStartCount;

        Assert.True(ofHoled >= 3 && ofHoled < 0.5 * ofAll, $"{ofHoled} starts raced where features are missing, and {ofAll} where none are.");
    }
}
