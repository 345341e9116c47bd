using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Tests;

[Trait("Kind", "Pipeline")]
public class ScoringTests
{
    private readonly MLContext _context = new(seed: 1);

    public static TheoryData<string> Structures => EstimatorCheckTests.Structures;

    [Theory]
    [MemberData(nameof(Structures))]
    public void Evaluate_OnWellSeparatedClusters_FindsTheLabels(string structure)
    {
        IDataView data = _context.Data.LoadFromEnumerable(TestData.Clusters(600));

        ClusteringMetrics metrics = _context.Clustering.Evaluate(
            Fit(data, structure).Transform(data), labelColumnName: "Label", featureColumnName: "Features");

        // ML.NET assigns a row to its smallest score: with another sign this would be far below one.
        Assert.Equal(1, metrics.NormalizedMutualInformation, 1e-9);
        Assert.InRange(metrics.DaviesBouldinIndex, 0.001, 0.5);
        Assert.True(double.IsFinite(metrics.AverageDistance));
    }

    [Theory]
    [MemberData(nameof(Structures))]
    public void Columns_OfEveryRow_AgreeWithEachOtherAndTheMixture(string structure)
    {
        IDataView data = TestData.IrisFeatures(_context);
        GaussianMixtureTransformer transformer = Fit(data, structure);
        float[][] features = TestData.Column<float[]>(data, "Features");
        Assignment[] rows = Read(transformer.Transform(data));

        for (int i = 0; i < rows.Length; i++)
        {
            Assignment row = rows[i];
            double[] x = [.. features[i]];
            Assert.InRange(row.PredictedLabel, 1u, 3u);
            Assert.Equal(row.PredictedLabel - 1, (uint)Array.IndexOf(row.Score, row.Score.Min()));
            Assert.Equal(row.PredictedLabel - 1, (uint)Array.IndexOf(row.Probability, row.Probability.Max()));
            Assert.All(row.Score, score => Assert.True(float.IsFinite(score)));
            Assert.All(row.Probability, probability => Assert.InRange(probability, 0, 1));
            Assert.Equal(1, row.Probability.Sum(probability => (double)probability), 1e-6);
            Assert.Equal((int)row.PredictedLabel - 1, transformer.Model.Mixture.Predict(x));
            Assert.Equal((float)transformer.Model.Mixture.LogDensity(x), row.LogLikelihood);
            Assert.Equal(transformer.Model.Mixture.Responsibilities(x).Select(value => (float)value), row.Probability);

            // log p(x) is the log of the sum of exp(-score).
            Assert.Equal(row.LogLikelihood, Math.Log(row.Score.Sum(score => Math.Exp(-score))), 1e-4 * (1 + Math.Abs(row.LogLikelihood)));
        }

        Assert.Equal(transformer.Model.LogLikelihood, rows.Sum(row => (double)row.LogLikelihood), 1e-3);
    }

    [Fact]
    public void Row_FeatureMissing_IsScoredByWhatIsObserved()
    {
        GaussianMixtureTransformer transformer = Fit(_context.Data.LoadFromEnumerable(TestData.Clusters(90)), "full");
        Point[] points = [new Point { Features = [1, 1] }, new Point { Features = [1, float.NaN] }, new Point { Features = [float.NaN, float.NaN] }];
        GaussianMixtureModel model = transformer.Model.Mixture, first = model.Marginal(0);

        Assignment[] rows = Read(transformer.Transform(_context.Data.LoadFromEnumerable(points)));
        using PredictionEngine<Point, Assignment> engine = _context.Model.CreatePredictionEngine<Point, Assignment>(transformer);

        Assert.Equal((uint)first.Predict(1) + 1, rows[1].PredictedLabel);
        Assert.Equal((float)first.LogDensity(1), rows[1].LogLikelihood, 1e-5f);
        Assert.Equal(first.Responsibilities(1).Select(share => (float)share), rows[1].Probability);
        Assert.Equal(0, rows[2].LogLikelihood, 1e-6f);
        Assert.Equal(model.Weights.Select(weight => (float)weight), rows[2].Probability);
        for (int i = 0; i < points.Length; i++)
        {
            Assignment predicted = engine.Predict(points[i]);
            Assert.Equal((rows[i].PredictedLabel, rows[i].LogLikelihood), (predicted.PredictedLabel, predicted.LogLikelihood));
            Assert.Equal(rows[i].Probability, predicted.Probability);
            Assert.Equal(rows[i].Score, predicted.Score);
        }
    }

