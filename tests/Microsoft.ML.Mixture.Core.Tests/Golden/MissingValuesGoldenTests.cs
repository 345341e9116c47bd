using System.Text.Json;

namespace Microsoft.ML.Mixture;

/// <summary>One Gaussian fitted to real rows with missing values, against lavaan's maximum of the likelihood.</summary>
[Trait("Kind", "Golden")]
public class MissingValuesGoldenTests
{
    private const double LogLikelihoodTolerance = 1e-9;
    private const double ParameterTolerance = 1e-5;

    private static readonly JsonElement _results = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "golden", "missing_gaussian_mle.json")))
        .RootElement.GetProperty("results");

    public static TheoryData<string> Names => [.. _results.EnumerateObject().Select(entry => entry.Name)];

    // By default a fit stops where less than the tolerance is left to be gained a row. What that leaves is a small share of the standard errors.
    [Theory]
    [MemberData(nameof(Names))]
    public void Fit_OneComponentByDefault_IsWithinItsTolerance(string name)
    {
        const double MostStandardErrors = 0.05;
        JsonElement expected = _results.GetProperty(name);
        string[] columns = [.. expected.GetProperty("columns").EnumerateArray().Select(column => column.GetString()!)];
        double[,] rows = Read(expected.GetProperty("dataset").GetString()!, columns);

        GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions());

        double logLikelihood = expected.GetProperty("loglik").GetDouble();
        Assert.InRange(model.Report!.LogLikelihood, logLikelihood - (MixtureOptions.DefaultTolerance * model.Report.RowCount), logLikelihood + (1e-9 * Math.Abs(logLikelihood)));
        MixtureStandardErrors errors = model.StandardErrorsOf(rows);
        Assert.InRange(errors.DistanceFromMaximum, 0, 0.1);
        JsonElement[] means = [.. expected.GetProperty("mean").EnumerateArray()];
        JsonElement[][] covariance = [.. expected.GetProperty("covariance").EnumerateArray().Select(row => row.EnumerateArray().ToArray())];
        for (int i = 0; i < columns.Length; i++)
        {
            Closeness.Absolute(means[i].GetDouble(), model.Means[0, i], MostStandardErrors * errors.Means[0, i], $"mean of {columns[i]}");
            for (int j = 0; j < columns.Length; j++)
            {
                Closeness.Absolute(covariance[i][j].GetDouble(), model.Covariances[0][i, j], MostStandardErrors * errors.Covariances[0][i, j], $"covariance of {columns[i]} and {columns[j]}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Fit_OneComponent_MatchesLavaan(string name)
    {
        JsonElement expected = _results.GetProperty(name);
        string[] columns = [.. expected.GetProperty("columns").EnumerateArray().Select(column => column.GetString()!)];
        double[,] rows = Read(expected.GetProperty("dataset").GetString()!, columns);

        GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions { CovariancePriorStrength = 0, Tolerance = 1e-14, MaximumIterations = 20_000, FeatureNames = columns });

        FitReport report = model.Report!;
        Assert.Equal(StopReason.Converged, report.StopReason);
        Assert.Equal(expected.GetProperty("rows_used").GetInt32(), report.RowCount);
        Assert.Equal(
            expected.GetProperty("missing_cells").GetInt32(), report.MissingValueCounts.Sum() - (report.MissingRowCount * columns.Length));
        Closeness.Relative(expected.GetProperty("loglik").GetDouble(), report.LogLikelihood, LogLikelihoodTolerance, "log-likelihood");
        double[] means = [.. expected.GetProperty("mean").EnumerateArray().Select(value => value.GetDouble())];
        double[][] covariance = [.. expected.GetProperty("covariance").EnumerateArray().Select(row => row.EnumerateArray().Select(value => value.GetDouble()).ToArray())];
        for (int i = 0; i < columns.Length; i++)
        {
            Closeness.Relative(means[i], model.Means[0, i], ParameterTolerance, $"mean of {columns[i]}");
            for (int j = 0; j < columns.Length; j++)
            {
                double scale = Math.Sqrt(covariance[i][i] * covariance[j][j]);
                Closeness.Absolute(covariance[i][j] / scale, model.Covariances[0][i, j] / scale, ParameterTolerance, $"covariance of {columns[i]} and {columns[j]}");
            }
        }
    }

    private static double[,] Read(string file, string[] columns)
    {
        string[][] lines = [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "golden", file)).Select(line => line.Split(',').Select(cell => cell.Trim('"')).ToArray())];
        int[] places = [.. columns.Select(column => Array.IndexOf(lines[0], column))];
        double[,] rows = new double[lines.Length - 1, columns.Length];
        for (int i = 1; i < lines.Length; i++)
        {
            for (int j = 0; j < columns.Length; j++)
            {
                string cell = lines[i][places[j]];
                rows[i - 1, j] = cell == "NA" ? double.NaN : double.Parse(cell, System.Globalization.CultureInfo.InvariantCulture);
            }
        }

        return rows;
    }
}
