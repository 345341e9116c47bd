using Microsoft.ML.Data;
using Microsoft.ML.Mixture.Serialization;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Tests;

/// <summary>Saved models that find anomalies, of now and of before.</summary>
[Trait("Kind", "Pipeline")]
public sealed class AnomalyFileTests
{
    // Many tests load it with something else at its end.
    private static readonly Lazy<GaussianMixtureAnomalyTransformer> _simulated = new(() =>
    {
        var context = new MLContext(seed: 1);
        GaussianMixtureAnomalyTrainer.Options options = AnomalyTests.Options(2, 0.05);
        options.HeldOutFraction = 0;
        options.Mixture.NoiseComponent = false;
        return context.AnomalyDetection.Trainers.GaussianMixture(options).Fit(TestData.IrisFeatures(context));
    });

    private readonly MLContext _context = new(seed: 1);

    // References for rows that lack something are not in the file; where nearly all training rows do, those held out tell no threshold.
    [Theory]
    [InlineData(0, false, true)]
    [InlineData(0.3, false, false)]
    [InlineData(0.3, true, true)]
    public void Load_OfSavedTransformer_GivesTheSameBits(double heldOut, bool areHoled, bool isSimulated)
    {
        GaussianMixtureAnomalyTrainer.Options options = AnomalyTests.Options(2, 0.05);
        options.HeldOutFraction = heldOut;
        IDataView flowers = TestData.IrisFeatures(_context), holed = Holed(flowers), fitted = areHoled ? holed : flowers;
        GaussianMixtureAnomalyTransformer transformer = _context.AnomalyDetection.Trainers.GaussianMixture(options).Fit(fitted);
        using var stream = new MemoryStream();
        _context.Model.Save(transformer, fitted.Schema, stream);
        stream.Position = 0;

        ITransformer loaded = new MLContext().Model.Load(stream, out _);

        string[] columns = ["PredictedLabel", "Score", "PValue", "LogLikelihood", "FeatureContributions"];
        Assert.Equal(TestData.Bits(transformer.Transform(flowers), columns), TestData.Bits(loaded.Transform(flowers), columns));
        Assert.Equal(TestData.Bits(transformer.Transform(holed), columns), TestData.Bits(loaded.Transform(holed), columns));
        var restored = (GaussianMixtureAnomalyTransformer)loaded;
        Assert.Equal(transformer.Calibration.ReferenceCount, restored.Calibration.ReferenceCount);
        Assert.Equal(transformer.Calibration.FalseAlarmRate, restored.Calibration.FalseAlarmRate);
        Assert.Equal((isSimulated, heldOut > 0), (restored.Calibration.IsSimulated, restored.Calibration.HeldOut is not null));
        Assert.Equal(100, restored.Calibration.RefitCount);
        Assert.Equal(transformer.Model.NoiseWeight, restored.Model.NoiseWeight);
    }

    // More draws than a calibration makes by itself could be saved, but not read.
    [Fact]
    public void Load_OfMoreDrawsThanAreMadeUnasked_Works()
    {
        GaussianMixtureModel mixture = GaussianMixtureModel.FromParameters([1], new double[1, 1], [new double[,] { { 2 } }]);
        AnomalyCalibration calibration = mixture.CalibrateAnomalies(0.01, AnomalyCalibration.MostSamples + 1);
        var transformer = new GaussianMixtureAnomalyTransformer(_context, new GaussianMixtureModelParameters(mixture), calibration);

        AnomalyCalibration loaded = Load(Body(transformer, writer => AnomalyFormat.WriteEnd(calibration, writer))).Calibration;

        Assert.Equal((calibration.ReferenceCount, calibration.Threshold), (loaded.ReferenceCount, loaded.Threshold));
    }

