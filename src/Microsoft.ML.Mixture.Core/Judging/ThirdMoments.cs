namespace Microsoft.ML.Mixture;

/// <summary>Third moments in units in which rows have unit covariance.</summary>
internal static class ThirdMoments
{
    // Of a variance what the directions before leave of it; below that there are no digits of it.
    private const double LeastPivot = 1e-10;

    /// <summary>Mardia's skewness: the sum of squares of all third moments in those units. Directions without spread count for nothing.</summary>
    /// <param name="third">D x D x D central moments, symmetric. Changed.</param>
    /// <param name="covariance">D x D, of the same rows; the lower triangle is read. Changed.</param>
    /// <param name="dimension">D.</param>
    /// <returns>It; NaN if moments are.</returns>
    public static double SumOfSquares(double[] third, double[] covariance, int dimension)
    {
        FactorInPlace(covariance, dimension);
        double[] solved = new double[third.Length];
        for (int axis = 0; axis < 3; axis++)
        {
            Solve(third, covariance, dimension, solved);

            // (a, b, c) becomes (b, c, a).
            int plane = dimension * dimension;
            for (int a = 0; a < dimension; a++)
            {
                for (int i = 0; i < plane; i++) third[(i * dimension) + a] = solved[(a * plane) + i];
            }
        }

        double sum = 0;
        foreach (double moment in third) sum += moment * moment;
        return sum;
    }

    // Zero on the diagonal marks a direction without spread.
    private static void FactorInPlace(double[] matrix, int dimension)
    {
        for (int a = 0; a < dimension; a++)
        {
            double variance = matrix[(a * dimension) + a], pivot = variance;
            for (int b = 0; b < a; b++)
            {
                double value = matrix[(a * dimension) + b], diagonal = matrix[(b * dimension) + b];
                for (int c = 0; c < b; c++) value -= matrix[(a * dimension) + c] * matrix[(b * dimension) + c];
                value = diagonal == 0 ? 0 : value / diagonal;
                matrix[(a * dimension) + b] = value;
                pivot -= value * value;
            }

            matrix[(a * dimension) + a] = pivot <= LeastPivot * variance ? 0 : Math.Sqrt(pivot);
        }
    }

    private static void Solve(double[] moments, double[] factor, int dimension, double[] solved)
    {
        int plane = dimension * dimension;
        for (int a = 0; a < dimension; a++)
        {
            double diagonal = factor[(a * dimension) + a];
            for (int i = 0; i < plane; i++)
            {
                double value = moments[(a * plane) + i];
                for (int b = 0; b < a; b++) value -= factor[(a * dimension) + b] * solved[(b * plane) + i];
                solved[(a * plane) + i] = diagonal == 0 ? 0 : value / diagonal;
            }
        }
    }
}
