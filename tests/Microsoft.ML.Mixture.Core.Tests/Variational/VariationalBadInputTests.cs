namespace Microsoft.ML.Mixture.Variational.Tests;

/// <summary>Priors that make no sense are refused, with values and remedy.</summary>
[Trait("Kind", "BadInput")]
public class VariationalBadInputTests
{
    private static readonly double[,] _rows = { { 1, 2 }, { 2, 1 }, { 3, 5 }, { 4, 3 }, { 5, 8 }, { 7, 6 } };

    [Theory]
    [InlineData(5, 5)]
    [InlineData(30, 3)]
    public void Fit_FewerDifferentRowsThanComponentsByDefault_UsesFewerAndSaysSo(int count, int different)
    {
        double[,] rows = new double[count, 2];
        for (int i = 0; i < count; i++) (rows[i, 0], rows[i, 1]) = (i % different, i % different * (i % different));

        GaussianMixtureModel model = BayesianGaussianMixture.Fit(rows);

        Assert.InRange(model.ComponentCount, 1, different);
        Assert.Contains(
            $"10 components were asked for, but there are only {different} rows that differ and show every feature, so no more were tried. Pass more rows, or ask for at most {different}.",
            model.Report!.Warnings);

        // One over the number that was asked for, as the option says.
        Assert.Equal(0.1, model.Posterior!.Prior.WeightConcentration);
    }

    [Fact]
    public void Fit_RowsThatAreAllAlike_SaysSoOfOne() => Assert.Contains(
        "10 components were asked for, but there is only 1 row that differs and shows every feature, so no more were tried. Pass more rows, or ask for at most 1.",
        BayesianGaussianMixture.Fit(new double[,] { { 1, 2 }, { 1, 2 } }).Report!.Warnings);

