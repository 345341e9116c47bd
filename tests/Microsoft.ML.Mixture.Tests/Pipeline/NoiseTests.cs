using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Tests;

[Trait("Kind", "Pipeline")]
public sealed class NoiseTests
{
    private const int Count = 600;
    private readonly MLContext _context = new(seed: 1);

    [Fact]
    public void Trainer_WithNoise_PassesTheChecksOfMlNet()
    {
        IDataView points = Points();
        IDataView other = _context.Data.LoadFromEnumerable([new Flower()]);
        IDataView three = _context.Transforms.Concatenate("Features", "Features", "Label").Fit(points).Transform(points);
        new EstimatorCheck(_context).Run(Trainer(), points, _context.Transforms.SelectColumns("Features").Fit(points).Transform(points), [other], three);
    }

    [Fact]
    public void Transform_WithNoise_HasItInTheLastSlotAndLabel()
    {
        IDataView points = Points();
        GaussianMixtureTransformer transformer = Trainer().Fit(points);
        IDataView scored = transformer.Transform(points);
        Assert.Equal(new KeyDataViewType(typeof(uint), 4), scored.Schema["PredictedLabel"].Type);
        Assert.Equal(4, ((VectorDataViewType)scored.Schema["Score"].Type).Size);
        Assert.Equal(4, ((VectorDataViewType)scored.Schema["Probability"].Type).Size);

        Assignment[] rows = [.. _context.Data.CreateEnumerable<Assignment>(scored, reuseRowObject: false)];
        float[][] features = TestData.Column<float[]>(points, "Features");
        for (int i = 0; i < Count; i++)
        {
            double[] shares = transformer.Model.Mixture.Responsibilities(features[i][0], features[i][1]);
            Assert.Equal(shares.Select(share => (float)share), rows[i].Probability);
            Assert.Equal(Array.IndexOf(rows[i].Score, rows[i].Score.Min()) + 1, (int)rows[i].PredictedLabel);
        }

        // Every tenth row is stray, and a few of those lie where a group is.
        int found = rows.Where((row, i) => row.PredictedLabel == 4 == (i % 10 == 9)).Count();
        Assert.True(found >= 0.98 * Count, $"{found} of {Count} rows are told to be noise or not as they are.");
        ClusteringMetrics metrics = _context.Clustering.Evaluate(scored, labelColumnName: "Label");
        Assert.InRange(metrics.NormalizedMutualInformation, 0.9, 1);
    }

    [Fact]
    public void Load_OfSavedPipelineWithNoise_GivesTheSameBits()
    {
        IDataView points = Points();
        GaussianMixtureTransformer transformer = Trainer().Fit(points);
        using var stream = new MemoryStream();
        _context.Model.Save(transformer, points.Schema, stream);
        stream.Position = 0;
        IDataView scored = new MLContext().Model.Load(stream, out _).Transform(points);
        string[] columns = ["PredictedLabel", "Score", "Probability", "LogLikelihood"];
        Assert.Equal(TestData.Bits(transformer.Transform(points), columns), TestData.Bits(scored, columns));
    }

    [Fact]
    public void Options_ThatMakeNoSense_AreRefused()
    {
        Assert.Contains("NoiseLogDensity", Refused(new GaussianMixtureTrainer.Options { NoiseLogDensity = -2 }), StringComparison.Ordinal);
        Assert.Contains("NoiseLogDensity is NaN", Refused(new GaussianMixtureTrainer.Options { NoiseComponent = true, NoiseLogDensity = double.NaN }), StringComparison.Ordinal);

        string Refused(GaussianMixtureTrainer.Options options) => Assert.ThrowsAny<ArgumentException>(() => _context.Clustering.Trainers.GaussianMixture(options)).Message;
    }

    private GaussianMixtureTrainer Trainer() => _context.Clustering.Trainers.GaussianMixture(new GaussianMixtureTrainer.Options { NumberOfComponents = 3, NoiseComponent = true });

    // Three groups, and stray rows as label 3.
    private IDataView Points()
    {
        Point[] points = TestData.Clusters(Count);
        for (int i = 9; i < Count; i += 10)
        {
            points[i].Features = [200 * TestData.Noise(7 * i), 200 * TestData.Noise((7 * i) + 1)];
            points[i].Label = 3;
        }

        return _context.Data.LoadFromEnumerable(points);
    }
}
