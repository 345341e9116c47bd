namespace Microsoft.ML.Mixture.Numerics.Tests;

public class UnitedGroupsTests
{
    [Theory]
    [Trait("Kind", "Oracle")]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(UnitedGroups.LargestDimension)]
    public void Spread_AnyGroups_IsThatOfTheirPointsTogether(int dimension)
    {
        var random = new Random(dimension);
        const int Groups = 16, Stride = 24;
        double[][][] points =
        [
            .. Enumerable.Range(0, Groups + 1).Select(k => Enumerable.Range(0, 1 + (k * dimension / 4))
                .Select(_ => Enumerable.Range(0, dimension).Select(_ => random.NextDouble() - (0.1 * k)).ToArray()).ToArray()),
        ];
        int length = PackedTriangle.Length(dimension);
        double[] counts = new double[Groups], means = new double[dimension * Stride], scatters = new double[length * Stride];
        double[] mean = new double[dimension], scatter = new double[length];
        for (int k = 0; k < Groups; k++)
        {
            counts[k] = points[k].Length;
            Describe(points[k], mean, scatter);
            for (int j = 0; j < dimension; j++) means[(j * Stride) + k] = mean[j];
            for (int e = 0; e < length; e++) scatters[(e * Stride) + k] = scatter[e];
        }

        Describe(points[Groups], mean, scatter);
        double[] totals = new double[Groups], determinants = new double[Groups], traces = new double[Groups];
        UnitedGroups.Spread(points[Groups].Length, mean, scatter, counts, means, scatters, Stride, totals, determinants, traces);

        double[] united = new double[length];
        for (int k = 0; k < Groups; k++)
        {
            double[][] both = [.. points[k], .. points[Groups]];
            double[,] expected = Describe(both, mean, united);
            double trace = Enumerable.Range(0, dimension).Sum(j => expected[j, j]);
            Assert.Equal(both.Length, totals[k]);
            Assert.Equal(trace, traces[k], 1e-12 * trace);
            double determinant = both.Length > dimension ? Math.Exp(NaiveLinearAlgebra.LogDeterminant(expected) - (dimension * Math.Log(both.Length))) : 0;
            Assert.Equal(determinant, determinants[k], 1e-9 * determinant);
        }
    }

    // The scatter about the mean.
    private static double[,] Describe(double[][] points, double[] mean, double[] scatter)
    {
        double[,] product = new double[mean.Length, mean.Length];
        for (int j = 0; j < mean.Length; j++) mean[j] = points.Average(point => point[j]);
        for (int i = 0; i < mean.Length; i++)
        {
            for (int j = 0; j < mean.Length; j++) product[i, j] = points.Sum(point => (point[i] - mean[i]) * (point[j] - mean[j]));
            for (int j = 0; j <= i; j++) scatter[PackedTriangle.Index(i, j)] = product[i, j];
        }

        return product;
    }
}
