using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Anomalies.Tests;

/// <summary>Contributions of features are what the formula says, and name the features that were tampered with.</summary>
public class ContributionTests
{
    [Fact]
    [Trait("Kind", "Reference")]
    public void Contributions_OfOneGaussian_AreHalfTheSquaredStandardScores()
    {
        double[,] covariance = { { 4, 1, -1 }, { 1, 2, 0.5 }, { -1, 0.5, 3 } };
        double[] mean = [100, -5, 2];
        GaussianMixtureModel model = GaussianMixtureModel.FromParameters([1], new double[,] { { 100, -5, 2 } }, [covariance]);
        (double[,] precision, _) = TextbookMixture.Invert(covariance);
        var random = new Random(2);
        for (int row = 0; row < 50; row++)
        {
            double[] values = [.. mean.Select(value => value + (4 * MixtureCase.Normal(random)))];
            foreach (FeatureContribution contribution in model.FeatureContributions(values))
            {
                int j = contribution.Feature;
                double score = Enumerable.Range(0, 3).Sum(m => precision[j, m] * (values[m] - mean[m])) / Math.Sqrt(precision[j, j]);
                Closeness.Absolute(0.5 * score * score, contribution.Contribution, 1e-9, $"Contribution of feature {j} in row {row}");
                Closeness.Absolute(score, contribution.StandardScore, 1e-9, $"Standard score of feature {j} in row {row}");
                Closeness.Relative(Math.Sqrt(1 / precision[j, j]), contribution.Deviation, 1e-9, "Deviation");
            }
        }
    }

    [Fact]
    [Trait("Kind", "Reference")]
    public void Contributions_OfMixture_AreThoseOfTheConditional()
    {
        GaussianMixtureModel model = AnomalyCalibrationTests.Mixture(4);
        double[,] rows = model.Sample(30, 6);
        var contributions = new FeatureContribution[3];
        ContributionScorer scorer = model.CreateContributionScorer();
        for (int i = 0; i < 30; i++)
        {
            double[] row = [rows[i, 0] + 1, rows[i, 1], i % 4 == 1 ? double.NaN : rows[i, 2] - 1];
            scorer.Score(row, contributions);
            for (int j = 0; j < 3; j++)
            {
                if (double.IsNaN(row[j]))
                {
                    Assert.Equal(0, contributions[j].Contribution);
                    continue;
                }

                double[] without = [.. row.Select((value, m) => m == j ? double.NaN : value)];
                GaussianMixtureModel conditional = model.Conditional(without);
                int place = row[..j].Count(double.IsNaN);
                GaussianMixtureModel alone = conditional.Marginal(place);
                double deviation = Math.Sqrt(alone.OverallCovariance[0, 0]);
                Closeness.Relative(deviation, contributions[j].Deviation, 1e-9, $"Deviation of feature {j} in row {i}");
                Closeness.Absolute(alone.OverallMean[0], contributions[j].Expectation, 1e-9, $"Expectation of feature {j} in row {i}");
                double expected = -alone.LogDensity(row[j]) - Math.Log(deviation * Math.Sqrt(2 * Math.PI));
                Closeness.Absolute(expected, contributions[j].Contribution, 1e-8, $"Contribution of feature {j} in row {i}");
            }
        }
    }

    [Fact]
    [Trait("Kind", "Recovery")]
    public void Contributions_OfRowsWithOneFeatureTamperedWith_NameIt()
    {
        const int Count = 300;
        GaussianMixtureModel model = AnomalyCalibrationTests.Mixture(9).WithNoise(0.1, [-50, -50, -50], [50, 50, 50]);
        double[,] rows = model.WithoutNoise().Sample(Count, 2);
        int named = 0;
        for (int i = 0; i < Count; i++)
        {
            double[] row = MixtureAssert.RowOf(rows, i);
            row[i % 3] += 40;
            IReadOnlyList<FeatureContribution> contributions = model.FeatureContributions(row);
            Assert.Equal(contributions.OrderByDescending(contribution => contribution.Contribution), contributions);
            if (contributions[0].Feature == i % 3) named++;
        }

        Assert.True(named >= 0.9 * Count, $"The feature was named first in {named} of {Count} rows.");
    }

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void Contributions_OfInfiniteAndDistantFeatures_ComeFirst()
    {
        GaussianMixtureModel model = AnomalyCalibrationTests.Mixture(2);
        IReadOnlyList<FeatureContribution> infinite = model.FeatureContributions(0, double.NegativeInfinity, double.NaN);
        Assert.Equal((1, double.PositiveInfinity), (infinite[0].Feature, infinite[0].Contribution));
        Assert.All(infinite.Skip(1), contribution => Assert.True(double.IsFinite(contribution.Contribution)));
        IReadOnlyList<FeatureContribution> distant = model.FeatureContributions(0, 0, 1e180);
        Assert.Contains(distant, contribution => contribution.Feature == 2 && double.IsPositiveInfinity(contribution.Contribution));
        Assert.All(distant, contribution => Assert.False(double.IsNaN(contribution.Contribution)));
        Assert.Throws<ArgumentException>(() => model.CreateContributionScorer().Score([0, 0, 0], new FeatureContribution[2]));
    }
}
