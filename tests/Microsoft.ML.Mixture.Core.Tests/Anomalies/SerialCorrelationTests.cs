using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Anomalies.Tests;

/// <summary>Rows that follow each other in time tell less than as many that are independent.</summary>
[Trait("Kind", "Recovery")]
public class SerialCorrelationTests
{
    private const int RowCount = 600;

    [Fact]
    public void JudgeTraining_RowsThatFollowEachOther_WarnsUnlessTheyAreShuffled()
    {
        double[][] rows = Sensor(RowCount, seed: 1);
        GaussianMixtureModel model = GaussianMixture.Fit(Matrix(rows), 1);
        AnomalyCalibration calibration = model.CalibrateAnomalies(0.01, refitCount: 0);

        string? warning = calibration.JudgeTraining(Matrix(rows));

        Assert.Contains("Training rows that follow each other are alike: over 600 rows the log-density correlates by 0.", warning, StringComparison.Ordinal);
        Assert.Contains("and by 0.18 at most by chance.", warning, StringComparison.Ordinal);
        Assert.Contains(calibration.Warnings, text => warning!.Contains(text, StringComparison.Ordinal) && text.StartsWith("Training rows that follow", StringComparison.Ordinal));
        new Random(1).Shuffle(rows);
        Assert.Null(SerialCorrelation.Find(model, GaussianMixture.Copy(Matrix(rows), null), CancellationToken.None));
    }

    [Fact]
    public void SerialCorrelation_OfIndependentRows_IsTold_InLessThanOneSetOfAHundred()
    {
        int told = 0;
        for (int seed = 0; seed < 400; seed++)
        {
            int dimension = 1 + (seed % 4), components = 1 + (seed % 3);
            GaussianMixtureModel model = GaussianMixtureModel.FromParameters(
                [.. Enumerable.Repeat(1.0 / components, components)], Means(components, dimension), [.. Enumerable.Range(0, components).Select(k => Diagonal(dimension, 1 + k))]);
            told += SerialCorrelation.Find(model, GaussianMixture.Copy(model.Sample(100 + (7 * seed), seed), null), CancellationToken.None) is null ? 0 : 1;
        }

        Assert.InRange(told, 0, 3);
    }

    // Groups differ in density, copies of a row are as dense as it is, and neither tells of an order in time.
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void SerialCorrelation_RowsThatAreSortedByGroupOrCopied_IsNotTold(int copies)
    {
        GaussianMixtureModel model = GaussianMixtureModel.FromParameters([0.5, 0.5], Means(2, 2), [Diagonal(2, 0.01), Diagonal(2, 4)]);
        double[,] drawn = model.Sample(RowCount, seed: 2);
        double[][] rows =
        [
            .. Enumerable.Range(0, RowCount).OrderBy(i => model.Predict(drawn[i, 0], drawn[i, 1])).SelectMany(i => Enumerable.Repeat<double[]>([drawn[i, 0], drawn[i, 1]], copies)),
        ];

        Assert.Null(SerialCorrelation.Find(model, GaussianMixture.Copy(Matrix(rows), null), CancellationToken.None));
    }

    [Theory]
    [InlineData(double.NaN, 1)]
    [InlineData(0, 0)]
    public void SerialCorrelation_RowsThatDoNotCount_AreLeftOut(double missing, double weight)
    {
        double[][] rows = Sensor(RowCount, seed: 1);
        GaussianMixtureModel model = GaussianMixture.Fit(Matrix(rows), 1);
        double[,] with = new double[2 * RowCount, 2];
        double[] weights = [.. Enumerable.Range(0, 2 * RowCount).Select(i => i % 2 == 0 ? 1 : weight)];
        for (int i = 0; i < RowCount; i++) (with[2 * i, 0], with[2 * i, 1], with[(2 * i) + 1, 0]) = (rows[i][0], rows[i][1], missing);

        Assert.Equal(
            SerialCorrelation.Find(model, GaussianMixture.Copy(Matrix(rows), null), CancellationToken.None), SerialCorrelation.Find(model, GaussianMixture.Copy(with, weights), CancellationToken.None));
    }

    // Of both features each value is 0.95 of the one before, and something new.
    private static double[][] Sensor(int count, int seed)
    {
        var random = new Random(seed);
        double[] state = [MixtureCase.Normal(random), MixtureCase.Normal(random)];
        double[][] rows = new double[count][];
        for (int i = 0; i < count; i++) rows[i] = state = [.. state.Select(value => (0.95 * value) + (Math.Sqrt(1 - (0.95 * 0.95)) * MixtureCase.Normal(random)))];
        return rows;
    }

    private static double[,] Matrix(double[][] rows)
    {
        double[,] matrix = new double[rows.Length, 2];
        for (int i = 0; i < rows.Length; i++) (matrix[i, 0], matrix[i, 1]) = (rows[i][0], rows[i][1]);
        return matrix;
    }

    private static double[,] Means(int components, int dimension)
    {
        double[,] means = new double[components, dimension];
        for (int k = 0; k < components; k++) means[k, 0] = 12 * k;
        return means;
    }

    private static double[,] Diagonal(int dimension, double variance)
    {
        double[,] covariance = new double[dimension, dimension];
        for (int j = 0; j < dimension; j++) covariance[j, j] = variance;
        return covariance;
    }
}
