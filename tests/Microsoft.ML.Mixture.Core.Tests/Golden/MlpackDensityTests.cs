namespace Microsoft.ML.Mixture;

/// <summary>Densities and classes that mlpack's tests assert, of mixtures that are given.</summary>
[Trait("Kind", "Golden")]
public class MlpackDensityTests
{
    private const double SixteenDigits = 1e-12;
    private const double Printed = 1e-7;

    private static readonly GaussianMixtureModel _two = GaussianMixtureModel.FromParameters(
        [0.3, 0.7], new double[,] { { 0, 0 }, { 3, 3 } }, [Diagonal(1, 1), new double[,] { { 2, 1 }, { 1, 2 } }]);

    private static readonly GaussianMixtureModel _diagonal = GaussianMixtureModel.FromParameters(
        [0.2, 0.8], new double[,] { { 0, 0 }, { 2, 3 } }, [Diagonal(1, 1), Diagonal(3, 2)]);

    private static readonly GaussianMixtureModel _three = GaussianMixtureModel.FromParameters(
        [0.6, 0.25, 0.15], new double[,] { { 0, 0 }, { 1, 3 }, { -2, -2 } },
        [Diagonal(1, 1), new double[,] { { 3, 2 }, { 2, 3 } }, new double[,] { { 2.2, 1.4 }, { 1.4, 5.1 } }]);

    [Theory]
    [InlineData(0, 0, 0.0509488720253487)]
    [InlineData(1, 1, 0.034519966673226155)]
    [InlineData(2, 2, 0.04696302253878236)]
    [InlineData(3, 3, 0.0643275968499797)]
    [InlineData(-1, 5.3, 2.503171278804786e-06)]
    [InlineData(1.4, 0, 0.02467668217629938)]
    public void Density_OfTwoComponents_HasSixteenDigits(double x, double y, double expected) =>
        Closeness.Relative(expected, Math.Exp(_two.LogDensity(x, y)), SixteenDigits, "Density");

    [Theory]
    [InlineData(0, 0, 0.0477464829276, 0.0032023890978)]
    [InlineData(1, 1, 0.0175649494573, 0.0169550172159)]
    [InlineData(2, 2, 8.7450733951e-4, 0.0460885151993)]
    [InlineData(3, 3, 5.8923841039e-6, 0.0643217044658)]
    [InlineData(-1, 5.3, 2.30212100302e-8, 2.48015006877e-6)]
    [InlineData(1.4, 0, 0.0179197849738, 0.0067568972024)]
    public void JointDensities_OfTwoComponents_MatchMlpack(double x, double y, double first, double second) =>
        CheckJoint(_two, [x, y], first, second);

    [Theory]
    [InlineData(0, 0, 0.0318309886184, 0.00281282202844)]
    [InlineData(1, 1, 0.0117099663049, 0.016186673172)]
    [InlineData(3, 3, 3.92825606928e-6, 0.0439999395467)]
    [InlineData(2.6, 3.2, 6.47659933818e-6, 0.0484656319247)]
    [InlineData(-4.1, 2.1, 7.85209733164e-7, 8.60082772711e-5)]
    public void JointDensities_OfTwoDiagonalComponents_MatchMlpack(double x, double y, double first, double second) =>
        CheckJoint(_diagonal, [x, y], first, second);

    [Theory]
    [InlineData(0, 1, 0.398942280401433)]
    [InlineData(0, 2, 0.282094791773878)]
    [InlineData(1, 2, 0.219695644733861)]
    public void Density_OfOneFeature_MatchesMlpack(double x, double variance, double expected)
    {
        var model = GaussianMixtureModel.FromParameters([1], new double[,] { { 0 } }, [new double[,] { { variance } }]);

        Closeness.Relative(expected, Math.Exp(model.LogDensity(x)), SixteenDigits, "Density");
    }

    [Theory]
    [InlineData(1, 0.159154943091895)]
    [InlineData(2, 0.0795774715459477)]
    public void Density_AtTheMeanOfTwoFeatures_MatchesMlpack(double variance, double expected)
    {
        var model = GaussianMixtureModel.FromParameters([1], new double[,] { { 0, 0 } }, [Diagonal(variance, variance)]);

        Closeness.Relative(expected, Math.Exp(model.LogDensity(0, 0)), SixteenDigits, "Density");
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 1, 0)]
    [InlineData(0, 2, 1)]
    [InlineData(1, -2, 0)]
    [InlineData(2, -2, 0)]
    [InlineData(-2, 0, 0)]
    [InlineData(5, 5, 1)]
    [InlineData(-2, -2, 2)]
    [InlineData(3, 3, 1)]
    [InlineData(25, 25, 1)]
    [InlineData(-1, -1, 0)]
    [InlineData(-3, -3, 2)]
    [InlineData(-5, 1, 2)]
    public void Predict_OfThreeComponents_MatchesMlpack(double x, double y, int expected) => Assert.Equal(expected, _three.Predict(x, y));

    // Two matrices that mlpack's tests use are not symmetric.
    [Fact]
    public void FromParameters_MatricesThatAreNotSymmetric_Throws()
    {
        double[,] five = { { 6, 1, 1, 0, 2 }, { 0, 7, 1, 0, 1 }, { 1, 1, 4, 1, 1 }, { 1, 0, 1, 7, 0 }, { 2, 0, 1, 1, 6 } };

        Assert.Throws<ArgumentException>(() => GaussianMixtureModel.FromParameters([1], new double[1, 5], [five]));
        Assert.Throws<ArgumentException>(() => GaussianMixtureModel.FromParameters([1], new double[1, 2], [new[,] { { 2, 1.5 }, { 1, 4 } }]));
    }

    private static double[,] Diagonal(double first, double second) => new[,] { { first, 0 }, { 0, second } };

    private static void CheckJoint(GaussianMixtureModel model, double[] row, params double[] expected)
    {
        MixtureScorer scorer = model.CreateScorer();
        scorer.Score(row);
        double[] shares = model.Responsibilities(row);
        for (int k = 0; k < expected.Length; k++)
        {
            Closeness.Relative(expected[k], Math.Exp(scorer.JointLogDensities[k]), Printed, $"Weight times density of component {k}");
            Closeness.Relative(expected[k] / expected.Sum(), shares[k], Printed, $"Responsibility of component {k}");
        }
    }
}
