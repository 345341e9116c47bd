using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Rows as points in which distances mean something: standardised features, and features without correlation.</summary>
internal sealed class StartPoints
{
    // What is left of a feature's variance beside the others, below which it is nothing but rounding.
    private const double LeastPivot = 1e-9;

    // Of the variance of a feature, so that none counts beyond all measure.
    private const double LeastShareWithin = 0.01;

    // What all of them need of a triangle is done before it leaves the cache.
    private const int RowsTogether = 32;

    private readonly CancellationToken _cancellationToken;
    private double[]? _whitened;
    private double[]? _withoutLeadingAxes;

    private StartPoints(double[] standardised, double[] weights, int dimension, CancellationToken cancellationToken)
    {
        (Standardised, Weights, Dimension, _cancellationToken) = (standardised, weights, dimension, cancellationToken);
    }

    /// <summary>Row after row: mean zero and variance one in each feature over all rows; constant features and missing values are zero.</summary>
    public double[] Standardised { get; }

    /// <summary>The weights of the rows.</summary>
    public double[] Weights { get; }

    public int Dimension { get; }

    public int RowCount => Weights.Length;

    /// <summary>Whether there are rows enough to tell how features go together: without correlation, fewer rows than features are all equally far apart.</summary>
    public bool HaveCorrelations => RowCount > Dimension;

    /// <summary>Row after row: the standardised features turned so that they have no correlation and variance one; those that follow from others are zero.</summary>
    public double[] Whitened => _whitened ??= Whiten();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static StartPoints Standardise(RowSource rows, FeatureMoments moments, CancellationToken cancellationToken)
    {
        int dimension = rows.Dimension;
        CheckSize(rows.RowCount, dimension);
        double[] points = new double[rows.RowCount * dimension], weights = new double[rows.RowCount];
        int first = 0;
        foreach (RowBlock block in new RowBlocks(rows, cancellationToken))
        {
            block.Weights[..block.RowCount].CopyTo(weights.AsSpan(first));
            for (int j = 0; j < dimension; j++)
            {
                ReadOnlySpan<double> feature = block.Feature(j);
                double deviation = Math.Sqrt(moments.Variances[j]);
                for (int i = 0; i < block.RowCount && deviation > 0; i++) points[((first + i) * dimension) + j] = (feature[i] - moments.Means[j]) / deviation;
                for (int i = 0; i < block.RowCount && block.Holes is not null; i++)
                {
                    if (double.IsNaN(feature[i])) points[((first + i) * dimension) + j] = 0;
                }
            }

            first += block.RowCount;
        }

        return new StartPoints(points, weights, dimension, cancellationToken);
    }

    /// <summary>The standardised features without what their leading axes explain, those in which they vary most.</summary>
    /// <param name="count">How many axes: the same in every call.</param>
    public double[] WithoutLeadingAxes(int count)
    {
        if (_withoutLeadingAxes is not null) return _withoutLeadingAxes;
        double[] points = [.. Standardised];
        RemoveAxes(Standardised, count, points);
        return _withoutLeadingAxes = points;
    }

    /// <summary>The same points with some features at zero, as constant features are.</summary>
    /// <param name="features">The features.</param>
    /// <returns>The points; null if there are no such features, or no other is left that varies.</returns>
    public StartPoints? Without(IEnumerable<int> features)
    {
        bool[] areLeftOut = new bool[Dimension];
        foreach (int feature in features) areLeftOut[feature] = true;
        if (!Array.Exists(areLeftOut, isLeftOut => isLeftOut)) return null;
        double[] others = [.. Standardised];
        for (int at = 0; at < others.Length; at++)
        {
            if (areLeftOut[at % Dimension]) others[at] = 0;
        }

        return Array.Exists(others, value => value != 0) ? new StartPoints(others, Weights, Dimension, _cancellationToken) : null;
    }

    /// <summary>The means of groups, in the units of the data, shape K x D; a group without points lies at the mean of all rows.</summary>
    /// <param name="shares">r(i,k) at [i * K + k].</param>
    /// <param name="groupCount">K.</param>
    /// <param name="moments">Of all rows.</param>
    public double[] Centres(double[] shares, int groupCount, FeatureMoments moments)
    {
        (double[] centres, double[] totals) = Sums(shares, groupCount);
        for (int at = 0; at < centres.Length; at++)
        {
            int j = at % Dimension;
            double total = totals[at / Dimension], offset = total > 0 ? centres[at] / total : 0;
            centres[at] = moments.Means[j] + (offset * Math.Sqrt(moments.Variances[j]));
        }

        return centres;
    }

    /// <summary>
    /// The standardised features in units of their spread within groups: what tells groups apart counts more than what does not, however many features do not. Without
    /// what leading axes within groups explain, if groups may be long along some.
    /// </summary>
    /// <param name="shares">r(i,k) at [i * K + k].</param>
    /// <param name="groupCount">K.</param>
    /// <param name="axisCount">How many axes.</param>
    /// <param name="points">Receives them, row after row.</param>
    public void InUnitsWithin(double[] shares, int groupCount, int axisCount, double[] points)
    {
        (double[] sums, double[] totals) = Sums(shares, groupCount);
        double[] between = new double[Dimension];
        for (int at = 0; at < sums.Length; at++)
        {
            if (totals[at / Dimension] > 0) between[at % Dimension] += sums[at] * sums[at] / totals[at / Dimension];
        }

        double total = TensorPrimitives.Sum(totals);
        double[] factors = new double[Dimension];
        for (int j = 0; j < Dimension; j++) factors[j] = 1 / Math.Sqrt(Math.Max(LeastShareWithin, 1 - (between[j] / total)));
        for (int i = 0; i < RowCount; i++)
        {
            TensorPrimitives.Multiply(Standardised.AsSpan(i * Dimension, Dimension), factors, points.AsSpan(i * Dimension, Dimension));
        }

        if (axisCount == 0) return;
        double[] within = [.. points];
        for (int at = 0; at < sums.Length; at++) sums[at] *= totals[at / Dimension] > 0 ? factors[at % Dimension] / totals[at / Dimension] : 0;
        for (int i = 0; i < RowCount; i++)
        {
            for (int k = 0; k < groupCount; k++) Lanes.AddScaled(sums.AsSpan(k * Dimension, Dimension), -shares[(i * groupCount) + k], within.AsSpan(i * Dimension, Dimension));
        }

        RemoveAxes(within, axisCount, points);
    }

