using System.Runtime.CompilerServices;
using Microsoft.ML.Mixture.Laws.Tests;
using Microsoft.ML.Mixture.Noise.Tests;

namespace Microsoft.ML.Mixture.Anomalies.Tests;

/// <summary>A threshold raises as many false alarms as it was asked for.</summary>
public class AnomalyCalibrationTests
{
    private const int TestCount = 20_000;

    // Two-sided, about 7 in a million.
    private const double Deviations = 4.5;

    public static TheoryData<double, bool, int> Rates => new()
    {
        { 0.001, false, 1 }, { 0.01, false, 2 }, { 0.05, false, 3 }, { 0.01, true, 4 }, { 0.05, true, 5 },
    };

    [Theory]
    [Trait("Kind", "Recovery")]
    [MemberData(nameof(Rates))]
    public void Simulated_OnRowsOfTheMixture_RaisesTheFalseAlarmsAskedFor(double rate, bool hasHoles, int seed)
    {
        GaussianMixtureModel model = Mixture(seed);
        AnomalyCalibration calibration = model.CalibrateAnomalies(rate, seed: seed);
        Assert.True(calibration.IsSimulated);
        Check(calibration, Holed(model.Sample(TestCount, seed + 77), hasHoles, seed), rate);
    }

    // 0.29 times 100 is less than 29 in double precision.
    [Theory]
    [Trait("Kind", "Reference")]
    [InlineData(99, 0.29, 28)]
    [InlineData(999, 0.1, 99)]
    [InlineData(98, 0.01, -1)]
    [InlineData(99, 0.01, 0)]
    public void AlarmCount_OfWholeNumbers_LosesNoneToRounding(int count, double rate, int expected) => Assert.Equal(expected, AnomalyReference.AlarmCount(count, rate));

    [Fact]
    [Trait("Kind", "Law")]
    public void Scorer_OfMoreSetsOfMissingFeaturesThanItKeeps_JudgesEachByItsOwn()
    {
        const int Dimension = 13;
        double[,] covariance = new double[Dimension, Dimension];
        for (int j = 0; j < Dimension; j++) covariance[j, j] = Math.Pow(2, j);
        AnomalyCalibration calibration = GaussianMixtureModel.FromParameters([1], new double[1, Dimension], [covariance]).CalibrateAnomalies(0.1, sampleCount: 20);
        AnomalyScorer scorer = calibration.CreateScorer();
        for (int set = 1; set <= 4200; set++)
        {
            double[] row = [.. Enumerable.Range(0, Dimension).Select(j => (set >> j) % 2 == 0 ? 0 : double.NaN)];
            scorer.Score(row);
            if (set % 97 != 0 && set < 4080) continue;
            AnomalyScorer own = calibration.CreateScorer();
            own.Score(row);
            Assert.Equal((own.Threshold, own.PValue), (scorer.Threshold, scorer.PValue));
        }
    }

    /// <summary>Scorers kept what they had been given, so that hundreds of sets of a small rate took gigabytes.</summary>
    [Fact]
    [Trait("Kind", "Law")]
    public void Calibration_OfMoreSetsOfMissingFeaturesThanItKeeps_LetsGoOfThemWithItsScorers()
    {
        const int Dimension = 7, Draws = 200, Kept = 10;
        double[,] covariance = new double[Dimension, Dimension];
        for (int j = 0; j < Dimension; j++) covariance[j, j] = 1 + j;
        GaussianMixtureModel model = GaussianMixtureModel.FromParameters([1], new double[1, Dimension], [covariance]);
        var calibration = new AnomalyCalibration(model, 0.1, null, Draws, 0, new RefitSettings(0)) { MostKept = (Draws + 100) * Kept };
        AnomalyScorer scorer = calibration.CreateScorer();
        WeakReference first = ScoreAll();

        GC.Collect();

        Assert.False(first.IsAlive);
        scorer.Score([0, 0, 0, 0, 0, 0, double.NaN]);
        Assert.Equal(calibration.ReferenceOf([0, 1, 2, 3, 4, 5]).Threshold, scorer.Threshold);

        [MethodImpl(MethodImplOptions.NoInlining)]
        WeakReference ScoreAll()
        {
            var reference = new WeakReference(calibration.ReferenceOf([1, 2, 3, 4, 5, 6]));
            for (int set = 1; set < 120; set++)
            {
                scorer.Score([.. Enumerable.Range(0, Dimension).Select(j => (set >> j) % 2 == 0 ? 0 : double.NaN)]);
                Assert.InRange(calibration.KeptCount, 1, Kept + 1);
            }

            return reference;
        }
    }