    [Theory]
    [InlineData(0.0, "0")]
    [InlineData(-1.0, "-1")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "Infinity")]
    [InlineData(1e-200, "1E-200")]
    public void WeightConcentrationPrior_NotPositive_IsRefused(double value, string text) =>
        AssertRefused<ArgumentOutOfRangeException>(options => options.WeightConcentrationPrior = value, $"WeightConcentrationPrior is {text}, but must be a number from", "Leave it null");

    [Theory]
    [InlineData(0.0, "0")]
    [InlineData(-3.0, "-3")]
    [InlineData(double.NaN, "NaN")]
    public void MeanPrecisionPrior_NotPositive_IsRefused(double value, string text) =>
        AssertRefused<ArgumentOutOfRangeException>(options => options.MeanPrecisionPrior = value, $"MeanPrecisionPrior is {text}, but must be a number from", "Leave it null for 1");

    [Theory]
    [InlineData(1.0, "1")]
    [InlineData(0.5, "0.5")]
    public void DegreesOfFreedomPrior_NotAboveDMinusOne_IsRefused(double value, string text) =>
        AssertRefused<ArgumentOutOfRangeException>(
            options => options.DegreesOfFreedomPrior = value, $"DegreesOfFreedomPrior is {text}, but must be above 1 for rows of 2 features", "Leave it null for 2");

    [Theory]
    [InlineData(0.0)]
    [InlineData(double.NaN)]
    public void DegreesOfFreedomPrior_NotPositive_IsRefused(double value) =>
        AssertRefused<ArgumentOutOfRangeException>(options => options.DegreesOfFreedomPrior = value, "DegreesOfFreedomPrior is", "above the number of features minus one");

    [Fact]
    public void MeanPrior_OfAnotherLength_IsRefused() =>
        AssertRefused<ArgumentException>(options => options.MeanPrior = [1, 2, 3], "MeanPrior has 3 entries, but the rows have 2 features", "or null");

    [Fact]
    public void MeanPrior_NotFinite_IsRefused() => AssertRefused<ArgumentException>(options => options.MeanPrior = [1, double.NaN], "MeanPrior has NaN at 1, but must be finite");

    /// <summary>The advice was to ask for fewer components, or to drop features.</summary>
    [Theory]
    [InlineData(1e200, 1.0, "MeanPrior has 1E+200 in feature 1, beyond double precision beside rows with values up to 8.")]
    [InlineData(1, 1e-200, "MeanPrior has 1 in feature 1, beyond double precision beside rows with values up to 8E-200.")]
    public void MeanPrior_TooFarFromTheRows_IsRefused(double value, double unit, string expected) => AssertRefusedFor(unit, options => options.MeanPrior = [0, value], expected);

    [Theory]
    [InlineData(1e-200)]
    [InlineData(1e200)]
    public void CovariancePrior_OfOtherUnitsThanTheRows_IsRefused(double unit) => AssertRefusedFor(
        unit, options => options.CovariancePrior = new double[,] { { 1, 0 }, { 0, 1 } }, "CovariancePrior has 1 in feature 0, beyond double precision beside rows with values up to 8E");

    [Fact]
    public void CovariancePrior_OfAnotherShape_IsRefused() =>
        AssertRefused<ArgumentException>(options => options.CovariancePrior = new double[3, 3], "The covariance prior has the shape 3 x 3, but", "2 features");

    [Fact]
    public void CovariancePrior_NotSymmetric_IsRefused() =>
        AssertRefused<ArgumentException>(options => options.CovariancePrior = new double[,] { { 1, 0.5 }, { 0.2, 1 } }, "The covariance prior has 0.2 at (1, 0) and 0.5 at (0, 1)");

    [Fact]
    public void CovariancePrior_NotPositiveDefinite_IsRefused() =>
        AssertRefused<ArgumentException>(options => options.CovariancePrior = new double[,] { { 1, 2 }, { 2, 1 } }, "The covariance prior is not positive definite");

    [Theory]
    [InlineData(-1.0)]
    [InlineData(double.NaN)]
    public void PruningThreshold_Negative_IsRefused(double value) =>
        AssertRefused<ArgumentOutOfRangeException>(options => options.PruningThreshold = value, "PruningThreshold is", "at least 0");

    [Fact]
    public void CovarianceFloor_Negative_IsRefused() => AssertRefused<ArgumentOutOfRangeException>(options => options.CovarianceFloor = -1, "CovarianceFloor is -1", "at least 0");

    [Fact]
    public void WeightPrior_Unknown_IsRefused() => AssertRefused<ArgumentOutOfRangeException>(options => options.WeightPrior = (MixtureWeightPrior)7, "WeightPrior is 7", "Dirichlet");

    [Fact]
    public void ComponentCount_OfAStartAboveTheRows_IsRefused() => AssertRefused<ArgumentException>(
        options =>
        {
            options.ComponentCount = 7;
            options.Start = MixtureStart.FromParameters(
                [.. Enumerable.Repeat(1 / 7.0, 7)], new double[7, 2], [.. Enumerable.Repeat(new double[,] { { 1, 0 }, { 0, 1 } }, 7)]);
        },
        "There are 6 rows to fit 7 components to", "at most 6");

    [Fact]
    public void Rows_WithCopiedConstantAndFewFeatures_GiveAModelAndWarnings()
    {
        double[,] rows = new double[12, 4];
        for (int i = 0; i < 12; i++) (rows[i, 0], rows[i, 1], rows[i, 2], rows[i, 3]) = (i, 2 * i, 5, i * i);

        GaussianMixtureModel model = BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions { ComponentCount = 4 });

        Assert.All(model.Weights, weight => Assert.InRange(weight, 0, 1));
        Assert.True(double.IsFinite(model.LogDensity(3, 6, 5, 9)));
        Assert.True(double.IsFinite(model.Report!.EvidenceLowerBound));
        Assert.Contains(model.Report.Warnings, warning => warning.Contains("Feature 2 is constant", StringComparison.Ordinal));
        Assert.Contains(model.Report.Warnings, warning => warning.Contains("Feature 1 is a copy of feature 0", StringComparison.Ordinal));
    }

    // Of the variance of a feature one part in 10^12 is not what others tell of it: rounding of products of rows has as much.
    [Theory]
    [InlineData(1e-3, true)]
    [InlineData(1e-6, false)]
    public void CovariancePrior_OfRowsInWhichAFeatureFollows_IsADiagonal(double spread, bool isFull)
    {
        double[,] rows = new double[50, 2];
        for (int i = 0; i < 50; i++) (rows[i, 0], rows[i, 1]) = (i, i + (15 * spread * Math.Sin(7 * i)));

        ReadOnlyMatrix covariance = BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions { ComponentCount = 1 }).Posterior!.Prior.Covariance;

        Assert.Equal(isFull, covariance[1, 0] != 0);
        Assert.InRange(covariance[0, 0], 208, 209);
    }

    [Fact]
    public void Fit_Cancelled_Throws()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => BayesianGaussianMixture.Fit(_rows, new BayesianGaussianMixtureOptions { ComponentCount = 2 }, null, source.Token));
    }

    private static void AssertRefusedFor(double unit, Action<BayesianGaussianMixtureOptions> change, string expected)
    {
        double[,] rows = (double[,])_rows.Clone();
        for (int i = 0; i < rows.GetLength(0); i++) (rows[i, 0], rows[i, 1]) = (rows[i, 0] * unit, rows[i, 1] * unit);
        var options = new BayesianGaussianMixtureOptions { ComponentCount = 2 };
        change(options);
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => BayesianGaussianMixture.Fit(rows, options)).Message, StringComparison.Ordinal);
    }

    private static void AssertRefused<T>(Action<BayesianGaussianMixtureOptions> change, params string[] expected)
        where T : ArgumentException
    {
        var options = new BayesianGaussianMixtureOptions { ComponentCount = 2 };
        change(options);
        T exception = Assert.Throws<T>(() => BayesianGaussianMixture.Fit(_rows, options));
        Assert.All(expected, text => Assert.Contains(text, exception.Message, StringComparison.Ordinal));
    }
}