    // In 64 bits, for in 32 the length may wrap around. Groups have them in lanes, with one line more.
    private static void CheckSize(int rowCount, int dimension)
    {
        if ((rowCount + (2L * Lanes.Width)) * dimension <= Array.MaxLength) return;
        throw new ArgumentException(
            $"The start would group {Counted.Of(rowCount, "row")} of {Counted.Of(dimension, "feature")}, more numbers than an array holds. "
            + $"Pass fewer rows or features, or start otherwise, such as with {nameof(MixtureStart)}.{nameof(MixtureStart.FromLabels)}.");
    }

    // Takes from points what lies along the leading axes of others.
    private void RemoveAxes(double[] others, int count, double[] points)
    {
        (_, double[] axes) = LeadingAxes.Find(others, Weights, Dimension, Math.Min(count, Dimension - 1), _cancellationToken);
        for (int i = 0; i < RowCount; i++)
        {
            Span<double> point = points.AsSpan(i * Dimension, Dimension);
            for (int a = 0; a < axes.Length; a += Dimension) Lanes.AddScaled(axes.AsSpan(a, Dimension), -Lanes.Dot(point, axes.AsSpan(a, Dimension)), point);
        }
    }

    // The weighted sums of groups, shape K x D, and their weights.
    private (double[] Sums, double[] Totals) Sums(double[] shares, int groupCount)
    {
        double[] sums = new double[groupCount * Dimension], totals = new double[groupCount];
        for (int i = 0; i < RowCount; i++)
        {
            for (int k = 0; k < groupCount; k++)
            {
                double share = shares[(i * groupCount) + k] * Weights[i];
                if (share == 0) continue;
                totals[k] += share;
                ReadOnlySpan<double> point = Standardised.AsSpan(i * Dimension, Dimension);
                Span<double> sum = sums.AsSpan(k * Dimension, Dimension);
                if (sum.Length >= Lanes.Width)
                {
                    Lanes.AddScaled(point, share, sum);
                    continue;
                }

                for (int j = 0; j < sum.Length; j++) sum[j] = Math.FusedMultiplyAdd(point[j], share, sum[j]);
            }
        }

        return (sums, totals);
    }

    // Forward substitution with the Cholesky factor of the covariance of the points.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double[] Whiten()
    {
        int dimension = Dimension;
        double[] factor = Covariance(), whitened = new double[Standardised.Length];
        bool[] follows = new bool[dimension];
        for (int j = 0; j < dimension; j++)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            Span<double> row = factor.AsSpan(PackedTriangle.Index(j, 0), j + 1);
            double before = row[j];
            for (int a = 0; a < j; a++)
            {
                if (follows[a])
                {
                    row[a] = 0;
                    continue;
                }

                ReadOnlySpan<double> other = factor.AsSpan(PackedTriangle.Index(a, 0), a + 1);
                row[a] = (row[a] - Lanes.Dot(row[..a], other[..a])) / other[a];
            }

            double pivot = before - Lanes.Dot(row[..j], row[..j]);
            follows[j] = !(pivot > LeastPivot * before);
            row[j] = follows[j] ? 0 : Math.Sqrt(pivot);
        }

        for (int first = 0; first < RowCount; first += RowsTogether)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            int end = Math.Min(first + RowsTogether, RowCount);
            for (int j = 0; j < dimension; j++)
            {
                if (follows[j]) continue;
                ReadOnlySpan<double> row = factor.AsSpan(PackedTriangle.Index(j, 0), j + 1);
                for (int i = first; i < end; i++)
                {
                    Span<double> image = whitened.AsSpan(i * dimension, j + 1);
                    image[j] = (Standardised[(i * dimension) + j] - Lanes.Dot(row[..j], image[..j])) / row[j];
                }
            }
        }

        return whitened;
    }

    private double[] Covariance()
    {
        double total = TensorPrimitives.Sum(Weights);
        double[] means = new double[Dimension], sums = new double[Dimension], scatter = new double[ScatterTriangle.Length(Dimension)];
        for (int i = 0; i < RowCount; i++) Lanes.AddScaled(Standardised.AsSpan(i * Dimension, Dimension), Weights[i] / total, means);
        double[] block = new double[Dimension * RowsTogether], weights = new double[RowsTogether], work = new double[WeightedScatter.WorkLength(Dimension, RowsTogether)];
        for (int first = 0; first < RowCount; first += RowsTogether)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            int count = Math.Min(RowsTogether, RowCount - first);
            RowTransposition.Copy(Standardised, Dimension, first, count, 1, block, RowsTogether);
            Array.Clear(weights);
            TensorPrimitives.Divide(Weights.AsSpan(first, count), total, weights);
            WeightedScatter.Add(block, means, weights, RowsTogether, Lanes.Pad(count), work, sums, scatter);
        }

        double[] covariance = new double[PackedTriangle.Length(Dimension)];
        ScatterTriangle.Pack(scatter, Dimension, covariance);
        return covariance;
    }
}
