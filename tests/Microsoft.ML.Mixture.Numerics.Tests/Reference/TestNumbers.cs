using CsCheck;

namespace Microsoft.ML.Mixture.Numerics.Tests;

/// <summary>Random arrays and matrices that follow from a seed.</summary>
internal static class TestNumbers
{
    public const int Cases = 200;

    /// <summary>1 to 37, and some up to 130.</summary>
    public static Gen<int> Dimension { get; } = Gen.Frequency((5, Gen.Int[1, 37]), (1, Gen.OneOf(48, 63, 64, 65, 96, 100, 127, 128, 130)));

    /// <summary>8, 16, ... 136.</summary>
    public static Gen<int> LaneCount { get; } = Gen.Int[1, 17].Select(vectors => vectors * Lanes.Width);

    public static Gen<int> Seed { get; } = Gen.Int[0, int.MaxValue];

    public static double[] Uniform(Random random, int count, double low = -1, double high = 1)
    {
        double[] values = new double[count];
        for (int i = 0; i < count; i++) values[i] = low + ((high - low) * random.NextDouble());
        return values;
    }

    /// <summary>B B' + D I: symmetric positive definite and well conditioned.</summary>
    public static double[,] PositiveDefinite(Random random, int dimension, double scale = 1)
    {
        double[,] b = new double[dimension, dimension];
        for (int i = 0; i < dimension; i++)
        {
            for (int j = 0; j < dimension; j++) b[i, j] = (2 * random.NextDouble()) - 1;
        }

        double[,] a = NaiveLinearAlgebra.Multiply(b, NaiveLinearAlgebra.Transpose(b));
        for (int i = 0; i < dimension; i++)
        {
            a[i, i] += 0.1 * dimension;
            for (int j = 0; j < dimension; j++) a[i, j] *= scale;
        }

        return a;
    }

    /// <summary>A lower triangle with a diagonal away from zero.</summary>
    public static double[] LowerTriangle(Random random, int dimension)
    {
        double[] lower = Uniform(random, PackedTriangle.Length(dimension));
        for (int i = 0; i < dimension; i++) lower[PackedTriangle.Index(i, i)] += 2;
        return lower;
    }
}
