using System.Globalization;
using Microsoft.ML.Mixture.Serialization;

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
        culture.NumberFormat.NegativeSign = "\u2212";
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
    public void Message_WithNumbers_IsTheSameInEveryCulture()
    {
        ArgumentException prior = Assert.ThrowsAny<ArgumentException>(() => BayesianGaussianMixture.Fit(new double[,] { { 1 }, { 2 } }, new BayesianGaussianMixtureOptions { MeanPrecisionPrior = 0 }));
        FormatException weights = Assert.Throws<FormatException>(() => FormatChecks.RequireShares([0.25, 0.5]));

        Assert.Contains("a number from 1E-100 to 1000000000000", prior.Message, StringComparison.Ordinal);
        Assert.Contains("the sum 0.75 instead", weights.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ToString_OfRecords_IsTheSameInEveryCulture()
    {
        var progress = new FitProgress(1, 2, -0.5, -1.5) { Gain = 0.25, IterationsPerSecond = 10.5, RacedStarts = 3, SpuriousComponentCount = 1, Elapsed = TimeSpan.FromSeconds(1.5), TimeLeft = TimeSpan.FromSeconds(2) };

        Assert.Equal("ComponentOverlap { First = 0, Second = 1, BhattacharyyaCoefficient = 0.5, MisclassificationBound = 0.00206 }", new ComponentOverlap(0, 1, 0.5, 0.00206).ToString());
        Assert.Equal(
            "FeatureContribution { Feature = 2, Value = -1.5, Expectation = 0.5, Deviation = 0.5, Contribution = 8, StandardScore = -4 }", new FeatureContribution(2, -1.5, 0.5, 0.5, 8).ToString());
        Assert.Equal(
            "FitProgress { Start = 1, Iteration = 2, AverageLogLikelihood = -0.5, AverageObjective = -1.5, Gain = 0.25, RemainingGain = Infinity, IterationsPerSecond = 10.5, RacedStarts = 3, SpuriousComponentCount = 1, Elapsed = 00:00:01.5000000, TimeLeft = 00:00:02 }",
            progress.ToString());
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
    public void ToString_OfASequence_IsATableOfTestsAndTheirAnswer()
    {
        double[,] rows = { { 0 }, { 1 }, { 0.5 }, { 9 }, { 9.5 }, { 10 }, { 9.9 }, { 0.2 }, { 0.7 }, { 9.2 } };
        var options = new GaussianMixtureBootstrapOptions { ReplicateCount = 19, StartCount = 1, CovarianceStructure = CovarianceStructure.TiedSpherical, ExceedanceCount = 2 };

        MixtureBootstrapSequence open = GaussianMixture.BootstrapSequence(rows, options, maximumComponentCount: 2), whole = GaussianMixture.BootstrapSequence(rows, options);

        Assert.StartsWith("1 against 2 components (tied-spherical): -2 log(lambda) = ", Assert.Single(open).ToString(), StringComparison.Ordinal);
        Assert.Equal((2, true), (open.ComponentCount, open.ReachedMaximum));
        Assert.Same(open[0].Alternative, open.Model);
        Assert.Equal(
            [
                "components  -2 log(lambda)  p-value   data sets",
                FormattableString.Invariant($"    1 or 2  {open[0].Statistic,14:F2}     0.05          19"),
                "At least 2 components (tied-spherical): the last test rejects at 5 %, too. Raise the largest number of components to go on.",
            ],
            open.ToString().Split('\n'));
        Assert.Equal((2, 2, false), (whole.Count, whole.ComponentCount, whole.ReachedMaximum));
        Assert.True(whole[1].EndedEarly);
        Assert.EndsWith($"{whole[1].ReplicateStatistics.Count,12} of 19, as 2 had at least as much", whole.ToString().Split('\n')[2], StringComparison.Ordinal);
        Assert.Equal("2 components (tied-spherical): one more is not called for at 5 %.", whole.ToString().Split('\n')[^1]);
        Assert.EndsWith($"of the first {whole[1].ReplicateStatistics.Count} of 19 data sets. It ended there, as 2 of them had at least as much.", whole[1].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ToString_OfStandardErrors_HasEstimatesWithAsManyDigitsAsTheyAreKnown()
    {
        double[,] rows = CsvTable.Faithful.Features;
        GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 1, CovariancePriorStrength = 0 });

        // Of one Gaussian: the errors of a mean and a variance are s / sqrt(N) and s^2 sqrt(2 / N).
        Assert.Equal(
            [
                "Estimates +/- standard errors: 1 component, 2 features, full (VVV) covariances",
                "Component 0: weight 1 +/- 0",
                FormattableString.Invariant($"  feature 0  mean 3.488 +/- 0.069  variance {model.Covariances[0][0, 0]:F2} +/- {model.Covariances[0][0, 0] * Math.Sqrt(2.0 / 272):F2}"),
                FormattableString.Invariant($"  feature 1  mean 70.90 +/- 0.82   variance {model.Covariances[0][1, 1]:F0} +/- {model.Covariances[0][1, 1] * Math.Sqrt(2.0 / 272):F0}"),
            ],
            model.StandardErrorsOf(rows, covariancePriorStrength: 0).ToString().Split('\n'));

        // Errors of hundreds are whole numbers, as the estimates beside them are.
        for (int i = 0; i < rows.GetLength(0); i++) rows[i, 0] *= 1e4;
        GaussianMixtureModel large = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 1, CovariancePriorStrength = 0 });
        Assert.Contains("  feature 0  mean 34878 +/- 691  ", large.StandardErrorsOf(rows, covariancePriorStrength: 0).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ToString_OfStandardErrorsOfManyFeatures_IsCut()
    {
        var random = new Random(3);
        double[,] rows = new double[60, 12];
        for (int i = 0; i < 60; i++)
        {
            for (int j = 0; j < 12; j++) rows[i, j] = Laws.Tests.MixtureCase.Normal(random);
        }

        string[] lines = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 1, CovarianceStructure = CovarianceStructure.Diagonal }).StandardErrorsOf(rows).ToString().Split('\n');

        Assert.StartsWith("  feature 9  mean ", lines[11], StringComparison.Ordinal);
        Assert.Equal("  and 2 features more", lines[12]);
    }
}
