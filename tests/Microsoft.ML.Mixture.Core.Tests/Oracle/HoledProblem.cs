namespace Microsoft.ML.Mixture;

/// <summary>A <see cref="RandomProblem"/> in which cells are missing at random, but for the first rows and one cell of each of the others.</summary>
internal sealed record HoledProblem(
    double[][] Rows, double[] RowWeights, int ComponentCount, double PriorStrength, double[] Weights, double[][] Means, double[][,] Covariances)
{
    private const int MostRows = 250;
    private static readonly double[] _shares = [0.02, 0.1, 0.3, 0.5];

    /// <summary>A problem with at least two components, few enough features for structures that are found by iteration, and row weights.</summary>
    public static HoledProblem DrawSmall(int seed, int mostFeatures)
    {
        while (true)
        {
            var problem = new RandomProblem(2 * seed);
            if (problem.ComponentCount > 1 && problem.Dimension > 1 && problem.Dimension <= mostFeatures && problem.HasRowWeights) return Draw(seed);
            seed += 1000;
        }
    }

    public static HoledProblem Draw(int seed)
    {
        // The larger problems would keep the textbook busy for minutes.
        var problem = new RandomProblem(2 * seed);
        (double[] weights, double[][] means, double[][,] covariances) = problem.DrawParameters();
        var random = new Random(seed);
        double share = _shares[random.Next(_shares.Length)];
        double[][] rows = [.. problem.Rows.Take(MostRows).Select((row, i) =>
        {
            int kept = i % row.Length;
            return row.Select((value, j) => i >= problem.ComponentCount && j != kept && random.NextDouble() < share ? double.NaN : value).ToArray();
        })];
        return new HoledProblem(
            rows, [.. problem.RowWeights.Take(rows.Length)], problem.ComponentCount, Math.Max(1e-3, problem.PriorStrength), weights, means, covariances);
    }

    public static double[,] Matrix(double[][] rows)
    {
        double[,] matrix = new double[rows.Length, rows[0].Length];
        for (int i = 0; i < rows.Length; i++)
        {
            for (int j = 0; j < rows[i].Length; j++) matrix[i, j] = rows[i][j];
        }

        return matrix;
    }
}
