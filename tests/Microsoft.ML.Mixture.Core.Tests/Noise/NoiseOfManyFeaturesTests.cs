namespace Microsoft.ML.Mixture.Noise.Tests;

/// <summary>The box of the noise where features are so many that axes take minutes.</summary>
public class NoiseOfManyFeaturesTests
{
    // Correlations and axes were looked for, which the token would end.
    [Fact]
    [Trait("Kind", "Cost")]
    public void Find_ThousandsOfFeatures_TakesTheBoxAlongThem()
    {
        const int RowCount = 4, Dimension = 2049;
        var random = new Random(1);
        double[,] rows = new double[RowCount, Dimension];
        for (int i = 0; i < RowCount; i++)
        {
            for (int j = 0; j < Dimension; j++) rows[i, j] = random.NextDouble();
        }

        var options = new GaussianMixtureOptions { NoiseComponent = true, CovarianceStructure = CovarianceStructure.Diagonal };
        ScaledRows scaled = GaussianFit.Prepare(GaussianMixture.Copy(rows, rowWeights: null), options, CancellationToken.None);
        using var budget = new FitBudget(options, new CancellationToken(canceled: true));

        UniformNoise noise = NoiseBox.Find(scaled, GaussianFit.Regularize(scaled, options), options, budget);

        double expected = -Enumerable.Range(0, Dimension).Sum(j => Math.Log(scaled.Rows.Maximum[j] - scaled.Rows.Minimum[j]));
        Assert.Equal(expected, noise.LogDensity, 1e-9 * Math.Abs(expected));
    }
}