    /// <summary>Refits could be stopped, but not the draws, which of many features take as long.</summary>
    [Fact]
    [Trait("Kind", "Degenerate")]
    public void Simulated_Cancelled_StopsBeforeRowsAreDrawn()
    {
        var cancelled = new CancellationToken(canceled: true);
        GaussianMixtureModel model = Mixture(1);

        Assert.Null(model.Report);
        Assert.Throws<OperationCanceledException>(() => model.CalibrateAnomalies(sampleCount: 1000, refitCount: 0, cancellationToken: cancelled));
    }

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void Calibrate_Cancelled_Stops()
    {
        GaussianMixtureModel model = GaussianMixture.Fit(Heavy(60, 1), 1);
        var cancelled = new CancellationToken(canceled: true);

        Assert.Throws<OperationCanceledException>(() => model.CalibrateAnomalies(Heavy(200, 2), 0.05, cancelled));
        Assert.Throws<OperationCanceledException>(() => model.CalibrateAnomalies(refitCount: AnomalyCalibration.MostRefits, cancellationToken: cancelled));
    }

    [Theory]
    [Trait("Kind", "Recovery")]
    [MemberData(nameof(Rates))]
    public void HeldOut_OnRowsThatAreNoMixture_RaisesTheFalseAlarmsAskedFor(double rate, bool hasHoles, int seed)
    {
        GaussianMixtureModel model = GaussianMixture.Fit(Heavy(600, seed), 2);
        AnomalyCalibration calibration = model.CalibrateAnomalies(Holed(Heavy(6_000, seed + 1), hasHoles, seed), rate);
        Assert.False(calibration.IsSimulated);
        double[,] rows = Holed(Heavy(TestCount, seed + 2), hasHoles, seed + 3);
        Check(calibration, rows, rate);

        // The model alone would raise many more, so there was something to put right.
        if (rate > 0.001) return;
        double alone = Share(model.CalibrateAnomalies(rate), rows);
        Assert.True(alone > 1.5 * rate, $"Calibrated by the model, {alone:P2} are alarms.");
    }

    [Fact]
    [Trait("Kind", "Reference")]
    public void PValue_IsTheShareOfReferenceRowsThatAreNoDenser()
    {
        GaussianMixtureModel model = Mixture(8);
        double[,] heldOut = model.Sample(499, 1), rows = model.Sample(300, 2);
        AnomalyCalibration calibration = model.CalibrateAnomalies(heldOut, 0.05);
        double[] reference = [.. Enumerable.Range(0, 499).Select(i => model.LogDensity(MixtureAssert.RowOf(heldOut, i)))];
        Assert.Equal(499, calibration.ReferenceCount);
        Assert.Equal(reference.Order().ElementAt(24), calibration.Threshold);
        AnomalyScorer scorer = calibration.CreateScorer();
        for (int i = 0; i < 300; i++)
        {
            double[] row = MixtureAssert.RowOf(rows, i);
            double logDensity = model.LogDensity(row), expected = (1 + reference.Count(value => value <= logDensity)) / 500.0;
            scorer.Score(row);
            Assert.Equal(expected, scorer.PValue);
            Assert.Equal(expected, calibration.PValue(logDensity));
            Assert.Equal(expected, calibration.PValueOf(row));
            Assert.Equal(expected <= 0.05, scorer.IsAnomaly);
            Assert.Equal(scorer.IsAnomaly, calibration.IsAnomaly(row));
            Assert.Equal(scorer.IsAnomaly, scorer.Excess > 0);
            Assert.Equal(calibration.Threshold - logDensity, scorer.Excess);
        }
    }

    // None of the held-out rows shows all that a complete row does, and there are more of them than rows are drawn in their place.
    [Fact]
    public void HeldOut_ManyRowsOfWhichNoneIsComplete_SaysThatTheThresholdIsOfDrawnRows()
    {
        GaussianMixtureModel model = Mixture(4);
        double[,] rows = model.Sample(60_000, 5);
        for (int i = 0; i < 60_000; i++) rows[i, i % 3] = double.NaN;

        AnomalyCalibration calibration = model.CalibrateAnomalies(rows, 0.01);

        Assert.True(calibration.IsSimulated);
        Assert.Contains("drawn from the mixture", calibration.ToString(), StringComparison.Ordinal);
    }

