using System.Numerics.Tensors;
using MathNet.Numerics.Random;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>The principal axes along which points about the origin vary most, of many features, and their variances.</summary>
/// <remarks>
/// Subspace iteration with a few axes to spare: the matrix of the features is never made. Source: Halko, Martinsson and Tropp (2011), Finding structure with randomness:
/// probabilistic algorithms for constructing approximate matrix decompositions, SIAM Rev. 53(2), 217-288, doi:10.1137/090771806, algorithm 4.4. Cost: about 2 (Steps + 1) N D q
/// multiplications for N points, D features and q axes.
/// </remarks>
internal static class LeadingAxes
{
    private const int Steps = 6;
    private const int Spare = 8;

    // What is left of an axis beside the others, below which it is nothing but rounding.
    private const double LeastRest = 1e-12;

    /// <summary>Finds the axes.</summary>
    /// <param name="points">The points, row after row.</param>
    /// <param name="weights">Their weights.</param>
    /// <param name="dimension">D.</param>
    /// <param name="count">How many axes to find, at most D.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    /// <returns>The variances, in descending order, and the axes, each a row of D numbers; those of no variance may be zero.</returns>
    public static (double[] Variances, double[] Axes) Find(
        ReadOnlySpan<double> points, ReadOnlySpan<double> weights, int dimension, int count, CancellationToken cancellationToken)
    {
        int width = Math.Min(dimension, count + Spare);
        var random = new Xoshiro256StarStar(0, threadSafe: false);
        double[] axes = new double[width * dimension];
        for (int at = 0; at < axes.Length; at++) axes[at] = (2 * random.NextDouble()) - 1;
        Orthonormalize(axes, dimension);
        for (int step = 0; step < Steps; step++)
        {
            axes = Multiply(points, weights, dimension, axes, cancellationToken);
            Orthonormalize(axes, dimension);
        }

        // In the plane of the axes, the covariance is a small matrix.
        double[] images = Multiply(points, weights, dimension, axes, cancellationToken), within = new double[PackedTriangle.Length(width)];
        for (int a = 0; a < width; a++)
        {
            for (int b = 0; b <= a; b++) within[PackedTriangle.Index(a, b)] = Lanes.Dot(axes.AsSpan(a * dimension, dimension), images.AsSpan(b * dimension, dimension));
        }

        var inPlane = new PrincipalAxes(within, 1, width);
        double[] found = new double[count * dimension];
        for (int a = 0; a < count; a++)
        {
            for (int b = 0; b < width; b++) Lanes.AddScaled(axes.AsSpan(b * dimension, dimension), inPlane.Axes[(a * width) + b], found.AsSpan(a * dimension, dimension));
        }

        return (inPlane.Variances[..count], found);
    }

    // The covariance of the points times each axis.
    private static double[] Multiply(ReadOnlySpan<double> points, ReadOnlySpan<double> weights, int dimension, double[] axes, CancellationToken cancellationToken)
    {
        double[] images = new double[axes.Length];
        double total = TensorPrimitives.Sum(weights);
        for (int i = 0; i < weights.Length; i++)
        {
            if (i % 256 == 0) cancellationToken.ThrowIfCancellationRequested();
            ReadOnlySpan<double> point = points.Slice(i * dimension, dimension);
            for (int a = 0; a < axes.Length; a += dimension)
            {
                Lanes.AddScaled(point, weights[i] / total * Lanes.Dot(point, axes.AsSpan(a, dimension)), images.AsSpan(a, dimension));
            }
        }

        return images;
    }

    private static void Orthonormalize(double[] axes, int dimension)
    {
        for (int a = 0; a < axes.Length; a += dimension)
        {
            Span<double> axis = axes.AsSpan(a, dimension);
            double before = Math.Sqrt(Lanes.Dot(axis, axis));

            // Twice, as the first time leaves rounding where little is left.
            for (int pass = 0; pass < 2; pass++)
            {
                for (int b = 0; b < a; b += dimension) Lanes.AddScaled(axes.AsSpan(b, dimension), -Lanes.Dot(axis, axes.AsSpan(b, dimension)), axis);
            }

            double norm = Math.Sqrt(Lanes.Dot(axis, axis));
            if (norm > LeastRest * before) foreach (ref double entry in axis) entry /= norm;
            else axis.Clear();
        }
    }
}
