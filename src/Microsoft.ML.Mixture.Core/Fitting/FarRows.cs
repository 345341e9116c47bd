using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>
/// Finds single rows so far from all others that they would be most of the variance: to a fit with noise they are noise from the start, and the scale of the
/// features and the volume of the noise are those of the others.
/// </summary>
/// <remarks>
/// Rows count as many as their weights are times the average. Far is measured by medians and median absolute deviations, which few rows do not move. Rows that would do for a component of their own, by number and closeness, are
/// a group and not far, unless they are known to be noise.
/// </remarks>
internal static class FarRows
{
    private const double FarDeviations = 50;

    // A standard deviation, of a Gaussian.
    private const double DeviationOfMedian = 1.4826;
    private const int RowsOfFarOne = 10;
    private const double SmallestVariance = 1e-280;
    private const int MostSampledRows = 16384;

    // However little they weigh.
    private const int MostCandidates = 1024;

    // Sums of weights carry rounding.
    private const double Rounding = 1e-9;

    // Of the distance from the middle, within which others are of the same group.
    private const double Closeness = 0.1;

    /// <summary>Finds them, and the moments of the others.</summary>
    /// <param name="scaled">The rows.</param>
    /// <param name="options">How to fit.</param>
    /// <param name="known">One mark a row in use, where someone has said which ones are noise: others are not far then; null for none.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    /// <returns>
    /// The rows with the moments of those that are not far, where nobody has looked for features that follow from others, and one mark a row in use; null if none is far.
    /// </returns>
    public static (ScaledRows Rows, bool[]? Marks) Screen(ScaledRows scaled, GaussianMixtureOptions options, bool[]? known, CancellationToken cancellationToken)
    {
        TrainingRows rows = scaled.Rows;

        // What hardly any row shows is not to be lost.
        int count = rows.Source.RowCount, most = known is null ? count / RowsOfFarOne : known.Count(mark => mark);
        if (most == 0 || (rows.Missing is { } missing && missing.CellCounts.Max() - missing.EmptyRowCount > count - options.ComponentCount - most)) return (scaled, null);
        bool[]? far = Find(rows, most, known, cancellationToken);
        if (far is null) return (scaled, null);
        var others = new SelectedRowSource(rows.Source, [.. Enumerable.Range(0, count).Where(row => !far[row])]);
        TrainingRows near = TrainingRows.Inspect(others, componentCount: 1, usesHoles: true, options.FeatureName, cancellationToken);
        FeatureMoments moments = FeatureMoments.Compute(near, cancellationToken);

        // Beside rows too far out, others have no variance in double precision.
        bool areTold = moments.Variances.Zip(scaled.Moments.Variances).All(both => both.First >= SmallestVariance || both.Second == 0);
        return areTold ? (scaled.MeasuredBy(near, moments), far) : (scaled, null);
    }

    /// <summary>Marks rows in use.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="most">How many may be far.</param>
    /// <param name="known">Those of which some may be; null for all.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    /// <returns>One mark a row; null if none is far.</returns>
    private static bool[]? Find(TrainingRows rows, int most, bool[]? known, CancellationToken cancellationToken)
    {
        int count = rows.Source.RowCount, dimension = rows.Source.Dimension;
        (double[] medians, double[] deviations) = Scale(rows.Source, cancellationToken);
        bool mayBeFar = false;
        for (int j = 0; j < dimension; j++) mayBeFar |= IsFar(rows.Minimum[j] - medians[j], deviations[j]) || IsFar(rows.Maximum[j] - medians[j], deviations[j]);
        if (!mayBeFar) return null;

        var far = new List<(int Row, double Count, double[] Point)>();
        bool[] marks = new bool[count];
        double total = 0, rowsOfUnitWeight = count / rows.RowWeightTotal;
        int first = 0;
        foreach (RowBlock block in new RowBlocks(rows.Source, cancellationToken))
        {
            for (int i = 0; i < block.RowCount; i++)
            {
                bool isFar = false;
                for (int j = 0; j < dimension && !isFar; j++) isFar = IsFar(block.Values[(j * block.Stride) + i] - medians[j], deviations[j]);
                if (!isFar) continue;
                if (known is not null)
                {
                    marks[first + i] = known[first + i];
                    continue;
                }

                double own = block.Weights[i] * rowsOfUnitWeight;
                total += own;
                if (far.Count == MostCandidates || total > most + Rounding) return null;
                double[] point = new double[dimension];
                for (int j = 0; j < dimension; j++)
                {
                    double offset = block.Values[(j * block.Stride) + i] - medians[j];
                    point[j] = deviations[j] > 0 && !double.IsNaN(offset) ? offset / deviations[j] : 0;
                }

                far.Add((first + i, own, point));
            }

            first += block.RowCount;
        }

        foreach ((int row, _, double[] point) in far)
        {
            double near = Closeness * Closeness * Lanes.Dot(point, point);
            marks[row] = far.Sum(other => SquaredDistance(point, other.Point) <= near ? other.Count : 0) <= dimension + Rounding;
        }

        return Array.Exists(marks, mark => mark) ? marks : null;
    }

    private static bool IsFar(double offset, double deviation) => deviation > 0 && Math.Abs(offset) > FarDeviations * deviation;

    private static (double[] Medians, double[] Deviations) Scale(RowSource rows, CancellationToken cancellationToken)
    {
        var values = new FeatureValues(SelectedRowSource.Spread(rows, MostSampledRows), cancellationToken);
        double[] medians = new double[rows.Dimension], deviations = new double[rows.Dimension];
        for (int j = 0; j < medians.Length; j++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Span<double> own = values.Sort(j, out Span<double> weights);
            medians[j] = Median(own, weights);
            foreach (ref double value in own) value = Math.Abs(value - medians[j]);
            own.Sort(weights);
            deviations[j] = DeviationOfMedian * Median(own, weights);
        }

        return (medians, deviations);
    }

    // Of sorted values, and of two in the middle the upper one.
    private static double Median(ReadOnlySpan<double> values, ReadOnlySpan<double> weights)
    {
        double total = 0, sum = 0;
        foreach (double weight in weights) total += weight;
        for (int i = 0; i < values.Length; i++)
        {
            if ((sum += weights[i]) > total / 2) return values[i];
        }

        return 0;
    }

    private static double SquaredDistance(double[] first, double[] second)
    {
        double sum = 0;
        for (int j = 0; j < first.Length; j++) sum += (first[j] - second[j]) * (first[j] - second[j]);
        return sum;
    }
}
