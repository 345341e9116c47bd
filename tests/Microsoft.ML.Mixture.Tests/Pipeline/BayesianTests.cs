using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Tests;

[Trait("Kind", "Pipeline")]
public class BayesianTests
{
    private readonly MLContext _context = new(seed: 1);

    [Fact]
    public void BayesianGaussianMixture_TheWholePipelineOfTheOldFaithful_FindsTwoComponentsAndSurvivesSaving()
    {
        IDataView data = TestData.Eruptions(_context);
        var pipeline = _context.Transforms.Concatenate("Features", nameof(Eruption.Duration), nameof(Eruption.Waiting))
            .Append(_context.Clustering.Trainers.BayesianGaussianMixture());

        var model = pipeline.Fit(data);
        GaussianMixtureModelParameters mixture = model.LastTransformer.Model;
        using var stream = new MemoryStream();
        _context.Model.Save(model, data.Schema, stream);
        stream.Position = 0;
        ITransformer loaded = new MLContext().Model.Load(stream, out _);

        Assert.Equal(2, mixture.NumberOfComponents);
        Assert.Equal(10, mixture.Posterior!.ComponentCount);
        ClusteringMetrics metrics = _context.Clustering.Evaluate(loaded.Transform(data), featureColumnName: "Features");
        Assert.InRange(metrics.DaviesBouldinIndex, 0.01, 2);
        var engine = _context.Model.CreatePredictionEngine<Eruption, Assignment>(loaded);
        uint shortLabel = engine.Predict(new Eruption { Duration = 2, Waiting = 54 }).PredictedLabel;
        Assignment longOne = engine.Predict(new Eruption { Duration = 4.3f, Waiting = 80 });
        Assert.NotEqual(shortLabel, longOne.PredictedLabel);
        Assert.InRange(longOne.Probability[longOne.PredictedLabel - 1], 0.99f, 1);
        string[] columns = ["PredictedLabel", "Score", "Probability", "LogLikelihood"];
        Assert.Equal(TestData.Bits(model.Transform(data), columns), TestData.Bits(loaded.Transform(data), columns));
        GaussianMixturePosterior posterior = ((GaussianMixtureTransformer)((IEnumerable<ITransformer>)loaded).Last()).Model.Posterior!;
        Assert.Equal(mixture.Posterior.EffectiveCounts, posterior.EffectiveCounts);
    }

    [Fact]
    public void BayesianGaussianMixture_Options_AreUsedAndTheCallersObjectIsNotKept()
    {
        var options = new BayesianGaussianMixtureTrainer.Options
        {
            NumberOfComponents = 4,
            CovarianceStructure = CovarianceStructure.Tied,
            WeightPrior = MixtureWeightPrior.Dirichlet,
            WeightConcentrationPrior = 0.25,
            MeanPrecisionPrior = 0.5,
            MeanPrior = [5, 3, 4, 1],
            DegreesOfFreedomPrior = 7,
            CovariancePrior = new double[,] { { 1, 0.1, 0, 0 }, { 0.1, 2, 0, 0 }, { 0, 0, 3, 0 }, { 0, 0, 0, 4 } },
            PruningThreshold = 0,
            MaximumNumberOfIterations = 6,
            OptimizationTolerance = 0,
        };
        BayesianGaussianMixtureTrainer trainer = _context.Clustering.Trainers.BayesianGaussianMixture(options);
        options.NumberOfComponents = 99;
        options.CovariancePrior[0, 0] = -1;

        GaussianMixtureModelParameters model = trainer.Fit(TestData.IrisFeatures(_context)).Model;

        GaussianMixturePrior prior = model.Posterior!.Prior;
        Assert.Equal((4, MixtureWeightPrior.Dirichlet, 0.25, 0.5, 7), (model.NumberOfComponents, prior.WeightPrior, prior.WeightConcentration, prior.MeanPrecision, prior.DegreesOfFreedom));
        Assert.Equal([5, 3, 4, 1], prior.Mean);
        Assert.Equal([1, 2, 3, 4, 0.1], [.. Enumerable.Range(0, 4).Select(j => prior.Covariance[j, j]), prior.Covariance[1, 0]]);
        Assert.Same(CovarianceStructure.Tied, model.CovarianceStructure);
        Assert.Equal((6, StopReason.MaximumIterations), (model.Report!.IterationCount, model.Report.StopReason));
    }

