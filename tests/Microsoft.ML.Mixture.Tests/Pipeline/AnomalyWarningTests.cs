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
        Assert.Equal([warning], SaveAndLoad(transformer, rows).Calibration.Warnings);
    }

    [Fact]
    public void Fit_NoiseAndFewRows_WarnsThatTheRateIsNotReliable()
    {
        string[] few = [.. Train(Groups(150, 0.03), 2).Calibration.Warnings];

        Assert.Contains(few, text => text.StartsWith("The mixture was fitted with noise to 150 rows. In so few the noise may take ordinary rows", StringComparison.Ordinal));
        Assert.Contains(Train(TestData.EruptionFeatures(_context), 2).Calibration.Warnings, text => text.StartsWith("The mixture was fitted with noise to 272 rows.", StringComparison.Ordinal));
        Assert.Empty(Train(Groups(300, 0), 2).Calibration.Warnings);
    }

    /// <summary>It threw after the fit, and asked for more rows, which would have changed nothing.</summary>
    [Fact]
    public void Fit_RateBelowAnyOfRowsDrawn_IsRaisedAndTheWarningIsSaved()
    {
        IDataView rows = Groups(3000, 0, distance: 0);
        GaussianMixtureAnomalyTrainer.Options options = AnomalyTests.Options(1, 1e-7);
        (options.HeldOutFraction, options.Mixture.NoiseComponent) = (0, false);

        GaussianMixtureAnomalyTransformer transformer = _context.AnomalyDetection.Trainers.GaussianMixture(options).Fit(rows);

        AnomalyCalibration calibration = transformer.Calibration, loaded = SaveAndLoad(transformer, rows).Calibration;
        Assert.Equal((1e-7, 1.0 / 1_000_001), (calibration.RequestedFalseAlarmRate, calibration.FalseAlarmRate));
        string warning = Assert.Single(calibration.Warnings);
        Assert.Equal(
            "A false-alarm rate of 1E-07 takes more rows drawn from the mixture than there are at most: with 1000000 rows it was raised to 1E-06. Ask for a rate of at least that, or hold out as many rows as it takes.",
            warning);
        Assert.Equal((calibration.Threshold, calibration.FalseAlarmRate), (loaded.Threshold, loaded.FalseAlarmRate));
        Assert.Equal([warning], loaded.Warnings);
    }

    // The threshold is that of one row in a hundred of those, and lies beyond most anomalies.
    [Theory]
    [InlineData(0.05, "^Of 399 rows held out [4-9]\\.?[0-9]* % lie where only 1 % of rows drawn from the mixture do: anomalies among the training rows, or ordinary rows with longer tails")]
    [InlineData(0.02, "^Of 399 rows held out [123]\\.?[0-9]* % lie where only (1|0\\.1) % of rows drawn")]
    public void Fit_AnomaliesAmongTheRowsHeldOut_AreToldAndTheWarningIsSaved(double share, string expected)
    {
        IDataView rows = Groups(2000, share);
        GaussianMixtureAnomalyTransformer transformer = Train(rows, 2, heldOutFraction: 0.2);

        string warning = Assert.Single(transformer.Calibration.Warnings);

        Assert.Matches(expected, warning);
        Assert.Contains("(HeldOutFraction = 0). If they are ordinary, the rate is the one asked for, and a fit without noise, with more components", warning, StringComparison.Ordinal);
        Assert.Equal([warning], SaveAndLoad(transformer, rows).Calibration.Warnings);
    }

    // Noise takes the tails of one group in some of them, and rows held out are then not like the Gaussians.
    [Fact]
    public void Fit_RowsHeldOutLikeTheMixture_SaysNothing()
    {
        int told = 0;
        for (int seed = 0; seed < 20; seed++) told += Train(Groups(300, 0, seed, distance: 0), 2, heldOutFraction: 0.2).Calibration.Warnings.Count;
        Assert.InRange(told, 0, 1);
    }

    // Noise that takes the tails leaves Gaussians of which drawn rows lie nearer than ordinary ones do.
    [Fact]
    public void Fit_ThresholdFromDrawnRows_HasNoiseOnlyWhereRowsCallForIt()
    {
        double alarms = 0;
        int withNoise = 0;
        for (int seed = 0; seed < 10; seed++)
        {
            GaussianMixtureAnomalyTransformer transformer = Train(Groups(600, 0, seed, distance: 0), 3);
            if (transformer.Model.NoiseWeight > 0)
            {
                withNoise++;
                continue;
            }

            alarms += TestData.Column<bool>(transformer.Transform(Groups(5000, 0, seed + 100, distance: 0)), "PredictedLabel").Average(alarm => alarm ? 1 : 0);
        }

        // Of forty seeds two or three have some.
        Assert.InRange(withNoise, 0, 1);
        Assert.InRange(alarms / (10 - withNoise), 0.008, 0.0125);
        Assert.InRange(Train(Groups(600, 0.05), 2).Model.NoiseWeight, 0.03, 0.08);
    }

    /// <summary>The fit without noise, which may take as long as that with it, went on.</summary>
    [Fact]
    public void Fit_CancelledBeforeNoiseIsLeftOut_ReturnsTheMixtureThatThereIs()
    {
        using var source = new CancellationTokenSource();
        _context.Log += (_, message) =>
        {
            if (message.RawMessage.StartsWith("Fitted ", StringComparison.Ordinal)) source.Cancel();
        };
        GaussianMixtureAnomalyTrainer.Options options = AnomalyTests.Options(3, 0.01);
        (options.HeldOutFraction, options.Mixture.NoiseComponent) = (0, true);
        (options.Mixture.CancellationToken, options.Mixture.CancellationBehavior) = (source.Token, CancellationBehavior.ReturnBest);

        GaussianMixtureAnomalyTransformer transformer = _context.AnomalyDetection.Trainers.GaussianMixture(options).Fit(Groups(600, 0, 0, distance: 0));

        Assert.True(source.IsCancellationRequested);
        Assert.InRange(transformer.Model.NoiseWeight, 0.001, 0.5);
    }

    /// <summary>Later rows raised twelve times as many alarms as were asked for, without a word: rows held out at random lie between rows that the fit has seen.</summary>
    [Fact]
    public void Fit_RowsThatFollowEachOther_WarnsAndCanHoldOutTheLast()
    {
        IDataView rows = Sensor(600);
        GaussianMixtureAnomalyTrainer.Options options = AnomalyTests.Options(1, 0.01);
        options.Mixture.NoiseComponent = false;

        GaussianMixtureAnomalyTransformer random = _context.AnomalyDetection.Trainers.GaussianMixture(options).Fit(rows);
        options.HoldOutLastRows = true;
        GaussianMixtureAnomalyTransformer last = _context.AnomalyDetection.Trainers.GaussianMixture(options).Fit(rows);

        Assert.Contains(random.Calibration.Warnings, IsOfOrder);
        Assert.Equal(random.Calibration.Warnings, SaveAndLoad(random, rows).Calibration.Warnings);
        Assert.Contains(last.Calibration.Warnings, IsOfOrder);
        Assert.Equal((501, 99), (last.Model.Report!.RowCount, last.Calibration.ReferenceCount));
        Assert.Equal(TestData.Column<float[]>(rows, "Features")[501..].SelectMany(row => row).Select(value => (double)value), last.Calibration.HeldOut!);
        GaussianMixtureAnomalyTransformer drawn = Train(rows, 1);
        Assert.Contains(drawn.Calibration.Warnings, IsOfOrder);
        Assert.Equal(drawn.Calibration.Warnings, SaveAndLoad(drawn, rows).Calibration.Warnings);

        static bool IsOfOrder(string text) => text.StartsWith("Training rows that follow each other are alike:", StringComparison.Ordinal);
    }

    private IDataView Sensor(int count)
    {
        var random = new Random(1);
        double[] state = [Normal(random), Normal(random)];
        return _context.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(_ =>
        {
            state = [.. state.Select(value => (0.95 * value) + (Math.Sqrt(1 - (0.95 * 0.95)) * Normal(random)))];
            return new Pair { Features = [.. state.Select(value => (float)value)] };
        }).ToArray());
    }

    private GaussianMixtureAnomalyTransformer SaveAndLoad(GaussianMixtureAnomalyTransformer transformer, IDataView rows)
    {
        using var stream = new MemoryStream();
        _context.Model.Save(transformer, rows.Schema, stream);
        stream.Position = 0;
        return (GaussianMixtureAnomalyTransformer)new MLContext().Model.Load(stream, out _);
    }

    private GaussianMixtureAnomalyTransformer Train(IDataView rows, int components, double heldOutFraction = 0)
    {
        GaussianMixtureAnomalyTrainer.Options options = AnomalyTests.Options(components, 0.01);
        options.HeldOutFraction = heldOutFraction;
        options.Mixture.NoiseComponent = true;
        return _context.AnomalyDetection.Trainers.GaussianMixture(options).Fit(rows);
    }

    private IDataView Uniform(int count)
    {
        var random = new Random(1);
        return _context.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(_ => new Point { Features = [.. Enumerable.Range(0, 5).Select(_ => random.NextSingle())] }).ToArray());
    }

    // Normal rows in two groups, and strays evenly in a wide box.
    private IDataView Groups(int count, double strays, int seed = 1, double distance = 6)
    {
        var random = new Random(seed);
        return _context.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(i =>
        {
            bool isStray = random.NextDouble() < strays;
            return new Pair { Features = [.. Enumerable.Range(0, 2).Select(_ => isStray ? (random.NextSingle() * 40) - 17 : (float)(Normal(random) + (i % 2 * distance)))] };
        }).ToArray());
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private sealed class Pair
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [];
    }

    private sealed class Point
    {
        [VectorType(5)]
        public float[] Features { get; set; } = [];
    }
}
