using MathNet.Numerics.Distributions;
using Microsoft.ML.Mixture.Engine.Tests;
using Microsoft.ML.Mixture.Laws.Tests;
using Microsoft.ML.Mixture.Noise.Tests;
using Microsoft.ML.Mixture.Reliability.Tests;
using Xunit.Abstractions;

namespace Microsoft.ML.Mixture.Anomalies.Tests;

/// <summary>Thresholds from the mixture allow for its parameters being estimated.</summary>
public class EstimationTests(ITestOutputHelper output)
{
    private const double Rate = 0.01;
    private const int TestCount = 20_000;

    // Components, features, rows.
    private static readonly (int Components, int Features, int Rows)[] _everyday =
        [(1, 2, 100), (1, 8, 100), (2, 2, 300), (2, 4, 100), (3, 2, 300), (3, 8, 300), (2, 8, 1000)];

    /// <summary>Refits went on for up to half a minute after the time budget of a trainer. So many looks at the clock end it.</summary>
    [Theory]
    [Trait("Kind", "Budget")]
    [InlineData(3.5, 0)]
    [InlineData(6.5, 6)]
    [InlineData(60, 10)]
    public void Refits_TimeEnds_AreThoseSoFarOrNone(double looks, int expected)
    {
        GaussianMixtureModel model = GaussianMixture.Fit(Truth(2, 2, seed: 3).Sample(150, seed: 4), 2);
        using var time = new TimeLimit(TimeSpan.FromSeconds(looks), new ManualClock { FiresTimers = false, StepOfReading = TimeSpan.FromSeconds(1) }, CancellationToken.None);

        GaussianMixtureModel[] refits = EstimationRefits.Run(model, new RefitSettings(10), seed: 5, time, out int count, CancellationToken.None);

        Assert.Equal((expected, expected), (count, refits.Length));
        GaussianMixtureModel[] all = EstimationRefits.Run(model, new RefitSettings(10), seed: 5, time: null, out _, CancellationToken.None);
        for (int refit = 0; refit < expected; refit++) MixtureAssert.SameBits(all[refit], refits[refit]);
    }

    [Fact]
    [Trait("Kind", "Budget")]
    public void Calibration_TimeIsOver_HasAThresholdWithoutRefitsAndWarns()
    {
        GaussianMixtureModel model = GaussianMixture.Fit(Truth(2, 2, seed: 3).Sample(150, seed: 4), 2);
        using var time = new TimeLimit(TimeSpan.Zero, new ManualClock(), CancellationToken.None);

        AnomalyCalibration calibration = AnomalyCalibration.Simulate(model, 0.05, 1_000, seed: 5, new RefitSettings(10), lacksHeldOut: false, time: time);

        Assert.Equal((0, model.CalibrateAnomalies(0.05, 1_000, seed: 5, refitCount: 0).Threshold), (calibration.RefitCount, calibration.Threshold));
        Assert.Contains(calibration.Warnings, warning => warning.Contains("Allow for it by refits, for which a time budget has to leave some time", StringComparison.Ordinal));
    }

    /// <summary>Rows held out that stand out are told of where there is time; the refits for rows that lack something are not cut short by it.</summary>
    [Fact]
    [Trait("Kind", "Budget")]
    public void Calibration_TimeIsOverForRowsHeldOut_DoesNotJudgeThemAndKeepsItsRefits()
    {
        GaussianMixtureModel truth = Truth(1, 2, seed: 3), model = GaussianMixture.Fit(truth.Sample(150, seed: 4), 1);
        double[,] heldOut = truth.Sample(400, seed: 6);
        for (int i = 0; i < 40; i++) heldOut[i, 0] += 1e3;
        var settings = new RefitSettings(6);
        AnomalyCalibration judged = AnomalyCalibration.HoldOut(model, GaussianMixture.Copy(heldOut, null), 0.01, seed: 5, settings);
        using var time = new TimeLimit(TimeSpan.Zero, new ManualClock(), CancellationToken.None);

        AnomalyCalibration hasty = AnomalyCalibration.HoldOut(model, GaussianMixture.Copy(heldOut, null), 0.01, seed: 5, settings, requestedRate: null, time);

        Assert.NotNull(judged.BeyondDrawn);
        Assert.Null(hasty.BeyondDrawn);
        Assert.Equal(judged.Threshold, hasty.Threshold);
        Assert.Equal((6, 6), (hasty.RefitCount, hasty.MadeRefits.Count));
    }

