using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture.Initialization.Tests;

public class LeadingAxesTests
{
    // Against the axes of the whole matrix.
    [Theory]
    [Trait("Kind", "Oracle")]
    [InlineData(400, 90, 6)]
    [InlineData(30, 120, 12)]
    public void Find_PointsOfFewDirections_GivesTheirAxes(int pointCount, int dimension, int count)
    {
        (double[] points, double[] weights) = Points(pointCount, dimension);
        double[] covariance = new double[PackedTriangle.Length(dimension)];
        double total = weights.Sum();
        for (int i = 0; i < pointCount; i++)
        {
            for (int j = 0; j < dimension; j++)
            {
                for (int l = 0; l <= j; l++) covariance[PackedTriangle.Index(j, l)] += weights[i] / total * points[(i * dimension) + j] * points[(i * dimension) + l];
            }
        }

        var expected = new PrincipalAxes(covariance, 1, dimension);

        (double[] variances, double[] axes) = LeadingAxes.Find(points, weights, dimension, count, default);

        for (int a = 0; a < count; a++)
        {
            Assert.Equal(expected.Variances[a], variances[a], 1e-6 * expected.Variances[0]);
            double cosine = Lanes.Dot(expected.Axes.AsSpan(a * dimension, dimension), axes.AsSpan(a * dimension, dimension));
            Assert.Equal(1, Math.Abs(cosine), 1e-4);
        }
    }

    [Fact]
    [Trait("Kind", "Robustness")]
    public void Find_FewerDirectionsThanAxes_GivesAxesWithoutVariance()
    {
        double[] points = [.. Enumerable.Range(0, 5).SelectMany(i => Enumerable.Range(0, 70).Select(j => (i - 2.0) * (j + 1)))], weights = [1, 1, 1, 1, 1];

        (double[] variances, double[] axes) = LeadingAxes.Find(points, weights, 70, 32, default);

        Assert.Equal(2 * Enumerable.Range(1, 70).Sum(j => (double)j * j), variances[0], 1e-6 * variances[0]);
        Assert.All(variances[1..], variance => Assert.InRange(variance, -1e-6 * variances[0], 1e-6 * variances[0]));
        Assert.All(axes, entry => Assert.True(double.IsFinite(entry)));
    }

    [Fact]
    [Trait("Kind", "Robustness")]
    public void Find_Cancelled_Throws()
    {
        (double[] points, double[] weights) = Points(20, 80);
        Assert.Throws<OperationCanceledException>(() => LeadingAxes.Find(points, weights, 80, 4, new CancellationToken(canceled: true)));
    }

    // Along each direction half as much variance as along the one before, and a little in all.
    private static (double[] Points, double[] Weights) Points(int pointCount, int dimension)
    {
        var random = new Random(3);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        double[] directions = [.. Enumerable.Range(0, 14 * dimension).Select(_ => Normal())], points = new double[pointCount * dimension];
        for (int i = 0; i < pointCount; i++)
        {
            for (int a = 0; a < 14; a++) Lanes.AddScaled(directions.AsSpan(a * dimension, dimension), Math.Pow(0.6, a) * Normal(), points.AsSpan(i * dimension, dimension));
            for (int j = 0; j < dimension; j++) points[(i * dimension) + j] += 1e-4 * Normal();
        }

        return (points, [.. Enumerable.Range(0, pointCount).Select(i => 0.5 + random.NextDouble())]);
    }
}
