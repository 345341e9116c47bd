using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Tests;

[Trait("Kind", "Pipeline")]
public class FactorAnalyzerTests
{
    private readonly MLContext _context = new(seed: 1);

    [Theory]
    [InlineData(SpecificVarianceStructure.Diagonal)]
    [InlineData(SpecificVarianceStructure.TiedSpherical)]
    public void FactorAnalyzerMixture_OnIris_PassesTheChecksOfMlNet(SpecificVarianceStructure structure)
    {
        var estimator = _context.Clustering.Trainers.FactorAnalyzerMixture(new FactorAnalyzerMixtureTrainer.Options
        {
            NumberOfComponents = 3,
            NumberOfFactors = 1,
            SpecificVarianceStructure = structure,
        });
        IDataView flowers = TestData.IrisFeatures(_context);
        IDataView onlyFeatures = _context.Transforms.SelectColumns("Features").Fit(flowers).Transform(flowers);
        IDataView three = _context.Transforms.Concatenate("Features", nameof(Flower.SepalLength), nameof(Flower.SepalWidth), nameof(Flower.PetalLength)).Fit(flowers).Transform(flowers);
        IDataView doubles = _context.Transforms.Conversion.ConvertType("Features", outputKind: DataKind.Double).Fit(flowers).Transform(flowers);

        new EstimatorCheck(_context).Run(estimator, flowers, onlyFeatures, [TestData.Iris(_context), doubles], three);
    }

    [Fact]
    public void FactorAnalyzerMixture_TheWholePipeline_TrainsSavesLoadsEvaluatesAndPredicts()
    {
        IDataView data = TestData.Iris(_context);
        var pipeline = TestData.FlowerFeatures(_context).Append(_context.Clustering.Trainers.FactorAnalyzerMixture(numberOfComponents: 3, numberOfFactors: 1));

        var model = pipeline.Fit(data);
        FactorAnalyzerMixtureModelParameters mixture = model.LastTransformer.Model;
        using var stream = new MemoryStream();
        _context.Model.Save(model, data.Schema, stream);
        ModelFile.Verify(new MemoryStream(stream.ToArray()));
        stream.Position = 0;
        ITransformer loaded = new MLContext().Model.Load(stream, out _);

        Assert.Equal((3, 4, 1), (mixture.NumberOfComponents, mixture.NumberOfFeatures, mixture.NumberOfFactors));
        Assert.Equal(4, mixture.Loadings[2].RowCount);
        Assert.Equal(3, mixture.SpecificVariances.RowCount);
        Assert.StartsWith("Mixture of factor analysers: 3 components, 4 features, 1 factor, diagonal specific variances\n  0: weight 0.", mixture.ToString(), StringComparison.Ordinal);
        Assert.Equal(mixture.Mixture.FreeParameterCount, mixture.Report!.FreeParameterCount);
        ClusteringMetrics metrics = _context.Clustering.Evaluate(loaded.Transform(data), featureColumnName: "Features");
        Assert.InRange(metrics.DaviesBouldinIndex, 0.01, 2);
        var engine = _context.Model.CreatePredictionEngine<Flower, Assignment>(loaded);
        Assignment setosa = engine.Predict(new Flower { SepalLength = 5, SepalWidth = 3.4f, PetalLength = 1.5f, PetalWidth = 0.2f });
        Assignment virginica = engine.Predict(new Flower { SepalLength = 6.9f, SepalWidth = 3.1f, PetalLength = 5.8f, PetalWidth = 2.2f });
        Assert.NotEqual(setosa.PredictedLabel, virginica.PredictedLabel);
        Assert.InRange(setosa.Probability[setosa.PredictedLabel - 1], 0.99f, 1);
        string[] columns = ["PredictedLabel", "Score", "Probability", "LogLikelihood"];
        Assert.Equal(TestData.Bits(model.Transform(data), columns), TestData.Bits(loaded.Transform(data), columns));
        var transformer = ((IEnumerable<ITransformer>)loaded).OfType<FactorAnalyzerMixtureTransformer>().Single();
        Assert.Equal(Bytes(mixture), Bytes(transformer.Model));
        Assert.Equal(Bytes(mixture), Bytes(FactorAnalyzerMixtureModelParameters.Load(new MemoryStream(Bytes(mixture)))));
    }

    [Fact]
    public void FactorAnalyzerMixture_RowsWithHoles_AreScoredByWhatIsObserved()
    {
        Point[] points = TestData.Clusters(300);
        points[7].Features[1] = float.NaN;
        points[8].Features[0] = float.PositiveInfinity;
        IDataView data = _context.Data.LoadFromEnumerable(TestData.Clusters(300)), scored = _context.Data.LoadFromEnumerable(points);
        FactorAnalyzerMixtureTransformer transformer = _context.Clustering.Trainers.FactorAnalyzerMixture(numberOfComponents: 3, numberOfFactors: 1).Fit(data);

        uint[] labels = TestData.Column<uint>(transformer.Transform(scored), "PredictedLabel");
        float[] densities = TestData.Column<float>(transformer.Transform(scored), "LogLikelihood");

        Assert.Equal(0u, labels[8]);
        Assert.True(float.IsNaN(densities[8]));
        Assert.NotEqual(0u, labels[7]);
        Assert.Equal((float)transformer.Model.Mixture.LogDensity(points[7].Features[0], double.NaN), densities[7]);
        Assert.Equal(3, labels.Where(label => label > 0).Distinct().Count());
    }

    [Fact]
    public void FactorAnalyzerMixture_Options_AreUsedAndCheckedAndTheCallersObjectIsNotKept()
    {
        var options = new FactorAnalyzerMixtureTrainer.Options { NumberOfComponents = 2, NumberOfFactors = 2, MaximumNumberOfIterations = 3, OptimizationTolerance = 0 };
        FactorAnalyzerMixtureTrainer trainer = _context.Clustering.Trainers.FactorAnalyzerMixture(options);
        options.NumberOfComponents = 99;

        FactorAnalyzerMixtureModelParameters model = trainer.Fit(TestData.IrisFeatures(_context)).Model;

        Assert.Equal((2, 2, 3), (model.NumberOfComponents, model.NumberOfFactors, model.Report!.IterationCount));
        AssertOption(bad => bad.NumberOfFactors = 0, "NumberOfFactors is 0");
        AssertOption(bad => bad.NumberOfComponents = 0, "NumberOfComponents is 0");
        AssertOption(bad => bad.SpecificVariancePriorStrength = double.NaN, "SpecificVariancePriorStrength is NaN");
        AssertOption(bad => bad.SpecificVarianceStructure = (SpecificVarianceStructure)7, "SpecificVarianceStructure is 7");
        AssertOption(bad => bad.FeatureColumnName = " ", "FeatureColumnName is empty");
        ArgumentException exception = Assert.Throws<ArgumentException>(
            () => _context.Clustering.Trainers.FactorAnalyzerMixture(numberOfFactors: 5).Fit(TestData.IrisFeatures(_context)));
        Assert.Contains("4 features", exception.Message, StringComparison.Ordinal);
    }

    private void AssertOption(Action<FactorAnalyzerMixtureTrainer.Options> change, string part)
    {
        var options = new FactorAnalyzerMixtureTrainer.Options();
        change(options);
        Assert.Contains(part, Assert.ThrowsAny<ArgumentException>(() => _context.Clustering.Trainers.FactorAnalyzerMixture(options)).Message, StringComparison.Ordinal);
    }

    private static byte[] Bytes(FactorAnalyzerMixtureModelParameters model)
    {
        using var stream = new MemoryStream();
        model.Save(stream);
        return stream.ToArray();
    }
}
