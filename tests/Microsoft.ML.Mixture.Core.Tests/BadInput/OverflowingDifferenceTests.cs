namespace Microsoft.ML.Mixture;

/// <summary>Rows and means so far apart that not only the square of the difference overflows.</summary>
[Trait("Kind", "Numerics")]
public class OverflowingDifferenceTests
{
    private const double Far = 1.5e308;

    // An infinite difference times a zero of the factor was NaN, which beside others counted as the most likely.
    [Theory]
    [InlineData(2, 2)]
    [InlineData(5, 2)]
    [InlineData(6, 3)]
    [InlineData(9, 3)]
    public void Score_DifferenceFromAMeanOverflows_IsInfinitelyFarFromItAlone(int dimension, int componentCount)
    {
        MixtureScorer scorer = Score(dimension, componentCount, isTied: false);

        double expected = Math.Log(1.0 / componentCount) - (0.5 * dimension * Math.Log(2 * Math.PI));
        for (int k = 0; k < componentCount; k++) Assert.Equal(k == 1 ? expected : double.NegativeInfinity, scorer.JointLogDensities[k], 1e-12);
        Assert.Equal(expected, scorer.LogDensity, 1e-12);
        Assert.Equal(1, scorer.Component);
    }

    // With one covariance differences are those from the first mean, and may overflow of all components.
    [Theory]
    [InlineData(2, 1, false)]
    [InlineData(2, 1, true)]
    [InlineData(2, 2, true)]
    [InlineData(5, 2, true)]
    [InlineData(6, 3, true)]
    public void Score_DifferencesFromAllMeansOverflow_IsOfTheNearestAndNotNaN(int dimension, int componentCount, bool isTied)
    {
        MixtureScorer scorer = Score(dimension, componentCount, isTied);
        double[] responsibilities = new double[componentCount];
        scorer.CopyResponsibilities(responsibilities);

        foreach (double joint in scorer.JointLogDensities) Assert.Equal(double.NegativeInfinity, joint);
        Assert.Equal(double.NegativeInfinity, scorer.LogDensity);
        Assert.Equal(componentCount == 1 ? 0 : 1, scorer.Component);
        Assert.Equal(1, responsibilities[scorer.Component]);
    }

    // The row is the mean of component 1, and as far as numbers go from the others.
    private static MixtureScorer Score(int dimension, int componentCount, bool isTied)
    {
        double[,] means = new double[componentCount, dimension], covariance = new double[dimension, dimension];
        for (int j = 0; j < dimension; j++) covariance[j, j] = 1;
        for (int k = 0; k < componentCount; k++) means[k, dimension - 1] = k == 1 ? Far : -Far;
        GaussianMixtureModel model = GaussianMixtureModel.FromParameters(
            [.. Enumerable.Repeat(1.0 / componentCount, componentCount)], means, [.. Enumerable.Repeat(covariance, isTied ? 1 : componentCount)]);
        double[] row = new double[dimension];
        row[^1] = Far;
        MixtureScorer scorer = model.CreateScorer();
        scorer.Score(row);
        return scorer;
    }
}
