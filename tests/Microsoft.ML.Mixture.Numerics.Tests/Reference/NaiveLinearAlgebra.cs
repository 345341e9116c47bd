namespace Microsoft.ML.Mixture.Numerics.Tests;

/// <summary>The textbook loops that the kernels are compared with.</summary>
internal static class NaiveLinearAlgebra
{
    public const double Epsilon = 2.220446049250313e-16;

    public static double[] Pack(double[,] matrix)
    {
        var packed = new List<double>();
        for (int i = 0; i < matrix.GetLength(0); i++)
        {
            for (int j = 0; j <= i; j++) packed.Add(matrix[i, j]);
        }

        return [.. packed];
    }

    public static double[,] UnpackLower(double[] packed, int dimension)
    {
        double[,] matrix = new double[dimension, dimension];
        int next = 0;
        for (int i = 0; i < dimension; i++)
        {
            for (int j = 0; j <= i; j++) matrix[i, j] = packed[next++];
        }

        return matrix;
    }

    public static double[,] Multiply(double[,] a, double[,] b)
    {
        double[,] product = new double[a.GetLength(0), b.GetLength(1)];
        for (int i = 0; i < a.GetLength(0); i++)
        {
            for (int j = 0; j < b.GetLength(1); j++)
            {
                for (int m = 0; m < a.GetLength(1); m++) product[i, j] += a[i, m] * b[m, j];
            }
        }

        return product;
    }

    public static double[,] Transpose(double[,] a)
    {
        double[,] transpose = new double[a.GetLength(1), a.GetLength(0)];
        for (int i = 0; i < a.GetLength(0); i++)
        {
            for (int j = 0; j < a.GetLength(1); j++) transpose[j, i] = a[i, j];
        }

        return transpose;
    }

    public static double LargestAbsolute(double[,] a) => a.Cast<double>().Max(Math.Abs);

    /// <summary>Log-determinant by Gaussian elimination with pivoting.</summary>
    public static double LogDeterminant(double[,] matrix)
    {
        double[,] a = (double[,])matrix.Clone();
        int n = a.GetLength(0);
        double sum = 0;
        for (int c = 0; c < n; c++)
        {
            int best = Enumerable.Range(c, n - c).MaxBy(r => Math.Abs(a[r, c]));
            for (int j = 0; j < n; j++) (a[c, j], a[best, j]) = (a[best, j], a[c, j]);
            sum += Math.Log(Math.Abs(a[c, c]));
            for (int r = c + 1; r < n; r++)
            {
                double factor = a[r, c] / a[c, c];
                for (int j = c; j < n; j++) a[r, j] -= factor * a[c, j];
            }
        }

        return sum;
    }

    /// <summary>|U' z|^2 and a bound on the terms that rounding acts upon.</summary>
    public static (double Value, double Magnitude) SquaredNorm(double[,] upper, double[] z)
    {
        double value = 0, magnitude = 0;
        for (int c = 0; c < z.Length; c++)
        {
            double sum = 0, absolute = 0;
            for (int j = 0; j <= c; j++)
            {
                sum += upper[j, c] * z[j];
                absolute += Math.Abs(upper[j, c] * z[j]);
            }

            value += sum * sum;
            magnitude += absolute * absolute;
        }

        return (value, magnitude);
    }

    /// <summary>The number of doubles between two doubles of one sign.</summary>
    public static long Ulps(double expected, double actual) =>
        Math.Abs(BitConverter.DoubleToInt64Bits(expected) - BitConverter.DoubleToInt64Bits(actual));
}