    [Fact]
    public void Load_OfCalibrationFromBeforeRefits_CountsParametersAsKnown()
    {
        GaussianMixtureAnomalyTransformer transformer = _simulated.Value;

        AnomalyCalibration calibration = LoadWith(transformer, 0, 0).Calibration;

        Assert.Equal(0, calibration.RefitCount);
        Assert.Equal(transformer.Model.Mixture.CalibrateAnomalies(0.05, 50_000, seed: 0, refitCount: 0).Threshold, calibration.Threshold);
        Assert.True(transformer.Calibration.Threshold < calibration.Threshold - 0.1, "Refits make no difference.");
        Assert.Equal(transformer.Calibration.Threshold, LoadWith(transformer, 100, 1e-6).Calibration.Threshold);
    }

    [Theory]
    [InlineData(2, true, false)]
    [InlineData(2, true, true)]
    [InlineData(9, false, false)]
    public void Load_OfAThresholdFromRefits_HasTheirBitsAndMakesThemAgainOnlyWhereTheyAreLarge(int components, bool areSaved, bool hasNoise)
    {
        GaussianMixtureAnomalyTrainer.Options options = AnomalyTests.Options(components, 0.05);
        (options.HeldOutFraction, options.Mixture.NoiseComponent) = (0, hasNoise);
        GaussianMixtureAnomalyTransformer transformer = _context.AnomalyDetection.Trainers.GaussianMixture(options).Fit(TestData.IrisFeatures(_context));
        byte[] body = Body(transformer, writer => AnomalyFormat.WriteEnd(transformer.Calibration, writer)), without = Body(transformer, _ => { });

        AnomalyCalibration loaded = Load(body).Calibration;

        Assert.InRange(body.Length - without.Length, areSaved ? 20_000 : 33, areSaved ? 33_000 : 33);
        Assert.Equal(areSaved ? transformer.Calibration.MadeRefits.Count : -1, BitConverter.ToInt32(body, without.Length + 29));
        Assert.Equal(transformer.Calibration.Threshold, loaded.Threshold);
        Assert.Equal(transformer.Calibration.ToString(), loaded.ToString());
        double[][] rows = [[5, 3, 1.5, 0.3], [5, 3, 4, double.NaN], [double.NaN, 2, double.NaN, 1]];
        Assert.Equal(rows.Select(row => transformer.Calibration.PValueOf(row)), rows.Select(row => loaded.PValueOf(row)));
        foreach ((GaussianMixtureModel made, GaussianMixtureModel read) in transformer.Calibration.MadeRefits.Zip(loaded.MadeRefits))
        {
            Assert.Equal(made.Weights, read.Weights);
            Assert.Equal(made.Components.Means.ToArray(), read.Components.Means.ToArray());
            Assert.Equal(made.Components.Covariances.ToArray(), read.Components.Covariances.ToArray());
        }

        // Those of the file are used, and not made again: with others the threshold is another.
        if (!areSaved) return;
        AnomalyCalibration of = transformer.Calibration, other = Load(Body(transformer, writer => AnomalyFormat.WriteEnd(
            new AnomalyCalibration(transformer.Model.Mixture, of.FalseAlarmRate, null, of.SampleCount, of.Seed, of.Refits, [.. of.MadeRefits.Skip(50)]), writer))).Calibration;
        Assert.Equal(of.MadeRefits.Count - 50, other.MadeRefits.Count);
        Assert.NotEqual(of.Threshold, other.Threshold);
    }

    /// <summary>They were left out of the file, as those of more than 64 KiB are, and no reader makes them again.</summary>
    [Fact]
    public void Load_OfLargeRefitsToMoreRowsThanAreDrawnUnasked_HasThem()
    {
        const int Dimension = 70, Components = 20;
        GaussianMixtureModel mixture = Model(0.5, Report(2_000_000)), refit = Model(0.6, report: null);
        var calibration = new AnomalyCalibration(mixture, 0.05, null, 100, seed: 0, new RefitSettings(4), [refit, refit, refit, refit]);
        var transformer = new GaussianMixtureAnomalyTransformer(_context, new GaussianMixtureModelParameters(mixture), calibration);

        AnomalyCalibration loaded = Load(Body(transformer, writer => AnomalyFormat.WriteEnd(calibration, writer))).Calibration;

        Assert.Equal((4, calibration.Threshold), (loaded.MadeRefits.Count, loaded.Threshold));

        static GaussianMixtureModel Model(double variance, FitReport? report)
        {
            double[,] means = new double[Components, Dimension], covariance = new double[Dimension, Dimension];
            for (int k = 0; k < Components; k++) means[k, k] = 10;
            for (int j = 0; j < Dimension; j++) covariance[j, j] = variance;
            var made = GaussianMixtureModel.FromParameters([.. Enumerable.Repeat(1.0 / Components, Components)], means, [.. Enumerable.Repeat(covariance, Components)]);
            return new GaussianMixtureModel([.. made.Weights], made.Components, made.CovarianceStructure, report);
        }

        static FitReport Report(int rowCount) => new()
        {
            RowCount = rowCount,
            MissingRowCount = 0,
            RowWeightTotal = rowCount,
            FreeParameterCount = 100_000,
            StopReason = StopReason.Converged,
            LogLikelihoodHistory = [-1],
            ObjectiveHistory = [-1],
            EffectiveCounts = [.. Enumerable.Repeat((double)rowCount / Components, Components)],
            Warnings = [],
        };
    }

