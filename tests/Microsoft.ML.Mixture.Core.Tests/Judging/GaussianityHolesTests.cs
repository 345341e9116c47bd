using MathNet.Numerics.Distributions;

namespace Microsoft.ML.Mixture.Judging.Tests;

/// <summary>Rows that lack something, and rows of the noise, are held against what the mixture says of them.</summary>
[Trait("Kind", "Reference")]
public class GaussianityHolesTests
{
    /// <summary>Nearly every row lacks something else, more than are remembered at once.</summary>
    [Fact]
    public void CheckGaussianity_OfManySetsOfMissingFeatures_MeasuresEachRowByItsOwn()
    {
        const int Dimension = 9, Count = 600;
        double[] deviations = [.. Enumerable.Range(0, Dimension).Select(j => Math.Pow(3, j))];
        double[,] covariance = new double[Dimension, Dimension], means = new double[1, Dimension];
        for (int j = 0; j < Dimension; j++) (covariance[j, j], means[0, j]) = (deviations[j] * deviations[j], 7 * deviations[j]);
        GaussianMixtureModel model = GaussianMixtureModel.FromParameters([1], means, [covariance]);
        double[,] rows = model.Sample(Count, seed: 2);
        double beyond = 0;
        for (int i = 0; i < Count; i++)
        {
            double distance = 0;
            int observed = 0;
            for (int j = 0; j < Dimension; j++)
            {
                if ((((i * 37) % 511) >> j) % 2 == 1) rows[i, j] = double.NaN;
                if (double.IsNaN(rows[i, j])) continue;
                distance += Math.Pow((rows[i, j] - means[0, j]) / deviations[j], 2);
                observed++;
            }

            if (distance > ChiSquared.InvCDF(observed, 0.9)) beyond++;
        }

        GaussianityCheck check = model.CheckGaussianity(rows);

        Assert.Equal(Count, check.RowCount);
        Assert.Equal(beyond / Count, check.Components[0].TailShares[1], 1e-12);
        Assert.Empty(check.Findings);
    }

    [Fact]
    public void CheckGaussianity_ValueThatRepeatsAmongTheNoise_IsFound()
    {
        GaussianMixtureModel model = GaussianMixtureModel.FromParameters([1], new double[,] { { 0 } }, [new double[,] { { 1 } }]).WithNoise(0.5, [-50], [50]);
        double[,] rows = model.Sample(2000, seed: 3);

        // Ten a unit are the noise's.
        Assert.Empty(model.CheckGaussianity(rows).Findings);
        for (int i = 0, left = 100; left > 0; i++)
        {
            if (!(Math.Abs(rows[i, 0]) > 10)) continue;
            rows[i, 0] = 30;
            left--;
        }

        Assert.Contains(model.CheckGaussianity(rows).Findings, finding => finding.Contains("30 in 100 rows", StringComparison.Ordinal));
    }
}