    // As many rows are drawn as the rate takes, where that is more than are drawn at most otherwise.
    [Fact]
    [Trait("Kind", "Degenerate")]
    public void HeldOut_RateBelowAnyOfDrawnRows_JudgesRowsOfWhichFewWereHeldOut()
    {
        GaussianMixtureModel model = GaussianMixtureModel.FromParameters([1], new double[,] { { 0, 0 } }, [new double[,] { { 1, 0 }, { 0, 1 } }]);
        double[,] rows = model.Sample(2_100_000, 1);
        for (int i = 0; i < 2_100_000; i++) rows[i, 1] = double.NaN;

        AnomalyCalibration calibration = model.CalibrateAnomalies(rows, 5e-7);

        Assert.Equal((true, 2_100_000), (calibration.IsSimulated, calibration.ReferenceCount));
        Assert.True(calibration.IsAnomaly(7, 7) && !calibration.IsAnomaly(1, 1));
    }

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void Score_OfInfiniteEmptyAndDistantRows_IsWhatTheyAre()
    {
        GaussianMixtureModel model = Mixture(3);
        AnomalyCalibration calibration = model.CalibrateAnomalies(0.01);
        AnomalyScorer scorer = calibration.CreateScorer();
        scorer.Score([double.PositiveInfinity, 0, 0]);
        Assert.True(scorer.IsAnomaly && double.IsPositiveInfinity(scorer.Excess) && double.IsNaN(scorer.LogDensity));
        Assert.Equal(1.0 / 50_001, scorer.PValue);
        scorer.Score([1e200, 0, 0]);
        Assert.True(scorer.IsAnomaly && double.IsPositiveInfinity(scorer.Excess));
        scorer.Score([double.NaN, double.NaN, double.NaN]);
        Assert.False(scorer.IsAnomaly);
        Assert.Equal(1, scorer.PValue);
    }

