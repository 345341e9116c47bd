using System.Numerics.Tensors;
using MathNet.Numerics.Random;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>How compact clusters are and how far they stand apart, in Euclidean distances in feature units: scale features that differ in size first.</summary>
/// <remarks>
/// A row with a missing feature (NaN) has no distance to others and is left out, and so is one whose cluster is negative. A row weight of two
/// equals the row twice. To a silhouette of rows that all weigh one or less only the ratios of their weights matter.
/// </remarks>
public static class ClusterSeparation
{
    /// <summary>The most rows that a silhouette is computed of by default: of 160 features or fewer; see <see cref="SampleSizeOf"/>.</summary>
    public const int DefaultSampleSize = 5000;

    // Some seconds of work.
    private const double MostOperations = 2e9;
    private const int SmallestSample = 100;

    private const int RowsBetweenChecks = 64;
    private const int FeaturesAtOnce = 1024;

    // A factor of 2^1000 is still a normal number.
    private const int LargestExponent = 1000;

    /// <summary>The sum over rows of weight times squared distance to the mean of the row's cluster: what k-means calls inertia.</summary>
    /// <param name="rows">N x D values, in feature units.</param>
    /// <param name="clusters">The cluster of each row, shape N; negative for a row without one.</param>
    /// <param name="rowWeights">One weight a row, or null for weights of one.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>The sum, in squared feature units. The means are those of the rows, not those of a model.</returns>
    /// <exception cref="ArgumentException">Sizes do not fit, or a value or weight is not valid.</exception>
    public static double WithinClusterSumOfSquares(
        double[,] rows, IReadOnlyList<int> clusters, double[]? rowWeights = null, CancellationToken cancellationToken = default) =>
        WithinClusterSumOfSquares(GaussianMixture.Copy(rows, rowWeights), clusters, cancellationToken);

    /// <summary>The sum over rows from any source of weight times squared distance to the mean of the row's cluster.</summary>
    /// <param name="rows">The rows with their weights.</param>
    /// <param name="clusters">The cluster of each row, shape N; negative for a row without one.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>The sum, in squared feature units. The means are those of the rows, not those of a model.</returns>
    /// <exception cref="ArgumentException">Sizes do not fit, or a value or weight is not valid.</exception>
    /// <remarks>Cost: three passes over the rows, the first of which checks them.</remarks>
    public static double WithinClusterSumOfSquares(RowSource rows, IReadOnlyList<int> clusters, CancellationToken cancellationToken)
    {
        var used = ClusteredRows.Select(rows, clusters, cancellationToken);
        int dimension = rows.Dimension;
        if ((long)used.ClusterCount * dimension > Array.MaxLength)
        {
            throw new ArgumentException(
                $"The means of {Counted.Of(used.ClusterCount, "cluster")} in {Counted.Of(dimension, "feature")} are more numbers than an array holds. Pass fewer clusters or features.", nameof(clusters));
        }

        double[] means = new double[used.ClusterCount * dimension], weights = new double[used.ClusterCount];
        used.Visit((row, weight, cluster, _) =>
        {
            weights[cluster] += weight;
            for (int j = 0; j < dimension; j++) means[(cluster * dimension) + j] += weight / weights[cluster] * (row[j] - means[(cluster * dimension) + j]);
        });
        double sum = 0;
        used.Visit((row, weight, cluster, _) =>
        {
            for (int j = 0; j < dimension; j++)
            {
                double distance = row[j] - means[(cluster * dimension) + j];
                sum += weight * distance * distance;
            }
        });
        return sum;
    }

    /// <summary>The most rows that a silhouette is computed of by default: 5000, and fewer where features are many, so that it takes no more than some seconds.</summary>
    /// <param name="dimension">D, the number of features.</param>
    /// <returns>As many as make 2 10^9 differences of features in all pairs, at least 100 and at most <see cref="DefaultSampleSize"/>: 5000 up to D = 160, 2000 at D = 1000, 632 at D = 10,000.</returns>
    public static int SampleSizeOf(int dimension)
    {
        MixtureOptions.Check(dimension >= 1, nameof(dimension), dimension, "at least 1");
        return (int)Math.Clamp(Math.Sqrt(2 * MostOperations / dimension), SmallestSample, DefaultSampleSize);
    }

    /// <summary>The average silhouette of rows: 1 where clusters are far apart, 0 where they touch, negative where rows lie nearer to another cluster.</summary>
    /// <param name="rows">N x D values, in feature units.</param>
    /// <param name="clusters">The cluster of each row, shape N; negative for a row without one.</param>
    /// <param name="rowWeights">One weight a row, or null for weights of one.</param>
    /// <param name="sampleSize">The most rows to compute it of, at least 2; null for <see cref="SampleSizeOf"/>. Of more rows a sample without replacement is taken.</param>
    /// <param name="seed">The seed of the sample.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>The average, from -1 to 1; NaN with fewer than two clusters, or if every cluster is a single row.</returns>
    /// <exception cref="ArgumentException">Sizes do not fit, or a value or weight is not valid.</exception>
    public static double Silhouette(
        double[,] rows, IReadOnlyList<int> clusters, double[]? rowWeights = null, int? sampleSize = null, int seed = 0,
        CancellationToken cancellationToken = default) =>
        Silhouette(GaussianMixture.Copy(rows, rowWeights), clusters, sampleSize, seed, cancellationToken);

