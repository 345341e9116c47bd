namespace Microsoft.ML.Mixture.Initialization.Tests;

/// <summary>Fits to more features than rows, some of which are constant within groups by chance, as measurements with a floor are.</summary>
public class ManyFeaturesTests
{
    private const int RowCount = 45;
    private const int FeatureCount = 200;

    // By the number of components with such features alone, twenty restarts had chosen groups with an index of 0.31 to 0.87 here.
    [Theory]
    [Trait("Kind", "Law")]
    [InlineData(0, 1)]
    [InlineData(0, 20)]
    [InlineData(1, 1)]
    [InlineData(1, 20)]
    public void Fit_FeaturesConstantWithinGroups_FindsTheGroups(int data, int restarts)
    {
        (double[,] rows, int[] groups) = Draw(data);
        for (int seed = 0; seed < 3; seed++)
        {
            var options = new GaussianMixtureOptions { ComponentCount = 3, CovarianceStructure = CovarianceStructure.Diagonal, Seed = seed, RestartCount = restarts };

            GaussianMixtureModel model = GaussianMixture.Fit(rows, options);

            int[] found = [.. Enumerable.Range(0, RowCount).Select(i => model.Predict([.. Enumerable.Range(0, FeatureCount).Select(j => rows[i, j])]))];
            double index = ClusteringAgreement.AdjustedRandIndex(groups, found);
            Assert.True(index > 0.9, $"Seed {seed}: an adjusted Rand index of {index:F2}, {model.Report!.SpuriousComponentCount} components with features that are constant there");
        }
    }

    // A third of the features tells the groups apart; values below zero are zero.
    private static (double[,] Rows, int[] Groups) Draw(int data)
    {
        var random = new Random(data);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        double[,] rows = new double[RowCount, FeatureCount];
        int[] groups = [.. Enumerable.Range(0, RowCount).Select(i => i % 3)];
        for (int j = 0; j < FeatureCount; j++)
        {
            double[] means = [.. Enumerable.Range(0, 4).Select(_ => 1.2 + (1.5 * Normal()))];
            for (int i = 0; i < RowCount; i++) rows[i, j] = Math.Max(0, means[j % 3 == 0 ? groups[i] : 3] + (1.2 * Normal()));
        }

        return (rows, groups);
    }
}
