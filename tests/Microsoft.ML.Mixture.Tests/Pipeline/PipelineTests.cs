using System.Globalization;
using Microsoft.Data.Analysis;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Tests;

[Trait("Kind", "Pipeline")]
public class PipelineTests
{
    private readonly MLContext _context = new(seed: 1);

    [Fact]
    public void GaussianMixture_TheWholePipelineOfTheOldFaithful_TrainsSavesLoadsEvaluatesAndPredicts()
    {
        IDataView data = _context.Data.LoadFromTextFile<Eruption>(TestData.PathOf("faithful.csv"), separatorChar: ',', hasHeader: true);
        var pipeline = _context.Transforms.Concatenate("Features", nameof(Eruption.Duration), nameof(Eruption.Waiting))
            .Append(_context.Clustering.Trainers.GaussianMixture(numberOfComponents: 2));

        var model = pipeline.Fit(data);
        GaussianMixtureModelParameters mixture = model.LastTransformer.Model;
        using var stream = new MemoryStream();
        _context.Model.Save(model, data.Schema, stream);
        stream.Position = 0;
        ITransformer loaded = new MLContext().Model.Load(stream, out _);

        // Converged maximum: log-likelihood -1130.26396018, weights 0.3558729 and 0.6441271.
        Assert.Equal(2, mixture.NumberOfComponents);
        Assert.Equal(2, mixture.NumberOfFeatures);
        Assert.Equal(-1130.26396, mixture.LogLikelihood, 1e-3);
        Assert.Equal(mixture.LogLikelihood / 272, mixture.AverageLogLikelihood, 1e-12);
        Assert.Equal([0.3558729, 0.6441271], mixture.Weights.Order().Select(weight => Math.Round(weight, 3)), (a, b) => Math.Abs(a - b) < 1e-3);
        ClusteringMetrics metrics = _context.Clustering.Evaluate(loaded.Transform(data), featureColumnName: "Features");
        Assert.InRange(metrics.DaviesBouldinIndex, 0.01, 2);
        var engine = _context.Model.CreatePredictionEngine<Eruption, Assignment>(loaded);
        uint shortLabel = engine.Predict(new Eruption { Duration = 2, Waiting = 54 }).PredictedLabel;
        Assignment longOne = engine.Predict(new Eruption { Duration = 4.3f, Waiting = 80 });
        Assert.NotEqual(shortLabel, longOne.PredictedLabel);
        Assert.InRange(longOne.Probability[longOne.PredictedLabel - 1], 0.99f, 1);
        string[] columns = ["PredictedLabel", "Score", "Probability", "LogLikelihood"];
        Assert.Equal(TestData.Bits(model.Transform(data), columns), TestData.Bits(loaded.Transform(data), columns));
    }