    /// <summary>Where so many ordinary rows are beyond double precision that the threshold is, another such row had a score that was no number.</summary>
    [Fact]
    [Trait("Kind", "Degenerate")]
    public void Score_OfADistantRowAmongOrdinaryOnesOfItsKind_IsNoAnomaly()
    {
        GaussianMixtureModel model = Mixture(3);
        double[,] heldOut = model.Sample(100, 1);
        for (int i = 0; i < 5; i++) heldOut[i, 0] = 1e200;
        AnomalyScorer scorer = model.CalibrateAnomalies(heldOut, 0.02).CreateScorer();

        scorer.Score([1e200, 0, 0]);

        Assert.Equal((double.NegativeInfinity, double.NegativeInfinity, 0, false), (scorer.Threshold, scorer.LogDensity, scorer.Excess, scorer.IsAnomaly));
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Calibration_OfMixtureWithNoise_IsThatOfTheGaussians()
    {
        GaussianMixtureModel model = Mixture(5), noisy = model.WithNoise(0.3, [-100, -100, -100], [100, 100, 100]);
        AnomalyCalibration expected = model.CalibrateAnomalies(0.02, seed: 4), actual = noisy.CalibrateAnomalies(0.02, seed: 4);
        Closeness.Absolute(expected.Threshold, actual.Threshold, 1e-9, "Threshold");
        double near = actual.CreateScorer() is { } scorer && Excess(scorer, 50) is var fifty ? fifty : 0;
        Assert.True(Excess(actual.CreateScorer(), 90) > near + 1, "Distant rows are as unusual as nearer ones.");

        static double Excess(AnomalyScorer scorer, double distance)
        {
            scorer.Score([distance, distance, distance]);
            return scorer.Excess;
        }
    }

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void Calibrate_WithTooFewRowsOrNoRate_SaysSo()
    {
        GaussianMixtureModel model = Mixture(1);
        Assert.Contains("at least 99", Assert.Throws<ArgumentException>(() => model.CalibrateAnomalies(model.Sample(98, 1), 0.01)).Message, StringComparison.Ordinal);
        Assert.Equal(99, model.CalibrateAnomalies(model.Sample(99, 1), 0.01).ReferenceCount);
        Assert.Contains("at least 999", Assert.Throws<ArgumentException>(() => model.CalibrateAnomalies(0.001, sampleCount: 500)).Message, StringComparison.Ordinal);
        Assert.Contains("at most 10000000", Assert.Throws<ArgumentOutOfRangeException>(() => model.CalibrateAnomalies(0.01, sampleCount: 10_000_001)).Message, StringComparison.Ordinal);
        foreach (double rate in (double[])[0, 1, -0.1, double.NaN]) Assert.ThrowsAny<ArgumentException>(() => model.CalibrateAnomalies(rate));
        Assert.Equal("heldOutRows", Assert.Throws<ArgumentNullException>(() => model.CalibrateAnomalies(null!, 0.01)).ParamName);
        Assert.Contains("2 features", Assert.Throws<ArgumentException>(() => model.CalibrateAnomalies(new double[200, 2], 0.01)).Message, StringComparison.Ordinal);
        double[,] infinite = model.Sample(200, 1);
        infinite[7, 1] = double.NegativeInfinity;
        Assert.Contains("Feature 1 of row 7", Assert.Throws<ArgumentException>(() => model.CalibrateAnomalies(infinite, 0.01)).Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Kind", "Determinism")]
    public void Scorers_OnSeveralThreads_GiveTheSameBits()
    {
        GaussianMixtureModel model = Mixture(6);
        double[,] rows = Holed(model.Sample(400, 3), hasHoles: true, 1);
        double[] expected = Judge(model.CalibrateAnomalies(0.05, 2_000, 1), rows);
        AnomalyCalibration shared = model.CalibrateAnomalies(0.05, 2_000, 1);
        double[][] actual = new double[4][];
        Parallel.For(0, 4, thread => actual[thread] = Judge(shared, rows));
        Assert.All(actual, values => Assert.Equal(MixtureAssert.Bits(expected), MixtureAssert.Bits(values)));
    }

    private static double[] Judge(AnomalyCalibration calibration, double[,] rows)
    {
        AnomalyScorer scorer = calibration.CreateScorer();
        return [.. Enumerable.Range(0, rows.GetLength(0)).SelectMany(i =>
        {
            scorer.Score(MixtureAssert.RowOf(rows, i));
            return (double[])[scorer.PValue, scorer.Excess];
        })];
    }

    // The counts of both, reference and test, are random.
    private static void Check(AnomalyCalibration calibration, double[,] rows, double rate)
    {
        double share = Share(calibration, rows);
        int reference = Math.Min(calibration.ReferenceCount, 50_000);
        double allowed = Deviations * Math.Sqrt(rate * (1 - rate) * ((1.0 / TestCount) + (1.0 / reference)));
        Assert.True(Math.Abs(share - rate) <= allowed, $"{share:P3} of {TestCount} ordinary rows are alarms; asked for were {rate:P3}, give or take {allowed:P3}.");
    }

    private static double Share(AnomalyCalibration calibration, double[,] rows)
    {
        AnomalyScorer scorer = calibration.CreateScorer();
        int alarms = 0;
        for (int i = 0; i < rows.GetLength(0); i++)
        {
            scorer.Score([rows[i, 0], rows[i, 1], rows[i, 2]]);
            if (scorer.IsAnomaly) alarms++;
        }

        return (double)alarms / rows.GetLength(0);
    }

    private static double[,] Holed(double[,] rows, bool hasHoles, int seed) => hasHoles ? NoiseLaws.WithHoles(rows, 0.3, seed) : rows;

    internal static GaussianMixtureModel Mixture(int seed)
    {
        var random = new Random(seed);
        double[,] means = new double[3, 3];
        for (int at = 0; at < 9; at++) means[at / 3, at % 3] = 6 * MixtureCase.Normal(random);
        double[][,] covariances = [.. Enumerable.Range(0, 3).Select(k =>
        {
            double[,] factor = new double[3, 3], covariance = new double[3, 3];
            for (int at = 0; at < 9; at++) factor[at / 3, at % 3] = MixtureCase.Normal(random);
            for (int a = 0; a < 3; a++)
            {
                for (int b = 0; b < 3; b++) covariance[a, b] = (a == b ? 0.3 : 0) + Enumerable.Range(0, 3).Sum(m => factor[a, m] * factor[b, m]);
            }

            return covariance;
        })];
        return GaussianMixtureModel.FromParameters([0.2, 0.5, 0.3], means, covariances);
    }

    // Laplace distributions, whose tails no mixture of two Gaussians has.
    private static double[,] Heavy(int count, int seed)
    {
        var random = new Random(seed);
        double[,] rows = new double[count, 3];
        for (int at = 0; at < rows.Length; at++) rows[at / 3, at % 3] = Math.Log((1 - random.NextDouble()) / (1 - random.NextDouble()));
        return rows;
    }
}