    [Fact]
    public void BayesianGaussianMixture_OnDataViewAndArray_GivesTheSameBits()
    {
        Point[] points = TestData.Clusters(90);
        double[,] rows = new double[90, 2];
        double[] weights = [.. Enumerable.Range(0, 90).Select(i => (double)(points[i].Weight = 1 + (i % 2)))];
        for (int i = 0; i < 90; i++) (rows[i, 0], rows[i, 1]) = (points[i].Features[0], points[i].Features[1]);

        GaussianMixtureModelParameters fitted = _context.Clustering.Trainers.BayesianGaussianMixture("Features", "Weight", 6)
            .Fit(_context.Data.LoadFromEnumerable(points)).Model;

        GaussianMixtureModel expected = BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions { ComponentCount = 6 }, weights);
        Assert.Equal(3, fitted.NumberOfComponents);
        Assert.Equal(expected.Weights, fitted.Weights);
        Assert.Equal(expected.Report!.EvidenceLowerBoundHistory, fitted.Report!.EvidenceLowerBoundHistory);
    }

    [Fact]
    public void BayesianGaussianMixture_Estimator_PassesTheChecksOfMlNet()
    {
        var estimator = _context.Clustering.Trainers.BayesianGaussianMixture(numberOfComponents: 4);
        IDataView flowers = TestData.IrisFeatures(_context);
        IDataView onlyFeatures = _context.Transforms.SelectColumns("Features").Fit(flowers).Transform(flowers);
        IDataView doubles = _context.Transforms.Conversion.ConvertType("Features", outputKind: DataKind.Double).Fit(flowers).Transform(flowers);
        IDataView threeFeatures = _context.Transforms.Concatenate("Features", nameof(Flower.SepalLength), nameof(Flower.SepalWidth), nameof(Flower.PetalLength))
            .Fit(flowers).Transform(flowers);

        new EstimatorCheck(_context).Run(estimator, flowers, onlyFeatures, [TestData.Iris(_context), doubles], threeFeatures);
    }

    [Fact]
    public void BayesianGaussianMixture_BadOptions_AreRefusedByMlNetsNames()
    {
        static BayesianGaussianMixtureTrainer.Options Changed(Action<BayesianGaussianMixtureTrainer.Options> change)
        {
            var options = new BayesianGaussianMixtureTrainer.Options();
            change(options);
            return options;
        }

        (BayesianGaussianMixtureTrainer.Options Options, string Message)[] cases =
        [
            (Changed(options => options.NumberOfComponents = 0), "The option NumberOfComponents is 0, but must be at least 1."),
            (Changed(options => options.MaximumNumberOfIterations = -1), "The option MaximumNumberOfIterations is -1"),
            (Changed(options => options.OptimizationTolerance = double.NaN), "The option OptimizationTolerance is NaN"),
            (Changed(options => options.NumberOfRestarts = 0), "The option NumberOfRestarts is 0"),
            (Changed(options => options.NumberOfThreads = 0), "The option NumberOfThreads is 0"),
            (Changed(options => options.FeatureColumnName = " "), "The option FeatureColumnName is empty"),
            (Changed(options => options.ExampleWeightColumnName = ""), "The option ExampleWeightColumnName is empty"),
            (Changed(options => options.CovarianceStructure = null!), "The option CovarianceStructure is null"),
            (Changed(options => options.WeightConcentrationPrior = 0), "The option WeightConcentrationPrior is 0"),
            (Changed(options => options.MeanPrecisionPrior = -2), "The option MeanPrecisionPrior is -2"),
        ];
        Assert.All(cases, test => Assert.StartsWith(
            test.Message, Assert.ThrowsAny<ArgumentException>(() => _context.Clustering.Trainers.BayesianGaussianMixture(test.Options)).Message, StringComparison.Ordinal));
    }

    [Fact]
    public void BayesianGaussianMixture_DegreesOfFreedomTooFew_NamesTheNumberOfFeatures()
    {
        var trainer = _context.Clustering.Trainers.BayesianGaussianMixture(new BayesianGaussianMixtureTrainer.Options { DegreesOfFreedomPrior = 3 });

        string message = Assert.Throws<ArgumentOutOfRangeException>(() => trainer.Fit(TestData.IrisFeatures(_context))).Message;

        Assert.Contains("DegreesOfFreedomPrior is 3, but must be above 3 for rows of 4 features", message, StringComparison.Ordinal);
    }
}