    [Fact]
    [Trait("Kind", "Budget")]
    public void Draws_OfABudget_TakeASecondOrWhatIsLeft()
    {
        GaussianMixtureModel small = GaussianMixture.Fit(Truth(1, 2, seed: 3).Sample(150, seed: 4), 1);
        double[,] wide = new double[400, 300];
        for (int i = 0; i < 400; i++) wide[i, i % 300] = i;
        GaussianMixtureModel large = GaussianMixture.Fit(wide, new GaussianMixtureOptions { MaximumIterations = 0 });

        Assert.Equal(50_000, AnomalyCalibration.SampleCountFor(0.01, large, left: null));
        Assert.Equal(50_000, AnomalyCalibration.SampleCountFor(0.01, small, TimeSpan.Zero));
        int hasty = AnomalyCalibration.SampleCountFor(0.01, large, TimeSpan.Zero);
        Assert.InRange(hasty, 1_000, 49_999);
        Assert.InRange(AnomalyCalibration.SampleCountFor(0.01, large, TimeSpan.FromSeconds(2)), (2 * hasty) - 2, (2 * hasty) + 2);
        Assert.Equal(100_000, AnomalyCalibration.SampleCountFor(1e-4, large, TimeSpan.Zero));
    }

    /// <summary>Training sets of each size and new rows of the truth. MIXTURE_NIGHTLY=1 makes it all sizes, 40 training sets each.</summary>
    [Fact]
    [Trait("Kind", "Recovery")]
    public void FalseAlarms_AfterTrainingOnFewRows_AreThoseAskedForOnAverage()
    {
        int trainings = GoalSize.Of(3, 40);
        double all = 0, allBefore = 0;
        (int Components, int Features, int Rows)[] cases = GoalSize.IsNightly
            ? [.. from components in (int[])[1, 2, 3] from features in (int[])[2, 4, 8] from rows in (int[])[50, 100, 300, 1000] select (components, features, rows)]
            : _everyday;
        foreach ((int components, int features, int rows) in cases)
        {
            double[] before = new double[trainings], after = new double[trainings];
            long parameters = 0;
            int refits = 0;
            for (int training = 0; training < trainings; training++)
            {
                int seed = (1000 * components) + (100 * features) + (7919 * rows) + (104_729 * training);
                GaussianMixtureModel truth = Truth(components, features, seed);
                GaussianMixtureModel model = GaussianMixture.Fit(truth.Sample(rows, seed + 1), new GaussianMixtureOptions { ComponentCount = components, Seed = seed });
                double[,] fresh = truth.Sample(TestCount, seed + 2);
                AnomalyCalibration calibration = model.CalibrateAnomalies(Rate, seed: seed);
                before[training] = Share(model.CalibrateAnomalies(Rate, seed: seed, refitCount: 0), fresh);
                after[training] = Share(calibration, fresh);
                (parameters, refits) = (model.FreeParameterCount, calibration.RefitCount);
            }

            double mean = after.Average(), error = Math.Sqrt(after.Sum(share => (share - mean) * (share - mean)) / (trainings - 1) / trainings);
            output.WriteLine(FormattableString.Invariant(
                $"| {components} | {features} | {rows} | {parameters} | {before.Average():P2} | {mean:P2} | {error:P2} | {refits} |"));
            all += mean / Rate / cases.Length;
            allBefore += before.Average() / Rate / cases.Length;
            if (!GoalSize.IsNightly) continue;

            // With hardly more rows than parameters nothing is sure.
            (double least, double most) = rows < parameters ? (0, 2) : rows < 5 * parameters ? (0.5, 1.6) : (0.7, 1.3);
            Assert.True(
                mean > (least * Rate) - (2 * error) && mean < (most * Rate) + (2 * error),
                $"{components} components, {features} features, {rows} rows: {mean:P2} of new rows are alarms, give or take {error:P2}.");
        }

        output.WriteLine(FormattableString.Invariant($"Over all, {allBefore:F2} times the rate before and {all:F2} times after."));
        Assert.InRange(all, 0.7, 1.3);
        Assert.True(allBefore > 1.5, $"Without refits it is {allBefore:F2} times the rate, so that there is nothing to put right.");
    }

