using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>The weight of the rows of each label in each cluster.</summary>
internal sealed class ContingencyTable
{
    private readonly double[] _cells;

    private ContingencyTable(double[] cells, double[] rowTotals, double[] columnTotals)
    {
        _cells = cells;
        RowTotals = rowTotals;
        ColumnTotals = columnTotals;
        Total = rowTotals.Sum();
    }

    /// <summary>The weight of each label, in the order in which labels first appear.</summary>
    public double[] RowTotals { get; }

    /// <summary>The weight of each cluster.</summary>
    public double[] ColumnTotals { get; }

    public double Total { get; }

    public IReadOnlyList<double> Cells => _cells;

    public double this[int row, int column] => _cells[(row * ColumnTotals.Length) + column];

    public static ContingencyTable Count<TRow, TColumn>(IReadOnlyList<TRow> labels, IReadOnlyList<TColumn> clusters, IReadOnlyList<double>? rowWeights)
        where TRow : notnull
        where TColumn : notnull
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(clusters);
        if (labels.Count != clusters.Count || (rowWeights is not null && rowWeights.Count != labels.Count))
        {
            string weights = rowWeights is null ? string.Empty : $" and {Counted.Of(rowWeights.Count, "row weight")}";
            throw new ArgumentException($"There {Counted.Is(labels.Count)} {Counted.Of(labels.Count, "label")} for {Counted.Of(clusters.Count, "cluster")}{weights}. Pass one of each for every row.");
        }

        var rows = new Dictionary<TRow, int>();
        var columns = new Dictionary<TColumn, int>();
        var weightOf = new Dictionary<(int Row, int Column), double>();
        for (int i = 0; i < labels.Count; i++)
        {
            double weight = rowWeights is null ? 1 : rowWeights[i];
            if (!(weight >= 0) || double.IsInfinity(weight))
            {
                string text = weight.ToString("G9", CultureInfo.InvariantCulture);
                throw new ArgumentException($"Row {i} has the weight {text}, but a weight must be a finite number that is not negative. Correct the row weights.");
            }

            if (weight == 0) continue;
            (int Row, int Column) cell = (NumberOf(rows, labels[i]), NumberOf(columns, clusters[i]));
            weightOf[cell] = weightOf.GetValueOrDefault(cell) + weight;
        }

        if (rows.Count == 0) throw new ArgumentException("There are no rows of positive weight to compare. Pass at least one label with its cluster.");
        if ((long)rows.Count * columns.Count > Array.MaxLength)
        {
            throw new ArgumentException(
                $"The rows have {Counted.Of(rows.Count, "label")} in {Counted.Of(columns.Count, "cluster")}, more pairs than an array holds. Pass labels that many rows share.");
        }

        double[] cells = new double[rows.Count * columns.Count], rowTotals = new double[rows.Count], columnTotals = new double[columns.Count];
        foreach (((int row, int column), double weight) in weightOf.OrderBy(entry => entry.Key))
        {
            cells[(row * columns.Count) + column] = weight;
            rowTotals[row] += weight;
            columnTotals[column] += weight;
        }

        return new ContingencyTable(cells, rowTotals, columnTotals);
    }

    private static int NumberOf<T>(Dictionary<T, int> numbers, T value)
        where T : notnull
    {
        if (numbers.TryGetValue(value, out int number)) return number;
        numbers.Add(value, numbers.Count);
        return numbers.Count - 1;
    }
}
