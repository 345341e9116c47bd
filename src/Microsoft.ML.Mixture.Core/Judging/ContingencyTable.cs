using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>The weight of the rows of each label in each cluster.</summary>
internal sealed class ContingencyTable
{
    private const double LargestTotal = 1e150;

    private readonly double[] _cells;
    private readonly double _pairs;

    private ContingencyTable(double[] cells, double pairs, double[] rowTotals, double[] columnTotals)
    {
        _cells = cells;
        _pairs = pairs;
        RowTotals = rowTotals;
        ColumnTotals = columnTotals;
        Total = rowTotals.Sum();
    }

    /// <summary>The weight of each label, in the order in which labels first appear.</summary>
    public double[] RowTotals { get; }

    /// <summary>The weight of each cluster.</summary>
    public double[] ColumnTotals { get; }

    public double Total { get; }

    public double this[int row, int column] => _cells[(row * ColumnTotals.Length) + column];

    /// <summary>How many pairs of rows have label and cluster in common, the label, the cluster, and how many there are: all in the same units.</summary>
    /// <remarks>
    /// A weight is a number of repetitions, the whole number below or above it drawn at random with the weight as the mean; these are the means of the pairs. Where all weights are
    /// below one no row is repeated, and only the ratios of weights count.
    /// </remarks>
    /// <exception cref="ArgumentException">The weights are beyond double precision.</exception>
    public (double Both, double Rows, double Columns, double All) CountPairs()
    {
        if (!(Total < LargestTotal)) throw new ArgumentException("The row weights are so large that products of them are beyond double precision. Divide them by a constant.");
        double both = _pairs, inRows = both, inColumns = both, all = both, before = 0;
        double[] above = new double[ColumnTotals.Length];
        for (int i = 0; i < RowTotals.Length; i++)
        {
            double left = 0;
            for (int j = 0; j < above.Length; j++)
            {
                double weight = this[i, j];
                inRows += left * weight;
                inColumns += above[j] * weight;
                all += before * weight;
                left += weight;
                above[j] += weight;
                before += weight;
            }
        }

        return (both, inRows, inColumns, all);
    }

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
        var weightOf = new Dictionary<(int Row, int Column), (double Weight, double Pairs)>();
        int exponent = rowWeights is { Count: > 0 } ? ExponentOf(rowWeights.Max()) : 0;
        for (int i = 0; i < labels.Count; i++)
        {
            double weight = rowWeights is null ? 1 : rowWeights[i];
            if (!(weight >= 0) || double.IsInfinity(weight))
            {
                string text = weight.ToString("G9", CultureInfo.InvariantCulture);
                throw new ArgumentException($"Row {i} has the weight {text}, but a weight must be a finite number that is not negative. Correct the row weights.");
            }

            if (weight == 0) continue;
            (int Row, int Column) cell = (NumberOf(rows, labels, nameof(labels), i), NumberOf(columns, clusters, nameof(clusters), i));
            weight = Math.ScaleB(weight, exponent);
            (double before, double pairs) = weightOf.GetValueOrDefault(cell);
            weightOf[cell] = (before + weight, pairs + (before * weight) + PairsOf(weight));
        }

        if (rows.Count == 0) throw new ArgumentException("There are no rows of positive weight to compare. Pass at least one label with its cluster.");
        if ((long)rows.Count * columns.Count > Array.MaxLength)
        {
            throw new ArgumentException(
                $"The rows have {Counted.Of(rows.Count, "label")} in {Counted.Of(columns.Count, "cluster")}, more pairs than an array holds. Pass labels that many rows share.");
        }

        double[] cells = new double[rows.Count * columns.Count], rowTotals = new double[rows.Count], columnTotals = new double[columns.Count];
        double together = 0;
        foreach (((int row, int column), (double weight, double pairs)) in weightOf.OrderBy(entry => entry.Key))
        {
            cells[(row * columns.Count) + column] = weight;
            together += pairs;
            rowTotals[row] += weight;
            columnTotals[column] += weight;
        }

        return double.IsFinite(rowTotals.Sum())
            ? new ContingencyTable(cells, together, rowTotals, columnTotals)
            : throw new ArgumentException("The sum of the row weights is infinite. Divide the row weights by a constant.");
    }

    // To a largest weight of one half or more where all are below one, so that the products of any do not vanish.
    private static int ExponentOf(double largest) => largest is > 0 and < 1 ? -Math.ILogB(largest) - 1 : 0;

    // Of one row: on average over the two whole numbers next to its weight.
    private static double PairsOf(double weight)
    {
        double whole = Math.Floor(weight);
        return whole * ((weight - whole) + ((whole - 1) / 2));
    }

    private static int NumberOf<T>(Dictionary<T, int> numbers, IReadOnlyList<T> list, string name, int row)
        where T : notnull
    {
        T value = list[row];
        if (value is null)
        {
            throw new ArgumentException($"The entry of {name} at row {row} is null. Leave out rows without one, give them a weight of zero, or give them a value of their own, such as an empty text.", name);
        }

        if (numbers.TryGetValue(value, out int number)) return number;
        numbers.Add(value, numbers.Count);
        return numbers.Count - 1;
    }
}
