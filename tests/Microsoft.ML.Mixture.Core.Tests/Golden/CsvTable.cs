using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>A data set of tests/golden: a header row, commas, numbers first and labels last.</summary>
internal sealed class CsvTable
{
    private readonly string[] _header;
    private readonly string[][] _rows;

    private CsvTable(string[] header, string[][] rows)
    {
        _header = header;
        _rows = rows;
    }

    public static CsvTable Faithful { get; } = Load("faithful.csv");

    public static CsvTable Iris { get; } = Load("iris.csv");

    public static CsvTable Wine { get; } = Load("wine.csv");

    public static CsvTable Banknote { get; } = Load("banknote.csv");

    public static CsvTable Diabetes { get; } = Load("diabetes_reaven_miller.csv");

    /// <summary>The columns of numbers.</summary>
    public double[,] Features => Select([.. _header.Where(IsNumeric)]);

    public static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, "golden", file);

    public static CsvTable Load(string file)
    {
        string[][] lines = [.. File.ReadLines(PathOf(file)).Where(line => line.Length > 0).Select(line => line.Split(','))];
        return new CsvTable(lines[0], lines[1..]);
    }

    public double[,] Select(params string[] columns)
    {
        double[,] values = new double[_rows.Length, columns.Length];
        for (int j = 0; j < columns.Length; j++)
        {
            int column = Array.IndexOf(_header, columns[j]);
            for (int i = 0; i < _rows.Length; i++) values[i, j] = _rows[i][column] == "NA" ? double.NaN : double.Parse(_rows[i][column], CultureInfo.InvariantCulture);
        }

        return values;
    }

    /// <summary>The rows that lack none of the columns.</summary>
    public double[,] SelectComplete(params string[] columns)
    {
        int[] at = [.. columns.Select(column => Array.IndexOf(_header, column))];
        return new CsvTable(_header, [.. _rows.Where(row => at.All(column => row[column] != "NA"))]).Select(columns);
    }

    /// <summary>The labels of a column, numbered in the order in which they first appear.</summary>
    public int[] Labels(string column)
    {
        int at = Array.IndexOf(_header, column);
        List<string> names = [.. _rows.Select(row => row[at]).Distinct()];
        return [.. _rows.Select(row => names.IndexOf(row[at]))];
    }

    /// <summary>Columns brought to mean zero and standard deviation one, over n - 1.</summary>
    public static double[,] Standardise(double[,] values)
    {
        int count = values.GetLength(0);
        double[,] result = new double[count, values.GetLength(1)];
        for (int j = 0; j < values.GetLength(1); j++)
        {
            double sum = 0, squares = 0;
            for (int i = 0; i < count; i++) sum += values[i, j];
            double mean = sum / count;
            for (int i = 0; i < count; i++) squares += (values[i, j] - mean) * (values[i, j] - mean);
            double deviation = Math.Sqrt(squares / (count - 1));
            for (int i = 0; i < count; i++) result[i, j] = (values[i, j] - mean) / deviation;
        }

        return result;
    }

    private bool IsNumeric(string column) =>
        column is not "class" && double.TryParse(_rows[0][Array.IndexOf(_header, column)], NumberStyles.Float, CultureInfo.InvariantCulture, out _);
}