    /// <summary>The average silhouette of rows from any source.</summary>
    /// <param name="rows">The rows with their weights.</param>
    /// <param name="clusters">The cluster of each row, shape N; negative for a row without one.</param>
    /// <param name="sampleSize">The most rows to compute it of, at least 2; null for <see cref="SampleSizeOf"/>. Of more rows a sample without replacement is taken.</param>
    /// <param name="seed">The seed of the sample.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>The average, from -1 to 1; NaN with fewer than two clusters, or if every cluster is a single row.</returns>
    /// <exception cref="ArgumentException">Sizes do not fit, or a value or weight is not valid.</exception>
    /// <remarks>
    /// With a(i) the mean distance to the other rows of the same cluster and b(i) the least mean distance to the rows of another one, a row has
    /// the silhouette (b - a) / max(a, b), and 0 if it is alone. Of a row with a weight above one the others are all but one of it. Cost: n (n - 1) / 2 distances for n rows, at most
    /// <paramref name="sampleSize"/>; 12.5 million at the default, or fewer where features are many. Source: Rousseeuw (1987), Silhouettes: a graphical aid to the
    /// interpretation and validation of cluster analysis, J. Comput. Appl. Math. 20, 53-65, doi:10.1016/0377-0427(87)90125-7.
    /// </remarks>
    public static double Silhouette(RowSource rows, IReadOnlyList<int> clusters, int? sampleSize, int seed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rows);
        int most = sampleSize ?? SampleSizeOf(rows.Dimension);
        MixtureOptions.Check(most >= 2, nameof(sampleSize), most, "at least 2");
        var used = ClusteredRows.Select(rows, clusters, cancellationToken);
        if (used.Count > most) used = used.Sample(most, new Xoshiro256StarStar(seed, threadSafe: false));
        if (used.ClusterCount < 2) return double.NaN;
        int count = used.Count, clusterCount = used.ClusterCount, dimension = rows.Dimension;
        if ((long)count * Math.Max(clusterCount, dimension) > Array.MaxLength)
        {
            throw new ArgumentException(
                $"The silhouette of {Counted.Of(count, "row")} in {Counted.Of(clusterCount, "cluster")} and {Counted.Of(dimension, "feature")} takes more numbers than an array holds. Pass a smaller {nameof(sampleSize)}.",
                nameof(sampleSize));
        }

        double[] values = new double[count * dimension], weights = new double[count], totals = new double[clusterCount], sums = new double[count * clusterCount], difference = new double[Math.Min(dimension, FeaturesAtOnce)];
        int[] own = new int[count];
        used.Visit((row, weight, cluster, at) =>
        {
            row.CopyTo(values.AsSpan(at * dimension));
            (weights[at], own[at]) = (weight, cluster);
            totals[cluster] += weight;
        });
        if (!Enumerable.Range(0, count).Any(i => OthersOf(totals[own[i]], weights[i]) > 0)) return double.NaN;
        ToSizesAboutOne(values);
        for (int i = 0; i < count; i++)
        {
            if (i % RowsBetweenChecks == 0) cancellationToken.ThrowIfCancellationRequested();
            ReadOnlySpan<double> row = values.AsSpan(i * dimension, dimension);
            for (int other = i + 1; other < count; other++)
            {
                double distance = Distance(row, values.AsSpan(other * dimension, dimension), difference);
                sums[(i * clusterCount) + own[other]] += weights[other] * distance;
                sums[(other * clusterCount) + own[i]] += weights[i] * distance;
            }
        }

        double all = 0, total = 0;
        for (int i = 0; i < count; i++)
        {
            all += weights[i];
            total += weights[i] * Of(sums.AsSpan(i * clusterCount, clusterCount), totals, own[i], weights[i]);
        }

        return total / all;
    }

    // In blocks, so that of many features differences stay in the nearest cache.
    private static double Distance(ReadOnlySpan<double> one, ReadOnlySpan<double> other, Span<double> difference)
    {
        double squares = 0;
        for (int from = 0; from < one.Length; from += difference.Length)
        {
            Span<double> block = difference[..Math.Min(difference.Length, one.Length - from)];
            TensorPrimitives.Subtract(one.Slice(from, block.Length), other.Slice(from, block.Length), block);
            squares += Lanes.Dot(block, block);
        }

        return Math.Sqrt(squares);
    }

    // A power of two changes no digit, and no square of a distance overflows then or vanishes.
    private static void ToSizesAboutOne(double[] values)
    {
        double largest = Math.Abs(TensorPrimitives.MaxMagnitude<double>(values));
        if (largest == 0) return;
        int exponent = Math.Clamp(-Math.ILogB(largest), -LargestExponent, LargestExponent);
        TensorPrimitives.Multiply(values, double.ScaleB(1, exponent), values);
    }

    // The weight of a cluster without a row: without one of several that are alike.
    private static double OthersOf(double total, double weight) => total - Math.Min(1, weight);

    private static double Of(ReadOnlySpan<double> sums, double[] totals, int own, double weight)
    {
        double others = OthersOf(totals[own], weight);
        if (others <= 0) return 0;
        double within = sums[own] / others, between = double.PositiveInfinity;
        for (int cluster = 0; cluster < totals.Length; cluster++)
        {
            if (cluster != own) between = Math.Min(between, sums[cluster] / totals[cluster]);
        }

        double larger = Math.Max(within, between);
        return larger > 0 ? (between - within) / larger : 0;
    }
}
