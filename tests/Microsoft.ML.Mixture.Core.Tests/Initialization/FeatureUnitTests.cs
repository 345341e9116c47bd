namespace Microsoft.ML.Mixture.Initialization.Tests;

/// <summary>What src/guides/structures.md says of the units of features, for whole fits from the default start.</summary>
public class FeatureUnitTests
{
    private static readonly double[] _units = [1000, 0.013, 7.7, 0.3];

    [Theory]
    [Trait("Kind", "Law")]
    [InlineData("VVV", true)]
    [InlineData("EEE", true)]
    [InlineData("VVI", true)]
    [InlineData("EEI", true)]
    [InlineData("VEI", true)]
    [InlineData("EVI", true)]
    [InlineData("VEE", true)]
    [InlineData("EVV", true)]
    [InlineData("VII", false)]
    [InlineData("EII", false)]
    [InlineData("EVE", false)]
    [InlineData("VVE", false)]
    [InlineData("EEV", false)]
    [InlineData("VEV", false)]
    public void Fit_FeaturesInOtherUnits_GivesTheSameClustersIfTheStructureAllows(string code, bool areTheSame)
    {
        double[,] rows = CsvTable.Iris.Features, others = (double[,])rows.Clone();
        for (int i = 0; i < rows.GetLength(0); i++)
        {
            for (int j = 0; j < _units.Length; j++) others[i, j] *= _units[j];
        }

        var options = new GaussianMixtureOptions { ComponentCount = 3, CovarianceStructure = CovarianceStructure.FromCode(code) };
        GaussianMixtureModel expected = GaussianMixture.Fit(rows, options), actual = GaussianMixture.Fit(others, options);

        double logLikelihood = actual.Report!.LogLikelihood + (rows.GetLength(0) * _units.Sum(Math.Log));
        Assert.Equal(areTheSame, Math.Abs(expected.Report!.LogLikelihood - logLikelihood) < 1e-2);
        Assert.Equal(areTheSame, Labels(expected, rows).SequenceEqual(Labels(actual, others)));
    }

    private static int[] Labels(GaussianMixtureModel model, double[,] rows) =>
        [.. Enumerable.Range(0, rows.GetLength(0)).Select(i => model.Predict([.. Enumerable.Range(0, rows.GetLength(1)).Select(j => rows[i, j])]))];
}
