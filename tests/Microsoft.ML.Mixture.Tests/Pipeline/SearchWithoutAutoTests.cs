using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Tests;

/// <summary>What a search goes by is refused where there is none: it was left aside without a word, and the default number of components was fitted.</summary>
[Trait("Kind", "BadInput")]
public class SearchWithoutAutoTests
{
    private readonly MLContext _context = new(seed: 1);

    public static TheoryData<GaussianMixtureTrainer.Options, string> OfGaussians() => new()
    {
        {
            new() { MinimumNumberOfComponents = 2 },
            "The option MinimumNumberOfComponents is 2, but NumberOfComponents is 5, which would be fitted alone. Set NumberOfComponents to GaussianMixtureTrainer.Auto, or leave MinimumNumberOfComponents at 1."
        },
        {
            new() { MaximumNumberOfComponents = 3, NumberOfComponents = 2 },
            "The option MaximumNumberOfComponents is 3, but NumberOfComponents is 2, which would be fitted alone. Set NumberOfComponents to GaussianMixtureTrainer.Auto, or leave MaximumNumberOfComponents at 9."
        },
        { new() { MaximumNumberOfComponents = 3, NumberOfComponents = 2, CovarianceStructure = CovarianceStructure.Auto }, "The option MaximumNumberOfComponents is 3, but NumberOfComponents is 2" },
        {
            new() { Criterion = MixtureCriterion.IntegratedCompletedLikelihood },
            "The option Criterion is IntegratedCompletedLikelihood, but neither NumberOfComponents nor CovarianceStructure is Auto, so that one model would be fitted and none compared. Set one of them to Auto, or leave Criterion at Bayesian."
        },
        { new() { MinimumNumberOfComponents = 0 }, "The option MinimumNumberOfComponents is 0, but must be at least 1." },
        { new() { MaximumNumberOfComponents = -1 }, "The option MaximumNumberOfComponents is -1, but must be at least MinimumNumberOfComponents, 1." },
        { new() { MinimumNumberOfComponents = int.MinValue }, "The option MinimumNumberOfComponents is -2147483648, but must be at least 1." },
        { new() { Criterion = (MixtureCriterion)99 }, "The option Criterion is 99, but must be one of MixtureCriterion." },
    };

    [Theory]
    [MemberData(nameof(OfGaussians), DisableDiscoveryEnumeration = true)]
    public void GaussianMixture_OptionsOfASearchWithoutOne_AreRefused(GaussianMixtureTrainer.Options options, string expected)
    {
        ArgumentException[] errors =
        [
            Assert.ThrowsAny<ArgumentException>(() => _context.Clustering.Trainers.GaussianMixture(options)),
            Assert.ThrowsAny<ArgumentException>(() => _context.AnomalyDetection.Trainers.GaussianMixture(new GaussianMixtureAnomalyTrainer.Options { Mixture = options })),
        ];

        Assert.All(errors, error => Assert.StartsWith(expected, error.Message, StringComparison.Ordinal));
    }

    public static TheoryData<FactorAnalyzerMixtureTrainer.Options, string> OfFactorAnalyzers() => new()
    {
        {
            new() { MaximumNumberOfComponents = 3 },
            "The option MaximumNumberOfComponents is 3, but NumberOfComponents is 5, which would be fitted alone. Set NumberOfComponents to FactorAnalyzerMixtureTrainer.Auto, or leave MaximumNumberOfComponents at 9."
        },
        { new() { MinimumNumberOfComponents = 2, NumberOfFactors = FactorAnalyzerMixtureTrainer.Auto }, "The option MinimumNumberOfComponents is 2, but NumberOfComponents is 5" },
        {
            new() { MaximumNumberOfFactors = 3, NumberOfComponents = FactorAnalyzerMixtureTrainer.Auto },
            "The option MaximumNumberOfFactors is 3, but NumberOfFactors is 2, which would be fitted alone. Set NumberOfFactors to FactorAnalyzerMixtureTrainer.Auto, or leave MaximumNumberOfFactors at 4."
        },
        { new() { MinimumNumberOfFactors = 2 }, "The option MinimumNumberOfFactors is 2, but NumberOfFactors is 2" },
        { new() { Criterion = MixtureCriterion.CrossValidation }, "The option Criterion is CrossValidation, but neither NumberOfComponents nor NumberOfFactors is Auto" },
        { new() { MinimumNumberOfFactors = 0 }, "The option MinimumNumberOfFactors is 0, but must be at least 1." },
        { new() { MaximumNumberOfComponents = 0 }, "The option MaximumNumberOfComponents is 0, but must be at least MinimumNumberOfComponents, 1." },
        { new() { Criterion = (MixtureCriterion)(-1) }, "The option Criterion is -1, but must be one of MixtureCriterion." },
    };

    [Theory]
    [MemberData(nameof(OfFactorAnalyzers), DisableDiscoveryEnumeration = true)]
    public void FactorAnalyzerMixture_OptionsOfASearchWithoutOne_AreRefused(FactorAnalyzerMixtureTrainer.Options options, string expected)
    {
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(() => _context.Clustering.Trainers.FactorAnalyzerMixture(options));

        Assert.StartsWith(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_OfASearchAtTheirDefaults_AreTakenWithoutOne()
    {
        _context.Clustering.Trainers.GaussianMixture(new GaussianMixtureTrainer.Options { MinimumNumberOfComponents = 1, MaximumNumberOfComponents = 9, Criterion = MixtureCriterion.Bayesian });
        _context.Clustering.Trainers.GaussianMixture(new GaussianMixtureTrainer.Options { NumberOfComponents = 2, CovarianceStructure = CovarianceStructure.Auto, Criterion = MixtureCriterion.Akaike });
        FactorAnalyzerMixtureTrainer trainer = _context.Clustering.Trainers.FactorAnalyzerMixture(new FactorAnalyzerMixtureTrainer.Options { MaximumNumberOfFactors = 4, MaximumNumberOfComponents = 9 });

        Assert.NotNull(trainer);
    }
}
