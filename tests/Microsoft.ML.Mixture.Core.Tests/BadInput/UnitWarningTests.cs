using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.BadInput.Tests;

/// <summary>Spherical covariances of features in units that are not comparable.</summary>
[Trait("Kind", "BadInput")]
public class UnitWarningTests
{
    [Theory]
    [InlineData("VII", 1e9, true)]
    [InlineData("EII", 1e9, true)]
    [InlineData("VII", 10, false)]
    [InlineData("VVI", 1e9, false)]
    [InlineData("VVV", 1e9, false)]
    public void Fit_FeatureInAnotherUnit_IsToldOfWhereUnitsMatter(string code, double unit, bool isTold)
    {
        var data = new MixtureCase(2, 3, 80, 4);
        double[,] rows = (double[,])data.Rows.Clone();
        for (int i = 0; i < rows.GetLength(0); i++) rows[i, 1] *= unit;
        var options = new GaussianMixtureOptions { ComponentCount = 2, CovarianceStructure = CovarianceStructure.FromCode(code), FeatureNames = ["length", "price", "age"] };

        IReadOnlyList<string> warnings = GaussianMixture.Fit(rows, options).Report!.Warnings;

        string[] found = [.. warnings.Where(warning => warning.Contains("takes their units for comparable", StringComparison.Ordinal))];
        Assert.Equal(isTold ? 1 : 0, found.Length);
        if (isTold) Assert.StartsWith("Feature 1 ('price') varies ", found[0], StringComparison.Ordinal);
    }
}
