using Microsoft.ML.Mixture.Extensibility.Tests;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Inference.Tests;

/// <summary>Where there are no standard errors, and where they are not to be trusted, a full sentence says why.</summary>
[Trait("Kind", "BadInput")]
public class StandardErrorRefusalTests
{
    private static readonly MixtureCase _data = new(2, 2, 40, 9);
    private static readonly GaussianMixtureModel _model = StandardErrorTests.Fit(_data.Rows, CovarianceStructure.Full, 2, null, 1e-6, _data);

    [Fact]
    public void StandardErrors_RowsOfOtherFeatures_Throws() =>
        Refuses<ArgumentException>(() => _model.StandardErrorsOf(new double[3, 5]), "5 features", "has 2", "to which it was fitted");

    [Fact]
    public void StandardErrors_InfiniteValue_NamesIt()
    {
        double[,] rows = (double[,])_data.Rows.Clone();
        rows[7, 1] = double.PositiveInfinity;
        Refuses<ArgumentException>(() => _model.StandardErrorsOf(rows), "Feature 1", "row 7");
    }

    [Fact]
    public void StandardErrors_ConstantFeature_NamesIt()
    {
        double[,] rows = (double[,])_data.Rows.Clone();
        for (int i = 0; i < rows.GetLength(0); i++) rows[i, 1] = 3.5;
        Refuses<ArgumentException>(() => _model.StandardErrorsOf(rows), "Feature 1 is 3.5 in all rows", "without it");
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void StandardErrors_PriorNotANumberFromZero_Throws(double strength) =>
        Refuses<ArgumentOutOfRangeException>(() => _model.StandardErrorsOf(_data.Rows, null, strength), "at least 0");

    [Fact]
    public void StandardErrors_StructureOfOthers_Throws()
    {
        GaussianMixtureModel model = GaussianMixture.Fit(_data.Rows, _data.Options(new SharedVarianceCovariance(), 5));
        Refuses<NotSupportedException>(() => model.StandardErrorsOf(_data.Rows), model.CovarianceStructure.Name, "not part of the library", "tied-shape");
    }

    [Fact]
    public void StandardErrors_TooManyParameters_Throws()
    {
        double[,] rows = new double[70, 65], unit = new double[65, 65];
        for (int j = 0; j < 65; j++) unit[j, j] = 1;
        GaussianMixtureModel model = GaussianMixtureModel.FromParameters([1], new double[1, 65], [unit]);
        Refuses<NotSupportedException>(() => model.StandardErrorsOf(rows), "1 component in 65 features have 2211", "2000", "fewer features");
    }

    [Fact]
    public void StandardErrors_WeightZero_Throws()
    {
        double[,] unit = { { 1, 0 }, { 0, 1 } };
        GaussianMixtureModel model = GaussianMixtureModel.FromParameters([1, 0], new double[,] { { 0, 0 }, { 5, 5 } }, [unit, unit]);
        Refuses<InvalidOperationException>(() => model.StandardErrorsOf(_data.Rows), "Component 1 has the weight 0, at the end", "fewer components");
    }

    // EM never takes the weight of noise that is not called for to zero, where its derivative is not zero either.
    [Fact]
    public void StandardErrors_NoiseThatIsNotCalledFor_SaysToLeaveItOut()
    {
        var random = new Random(1);
        double[,] rows = new double[300, 1];
        for (int i = 0; i < 300; i++) rows[i, 0] = (i % 2 * 12) + MixtureCase.Normal(random);
        GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2, NoiseComponent = true, Tolerance = 1e-9 });
        Assert.InRange(model.NoiseWeight, double.Epsilon, 1e-6);

        Refuses<InvalidOperationException>(() => model.StandardErrorsOf(rows), "The noise has the weight ", "Take the model without noise");

        MixtureStandardErrors errors = model.WithoutNoise().StandardErrorsOf(rows);
        Assert.InRange(errors.DistanceFromMaximum, 0, 0.1);
        Assert.Equal(Math.Sqrt(0.25 / 300), errors.Weights[0], 1e-4);
    }

    [Fact]
    public void StandardErrors_FarFromMaximum_ThrowsOrWarns()
    {
        // Two components at one place: a saddle.
        double[,] covariance = _model.OverallCovariance.ToArray(), means = new double[2, 2];
        for (int k = 0; k < 2; k++) (means[k, 0], means[k, 1]) = (_model.OverallMean[0], _model.OverallMean[1]);
        GaussianMixtureModel saddle = GaussianMixtureModel.FromParameters([0.5, 0.5], means, [covariance, covariance]);
        Refuses<InvalidOperationException>(() => saddle.StandardErrorsOf(_data.Rows), "not positive definite", "not at a maximum", "Tolerance");

        GaussianMixtureModel early = GaussianMixture.Fit(_data.Rows, _data.Options(CovarianceStructure.Full, 2));
        MixtureStandardErrors errors = early.StandardErrorsOf(_data.Rows);
        Assert.True(errors.DistanceFromMaximum > 0.1);
        Assert.Contains("standard errors away from a maximum", Assert.Single(errors.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void StandardErrors_FewRowsOfComponent_Warns()
    {
        var data = new MixtureCase(2, 2, 12, 3);
        MixtureStandardErrors errors = StandardErrorTests.Fit(data.Rows, CovarianceStructure.TiedSpherical, 2, null, 0, data).StandardErrorsOf(data.Rows, null, 0);
        Assert.Equal(2, errors.Warnings.Count);
        Assert.Contains("Component 0 has 1", errors.Warnings[0], StringComparison.Ordinal);
    }

    [Fact]
    public void StandardErrors_PairNeverTogether_Throws()
    {
        double[,] rows = (double[,])_data.Rows.Clone();
        for (int i = 0; i < rows.GetLength(0); i++) rows[i, i % 2] = double.NaN;
        GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions { CovariancePriorStrength = 0 });
        Refuses<InvalidOperationException>(() => model.StandardErrorsOf(rows, null, 0), "the correlations of the covariance of component 0", "do not determine it");
    }

    [Fact]
    public void StandardErrors_Cancelled_Throws()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => _model.StandardErrorsOf(_data.Rows, cancellationToken: source.Token));
    }

    [Fact]
    public void Index_OutOfRange_Throws()
    {
        MixtureStandardErrors errors = _model.StandardErrorsOf(_data.Rows);
        Refuses<ArgumentOutOfRangeException>(() => errors.IndexOfWeight(2), "component is 2", "there are 2");
        Refuses<ArgumentOutOfRangeException>(() => errors.IndexOfMean(0, -1), "feature is -1");
        Refuses<ArgumentOutOfRangeException>(() => errors.IndexOfCovariance(0, 0, 2), "column is 2");
    }

    private static void Refuses<T>(Action action, params string[] parts)
        where T : Exception
    {
        T exception = Assert.Throws<T>(action);
        Assert.All(parts, part => Assert.Contains(part, exception.Message, StringComparison.Ordinal));
    }
}
