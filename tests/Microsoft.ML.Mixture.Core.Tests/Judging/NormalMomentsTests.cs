using System.Text.Json;

namespace Microsoft.ML.Mixture.Judging.Tests;

[Trait("Kind", "Golden")]
public class NormalMomentsTests
{
    [Fact]
    public void Scores_OfOneFeature_MatchScipy()
    {
        JsonElement[] cases = [.. JudgingReference.Section("scores").EnumerateArray()];
        Assert.Equal(20, cases.Length);
        foreach (JsonElement one in cases)
        {
            double n = one.Number("n");
            Closeness.Absolute(one.Number("skewness_score"), NormalMoments.SkewnessScore(one.Number("skewness"), n), 1e-10, "Score of skewness");
            Closeness.Absolute(one.Number("kurtosis_score"), NormalMoments.KurtosisScore(one.Number("kurtosis"), 1, n, isWhole: true), 1e-10, "Score of kurtosis");
        }
    }

    [Theory]
    [InlineData(30, 0.5)]
    [InlineData(30, 1.8)]
    [InlineData(200, 0.75)]
    [InlineData(200, 1.3)]
    [InlineData(5_000, 1.1)]
    public void Score_OfAVariance_HasItsProbability(double n, double ratio)
    {
        double score = NormalMoments.VarianceScore(ratio, n);

        Assert.Equal(ratio > 1, score > 0);
        Closeness.Relative(NormalMoments.ProbabilityOfVariance(ratio, n), NormalMoments.TwoSided(score), 0.05, "Probability of the score");
    }

    [Fact]
    public void Probabilities_OfCounts_MatchScipy()
    {
        foreach (JsonElement one in JudgingReference.Section("binomial").EnumerateArray())
        {
            Closeness.Relative(one.Number("value"), NormalMoments.ProbabilityOfCount(one.Number("count"), one.Number("n"), one.Number("probability")), 1e-10, "Binomial");
        }

        foreach (JsonElement one in JudgingReference.Section("poisson").EnumerateArray())
        {
            Closeness.Relative(one.Number("value"), NormalMoments.ProbabilityOfPoisson(one.Number("count"), one.Number("mean")), 1e-10, "Poisson");
        }

        foreach (JsonElement one in JudgingReference.Section("quantiles").EnumerateArray())
        {
            double[] values = Json.Vector(one.GetProperty("values"));
            for (int i = 0; i < values.Length; i++) Closeness.Relative(values[i], GaussianityCheck.Quantile(GaussianityCheck.TailLevels[i], one.Number("freedom")), 1e-9, "Quantile");
        }
    }

    /// <summary>Of many normal samples the score must be about standard normal far out, where findings are.</summary>
    [Theory]
    [InlineData(2, 30)]
    [InlineData(4, 60)]
    [InlineData(8, 100)]
    public void KurtosisScore_OfSeveralFeatures_IsNormalInTheTails(int dimension, int count)
    {
        const int Samples = 2000;
        const double Limit = 2.5758293035489004;
        var random = new Random(dimension);
        int high = 0, low = 0, skewed = 0;
        for (int sample = 0; sample < Samples; sample++)
        {
            double[,] rows = new double[count, dimension];
            for (int i = 0; i < count; i++)
            {
                for (int j = 0; j < dimension; j++) rows[i, j] = Laws.Tests.MixtureCase.Normal(random);
            }

            (double skewness, double kurtosis) = Textbook.Mardia(rows);
            double score = NormalMoments.KurtosisScore(kurtosis, dimension, count, isWhole: true);
            if (score > Limit) high++;
            if (score < -Limit) low++;
            if (NormalMoments.ProbabilityOfSkewness(skewness, dimension, count) < 0.01) skewed++;
        }

        // 10 and 20 are to be expected; 26 and 40 come by chance in less than one of 10,000 cases.
        Assert.InRange(high, 0, 26);
        Assert.InRange(low, 0, 26);
        Assert.InRange(skewed, 2, 40);
        Assert.True(high + low > 3, $"Only {high} and {low} of {Samples} scores are beyond what 1 % should be.");
    }

    /// <summary>Of one feature of 100 rows, one in 1,000 is to be expected on both sides together.</summary>
    [Fact]
    public void ProbabilityOfKurtosis_OfOneFeature_IsRightFarOut()
    {
        const int Samples = 40_000;
        const int Count = 100;
        var random = new Random(1);
        int high = 0, low = 0;
        double[] values = new double[Count];
        for (int sample = 0; sample < Samples; sample++)
        {
            for (int i = 0; i < Count; i++) values[i] = Laws.Tests.MixtureCase.Normal(random);
            double score = NormalMoments.KurtosisScore(Textbook.Moments(values).Kurtosis, 1, Count, isWhole: true);
            if (NormalMoments.ProbabilityOfKurtosis(score, 1, Count) >= 0.001) continue;
            if (score > 0) high++;
            else low++;
        }

        // 20 are to be expected on either side; of the score alone it is 60 on the lower one.
        Assert.InRange(high, 5, 38);
        Assert.InRange(low, 5, 38);
    }
}
