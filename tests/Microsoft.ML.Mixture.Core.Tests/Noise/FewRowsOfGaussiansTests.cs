using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Noise.Tests;

/// <summary>Gaussians of few rows beside noise that takes the others.</summary>
public class FewRowsOfGaussiansTests
{
    /// <summary>Nine winners of ten were nearly singular, most of them EEV of five to eight components on a few rows each, and none was marked.</summary>
    [Fact]
    [Trait("Kind", "Recovery")]
    public void Search_OneGaussianOfFewRows_SeldomHasNearlySingularComponents()
    {
        int right = 0, singular = 0;
        for (int seed = 0; seed < 10; seed++)
        {
            MixtureSearchResult result = GaussianMixture.Search(
                OneGaussian(50, 4, seed),
                new GaussianMixtureSearchOptions { NoiseComponent = true, MaximumComponentCount = 8, CovarianceStructures = [.. new[] { "EEV", "VII", "EEE", "VVV" }.Select(CovarianceStructure.FromCode)] });

            Assert.False(result.Best.IsDoubtful);
            if (result.Model.Report!.ConditionNumbers.Max() > 1e4) singular++;
            if (result.Best.ComponentCount == 1) right++;
        }

        Assert.True(right >= 8 && singular <= 1, $"{right} of 10 have one component, and {singular} are nearly singular.");
    }

    [Fact]
    [Trait("Kind", "Robustness")]
    public void Fit_NoiseLeavesHardlyMoreRowsThanParameters_SaysSo()
    {
        GaussianMixtureModel model = GaussianMixture.Fit(
            OneGaussian(50, 4, 0), new GaussianMixtureOptions { ComponentCount = 5, CovarianceStructure = CovarianceStructure.TiedVolumeAndShape, NoiseComponent = true, NoiseLogDensity = -5 });

        Assert.Contains(model.Report!.Warnings, text => text.StartsWith("The noise leaves ", StringComparison.Ordinal));
        Assert.Equal(1, model.Report.SpuriousComponentCount);
    }

    /// <summary>Rows of the noise count for nothing, whatever the unit of weights; where all are too few, it is not for the noise.</summary>
    [Theory]
    [Trait("Kind", "Law")]
    [InlineData(15, 85, false)]
    [InlineData(14, 86, true)]
    [InlineData(14, 0, false)]
    public void FindSpurious_NoiseWithMostOfTheRows_CountsThoseThatAreLeft(int left, int ofNoise, bool isFound)
    {
        // Two Gaussians of four features have 8 + 20 + 1 parameters, and twice as many values are 14.5 rows.
        var family = new GaussianFamily(CovarianceStructure.Full, CovarianceRegularization.None(4), hasNoise: true);
        double[] means = [0, 0, 0, 0, 9, 9, 9, 9], covariance = [1, 0, 1, 0, 0, 1, 0, 0, 0, 1];
        Assert.True(GaussianComponents.TryCreate(family, 4, CovarianceShape.Full, isShared: false, means, [.. covariance, .. covariance], out GaussianComponents gaussians, out _));
        var both = new NoiseComponents(gaussians, new UniformNoise([0, 0, 0, 0], [20, 20, 20, 20], isGiven: false));

        foreach (double weight in new[] { 1, 1e-3 })
        {
            IReadOnlyList<DegenerateComponent> found = both.FindSpurious([left / 2.0 * weight, left / 2.0 * weight, ofNoise * weight], [left / 2.0, left / 2.0, ofNoise]);
            Assert.Equal(isFound, found.Count > 0);
        }
    }

    private static double[,] OneGaussian(int count, int dimension, int seed)
    {
        var random = new Random(seed);
        double[,] rows = new double[count, dimension];
        for (int i = 0; i < rows.Length; i++) rows[i / dimension, i % dimension] = MixtureCase.Normal(random);
        return rows;
    }
}
