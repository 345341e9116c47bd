using Microsoft.ML.Mixture.Engine.Tests;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Anomalies.Tests;

/// <summary>Rows that a mixture was fitted to tell whether a threshold from rows drawn from it is one for rows like them.</summary>
[Trait("Kind", "Recovery")]
public class TrainingAlarmsTests
{
    private const int RowCount = 1000;

    // Far rows that hardly count in the fit hardly count among the alarms.
    [Theory]
    [InlineData(1, true)]
    [InlineData(0.01, false)]
    [InlineData(0, false)]
    public void TrainingAlarms_OfWeightedRows_AreCountedByWeight(double weight, bool areExcessive)
    {
        double[,] rows = Rows((random, i) => MixtureCase.Normal(random) + (i % 20 == 0 ? 30 : 0));
        double[] weights = [.. Enumerable.Range(0, RowCount).Select(i => i % 20 == 0 ? weight : 1.0)];
        AnomalyCalibration calibration = GaussianMixtureModel.FromParameters([1], new double[1, 2], [new double[,] { { 1, 0 }, { 0, 1 } }]).CalibrateAnomalies(0.01);

        Assert.Equal(areExcessive, TrainingAlarms.Find(calibration, GaussianMixture.Copy(rows, weights), CancellationToken.None).IsExcessive(0.01));
    }

    // Of so many rows some are judged, and every second one would be those of one of two sensors that take turns.
    [Fact]
    public void TrainingAlarms_RowsThatComeInTurns_AreOfEachKind()
    {
        const int Many = 40_000;
        var random = new Random(2);
        double[,] rows = new double[Many, 1];
        for (int i = 0; i < Many; i++) rows[i, 0] = (i % 2 == 0 ? 0.1 : 5) * MixtureCase.Normal(random);
        AnomalyCalibration calibration = GaussianMixtureModel.FromParameters([1], new double[1, 1], [new double[,] { { 1 } }]).CalibrateAnomalies(0.01);

        var source = new CountedRowSource(GaussianMixture.Copy(rows, null), readsInAnyOrder: true);
        var alarms = TrainingAlarms.Find(calibration, source, CancellationToken.None);

        Assert.Equal(20_000, alarms.RowCount);
        Assert.Equal(20_000, source.RowsRead);
        Assert.InRange((double)alarms.Count / alarms.RowCount, 0.28, 0.33);
    }

    // One heavy row in a hundred is beyond the threshold by chance once in a hundred times, however much of the weight that is.
    [Fact]
    public void TrainingAlarms_OneHeavyRow_IsNoProof()
    {
        double[,] rows = Rows((random, i) => MixtureCase.Normal(random) + (i == 0 ? 30 : 0));
        AnomalyCalibration calibration = GaussianMixtureModel.FromParameters([1], new double[1, 2], [new double[,] { { 1, 0 }, { 0, 1 } }]).CalibrateAnomalies(0.01);

        Assert.Null(calibration.JudgeTraining(rows, [50, .. Enumerable.Repeat(1.0, RowCount - 1)]));
        Assert.Empty(calibration.Warnings);
    }

    // The rate of rows held out holds whatever the rows are like, and those fitted are denser than they.
    [Fact]
    public void JudgeTraining_ThresholdOfRowsHeldOut_SaysNothing()
    {
        double[,] rows = Rows((random, _) => -Math.Log(1 - random.NextDouble()));
        AnomalyCalibration calibration = GaussianMixtureModel.FromParameters([1], new double[1, 2], [new double[,] { { 0.1, 0 }, { 0, 0.1 } }]).CalibrateAnomalies(rows, 0.01);

        Assert.Null(calibration.JudgeTraining(Rows((random, _) => 10 + random.NextDouble())));
        Assert.Null(calibration.Training);
    }

    [Fact]
    public void JudgeTraining_SkewedRows_WarnsThatOrdinaryRowsAreNotLikeTheMixture()
    {
        double[,] rows = Rows((random, _) => -Math.Log(1 - random.NextDouble()));
        GaussianMixtureModel model = GaussianMixture.Fit(rows, 1);
        AnomalyCalibration calibration = model.CalibrateAnomalies(0.01);
        Assert.Empty(calibration.Warnings);

        string? warning = calibration.JudgeTraining(rows);

        Assert.Matches("^Of 1000 training rows [34]\\.[0-9]+ % lie beyond the threshold, where 1 % were asked for\\..*Hold out rows for the threshold, or fit more components or another structure\\.$", warning);
        Assert.Equal(warning, Assert.Single(calibration.Warnings));
        Assert.Null(model.CalibrateAnomalies(Rows((random, _) => -Math.Log(1 - random.NextDouble())), 0.01).JudgeTraining(rows));
        Assert.Throws<ArgumentException>(() => calibration.JudgeTraining(new double[3, 3]));
    }

    // Of a thousand data sets that are like the mixture not more than one or two: here none of a hundred.
    [Theory]
    [InlineData(50, 1, 1)]
    [InlineData(200, 2, 2)]
    [InlineData(1000, 3, 2)]
    public void JudgeTraining_RowsThatAreLikeTheMixture_SaysNothing(int count, int dimension, int componentCount)
    {
        for (int seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            double[,] rows = new double[count, dimension];
            for (int i = 0; i < count; i++)
            {
                for (int j = 0; j < dimension; j++) rows[i, j] = MixtureCase.Normal(random) + (8 * (i % componentCount));
            }

            GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = componentCount, Start = MixtureStart.FromLabels([.. Enumerable.Range(0, count).Select(i => i % componentCount)]) });
            Assert.Null(model.CalibrateAnomalies(0.01, 10_000, seed, refitCount: 0).JudgeTraining(rows));
        }
    }

    private static double[,] Rows(Func<Random, int, double> value)
    {
        var random = new Random(5);
        double[,] rows = new double[RowCount, 2];
        for (int i = 0; i < RowCount; i++) (rows[i, 0], rows[i, 1]) = (value(random, i), value(random, i));
        return rows;
    }
}
