using Xunit.Abstractions;

namespace Microsoft.ML.Mixture;

/// <summary>Cells of real data are removed at random and filled in again.</summary>
[Trait("Kind", "Recovery")]
public class FillingTests(ITestOutputHelper output)
{
    private const int Repetitions = 5;
    private const double Share = 0.15;

    /// <summary>Data, K, and the root-mean-square error that may not be exceeded, as a share of that of the mean.</summary>
    public static TheoryData<string, int, double> Cases => new()
    {
        { "faithful.csv", 2, 0.65 },
        { "iris.csv", 3, 0.5 },
        { "wine.csv", 3, 0.85 },
        { "banknote.csv", 2, 0.85 },
        { "diabetes_reaven_miller.csv", 3, 0.8 },
        { "penguins.csv", 3, 0.7 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Fill_RemovedCells_IsNearerThanTheMean(string file, int componentCount, double most)
    {
        (double mixture, double single, double mean) = Errors(file, componentCount);

        output.WriteLine(FormattableString.Invariant($"| {file} | {componentCount} | {mixture:F3} | {single:F3} | {mean:F3} |"));
        Assert.True(mixture < most * mean, $"{file}: the mixture's error is {mixture:F3}, that of one component {single:F3}, and that of the mean {mean:F3} standard deviations.");
    }

    private static (double Mixture, double Single, double Mean) Errors(string file, int componentCount)
    {
        double[,] rows = Standardised(file);
        double[] sums = new double[3];
        int count = 0;
        for (int seed = 0; seed < Repetitions; seed++)
        {
            var random = new Random(seed);
            double[,] holes = (double[,])rows.Clone();
            for (int i = 0; i < rows.GetLength(0); i++)
            {
                for (int j = 0; j < rows.GetLength(1); j++) holes[i, j] = random.NextDouble() < Share ? double.NaN : holes[i, j];
            }

            GaussianMixtureModel[] models = [.. new[] { componentCount, 1 }.Select(k => GaussianMixture.Fit(
                holes, new GaussianMixtureOptions { ComponentCount = k, CovariancePriorStrength = k == 1 ? 1e-6 : 0.05 }))];
            MissingValueFiller[] fillers = [.. models.Select(model => model.CreateFiller())];
            double[] row = new double[rows.GetLength(1)], filled = new double[row.Length];
            double[] means = [.. Enumerable.Range(0, row.Length).Select(j => Enumerable.Range(0, rows.GetLength(0)).Select(i => holes[i, j]).Where(double.IsFinite).Average())];
            for (int i = 0; i < rows.GetLength(0); i++)
            {
                for (int j = 0; j < row.Length; j++) row[j] = holes[i, j];
                for (int way = 0; way < 3; way++)
                {
                    if (way < 2) fillers[way].Fill(row, filled);
                    for (int j = 0; j < row.Length; j++)
                    {
                        double error = double.IsNaN(row[j]) ? (way < 2 ? filled[j] : means[j]) - rows[i, j] : 0;
                        sums[way] += error * error;
                    }
                }

                count += row.Count(double.IsNaN);
            }
        }

        return (Math.Sqrt(sums[0] / count), Math.Sqrt(sums[1] / count), Math.Sqrt(sums[2] / count));
    }

    // Rows without missing values, each feature with mean zero and variance one.
    private static double[,] Standardised(string file)
    {
        string[] lines = [.. File.ReadLines(CsvTable.PathOf(file)).Where(line => !line.Contains("NA", StringComparison.Ordinal))];
        int[] columns = [.. lines[1].Split(',').Select((cell, j) => (cell, j)).Where(entry => double.TryParse(entry.cell, System.Globalization.CultureInfo.InvariantCulture, out _)).Select(entry => entry.j)];
        string[] header = lines[0].Split(',');
        columns = [.. columns.Where(j => header[j] is not ("class" or "year"))];
        double[][] values = [.. lines[1..].Select(line => columns.Select(j => double.Parse(line.Split(',')[j], System.Globalization.CultureInfo.InvariantCulture)).ToArray())];
        double[,] rows = new double[values.Length, columns.Length];
        for (int j = 0; j < columns.Length; j++)
        {
            double mean = values.Average(row => row[j]), deviation = Math.Sqrt(values.Average(row => (row[j] - mean) * (row[j] - mean)));
            for (int i = 0; i < values.Length; i++) rows[i, j] = (values[i][j] - mean) / deviation;
        }

        return rows;
    }
}
