using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Tests;

[Trait("Kind", "Pipeline")]
public sealed class AnomalyTests
{
    private const int MeasurementCount = 9;
    private readonly MLContext _context = new(seed: 1);

    [Theory]
    [InlineData(0.01, 0.2)]
    [InlineData(0.05, 0)]
    [InlineData(0.1, 0.5)]
    public void Trainer_AnyOptions_PassesTheChecksOfMlNet(double falseAlarmRate, double heldOutFraction)
    {
        GaussianMixtureAnomalyTrainer.Options options = Options(2, falseAlarmRate);
        options.HeldOutFraction = heldOutFraction;
        GaussianMixtureAnomalyTrainer trainer = _context.AnomalyDetection.Trainers.GaussianMixture(options);
        IDataView flowers = TestData.IrisFeatures(_context);
        IDataView three = _context.Transforms.Concatenate(
            "Features", nameof(Flower.SepalLength), nameof(Flower.SepalWidth), nameof(Flower.PetalLength)).Fit(flowers).Transform(flowers);
        IDataView doubles = _context.Transforms.Conversion.ConvertType("Features", outputKind: DataKind.Double).Fit(flowers).Transform(flowers);

        new EstimatorCheck(_context).Run(
            trainer, flowers, _context.Transforms.SelectColumns("Features").Fit(flowers).Transform(flowers), [TestData.Iris(_context), doubles], three);
    }

    [Fact]
    public void OutputSchema_NamesTypesAndAnnotations_AreThoseOfAnAnomalyTrainer()
    {
        IDataView flowers = TestData.IrisFeatures(_context);

        DataViewSchema schema = _context.AnomalyDetection.Trainers.GaussianMixture(Options(2, 0.05)).Fit(flowers).GetOutputSchema(flowers.Schema);

        DataViewSchema pca = _context.AnomalyDetection.Trainers.RandomizedPca(rank: 2).Fit(flowers).GetOutputSchema(flowers.Schema);
        Assert.Equal(
            [.. flowers.Schema.Select(column => column.Name), "PredictedLabel", "Score", "PValue", "LogLikelihood", "FeatureContributions"], schema.Select(column => column.Name));
        foreach (string name in (string[])["PredictedLabel", "Score"])
        {
            Assert.Equal(pca[name].Type, schema[name].Type);
            Assert.Equal(Text(pca[name], "ScoreValueKind"), Text(schema[name], "ScoreValueKind"));
            Assert.Equal("AnomalyDetection", Text(schema[name], "ScoreColumnKind"));
        }

        VBuffer<ReadOnlyMemory<char>> names = default;
        schema["FeatureContributions"].GetSlotNames(ref names);
        Assert.Equal("PetalWidth", names.GetItemOrDefault(3).ToString());
    }

    [Fact]
    public void Transform_Rows_AreJudgedAsTheCalibrationDoes()
    {
        IDataView flowers = TestData.IrisFeatures(_context);
        GaussianMixtureAnomalyTransformer transformer = _context.AnomalyDetection.Trainers.GaussianMixture(Options(2, 0.05)).Fit(flowers);
        Measured[] rows = [.. TestData.Column<float[]>(flowers, "Features").Select((row, i) => new Measured { Features = [.. row.Select((value, j) => Odd(value, i, j))] })];
        IDataView scored = transformer.Transform(_context.Data.LoadFromEnumerable(rows));

        Judgement[] judged = [.. _context.Data.CreateEnumerable<Judgement>(scored, reuseRowObject: false)];

        Assert.False(transformer.Calibration.IsSimulated);
        Assert.Equal(39, transformer.Calibration.ReferenceCount);
        AnomalyScorer scorer = transformer.Calibration.CreateScorer();
        ContributionScorer contributionScorer = transformer.Model.Mixture.CreateContributionScorer();
        var contributions = new FeatureContribution[4];
        for (int i = 0; i < rows.Length; i++)
        {
            double[] row = [.. rows[i].Features.Select(value => (double)value)];
            scorer.Score(row);
            contributionScorer.Score(row, contributions);
            Assert.Equal(scorer.IsAnomaly, judged[i].PredictedLabel);
            Assert.Equal(scorer.IsAnomaly, judged[i].Score > 0);
            Assert.Equal((float)scorer.PValue, judged[i].PValue);
            Assert.Equal((float)scorer.LogDensity, judged[i].LogLikelihood);
            Assert.Equal(contributions.Select(contribution => Single(contribution.Contribution)), judged[i].FeatureContributions);
            if (i % 50 != 7) Assert.Equal((float)scorer.Excess, judged[i].Score);
        }

        // The seventh row of each species has an infinite feature.
        Assert.Equal(float.MaxValue, judged[57].Score);
        Assert.True(judged[57].PredictedLabel && float.IsNaN(judged[57].LogLikelihood));
        using PredictionEngine<Measured, Judgement> engine = _context.Model.CreatePredictionEngine<Measured, Judgement>(transformer);
        Assert.Equal(judged[12].Score, engine.Predict(rows[12]).Score);
    }

