namespace Microsoft.ML.Mixture.Initialization.Tests;

/// <summary>Rows of Gaussians whose means and factors of covariances are drawn at random, so that each is tilted in its own way.</summary>
internal static class TiltedGroups
{
    private const double Tilt = 0.4;

    /// <summary>Draws them.</summary>
    /// <param name="seed">Of all draws.</param>
    /// <param name="rowCount">The number of rows.</param>
    /// <param name="dimension">D.</param>
    /// <param name="groups">The number of groups.</param>
    /// <param name="distance">The standard deviation of the means, beside about one of the rows.</param>
    /// <param name="draw">Draws the group of a row.</param>
    /// <param name="missing">The share of cells that are missing.</param>
    public static (double[,] Rows, int[] Labels) Draw(int seed, int rowCount, int dimension, int groups, double distance, Func<Random, int> draw, double missing = 0)
    {
        var random = new Random(seed);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        double[,] means = new double[groups, dimension], rows = new double[rowCount, dimension];
        for (int at = 0; at < means.Length; at++) means[at / dimension, at % dimension] = distance * Normal();
        double[,,] factors = new double[groups, dimension, dimension];
        for (int at = 0; at < factors.Length; at++)
        {
            (int group, int i, int j) = (at / dimension / dimension, at / dimension % dimension, at % dimension);
            factors[group, i, j] = (i == j ? 1 : 0) + (Tilt * Normal() / Math.Sqrt(dimension));
        }

        int[] labels = new int[rowCount];
        double[] normals = new double[dimension];
        for (int row = 0; row < rowCount; row++)
        {
            int group = labels[row] = draw(random);
            for (int j = 0; j < dimension; j++) normals[j] = Normal();
            for (int i = 0; i < dimension; i++)
            {
                rows[row, i] = means[group, i];
                for (int j = 0; j < dimension; j++) rows[row, i] += factors[group, i, j] * normals[j];
                if (missing > 0 && random.NextDouble() < missing) rows[row, i] = double.NaN;
            }
        }

        return (rows, labels);
    }
}