    [Theory]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void Row_FeatureInfinite_HasNoLabelAndNaNElsewhere(float value)
    {
        GaussianMixtureTransformer transformer = Fit(_context.Data.LoadFromEnumerable(TestData.Clusters(90)), "full");
        IDataView data = _context.Data.LoadFromEnumerable([new Point { Features = [1, 1] }, new Point { Features = [1, value] }, new Point { Features = [1, 1] }]);

        Assignment[] rows = Read(transformer.Transform(data));

        Assert.Equal(0u, rows[1].PredictedLabel);
        Assert.All([.. rows[1].Score, .. rows[1].Probability, rows[1].LogLikelihood], number => Assert.Equal(float.NaN, number));
        Assert.Equal((3, 3), (rows[1].Score.Length, rows[1].Probability.Length));
        Assert.NotEqual(0u, rows[0].PredictedLabel);
        Assert.Equal(rows[0].Score, rows[2].Score);

        // A row without a label is left out of an evaluation, it does not spoil it.
        Assert.True(double.IsFinite(_context.Clustering.Evaluate(transformer.Transform(data), featureColumnName: "Features").AverageDistance));
    }

    [Theory]
    [InlineData(1e6f)]
    [InlineData(1e20f)]
    [InlineData(float.MaxValue)]
    [InlineData(-float.MaxValue)]
    public void Row_ExtremelyFarAway_KeepsScoresFiniteAndALabel(float value)
    {
        foreach (CovarianceStructure structure in CovarianceStructure.BuiltIn)
        {
            GaussianMixtureTransformer transformer = Fit(_context.Data.LoadFromEnumerable(TestData.Clusters(90)), structure.Name);

            Assignment row = Read(transformer.Transform(_context.Data.LoadFromEnumerable([new Point { Features = [value, value] }]))).Single();

            Assert.InRange(row.PredictedLabel, 1u, 3u);
            Assert.All([.. row.Score, row.LogLikelihood], number => Assert.True(float.IsFinite(number)));
            Assert.Equal(1, row.Probability.Sum(), 1e-6f);
            Assert.Equal(row.Probability.Max(), row.Probability[row.PredictedLabel - 1]);
            Assert.Equal(row.Score.Min(), row.Score[row.PredictedLabel - 1]);
        }
    }

    [Fact]
    public void Row_VeryFarFromANarrowMixture_HasAFiniteScore()
    {
        var mixture = GaussianMixtureModel.FromParameters(
            [0.5, 0.5], new double[,] { { 0, 0 }, { 1, 1 } }, [new double[,] { { 1e-30, 0 }, { 0, 1e-30 } }, new double[,] { { 1e-34, 0 }, { 0, 1e-34 } }]);
        var transformer = new GaussianMixtureTransformer(_context, new GaussianMixtureModelParameters(mixture), "Features");

        Assignment row = Read(transformer.Transform(_context.Data.LoadFromEnumerable([new Point { Features = [float.MaxValue, 0] }]))).Single();

        Assert.Equal(1u, row.PredictedLabel);
        Assert.All(row.Score, score => Assert.True(float.IsFinite(score)));
        Assert.Equal([1f, 0f], row.Probability);
    }

    [Fact]
    public void Label_TwoComponentsAlike_IsTheFirst()
    {
        var mixture = GaussianMixtureModel.FromParameters([0.5, 0.5], new double[,] { { 0, 0 }, { 0, 0 } }, [new double[,] { { 1, 0 }, { 0, 1 } }]);
        var transformer = new GaussianMixtureTransformer(_context, new GaussianMixtureModelParameters(mixture), "Features");

        Assignment row = Read(transformer.Transform(_context.Data.LoadFromEnumerable([new Point { Features = [1, 2] }]))).Single();

        Assert.Equal(1u, row.PredictedLabel);
        Assert.Equal([0.5f, 0.5f], row.Probability);
    }

    [Fact]
    public void PredictionEngine_ManyPredictions_GiveTheBitsOfTheTransform()
    {
        Point[] points = TestData.Clusters(60);
        IDataView data = _context.Data.LoadFromEnumerable(points);
        GaussianMixtureTransformer transformer = Fit(data, "full");
        var engine = _context.Model.CreatePredictionEngine<Point, Assignment>(transformer);
        Assignment[] expected = Read(transformer.Transform(data));

        for (int i = 0; i < points.Length; i++)
        {
            Assignment actual = engine.Predict(points[i]);
            Assert.Equal(expected[i].PredictedLabel, actual.PredictedLabel);
            Assert.Equal(expected[i].Score, actual.Score);
            Assert.Equal(expected[i].Probability, actual.Probability);
            Assert.Equal(expected[i].LogLikelihood, actual.LogLikelihood);
        }
    }

    private GaussianMixtureTransformer Fit(IDataView data, string structure) => _context.Clustering.Trainers.GaussianMixture(new GaussianMixtureTrainer.Options
    {
        NumberOfComponents = 3,
        CovarianceStructure = CovarianceStructure.BuiltIn.Single(known => known.Name == structure),
    }).Fit(data);

    private Assignment[] Read(IDataView scored) => [.. _context.Data.CreateEnumerable<Assignment>(scored, reuseRowObject: false)];
}