    [Fact]
    [Trait("Kind", "Recovery")]
    public void Evaluate_OfShuttleTrainedOnOrdinaryRows_BeatsRandomizedPcaOfAnyRank()
    {
        Measurement[] rows = Shuttle();
        Measurement[] ordinary = [.. rows.Where(row => row.Label == 0)];
        Measurement[] training = [.. ordinary.Where((_, i) => i % 2 == 0)];
        Compare(training, [.. ordinary.Where((_, i) => i % 2 == 1), .. rows.Where(row => row.Label == 1)], 0.98);
    }

    [Fact]
    [Trait("Kind", "Recovery")]
    public void Trainer_OnHeldOutRows_RaisesTheFalseAlarmsAskedFor()
    {
        const int Count = 20_000;
        var random = new Random(4);
        Measured[] rows = [.. Enumerable.Range(0, 2 * Count).Select(_ => new Measured
        {
            Features = [.. Enumerable.Range(0, 4).Select(_ => (float)Math.Log((1 - random.NextDouble()) / (1 - random.NextDouble())))],
        })];
        GaussianMixtureAnomalyTransformer transformer = _context.AnomalyDetection.Trainers.GaussianMixture(Options(2, 0.02)).Fit(_context.Data.LoadFromEnumerable(rows[..Count]));

        bool[] alarms = TestData.Column<bool>(transformer.Transform(_context.Data.LoadFromEnumerable(rows[Count..])), "PredictedLabel");

        double share = alarms.Count(alarm => alarm) / (double)Count, allowed = 4.5 * Math.Sqrt(0.02 * 0.98 * ((1.0 / Count) + (1.0 / (0.2 * Count))));
        Assert.Equal(3_999, transformer.Calibration.ReferenceCount);
        Assert.True(Math.Abs(share - 0.02) < allowed, $"{share:P2} of the ordinary rows are alarms; asked for were 2 %, give or take {allowed:P2}.");
    }

    [Fact]
    public void Trainer_WithFewRows_HoldsOutHalfAndRaisesTheRateOrDrawsFromTheMixture_AndSaysSo()
    {
        var messages = new List<string>();
        _context.Log += (_, message) => messages.Add(message.Message);
        GaussianMixtureAnomalyTrainer trainer = _context.AnomalyDetection.Trainers.GaussianMixture(numberOfComponents: 2);
        IDataView flowers = TestData.IrisFeatures(_context);

        AnomalyCalibration half = SaveAndLoad(trainer.Fit(flowers), flowers).Calibration, few = SaveAndLoad(trainer.Fit(_context.Data.TakeRows(flowers, 30)), flowers).Calibration;

        Assert.False(half.IsSimulated);
        Assert.Equal(75, half.ReferenceCount);
        Assert.Equal(1.0 / 76, half.FalseAlarmRate);
        Assert.Contains(messages, message => message.Contains("it was raised to 0.0132", StringComparison.Ordinal));
        Assert.Equal(0.01, half.RequestedFalseAlarmRate);
        string raised = "A false-alarm rate of 0.01 takes more than the 75 rows that could be held out: it was raised to 0.0132. Pass more rows, or ask for a larger rate.";
        Assert.Equal([raised], half.Warnings);
        Assert.EndsWith(raised, half.ToString(), StringComparison.Ordinal);
        Assert.Single(messages, message => message.EndsWith("] " + raised, StringComparison.Ordinal));
        Assert.True(few.IsSimulated);
        Assert.StartsWith("There are too few rows, or too few without missing features, to hold out for a false-alarm rate of 0.01: ", few.Warnings[0], StringComparison.Ordinal);
        Assert.Contains(few.Warnings[0], few.ToString(), StringComparison.Ordinal);
        Assert.Equal((0.01, 0.01, 100), (few.FalseAlarmRate, few.RequestedFalseAlarmRate, few.RefitCount));
        Assert.Contains(messages, message => message.Contains("100 refits to as many drawn data sets of 30 rows allow for the estimation", StringComparison.Ordinal));
        Assert.Contains(messages, message => message.Contains("too few rows, or too few without missing features, to hold out for a false-alarm rate of 0.01", StringComparison.Ordinal));
        Assert.True(trainer.Fit(flowers).Model.Mixture.HasNoise);
    }

