using MathNet.Numerics.LinearAlgebra;

namespace Microsoft.ML.Mixture.Judging.Tests;

/// <summary>Moments straight from their definitions.</summary>
internal static class Textbook
{
    /// <summary>Mardia's skewness and kurtosis from all pairs of rows, with the covariance over n.</summary>
    public static (double Skewness, double Kurtosis) Mardia(double[,] values)
    {
        Matrix<double> rows = Matrix<double>.Build.DenseOfArray(values);
        Vector<double> mean = rows.ColumnSums() / rows.RowCount;
        Matrix<double> centred = Matrix<double>.Build.Dense(rows.RowCount, rows.ColumnCount, (i, j) => rows[i, j] - mean[j]);
        Matrix<double> products = centred * (centred.TransposeThisAndMultiply(centred) / rows.RowCount).Inverse() * centred.Transpose();
        double n = rows.RowCount;
        return (products.PointwisePower(3).Enumerate().Sum() / (n * n), products.Diagonal().PointwisePower(2).Sum() / n);
    }

    /// <summary>The third and fourth standardised moments.</summary>
    public static (double Skewness, double Kurtosis) Moments(IReadOnlyList<double> values)
    {
        double mean = values.Average(), variance = values.Average(value => Math.Pow(value - mean, 2));
        return (values.Average(value => Math.Pow(value - mean, 3)) / Math.Pow(variance, 1.5), values.Average(value => Math.Pow(value - mean, 4)) / (variance * variance));
    }
}