    [Fact]
    public void GaussianMixture_Options_AreUsedAndTheCallersObjectIsNotKept()
    {
        var options = new GaussianMixtureTrainer.Options
        {
            FeatureColumnName = "Lengths",
            NumberOfComponents = 3,
            CovarianceStructure = CovarianceStructure.Tied,
            MaximumNumberOfIterations = 7,
            OptimizationTolerance = 0,
            Seed = 4,
        };
        IDataView data = _context.Transforms.CopyColumns("Lengths", "Features").Fit(TestData.IrisFeatures(_context)).Transform(TestData.IrisFeatures(_context));
        GaussianMixtureTrainer trainer = _context.Clustering.Trainers.GaussianMixture(options);
        options.NumberOfComponents = 99;
        options.FeatureColumnName = "Nowhere";

        GaussianMixtureTransformer transformer = trainer.Fit(data);

        Assert.Equal("Lengths", transformer.FeatureColumnName);
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 4), transformer.FeatureColumnType);
        Assert.Equal(3, transformer.Model.NumberOfComponents);
        Assert.Same(CovarianceStructure.Tied, transformer.Model.CovarianceStructure);
        Assert.Equal(7, transformer.Model.Report!.IterationCount);
        Assert.Equal(StopReason.MaximumIterations, transformer.Model.Report.StopReason);
    }

    [Fact]
    public void GaussianMixture_Restarts_GiveTheBestOfTheSingleStarts()
    {
        IDataView data = TestData.IrisFeatures(_context);
        double[] likelihoods =
        [
            .. new[] { 1, 8 }.Select(restarts => _context.Clustering.Trainers
                .GaussianMixture(new GaussianMixtureTrainer.Options { NumberOfComponents = 4, NumberOfRestarts = restarts }).Fit(data).Model.Report!.ObjectiveHistory[^1]),
        ];

        Assert.True(likelihoods[1] >= likelihoods[0]);
    }

    [Fact]
    public void CrossValidate_OfThePipeline_GivesMetricsForEveryFold()
    {
        var pipeline = TestData.FlowerFeatures(_context).Append(_context.Clustering.Trainers.GaussianMixture(numberOfComponents: 3));
        IDataView data = _context.Transforms.Conversion.MapValueToKey("Label", nameof(Flower.Species)).Fit(TestData.Iris(_context)).Transform(TestData.Iris(_context));

        var folds = _context.Clustering.CrossValidate(data, pipeline, numberOfFolds: 4, labelColumnName: "Label", featuresColumnName: "Features", seed: 3);

        Assert.Equal(4, folds.Count);
        Assert.All(folds, fold => Assert.InRange(fold.Metrics.NormalizedMutualInformation, 0.3, 1));
        Assert.All(folds, fold => Assert.True(double.IsFinite(fold.Metrics.AverageDistance) && double.IsFinite(fold.Metrics.DaviesBouldinIndex)));
    }

    [Fact]
    public void AppendCacheCheckpoint_BeforeTheTrainer_ChangesNothing()
    {
        IDataView data = TestData.Eruptions(_context);
        var features = _context.Transforms.Concatenate("Features", nameof(Eruption.Duration), nameof(Eruption.Waiting));
        GaussianMixtureTrainer trainer = _context.Clustering.Trainers.GaussianMixture(numberOfComponents: 2);

        string plain = TestData.Describe(features.Append(trainer).Fit(data).LastTransformer.Model);
        string cached = TestData.Describe(features.AppendCacheCheckpoint(_context).Append(trainer).Fit(data).LastTransformer.Model);

        Assert.Equal(plain, cached);
    }

    [Fact]
    public void Probability_AsFeaturesOfAClassifier_TrainsInOnePipeline()
    {
        IDataView data = TestData.Iris(_context);
        var pipeline = _context.Transforms.Conversion.MapValueToKey("Label", nameof(Flower.Species))
            .Append(TestData.FlowerFeatures(_context))
            .Append(_context.Clustering.Trainers.GaussianMixture(numberOfComponents: 3))
            .Append(_context.Transforms.Concatenate("Mixture", "Probability", "Score", "LogLikelihood"))
            .Append(_context.Transforms.Concatenate("Features", "Features", "Probability"))
            .Append(_context.MulticlassClassification.Trainers.SdcaMaximumEntropy(maximumNumberOfIterations: 50));

        MulticlassClassificationMetrics metrics = _context.MulticlassClassification.Evaluate(pipeline.Fit(data).Transform(data));

        Assert.InRange(metrics.MacroAccuracy, 0.9, 1);
    }

    [Theory]
    [InlineData("Score")]
    [InlineData("Probability")]
    public void Output_AsFeaturesOfKMeans_Trains(string column)
    {
        IDataView data = TestData.EruptionFeatures(_context);
        var pipeline = _context.Clustering.Trainers.GaussianMixture(numberOfComponents: 2)
            .Append(_context.Clustering.Trainers.KMeans(column, numberOfClusters: 2));

        IDataView scored = pipeline.Fit(data).Transform(data);

        Assert.Equal(2, TestData.Column<uint>(scored, "PredictedLabel").Distinct().Count());
    }

    [Fact]
    public void DataFrame_AsInput_GivesTheModelOfTheTextFile()
    {
        DataFrame frame = DataFrame.LoadCsv(TestData.PathOf("faithful.csv"), cultureInfo: CultureInfo.InvariantCulture);
        var pipeline = _context.Transforms.Concatenate("Features", "eruptions", "waiting")
            .Append(_context.Clustering.Trainers.GaussianMixture(numberOfComponents: 2));

        var model = pipeline.Fit(frame);

        Assert.Equal(TestData.Describe(Fit(TestData.EruptionFeatures(_context))), TestData.Describe(model.LastTransformer.Model));
        Assert.Equal(272, TestData.Column<uint>(model.Transform(frame), "PredictedLabel").Length);
    }

    [Fact]
    public void Preview_OfScoredData_ShowsEveryColumn()
    {
        IDataView data = TestData.EruptionFeatures(_context);

        DataDebuggerPreview preview = _context.Clustering.Trainers.GaussianMixture(numberOfComponents: 2).Fit(data).Transform(data).Preview(maxRows: 5);

        Assert.Equal(5, preview.RowView.Length);
        Assert.Equal(["PredictedLabel", "Score", "Probability", "LogLikelihood"], preview.RowView[0].Values.TakeLast(4).Select(pair => pair.Key));
        Assert.IsType<uint>(preview.RowView[0].Values[^4].Value);
    }

    [Fact]
    public void SaveAsBinary_OfScoredData_ReadsBackBitForBit()
    {
        IDataView data = TestData.EruptionFeatures(_context);
        IDataView scored = _context.Clustering.Trainers.GaussianMixture(numberOfComponents: 2).Fit(data).Transform(data);
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            using (FileStream stream = File.Create(path)) _context.Data.SaveAsBinary(scored, stream);

            IDataView reloaded = _context.Data.LoadFromBinary(path);

            EstimatorCheck.AssertSameSchemas(scored.Schema, reloaded.Schema);
            string[] columns = ["PredictedLabel", "Score", "Probability", "LogLikelihood"];
            Assert.Equal(TestData.Bits(scored, columns), TestData.Bits(reloaded, columns));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void ModelParameters_WithoutAPipeline_SaveLoadAndReportWhatTheyKnow()
    {
        GaussianMixtureModelParameters fitted = Fit(TestData.EruptionFeatures(_context));
        using var stream = new MemoryStream();
        fitted.Save(stream);
        stream.Position = 0;

        GaussianMixtureModelParameters loaded = GaussianMixtureModelParameters.Load(stream);

        Assert.Equal(TestData.Describe(fitted), TestData.Describe(loaded));
        Assert.Equal(fitted.Report!.AkaikeInformationCriterion, fitted.AkaikeInformationCriterion);
        Assert.Equal(-2 * fitted.LogLikelihood + (11 * Math.Log(272)), fitted.BayesianInformationCriterion, 1e-9);
        Assert.Equal((2, 2), (fitted.Means.RowCount, fitted.Means.ColumnCount));
        Assert.Equal(2, fitted.Covariances.Count);
        Assert.Equal(2, fitted.PrecisionsCholesky.Count);
        var given = new GaussianMixtureModelParameters(GaussianMixtureModel.FromParameters([1], new double[,] { { 0 } }, [new double[,] { { 1 } }]));
        Assert.Null(given.Report);
        Assert.Equal("Gaussian mixture: 1 component, 1 feature, full (VVV) covariances\n  0: weight 1.0000, mean 0", given.ToString());
        Assert.All(
            new[] { given.LogLikelihood, given.AverageLogLikelihood, given.AkaikeInformationCriterion, given.BayesianInformationCriterion },
            value => Assert.Equal(double.NaN, value));
        Assert.Throws<ArgumentNullException>(() => new GaussianMixtureModelParameters(null!));
    }

    private GaussianMixtureModelParameters Fit(IDataView data) => _context.Clustering.Trainers.GaussianMixture(numberOfComponents: 2).Fit(data).Model;
}