    [Theory]
    [InlineData(false, "59 rows held out")]
    [InlineData(true, "50000 rows drawn from the mixture")]
    public void Trainer_ThresholdFromRowsHeldOutOrDrawn_SaysWhichInTheLog(bool hasHoles, string expected)
    {
        // With holes hardly a row shows all features, so that those held out tell no threshold for one that does.
        var random = new Random(2);
        Measured[] rows = [.. Enumerable.Range(0, 300).Select(i => new Measured
        {
            Features = [.. Enumerable.Range(0, 4).Select(j => hasHoles && i % 50 > 0 && i % 4 == j ? float.NaN : random.NextSingle() + random.NextSingle())],
        })];
        var messages = new List<string>();
        _context.Log += (_, message) => messages.Add(message.Message);

        AnomalyCalibration calibration = _context.AnomalyDetection.Trainers.GaussianMixture(Options(1, 0.05)).Fit(_context.Data.LoadFromEnumerable(rows)).Calibration;

        Assert.Equal((true, hasHoles), (calibration.HeldOut is not null, calibration.IsSimulated));
        Assert.Single(messages, message => message.Contains($"are anomalies, by comparison with {expected}.", StringComparison.Ordinal));
        string[] warnings = [.. messages.Where(message => message.Contains("] 59 rows were held out, but only ", StringComparison.Ordinal))];
        Assert.Equal(hasHoles ? 1 : 0, warnings.Length);
        Assert.All(warnings, warning => Assert.Contains("Pass more rows without missing features, fill in what is missing, or ask for a larger rate.", warning, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(500, 0.01, false)]
    [InlineData(150, 1.0 / 71, true)]
    public void Trainer_SomeRowsLackAFeature_TakesTheThresholdFromRowsHeldOut(int count, double leastRate, bool isRaised)
    {
        // Far from a Gaussian mixture: rows drawn from one would give another threshold.
        var random = new Random(3);
        Measured[] rows = [.. Enumerable.Range(0, count).Select(i => new Measured
        {
            Features = [.. Enumerable.Range(0, 4).Select(j => i % 20 == 5 * j ? float.NaN : (float)Math.Exp(4 * random.NextSingle()))],
        })];
        var messages = new List<string>();
        _context.Log += (_, message) => messages.Add(message.Message);

        AnomalyCalibration calibration = _context.AnomalyDetection.Trainers.GaussianMixture(Options(1, 0.01)).Fit(_context.Data.LoadFromEnumerable(rows)).Calibration;

        Assert.False(calibration.IsSimulated);
        Assert.InRange(calibration.FalseAlarmRate, leastRate - 1e-12, 1.0 / 50);
        Assert.Equal(isRaised, calibration.FalseAlarmRate > 0.01);
        Assert.Equal(0.01, calibration.RequestedFalseAlarmRate);
        Assert.Equal(isRaised, calibration.Warnings.Any(warning => warning.Contains("rows without missing features that could be held out: it was raised to", StringComparison.Ordinal)));
        Assert.Equal(isRaised, messages.Exists(message => message.Contains("rows without missing features that could be held out: it was raised to", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(CancellationBehavior.Throw)]
    [InlineData(CancellationBehavior.ReturnBest)]
    public void Trainer_CancelledAfterTheFit_ThrowsOrHasAThresholdNevertheless(CancellationBehavior behavior)
    {
        using var source = new CancellationTokenSource();
        _context.Log += (_, message) =>
        {
            if (message.RawMessage.StartsWith("Fitted ", StringComparison.Ordinal)) source.Cancel();
        };
        GaussianMixtureAnomalyTrainer.Options options = Options(2, 0.05);
        (options.HeldOutFraction, options.Mixture.CancellationToken, options.Mixture.CancellationBehavior) = (0, source.Token, behavior);
        GaussianMixtureAnomalyTransformer? transformer = null;

        Exception? error = Record.Exception(() => transformer = _context.AnomalyDetection.Trainers.GaussianMixture(options).Fit(TestData.IrisFeatures(_context)));

        Assert.True(source.IsCancellationRequested);
        if (behavior == CancellationBehavior.Throw) Assert.Equal(source.Token, Assert.IsAssignableFrom<OperationCanceledException>(error).CancellationToken);
        else Assert.Equal((null, 0, true), (error, transformer!.Calibration.MadeRefits.Count, double.IsFinite(transformer.Calibration.Threshold)));
    }

    [Fact]
    public void Options_NotValid_AreRefused()
    {
        Assert.Contains("FalseAlarmRate is 0,", Refused(Options(2, 0)), StringComparison.Ordinal);
        Assert.Contains("FalseAlarmRate is 1,", Refused(Options(2, 1)), StringComparison.Ordinal);
        GaussianMixtureAnomalyTrainer.Options options = Options(2, 0.1);
        options.HeldOutFraction = 1;
        Assert.Contains("HeldOutFraction is 1,", Refused(options), StringComparison.Ordinal);
        Assert.Contains("NumberOfComponents is 0,", Refused(Options(0, 0.1)), StringComparison.Ordinal);
        GaussianMixtureModelParameters two = Model(2), three = Model(3);
        AnomalyCalibration ofTwo = two.Mixture.CalibrateAnomalies(0.05);
        Assert.Throws<ArgumentException>(() => new GaussianMixtureAnomalyTransformer(_context, three, ofTwo));

        // Rows were judged by the mixture of the calibration, and after loading by the other. A copy from a file is the same.
        Assert.Contains("that of another mixture", Assert.Throws<ArgumentException>(() => new GaussianMixtureAnomalyTransformer(_context, Model(2, iterations: 1), ofTwo)).Message, StringComparison.Ordinal);
        using var file = new MemoryStream();
        two.Save(file);
        file.Position = 0;
        _ = new GaussianMixtureAnomalyTransformer(_context, GaussianMixtureModelParameters.Load(file), ofTwo);

        // The weights count as well, those without the noise.
        GaussianMixtureModel first = Of(0.5), other = Of(0.9);
        AnomalyCalibration ofFirst = first.CalibrateAnomalies(0.05, 1000);
        Assert.Contains("that of another mixture", Assert.Throws<ArgumentException>(() => new GaussianMixtureAnomalyTransformer(_context, new(other), ofFirst)).Message, StringComparison.Ordinal);
        _ = new GaussianMixtureAnomalyTransformer(_context, new(first.WithNoise(0.1, [-9], [9])), first.WithNoise(0.1, [-9], [9]).CalibrateAnomalies(0.05, 1000));

        // What takes a report to be read is not to be saved without it.
        GaussianMixtureModel bare = GaussianMixtureModel.FromParameters(two.Weights, two.Means.ToArray(), [.. two.Covariances.Select(covariance => covariance.ToArray())]);
        Assert.Contains("this one has none", Assert.Throws<ArgumentException>(() => new GaussianMixtureAnomalyTransformer(_context, new(bare), ofTwo)).Message, StringComparison.Ordinal);

        string Refused(GaussianMixtureAnomalyTrainer.Options refused) =>
            Assert.ThrowsAny<ArgumentException>(() => _context.AnomalyDetection.Trainers.GaussianMixture(refused)).Message;

        static GaussianMixtureModel Of(double weight) => GaussianMixtureModel.FromParameters([weight, 1 - weight], new double[,] { { 0 }, { 3 } }, [new double[,] { { 1 } }, new double[,] { { 2 } }]);

        GaussianMixtureModelParameters Model(int components, int iterations = 1000) => _context.Clustering.Trainers
            .GaussianMixture(new GaussianMixtureTrainer.Options { NumberOfComponents = components, MaximumNumberOfIterations = iterations }).Fit(TestData.IrisFeatures(_context)).Model;
    }

    /// <summary>Labels stand for rows as they are in the data. They were refused as too many, or if a row was left out given to other rows.</summary>
    [Fact]
    public void Trainer_StartGivenByRowsOfWhichSomeAreHeldOut_IsRefused()
    {
        IDataView flowers = TestData.IrisFeatures(_context);
        GaussianMixtureAnomalyTrainer.Options options = Options(3, 0.05);
        options.Mixture.Start = MixtureStart.FromLabels([.. Enumerable.Range(0, 150).Select(i => i / 50)]);

        string message = Assert.Throws<ArgumentException>(() => _context.AnomalyDetection.Trainers.GaussianMixture(options)).Message;

        Assert.StartsWith("The start has an entry for every row, but rows are held out from the fit. Set HeldOutFraction to 0,", message, StringComparison.Ordinal);
        options.HeldOutFraction = 0;
        Assert.Equal(150, _context.AnomalyDetection.Trainers.GaussianMixture(options).Fit(flowers).Model.Report!.RowCount);
    }

    private GaussianMixtureAnomalyTransformer SaveAndLoad(GaussianMixtureAnomalyTransformer transformer, IDataView data)
    {
        using var stream = new MemoryStream();
        _context.Model.Save(transformer, data.Schema, stream);
        stream.Position = 0;
        return (GaussianMixtureAnomalyTransformer)_context.Model.Load(stream, out _);
    }

    private void Compare(Measurement[] training, Measurement[] test, double least)
    {
        IDataView trainingData = _context.Data.LoadFromEnumerable(training), testData = _context.Data.LoadFromEnumerable(test);
        AnomalyDetectionMetrics own = _context.AnomalyDetection.Evaluate(_context.AnomalyDetection.Trainers.GaussianMixture().Fit(trainingData).Transform(testData));
        double best = 0, rate = 0;
        for (int rank = 1; rank < MeasurementCount; rank++)
        {
            var trainer = _context.AnomalyDetection.Trainers.RandomizedPca(rank: rank, seed: 1);
            foreach (IEstimator<ITransformer> estimator in (IEstimator<ITransformer>[])[trainer, _context.Transforms.NormalizeMeanVariance("Features", fixZero: false).Append(trainer)])
            {
                AnomalyDetectionMetrics other = _context.AnomalyDetection.Evaluate(estimator.Fit(trainingData).Transform(testData));
                best = Math.Max(best, other.AreaUnderRocCurve);
                rate = Math.Max(rate, other.DetectionRateAtFalsePositiveCount);
            }
        }

        Assert.True(own.AreaUnderRocCurve > best && own.AreaUnderRocCurve > least, $"The area is {own.AreaUnderRocCurve:F4}, and {best:F4} of RandomizedPca.");
        Assert.True(own.DetectionRateAtFalsePositiveCount > rate, $"{own.DetectionRateAtFalsePositiveCount:P1} are found at ten false positives, and {rate:P1} by RandomizedPca.");
    }

    private static Measurement[] Shuttle() => [.. File.ReadLines(TestData.PathOf("shuttle_3223x9.csv")).Skip(1).Select(line => line.Split(',')).Select(cells => new Measurement
    {
        Features = [.. cells.Take(MeasurementCount).Select(cell => float.Parse(cell, CultureInfo.InvariantCulture))],
        Label = cells[^1] == "Rad.Flow" ? 0 : 1,
    })];

    internal static GaussianMixtureAnomalyTrainer.Options Options(int components, double falseAlarmRate)
    {
        var options = new GaussianMixtureAnomalyTrainer.Options { FalseAlarmRate = falseAlarmRate };
        options.Mixture.NumberOfComponents = components;
        return options;
    }

    private static float Odd(float value, int row, int feature) => (row % 50, feature) switch
    {
        (3, 1) => float.NaN,
        (5, 2) => value + 20,
        (7, 0) => float.PositiveInfinity,
        _ => value,
    };

    private static float Single(double value) => double.IsInfinity(value) ? float.MaxValue : (float)value;

    private static string Text(DataViewSchema.Column column, string kind)
    {
        ReadOnlyMemory<char> value = default;
        column.Annotations.GetValue(kind, ref value);
        return value.ToString();
    }

    private sealed class Measured
    {
        [VectorType(4)]
        public float[] Features { get; set; } = [];
    }

    private sealed class Measurement
    {
        [VectorType(MeasurementCount)]
        public float[] Features { get; set; } = [];

        public float Label { get; set; }
    }

    private sealed class Judgement
    {
        public bool PredictedLabel { get; set; }

        public float Score { get; set; }

        public float PValue { get; set; }

        public float LogLikelihood { get; set; }

        [VectorType(4)]
        public float[] FeatureContributions { get; set; } = [];
    }
}