    [Theory]
    [InlineData(0.06, 0, 0, "the false-alarm rate that was asked for is 0.06")]
    [InlineData(0, 0, 0, "the false-alarm rate that was asked for is 0,")]
    [InlineData(double.NaN, 0, 0, "the false-alarm rate that was asked for is NaN")]
    [InlineData(0.05, 2, 0, "the mark of rows too few to hold out is 2")]
    [InlineData(0.05, 0, 101, "101 refits follow of 100")]
    [InlineData(0.05, 0, -2, "-2 refits follow of 100")]
    [InlineData(0.05, 0, 1, "")]
    public void Load_OfAnEndThatMakesNoSense_SaysSo(double requested, byte lacks, int made, string expected)
    {
        byte[] body = Body(_simulated.Value, writer =>
        {
            writer.WriteInt32(100);
            writer.WriteDouble(1e-6);
            writer.WriteDouble(0);
            writer.WriteDouble(requested);
            writer.WriteByte(lacks);
            writer.WriteInt32(made);
        });

        Assert.Contains(expected, Assert.Throws<FormatException>(() => Load(body)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0, 0.0, 0.5, 100, "")]
    [InlineData(3, 100, 0.0, 0.5, 100, "")]
    [InlineData(3, 100, 0.01, 0.5, 100, "")]
    [InlineData(3, 100, 0.01, 1.5, 100, "the correlation of 100 training rows with those before them is 1.5")]
    [InlineData(3, 100, 0.01, double.NaN, 100, "the correlation of 100 training rows with those before them is NaN")]
    [InlineData(3, 100, 0.01, 0.5, 0, "the correlation of 0 training rows")]
    [InlineData(3, 100, -0.01, 0.5, 100, "a share of -0.01 of the rows drawn")]
    public void Load_OfACorrelationOfRows_HasItsWarningOrSaysWhatMakesNoSense(int count, int rows, double drawn, double correlation, int rowsInOrder, string expected)
    {
        byte[] body = Body(_simulated.Value, writer =>
        {
            writer.WriteInt32(0);
            writer.WriteDouble(1e-6);
            writer.WriteDouble(0);
            writer.WriteDouble(0.05);
            writer.WriteByte(0);
            writer.WriteInt32(0);
            writer.WriteInt32(count);
            writer.WriteInt32(rows);
            writer.WriteDouble(drawn);
            writer.WriteDouble(correlation);
            writer.WriteInt32(rowsInOrder);
        });

        if (expected.Length > 0)
        {
            Assert.Contains(expected, Assert.Throws<FormatException>(() => Load(body)).Message, StringComparison.Ordinal);
            return;
        }

        AnomalyCalibration loaded = Load(body).Calibration;
        Assert.Equal(new SerialCorrelation(correlation, rowsInOrder), loaded.Order);
        Assert.Equal((drawn > 0, rows > 0 && drawn == 0), (loaded.BeyondDrawn is not null, loaded.Training is not null));
    }

    [Fact]
    public void Load_OfARefitOfAnotherSize_SaysSo()
    {
        var one = GaussianMixtureModel.FromParameters([1], new double[,] { { 0, 0 } }, [new double[,] { { 1, 0 }, { 0, 1 } }]);
        byte[] body = Body(_simulated.Value, writer =>
        {
            writer.WriteInt32(100);
            writer.WriteDouble(1e-6);
            writer.WriteDouble(0);
            writer.WriteDouble(0.05);
            writer.WriteByte(0);
            writer.WriteInt32(1);
            GaussianMixtureFormat.WriteBody(one, writer);
        });

        Assert.Contains("refit 0 has 2 features", Assert.Throws<FormatException>(() => Load(body)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1, 1e-6)]
    [InlineData(20_000, 1e-6)]
    [InlineData(5, -1)]
    [InlineData(5, double.NaN)]
    public void Load_OfRefitsThatMakeNoSense_SaysSo(int count, double strength)
    {
        string message = Assert.Throws<FormatException>(() => LoadWith(_simulated.Value, count, strength)).Message;

        Assert.Contains("refits", message, StringComparison.Ordinal);
    }

    // Weights that add up to more rows than can be drawn: data sets of two billion values, which took their memory, if there was any.
    [Fact]
    public void Load_OfRefitsToMoreRowsThanCanBeDrawn_SaysSo()
    {
        GaussianMixtureModel fitted = _simulated.Value.Model.Mixture;
        FitReport of = fitted.Report!;
        var report = new FitReport
        {
            RowCount = of.RowCount,
            MissingRowCount = 0,
            RowWeightTotal = 1e300,
            FreeParameterCount = of.FreeParameterCount,
            StopReason = of.StopReason,
            LogLikelihoodHistory = of.LogLikelihoodHistory,
            ObjectiveHistory = of.ObjectiveHistory,
            EffectiveCounts = of.EffectiveCounts,
            Warnings = [],
        };
        AnomalyCalibration calibration = _simulated.Value.Calibration;
        var writer = new PayloadWriter();
        writer.WriteString("Features");
        AnomalyFormat.Write(calibration, writer);
        GaussianMixtureFormat.WriteBody(new GaussianMixtureModel([.. fitted.Weights], fitted.Components, fitted.CovarianceStructure, report), writer);
        writer.WriteInt32(100);
        writer.WriteDouble(1e-6);
        writer.WriteDouble(0);

        string message = Assert.Throws<FormatException>(() => Load(writer.WrittenSpan.ToArray())).Message;

        Assert.Contains("its 100 refits would have to be made again, to data sets of 150 rows of the total weight 1E+300, too many", message, StringComparison.Ordinal);
    }

    // Hardly a row shows all features.
    private IDataView Holed(IDataView flowers) => _context.Data.LoadFromEnumerable(TestData.Column<float[]>(flowers, "Features")
        .Select((row, i) => new Measured { Features = [.. row.Select((value, j) => i % 50 > 0 && i % 4 == j ? float.NaN : value)] }).ToArray());

    // A file as it was before there were refits, and what came after.
    private GaussianMixtureAnomalyTransformer LoadWith(GaussianMixtureAnomalyTransformer transformer, int refitCount, double strength) => Load(Body(transformer, writer =>
    {
        if (refitCount == 0) return;
        writer.WriteInt32(refitCount);
        writer.WriteDouble(strength);
        writer.WriteDouble(0);
    }));

    private static byte[] Body(GaussianMixtureAnomalyTransformer transformer, Action<PayloadWriter> writeEnd)
    {
        var writer = new PayloadWriter();
        writer.WriteString(transformer.FeatureColumnName);
        AnomalyFormat.Write(transformer.Calibration, writer);
        GaussianMixtureFormat.WriteBody(transformer.Model.Mixture, writer);
        writeEnd(writer);
        return writer.WrittenSpan.ToArray();
    }

    private GaussianMixtureAnomalyTransformer Load(byte[] body)
    {
        using var stream = new MemoryStream(SealedPayload.Seal(PayloadKind.AnomalyStep, body));
        return GaussianMixtureAnomalyTransformer.Load(_context, stream);
    }

    private sealed class Measured
    {
        [VectorType(4)]
        public float[] Features { get; set; } = [];
    }
}
