using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>A matrix that can be read but not changed, row-major.</summary>
public sealed class ReadOnlyMatrix
{
    private readonly double[] _values;

    /// <summary>Copies a matrix.</summary>
    /// <param name="values">The entries.</param>
    public ReadOnlyMatrix(double[,] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        RowCount = values.GetLength(0);
        ColumnCount = values.GetLength(1);
        _values = [.. values.Cast<double>()];
    }

    internal ReadOnlyMatrix(int rowCount, int columnCount, double[] values)
    {
        RowCount = rowCount;
        ColumnCount = columnCount;
        _values = values;
    }

    /// <summary>The number of rows.</summary>
    public int RowCount { get; }

    /// <summary>The number of columns.</summary>
    public int ColumnCount { get; }

    /// <summary>One entry.</summary>
    /// <param name="row">The row, counted from zero.</param>
    /// <param name="column">The column, counted from zero.</param>
    /// <returns>The entry.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    /// <exception cref="IndexOutOfRangeException">There is no such column.</exception>
    public double this[int row, int column] => Row(row)[column];

    /// <summary>One row.</summary>
    /// <param name="row">The row, counted from zero.</param>
    /// <returns>Its entries.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public ReadOnlySpan<double> Row(int row) => (uint)row < (uint)RowCount
        ? _values.AsSpan(row * ColumnCount, ColumnCount)
        : throw new ArgumentOutOfRangeException(nameof(row), string.Create(CultureInfo.InvariantCulture, $"There is no row {row}: the matrix has {RowCount}, counted from zero."));

    /// <summary>Copies the matrix.</summary>
    /// <returns>An array of shape <see cref="RowCount"/> x <see cref="ColumnCount"/>.</returns>
    public double[,] ToArray()
    {
        double[,] copy = new double[RowCount, ColumnCount];
        for (int i = 0; i < RowCount; i++)
        {
            for (int j = 0; j < ColumnCount; j++) copy[i, j] = this[i, j];
        }

        return copy;
    }

    /// <summary>Writes the matrix to read, row by row, with six digits.</summary>
    /// <returns>One line a row.</returns>
    public override string ToString() => string.Join(
        Environment.NewLine, Enumerable.Range(0, RowCount).Select(i => string.Join(' ', Row(i).ToArray().Select(value => value.ToString("G6", CultureInfo.InvariantCulture).PadLeft(12)))));
}
