using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Tests;

/// <summary>Thresholds from rows drawn from a mixture that ordinary rows are not like.</summary>
[Trait("Kind", "Pipeline")]
public sealed class AnomalyWarningTests
{
    private readonly MLContext _context = new(seed: 1);

    [Fact]
    public void Fit_ThresholdThatMostTrainingRowsLieBeyond_WarnsAndTheWarningIsSaved()
    {
        IDataView rows = Uniform(2000);
        GaussianMixtureAnomalyTransformer transformer = Train(rows, 3);

        string warning = Assert.Single(transformer.Calibration.Warnings);

        Assert.Matches("^Of 2000 training rows [0-9.]+ % lie beyond the threshold, where 1 % were asked for\\.", warning);
        Assert.EndsWith("Hold out rows for the threshold, or fit without noise, more components or another structure.", warning, StringComparison.Ordinal);
        using var stream = new MemoryStream();
        _context.Model.Save(transformer, rows.Schema, stream);
        stream.Position = 0;
        Assert.Equal([warning], ((GaussianMixtureAnomalyTransformer)new MLContext().Model.Load(stream, out _)).Calibration.Warnings);
    }

    [Fact]
    public void Fit_NoiseAndFewRows_WarnsThatTheRateIsNotReliable()
    {
        string[] few = [.. Train(TestData.IrisFeatures(_context), 3).Calibration.Warnings];

        Assert.Contains(few, text => text.StartsWith("The mixture was fitted with noise to 150 rows. In so few the noise may take ordinary rows", StringComparison.Ordinal));
        Assert.Empty(Train(TestData.EruptionFeatures(_context), 2).Calibration.Warnings);
    }

    private GaussianMixtureAnomalyTransformer Train(IDataView rows, int components)
    {
        GaussianMixtureAnomalyTrainer.Options options = AnomalyTests.Options(components, 0.01);
        options.HeldOutFraction = 0;
        options.Mixture.NoiseComponent = true;
        return _context.AnomalyDetection.Trainers.GaussianMixture(options).Fit(rows);
    }

    private IDataView Uniform(int count)
    {
        var random = new Random(1);
        return _context.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(_ => new Point { Features = [.. Enumerable.Range(0, 5).Select(_ => random.NextSingle())] }).ToArray());
    }

    private sealed class Point
    {
        [VectorType(5)]
        public float[] Features { get; set; } = [];
    }
}