    [Theory]
    [Trait("Kind", "Reference")]
    [InlineData(20, 1, 0.05)]
    [InlineData(40, 3, 0.01)]
    [InlineData(60, 6, 0.1)]
    [InlineData(100, 2, 0.001)]
    public void Threshold_OfOneGaussian_IsThatOfHotelling(int rowCount, int dimension, double rate)
    {
        double[,] rows = Truth(1, dimension, seed: 3).Sample(rowCount, seed: 4);
        GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions { CovariancePriorStrength = 0 });
        AnomalyCalibration calibration = model.CalibrateAnomalies(rate);

        // The squared distance of a new row, by the covariance of n - 1, is (n + 1) D (n - 1) / (n (n - D)) times F of D and n - D: Hotelling (1931).
        double distance = -2 * (calibration.Threshold - model.LogDensity(model.Means.Row(0)));
        double ratio = distance * (rowCount - 1) / rowCount * rowCount * (rowCount - dimension) / (dimension * (rowCount - 1.0) * (rowCount + 1));
        double actual = 1 - new FisherSnedecor(dimension, rowCount - dimension).CumulativeDistribution(ratio);
        double plain = 1 - new ChiSquared(dimension).CumulativeDistribution(distance);
        output.WriteLine(FormattableString.Invariant($"{rowCount} rows, {dimension} features: {actual:P2} of new rows, {rate:P2} asked for; {plain:P3} of the mixture's own."));
        Assert.InRange(actual, 0.85 * rate, 1.18 * rate);
        Assert.True(plain < 0.8 * rate, "The estimates count as if they were the truth.");
    }

    [Fact]
    [Trait("Kind", "Recovery")]
    public void FalseAlarms_OfRowsWithHoles_AreThoseAskedForOnAverage()
    {
        double before = 0, after = 0;
        const int Trainings = 20;
        for (int seed = 0; seed < Trainings; seed++)
        {
            GaussianMixtureModel truth = Truth(2, 3, seed + 50);
            GaussianMixtureModel model = GaussianMixture.Fit(NoiseLaws.WithHoles(truth.Sample(80, seed), 0.2, seed), new GaussianMixtureOptions { ComponentCount = 2, Seed = seed });
            double[,] fresh = NoiseLaws.WithHoles(truth.Sample(2_000, seed + 100), 0.2, seed + 200);
            before += Share(model.CalibrateAnomalies(0.02, 5_000, refitCount: 0), fresh) / Trainings;
            after += Share(model.CalibrateAnomalies(0.02, 5_000, refitCount: 25), fresh) / Trainings;
        }

        output.WriteLine(FormattableString.Invariant($"{before:P2} of new rows with holes before, {after:P2} after, 2 % asked for."));
        Assert.True(before > 0.026, $"Without refits {before:P2} are alarms, so that there is nothing to put right.");
        Assert.InRange(after, 0.014, 0.026);
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void RefitCount_FollowsRowsAndParameters()
    {
        GaussianMixtureModel truth = Truth(2, 2, seed: 1);
        Assert.Equal(0, truth.CalibrateAnomalies(0.05).RefitCount);
        Assert.Equal(100, Count(50));
        Assert.Equal(44, Count(300));
        Assert.Equal(10, Count(5_500));
        Assert.Equal(0, Count(5_501));

        // Four refits of so many features would take most of a minute.
        GaussianMixtureModel wide = GaussianMixture.Fit(Truth(1, 400, seed: 2).Sample(4_000, 1), new GaussianMixtureOptions { MaximumIterations = 1, Tolerance = 0 });
        Assert.Equal(0, EstimationRefits.CountFor(wide));

        int Count(int rows) => EstimationRefits.CountFor(GaussianMixture.Fit(truth.Sample(rows, rows), 2));
    }

    [Fact]
    [Trait("Kind", "Determinism")]
    public void Threshold_DependsOnTheSeedAlone()
    {
        GaussianMixtureModel model = GaussianMixture.Fit(Truth(2, 3, seed: 8).Sample(120, 1), 2);
        double[] thresholds = new double[4];
        Parallel.For(0, 4, thread => thresholds[thread] = model.CalibrateAnomalies(0.05, 2_000, seed: 5, refitCount: 8).Threshold);
        Assert.All(thresholds, threshold => Assert.Equal(thresholds[0], threshold));
        Assert.NotEqual(thresholds[0], model.CalibrateAnomalies(0.05, 2_000, seed: 6, refitCount: 8).Threshold);
        Assert.NotEqual(thresholds[0], model.CalibrateAnomalies(0.05, 2_000, seed: 5, refitCount: 9).Threshold);

        // Known parameters need no report.
        var weights = model.Weights;
        GaussianMixtureModel known = GaussianMixtureModel.FromParameters(weights, model.Means.ToArray(), [.. model.Covariances.Select(covariance => covariance.ToArray())]);
        Assert.Equal(known.CalibrateAnomalies(0.05, 2_000, 5).Threshold, model.CalibrateAnomalies(0.05, 2_000, 5, refitCount: 0).Threshold, 1e-12);
    }

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void Calibration_OfBayesianNoisyAndTinyFits_IsLowerThanThatOfKnownParameters()
    {
        double[,] rows = Truth(2, 2, seed: 9).Sample(80, 2);
        GaussianMixtureModel[] models =
        [
            BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions { ComponentCount = 4 }),
            GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2, NoiseComponent = true }),
            GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2, CovarianceStructure = CovarianceStructure.FromCode("EVE") }),
            GaussianMixture.Fit(Truth(1, 6, seed: 9).Sample(7, 1), 1),
        ];
        foreach (GaussianMixtureModel model in models)
        {
            AnomalyCalibration calibration = model.CalibrateAnomalies(0.01, refitCount: 30);
            double known = model.CalibrateAnomalies(0.01, refitCount: 0).Threshold;
            Assert.True(calibration.Threshold < known - 0.02, $"The threshold is {calibration.Threshold}, and {known} if parameters count as known, of {model}");
            Assert.Equal((30, 0), (calibration.RefitCount, calibration.FailedRefitCount));
        }
    }

    /// <summary>Data sets of as many rows as weights of millions add up to are more than memory, or an array, holds.</summary>
    [Fact]
    [Trait("Kind", "Degenerate")]
    public void Calibration_RefitsOfRowsBeyondMemory_AreRefusedInWords()
    {
        double[,] rows = Truth(1, 2, seed: 9).Sample(100, 2);
        GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions(), [.. Enumerable.Repeat(1.5e7, 100)]);
        Assert.Equal(0, model.CalibrateAnomalies(0.05).RefitCount);

        var error = Assert.Throws<ArgumentException>(() => model.CalibrateAnomalies(0.05, refitCount: 1));

        Assert.StartsWith(
            "The row weights of 100 rows add up to 1.5E+09, and each data set that is to be drawn for a refit would have so many rows, but 2 features allow for 6.71089E+07. Pass 0 refits", error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Kind", "Report")]
    public void ToString_SaysWhatThresholdsComeFrom()
    {
        GaussianMixtureModel truth = Truth(1, 3, seed: 1);
        double[,] rows = truth.Sample(100, 1);
        GaussianMixtureModel model = GaussianMixture.Fit(rows, 1), tiny = GaussianMixture.Fit(truth.Sample(8, 2), 1), large = GaussianMixture.Fit(truth.Sample(4_600, 3), 1);
        AnomalyCalibration heldOut = model.CalibrateAnomalies(truth.Sample(99, 4), 0.05);
        Assert.Contains("by comparison with 99 rows held out.", heldOut.ToString(), StringComparison.Ordinal);
        Assert.Empty(heldOut.Warnings);
        string text = model.CalibrateAnomalies(0.05, 1_000, refitCount: 5).ToString();
        Assert.Contains("1000 rows drawn from the mixture. 5 refits to as many drawn data sets of 100 rows", text, StringComparison.Ordinal);
        Assert.Contains("count as known, but 9 free parameters were estimated from 100 rows", model.CalibrateAnomalies(0.05, 1_000, refitCount: 0).ToString(), StringComparison.Ordinal);
        Assert.Contains("4600 rows tell its 9 free parameters so well", large.CalibrateAnomalies(0.05, 1_000).ToString(), StringComparison.Ordinal);
        Assert.Contains("fewer rows than parameters: 9 free parameters were estimated from 8 rows", Assert.Single(tiny.CalibrateAnomalies(0.05, 1_000, refitCount: 5).Warnings), StringComparison.Ordinal);
        Assert.Empty(truth.CalibrateAnomalies(0.05, 1_000).Warnings);
        Assert.Contains("refitCount is -1", Assert.ThrowsAny<ArgumentException>(() => model.CalibrateAnomalies(refitCount: -1)).Message, StringComparison.Ordinal);
        Assert.Contains("no report", Assert.Throws<ArgumentException>(() => truth.CalibrateAnomalies(refitCount: 1)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Kind", "Report")]
    [InlineData(4, true)]
    [InlineData(5, false)]
    public void Calibration_MostRefitsFailed_Warns(int made, bool isTold)
    {
        GaussianMixtureModel model = GaussianMixture.Fit(Truth(1, 2, seed: 9).Sample(100, 2), 1);
        GaussianMixtureModel[] refits = EstimationRefits.Run(model, new RefitSettings(made), seed: 0, time: null, out _, CancellationToken.None);

        var calibration = new AnomalyCalibration(model, Rate, heldOut: null, sampleCount: 1_000, seed: 0, new RefitSettings(10), refits);

        Assert.Equal(
            isTold ? ["Of 10 refits to rows drawn from the mixture 6 failed, so that the false-alarm rate cannot be relied on. Fit fewer components."] : [], calibration.Warnings);
    }

    // Their values are among those that are missing, but they are not among the rows fitted, which refits draw anew.
    [Fact]
    [Trait("Kind", "Law")]
    public void Threshold_OfRowsWithNothingObservedBesideOthers_IsThatWithoutThem()
    {
        double[,] rows = Truth(2, 2, seed: 3).Sample(200, seed: 4), more = new double[350, 2];
        for (int i = 0; i < 350; i++)
        {
            if (i % 5 == 0 && i < 200) rows[i, 1] = double.NaN;
            (more[i, 0], more[i, 1]) = i < 200 ? (rows[i, 0], rows[i, 1]) : (double.NaN, double.NaN);
        }

        var options = new GaussianMixtureOptions { ComponentCount = 2 };
        AnomalyCalibration without = GaussianMixture.Fit(rows, options).CalibrateAnomalies(Rate), with = GaussianMixture.Fit(more, options).CalibrateAnomalies(Rate);

        Assert.True(without.RefitCount > 0, "Nothing was fitted anew.");
        Assert.Equal(without.Threshold, with.Threshold);
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Refits_WithPriorOrFloor_HaveThem()
    {
        // Two groups ten apart, of variance one, in all of variance 26.
        GaussianMixtureModel truth = GaussianMixtureModel.FromParameters([0.5, 0.5], new double[,] { { -5 }, { 5 } }, [new double[,] { { 1 } }, new double[,] { { 1 } }]);
        GaussianMixtureModel model = GaussianMixture.Fit(truth.Sample(200, seed: 1), 2);

        Assert.All(Variances(new RefitSettings(3)), variance => Assert.InRange(variance, 0.5, 2));
        Assert.All(Variances(new RefitSettings(3, Floor: 4)), variance => Assert.InRange(variance, 4.5, 6));
        Assert.All(Variances(new RefitSettings(3, PriorStrength: 1e3)), variance => Assert.InRange(variance, 20, 30));

        double[] Variances(RefitSettings settings) =>
            [.. EstimationRefits.Run(model, settings, seed: 5, time: null, out _, CancellationToken.None).SelectMany(refit => refit.Covariances.Select(covariance => covariance[0, 0]))];
    }

    [Theory]
    [Trait("Kind", "Law")]
    [InlineData(MixtureWeightPrior.Dirichlet)]
    [InlineData(MixtureWeightPrior.DirichletProcess)]
    public void Refits_OfVariationalFits_HaveTheirPrior(MixtureWeightPrior kind)
    {
        var options = new BayesianGaussianMixtureOptions
        {
            ComponentCount = 3,
            WeightPrior = kind,
            WeightConcentrationPrior = 0.7,
            MeanPrecisionPrior = 0.3,
            MeanPrior = [1, -1],
            DegreesOfFreedomPrior = 5,
            CovariancePrior = new double[,] { { 3, 1 }, { 1, 2 } },
        };
        GaussianMixtureModel model = BayesianGaussianMixture.Fit(Truth(2, 2, seed: 3).Sample(150, seed: 4), options);

        GaussianMixtureModel[] refits = EstimationRefits.Run(model, new RefitSettings(3), seed: 5, time: null, out _, CancellationToken.None);

        Assert.Equal(3, refits.Length);
        Assert.All(refits, refit => Assert.Equal(Text(model), Text(refit)));

        static string Text(GaussianMixtureModel model) => model.Posterior!.Prior is var prior
            ? FormattableString.Invariant($"{prior.WeightPrior} {prior.WeightConcentration} {prior.MeanPrecision} {string.Join(',', prior.Mean)} {prior.DegreesOfFreedom} {prior.Covariance}") : string.Empty;
    }

    private static double Share(AnomalyCalibration calibration, double[,] rows)
    {
        AnomalyScorer scorer = calibration.CreateScorer();
        int alarms = 0;
        for (int i = 0; i < rows.GetLength(0); i++)
        {
            scorer.Score(MixtureAssert.RowOf(rows, i));
            if (scorer.IsAnomaly) alarms++;
        }

        return (double)alarms / rows.GetLength(0);
    }

    // Means two deviations about the middle, so that groups overlap now and then.
    private static GaussianMixtureModel Truth(int components, int features, int seed)
    {
        var random = new Random(seed);
        double[,] means = new double[components, features];
        for (int at = 0; at < means.Length; at++) means[at / features, at % features] = 2 * MixtureCase.Normal(random);
        double[][,] covariances = [.. Enumerable.Range(0, components).Select(_ =>
        {
            double[,] factor = new double[features, features], covariance = new double[features, features];
            for (int at = 0; at < factor.Length; at++) factor[at / features, at % features] = MixtureCase.Normal(random) / Math.Sqrt(features);
            for (int a = 0; a < features; a++)
            {
                for (int b = 0; b < features; b++) covariance[a, b] = (a == b ? 0.3 : 0) + Enumerable.Range(0, features).Sum(m => factor[a, m] * factor[b, m]);
            }

            return covariance;
        })];
        double[] weights = [.. Enumerable.Range(0, components).Select(_ => 0.5 + random.NextDouble())];
        double total = weights.Sum();
        return GaussianMixtureModel.FromParameters([.. weights.Select(weight => weight / total)], means, covariances);
    }
}
