using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Tests;

/// <summary>Cross-validations of data views are those of their rows.</summary>
[Trait("Kind", "Pipeline")]
public class CrossValidationTests
{
    private readonly MLContext _context = new(seed: 1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void CrossValidateGaussianMixture_WeightsAndHoles_IsThatOfTheRows(bool hasNoise)
    {
        (IDataView data, RowSource rows) = Data();
        var options = new GaussianMixtureTrainer.Options
        {
            NumberOfComponents = 3,
            CovarianceStructure = CovarianceStructure.Tied,
            NoiseComponent = hasNoise,
            Seed = 5,
            ExampleWeightColumnName = nameof(Point.Weight),
            MaximumNumberOfIterations = 40,
        };
        var log = new List<string>();
        _context.Log += (_, entry) =>
        {
            if (entry.Kind == ChannelMessageKind.Info) log.Add(entry.RawMessage);
        };

        MixtureCrossValidation found = _context.Clustering.CrossValidateGaussianMixture(data, options, numberOfFolds: 4);

        MixtureCrossValidation expected = GaussianMixture.CrossValidate(
            rows, new GaussianMixtureOptions { ComponentCount = 3, CovarianceStructure = CovarianceStructure.Tied, NoiseComponent = hasNoise, Seed = 5, MaximumIterations = 40 }, 4, CancellationToken.None);
        Assert.Equal(expected.FoldLogLikelihoods, found.FoldLogLikelihoods);
        Assert.Equal(expected.FoldRowWeights, found.FoldRowWeights);
        Assert.Equal(4, found.FoldLogLikelihoods.Count);
        Assert.Contains(expected.ToString(), log);
    }

    [Fact]
    public void CrossValidateFactorAnalyzerMixture_WeightsAndHoles_IsThatOfTheRows()
    {
        (IDataView data, RowSource rows) = Data();
        var options = new FactorAnalyzerMixtureTrainer.Options { NumberOfComponents = 2, NumberOfFactors = 1, Seed = 5, ExampleWeightColumnName = nameof(Point.Weight) };

        MixtureCrossValidation found = _context.Clustering.CrossValidateFactorAnalyzerMixture(data, options, numberOfFolds: 3);

        MixtureCrossValidation expected = FactorAnalyzerMixture.CrossValidate(rows, new FactorAnalyzerMixtureOptions { ComponentCount = 2, FactorCount = 1, Seed = 5 }, 3, CancellationToken.None);
        Assert.Equal(expected.FoldLogLikelihoods, found.FoldLogLikelihoods);
        Assert.Equal(expected.FoldRowWeights, found.FoldRowWeights);
    }

    [Fact]
    public void CrossValidate_BadInput_IsRefused()
    {
        IDataView data = TestData.EruptionFeatures(_context);
        ClusteringCatalog clustering = _context.Clustering;
        GaussianMixtureTrainer.Options two = new() { NumberOfComponents = 2 }, nothing = new() { FeatureColumnName = "Nothing" }, weights = new() { ExampleWeightColumnName = "Nothing" };

        Assert.Throws<ArgumentNullException>(() => clustering.CrossValidateGaussianMixture(null!, two));
        Assert.Throws<ArgumentNullException>(() => clustering.CrossValidateGaussianMixture(data, null!));
        Assert.Throws<ArgumentNullException>(() => clustering.CrossValidateFactorAnalyzerMixture(data, null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => clustering.CrossValidateGaussianMixture(data, nothing));
        Assert.Throws<ArgumentOutOfRangeException>(() => clustering.CrossValidateGaussianMixture(data, weights));
        Assert.Contains("numberOfFolds is 1, ", Assert.Throws<ArgumentOutOfRangeException>(() => clustering.CrossValidateGaussianMixture(data, two, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("from 2 to the number of rows in use, 272", Assert.Throws<ArgumentOutOfRangeException>(() => clustering.CrossValidateGaussianMixture(data, two, 273)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "is Auto, but cross-validation judges one mixture. Give both, or call SearchGaussianMixture with MixtureCriterion.CrossValidation.",
            Assert.Throws<ArgumentException>(() => clustering.CrossValidateGaussianMixture(data, new GaussianMixtureTrainer.Options { NumberOfComponents = GaussianMixtureTrainer.Auto })).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => clustering.CrossValidateFactorAnalyzerMixture(data, new FactorAnalyzerMixtureTrainer.Options { NumberOfComponents = 0 }));
        Assert.Contains(
            "or call SearchFactorAnalyzerMixture with",
            Assert.Throws<ArgumentException>(() => clustering.CrossValidateFactorAnalyzerMixture(data, new FactorAnalyzerMixtureTrainer.Options { NumberOfFactors = FactorAnalyzerMixtureTrainer.Auto })).Message,
            StringComparison.Ordinal);
        two.Start = MixtureStart.FromLabels([.. Enumerable.Range(0, 272).Select(i => i % 2)]);
        Assert.Contains("fits to parts of the rows", Assert.Throws<ArgumentException>(() => clustering.CrossValidateGaussianMixture(data, two)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CrossValidate_CancelledOrOutOfTime_Throws()
    {
        IDataView data = TestData.EruptionFeatures(_context);
        using var source = new CancellationTokenSource();
        source.Cancel();
        var options = new GaussianMixtureTrainer.Options { NumberOfComponents = 2, CancellationToken = source.Token, CancellationBehavior = CancellationBehavior.ReturnBest };
        Assert.Equal(source.Token, Assert.ThrowsAny<OperationCanceledException>(() => _context.Clustering.CrossValidateGaussianMixture(data, options)).CancellationToken);

        var hurried = new GaussianMixtureTrainer.Options { NumberOfComponents = 2, TimeBudget = TimeSpan.FromTicks(1) };
        Assert.Contains("of 10 folds, and all are needed", Assert.Throws<MixtureFitException>(() => _context.Clustering.CrossValidateGaussianMixture(data, hurried)).Message, StringComparison.Ordinal);
    }

    private (IDataView Data, RowSource Rows) Data()
    {
        Point[] points = TestData.Clusters(90);
        for (int i = 0; i < points.Length; i++)
        {
            points[i].Weight = 1 + (i % 2);
            if (i % 11 == 4) points[i].Features[1] = float.NaN;
        }

        return (_context.Data.LoadFromEnumerable(points), new ArrayRowSource<float>(points.SelectMany(point => point.Features).ToArray(), 2, points.Select(point => point.Weight).ToArray()));
    }
}
