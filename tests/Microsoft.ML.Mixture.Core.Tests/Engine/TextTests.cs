using System.Globalization;

namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>Models and what judges them print as short texts, the same in every culture.</summary>
[Trait("Kind", "Reference")]
public sealed class TextTests : IDisposable
{
    private readonly CultureInfo _previous = CultureInfo.CurrentCulture;

    public TextTests()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = ",";
        CultureInfo.CurrentCulture = culture;
    }

    public void Dispose() => CultureInfo.CurrentCulture = _previous;

    [Fact]
    public void ToString_OfGaussianMixture_HasALineForEachComponent()
    {
        GaussianMixtureModel model = GaussianMixtureModel.FromParameters([0.25, 0.75], new double[,] { { 1.5, -2 }, { 1234567, 0.0001 } }, [new double[,] { { 1, 0 }, { 0, 1 } }]);

        Assert.Equal(
            ["Gaussian mixture: 2 components, 2 features, tied (EEE) covariances", "  0: weight 0.2500, mean 1.5, -2", "  1: weight 0.7500, mean 1.2346E+06, 0.0001"],
            model.ToString().Split('\n'));
        Assert.EndsWith("\n  noise: weight 0.2000", model.WithNoise(0.2, [0, 0], [1, 1]).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ToString_OfManyComponentsAndFeatures_IsCut()
    {
        double[,] means = new double[10, 9], identity = new double[9, 9];
        for (int j = 0; j < 9; j++) (means[0, j], identity[j, j]) = (j + 0.5, 1);

        string[] lines = GaussianMixtureModel.FromParameters([.. Enumerable.Repeat(0.1, 10)], means, [identity]).ToString().Split('\n');

        Assert.Equal(10, lines.Length);
        Assert.Equal("  0: weight 0.1000, mean 0.5, 1.5, 2.5, 3.5, 4.5, 5.5, and 3 more", lines[1]);
        Assert.Equal("  and 2 components more", lines[^1]);
    }

    [Fact]
    public void ToString_OfFactorAnalysers_NamesFactorsAndVariances()
    {
        FactorAnalyzerMixtureModel model = FactorAnalyzerMixtureModel.FromParameters([1], new double[,] { { 1, 2.5 } }, [new double[,] { { 1 }, { 2 } }], new double[,] { { 0.5, 0.4 } });

        Assert.Equal(
            ["Mixture of factor analysers: 1 component, 2 features, 1 factor, diagonal specific variances", "  0: weight 1.0000, mean 1, 2.5"], model.ToString().Split('\n'));
    }

    [Fact]
    public void ToString_OfCriteria_SaysThemInALine()
    {
        GaussianMixtureModel model = GaussianMixtureModel.FromParameters([1], new double[,] { { 0 } }, [new double[,] { { 1 } }]);

        // log N(0) = -0.9189, log N(1) = -1.4189; two parameters.
        Assert.Equal(
            "2 rows, 2 free parameters: log-likelihood -2.3379 (-1.1689 per unit of weight), BIC 6.06, ICL 6.06, AIC 8.68 (lower is better), classification entropy 0.00.",
            model.CriteriaOf(new double[,] { { 0 }, { 1 } }).ToString());
    }

    [Fact]
    public void ToString_OfCrossValidation_SaysHowFarTheFoldsDiffer()
    {
        MixtureCrossValidation result = GaussianMixture.CrossValidate(CsvTable.Faithful.Features, new GaussianMixtureOptions { ComponentCount = 2 }, foldCount: 2);

        double[] averages = [.. result.FoldLogLikelihoods.Zip(result.FoldRowWeights, (sum, weight) => sum / weight).Order()];
        Assert.Equal(
            FormattableString.Invariant(
                $"Log-likelihood of rows left out {result.LogLikelihood:F4} ({result.AverageLogLikelihood:F4} per unit of weight; {averages[0]:F4} to {averages[1]:F4} over 2 folds), deviance {result.Deviance:F2} (lower is better)."),
            result.ToString());
    }

    [Fact]
    public void ToString_OfEachTestOfASequence_IsASentence()
    {
        var options = new GaussianMixtureBootstrapOptions { ReplicateCount = 19, StartCount = 1, CovarianceStructure = CovarianceStructure.TiedSpherical };

        IReadOnlyList<MixtureBootstrapTest> tests = GaussianMixture.BootstrapSequence(new double[,] { { 0 }, { 1 }, { 0.5 }, { 9 }, { 9.5 }, { 10 }, { 9.9 } }, options, maximumComponentCount: 2);

        Assert.StartsWith("1 against 2 components (tied-spherical): -2 log(lambda) = ", Assert.Single(tests).ToString(), StringComparison.Ordinal);
    }
}
