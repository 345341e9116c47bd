using MathNet.Numerics.Distributions;
using Microsoft.ML.Mixture.Laws.Tests;

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

    /// <summary>Rows that show the second feature are a selection by the first: they are skewed, off the mean and narrow, and the Gaussian of all rows is to blame for none of it.</summary>
    [Theory]
    [InlineData("above the mean")]
    [InlineData("far from the mean")]
    [InlineData("the likelier the larger")]
    public void CheckGaussianity_HolesThatDependOnWhatIsObserved_AreNoFindings(string kind)
    {
        const int Sets = 40;
        int alarms = 0, found = 0;
        for (int seed = 0; seed < Sets; seed++)
        {
            (double[,] sound, double[,] odd) = (Chain(kind, seed, isGaussian: true), Chain(kind, seed, isGaussian: false));
            GaussianityCheck check = GaussianMixture.Fit(sound, 1).CheckGaussianity(sound);
            if (check.Findings.Count > 0) alarms++;
            if (GaussianMixture.Fit(odd, 1).CheckGaussianity(odd).Findings.Count > 0) found++;
            Assert.Equal(check.WithdrawnCount > 0, check.ToString().Contains("nothing is left of it where draws from the mixture stand for what is missing.", StringComparison.Ordinal));
        }

        Assert.InRange(alarms, 0, 5);
        Assert.Equal(Sets, found);
    }

    /// <summary>What shows in complete rows shows beside holes that have nothing to do with values, a quarter of the cells.</summary>
    [Fact]
    public void CheckGaussianity_HolesAtRandom_LeaveTheFindings()
    {
        int found = 0, alarms = 0;
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            double[,] skewed = new double[200, 2], sound = new double[200, 2];
            for (int i = 0; i < 400; i++)
            {
                double odd = 0;
                for (int term = 0; term < 4; term++) odd -= Math.Log(1 - random.NextDouble());
                bool isMissing = random.NextDouble() < 0.25;
                skewed[i / 2, i % 2] = isMissing ? double.NaN : odd;
                sound[i / 2, i % 2] = isMissing ? double.NaN : MixtureCase.Normal(random);
            }

            if (GaussianMixture.Fit(skewed, 1).CheckGaussianity(skewed).Findings.Any(text => text.Contains("skewed", StringComparison.Ordinal))) found++;
            if (GaussianMixture.Fit(sound, 1).CheckGaussianity(sound).Findings.Count > 0) alarms++;
        }

        Assert.InRange(found, 19, 20);
        Assert.InRange(alarms, 0, 3);
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

    // A feature, and a second one that follows it with noise where the first does not hide it.
    private static double[,] Chain(string kind, int seed, bool isGaussian)
    {
        var random = new Random(seed);
        double[,] rows = new double[300, 2];
        for (int i = 0; i < 300; i++)
        {
            double first = isGaussian ? MixtureCase.Normal(random) : -1 - Math.Log(1 - random.NextDouble()), chance = random.NextDouble();
            bool isMissing = kind[0] switch { 'a' => first > 0, 'f' => Math.Abs(first) > 1, _ => chance < 1 / (1 + Math.Exp(-2 * first)) };
            (rows[i, 0], rows[i, 1]) = (first, isMissing ? double.NaN : (2 * first) + MixtureCase.Normal(random));
        }

        return rows;
    }
}
