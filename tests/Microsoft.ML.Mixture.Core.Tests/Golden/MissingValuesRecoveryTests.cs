using Xunit.Abstractions;

namespace Microsoft.ML.Mixture;

/// <summary>Cells of real data are removed at random; the fit to what is left is compared with that of all, and with filling in the mean.</summary>
[Trait("Kind", "Recovery")]
public class MissingValuesRecoveryTests(ITestOutputHelper output)
{
    private const int Repetitions = 20;

    /// <summary>Data, K, share of cells removed, and the least share of rows that must keep their component.</summary>
    public static TheoryData<string, int, double, double> Cases => new()
    {
        { "iris", 3, 0.05, 0.95 },
        { "iris", 3, 0.15, 0.9 },
        { "iris", 3, 0.3, 0.85 },
        { "banknote", 2, 0.05, 0.97 },
        { "banknote", 2, 0.15, 0.95 },
        { "banknote", 2, 0.3, 0.9 },
        { "wine", 3, 0.05, 0.95 },
        { "wine", 3, 0.15, 0.9 },
        { "wine", 3, 0.3, 0.85 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Fit_CellsRemoved_StaysNearTheCompleteFit(string name, int componentCount, double share, double leastAgreement)
    {
        double[,] rows = Standardised(name switch { "iris" => CsvTable.Iris, "banknote" => CsvTable.Banknote, _ => CsvTable.Wine });
        var options = new GaussianMixtureOptions { ComponentCount = componentCount, CovarianceStructure = CovarianceStructure.Tied, RestartCount = 6 };
        GaussianMixtureModel complete = GaussianMixture.Fit(rows, options);
        options.Start = MixtureStart.FromModel(complete);
        double error = 0, errorOfMeans = 0, ratio = 0, ratioOfMeans = 0, agreement = 0, kept = 0;
        for (int seed = 0; seed < Repetitions; seed++)
        {
            var random = new Random(seed);
            double[,] holes = (double[,])rows.Clone(), filled = (double[,])rows.Clone();
            for (int j = 0; j < rows.GetLength(1); j++)
            {
                for (int i = 0; i < rows.GetLength(0); i++) holes[i, j] = random.NextDouble() < share ? double.NaN : rows[i, j];
                double mean = Enumerable.Range(0, rows.GetLength(0)).Select(i => holes[i, j]).Where(double.IsFinite).Average();
                for (int i = 0; i < rows.GetLength(0); i++) filled[i, j] = double.IsNaN(holes[i, j]) ? mean : rows[i, j];
            }

            GaussianMixtureModel exact = GaussianMixture.Fit(holes, options), ofMeans = GaussianMixture.Fit(filled, options);
            error += Distance(complete, exact) / Repetitions;
            errorOfMeans += Distance(complete, ofMeans) / Repetitions;
            ratio += Spread(exact) / Spread(complete) / Repetitions;
            ratioOfMeans += Spread(ofMeans) / Spread(complete) / Repetitions;
            for (int i = 0; i < rows.GetLength(0); i++)
            {
                double[] row = [.. Enumerable.Range(0, rows.GetLength(1)).Select(j => rows[i, j])];
                agreement += (complete.Predict(row) == exact.Predict(row) ? 1.0 : 0) / (Repetitions * rows.GetLength(0));
                kept += (Enumerable.Range(0, row.Length).All(j => !double.IsNaN(holes[i, j])) ? 1.0 : 0) / (Repetitions * rows.GetLength(0));
            }
        }

        output.WriteLine(FormattableString.Invariant(
            $"| {name} | {share:P0} | {error:F3} | {errorOfMeans:F3} | {ratio:F2} | {ratioOfMeans:F2} | {agreement:P1} | {kept:P0} |"));
        Assert.True(error < errorOfMeans, $"The means are off by {error:F3}, and by {errorOfMeans:F3} where holes are filled in with the mean.");
        Assert.True(Math.Abs(Math.Log(ratio)) < Math.Abs(Math.Log(ratioOfMeans)), $"The variances within components are {ratio:F3} and {ratioOfMeans:F3} of those of the complete fit.");
        Assert.InRange(agreement, leastAgreement, 1);
    }

    // The root-mean-square distance of the means from those of the same component, in standard deviations of the features.
    private static double Distance(GaussianMixtureModel expected, GaussianMixtureModel actual)
    {
        double sum = 0;
        for (int k = 0; k < expected.ComponentCount; k++)
        {
            for (int j = 0; j < expected.Dimension; j++) sum += Math.Pow(expected.Means[k, j] - actual.Means[k, j], 2);
        }

        return Math.Sqrt(sum / (expected.ComponentCount * expected.Dimension));
    }

    // The mean variance within components.
    private static double Spread(GaussianMixtureModel model) => Enumerable.Range(0, model.Dimension).Average(j => model.Covariances[0][j, j]);

    private static double[,] Standardised(CsvTable table)
    {
        double[,] rows = table.Features;
        for (int j = 0; j < rows.GetLength(1); j++)
        {
            double[] column = [.. Enumerable.Range(0, rows.GetLength(0)).Select(i => rows[i, j])];
            double mean = column.Average(), deviation = Math.Sqrt(column.Average(value => (value - mean) * (value - mean)));
            for (int i = 0; i < column.Length; i++) rows[i, j] = (column[i] - mean) / deviation;
        }

        return rows;
    }
}
