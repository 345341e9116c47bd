using System.Globalization;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>The rows that a fit uses, after a first look at all rows.</summary>
internal sealed class TrainingRows
{
    private TrainingRows(RowSource all, int[]? selected)
    {
        Selected = selected;
        Source = selected is null ? all : new SelectedRowSource(all, selected);
    }

    /// <summary>The rows in use.</summary>
    public RowSource Source { get; private init; }

    /// <summary>Which of all rows are in use; null if all are.</summary>
    public int[]? Selected { get; private init; }

    public required double RowWeightTotal { get; init; }

    /// <summary>The rows left out because a feature is missing.</summary>
    public required int MissingRowCount { get; init; }

    /// <summary>The largest absolute value.</summary>
    public required double Magnitude { get; init; }

    public required double[] Minimum { get; init; }

    public required double[] Maximum { get; init; }

    /// <summary>Rows in use that differ from each other, as many as were looked for.</summary>
    public required int[] DistinctRows { get; init; }

    /// <summary>Looks at every row.</summary>
    /// <exception cref="ArgumentException">A weight or a feature is not valid, or there are too few rows.</exception>
    public static TrainingRows Inspect(RowSource source, int componentCount, Func<int, string> featureName, CancellationToken cancellationToken)
    {
        int dimension = source.Dimension, used = 0, missing = 0;
        double total = 0, magnitude = 0;
        double[] minimum = new double[dimension], maximum = new double[dimension], row = new double[dimension];
        Array.Fill(minimum, double.PositiveInfinity);
        Array.Fill(maximum, double.NegativeInfinity);
        var distinct = new HashSet<double[]>(RowComparer.Instance);
        HashSet<double[]>.AlternateLookup<ReadOnlySpan<double>> lookup = distinct.GetAlternateLookup<ReadOnlySpan<double>>();
        var distinctRows = new List<int>();
        bool[] keep = new bool[source.RowCount];
        int first = 0;
        foreach (RowBlock block in new RowBlocks(source, cancellationToken))
        {
            if (distinct.Count >= componentCount && TryInclude(block, minimum, maximum, ref total))
            {
                keep.AsSpan(first, block.RowCount).Fill(true);
                used += block.RowCount;
                first += block.RowCount;
                continue;
            }

            for (int i = 0; i < block.RowCount; i++)
            {
                double weight = block.Weights[i];
                if (!(weight >= 0) || double.IsInfinity(weight))
                {
                    throw new ArgumentException(
                        $"Row {first + i} has the weight {Text(weight)}, but a weight must be a finite number that is not negative. Correct the row weights.");
                }

                if (weight == 0) continue;
                for (int j = 0; j < dimension; j++) row[j] = block.Values[(j * block.Stride) + i] + 0.0;
                int infinite = Array.FindIndex(row, double.IsInfinity);
                if (infinite >= 0)
                {
                    throw new ArgumentException(
                        $"{featureName(infinite)} of row {first + i} is {Text(row[infinite])}, but features must be finite. Remove the row or replace the value.");
                }

                if (Array.Exists(row, double.IsNaN))
                {
                    missing++;
                    continue;
                }

                keep[first + i] = true;
                total += weight;
                for (int j = 0; j < dimension; j++)
                {
                    minimum[j] = Math.Min(minimum[j], row[j]);
                    maximum[j] = Math.Max(maximum[j], row[j]);
                }

                if (distinct.Count < componentCount && lookup.Add(row)) distinctRows.Add(used);
                used++;
            }

            first += block.RowCount;
        }

        for (int j = 0; j < dimension && used > 0; j++) magnitude = Math.Max(magnitude, Math.Max(Math.Abs(minimum[j]), Math.Abs(maximum[j])));
        CheckCounts(source.RowCount, used, missing, total, componentCount, distinct.Count);
        int[]? selected = used == source.RowCount ? null : [.. Enumerable.Range(0, source.RowCount).Where(i => keep[i])];
        return new TrainingRows(source, selected)
        {
            RowWeightTotal = total,
            MissingRowCount = missing,
            Magnitude = magnitude,
            Minimum = minimum,
            Maximum = maximum,
            DistinctRows = [.. distinctRows],
        };
    }

    /// <summary>The same rows times 2^exponent.</summary>
    public TrainingRows Scale(int exponent) => new(Source, null)
    {
        Source = new ScaledRowSource(Source, exponent),
        Selected = Selected,
        RowWeightTotal = RowWeightTotal,
        MissingRowCount = MissingRowCount,
        Magnitude = double.ScaleB(Magnitude, exponent),
        Minimum = [.. Minimum.Select(value => double.ScaleB(value, exponent))],
        Maximum = [.. Maximum.Select(value => double.ScaleB(value, exponent))],
        DistinctRows = DistinctRows,
    };

    // Takes a block as a whole if nothing in it is missing, infinite or without weight.
    private static bool TryInclude(RowBlock block, double[] minimum, double[] maximum, ref double total)
    {
        double lightest = double.PositiveInfinity, heaviest = 0;
        if (!ValueRange.TryWiden(block.Weights[..block.RowCount], ref lightest, ref heaviest) || lightest <= 0) return false;

        Span<double> low = stackalloc double[minimum.Length], high = stackalloc double[maximum.Length];
        minimum.CopyTo(low);
        maximum.CopyTo(high);
        for (int j = 0; j < low.Length; j++)
        {
            if (!ValueRange.TryWiden(block.Feature(j)[..block.RowCount], ref low[j], ref high[j])) return false;
        }

        low.CopyTo(minimum);
        high.CopyTo(maximum);
        total += Lanes.Sum(block.Weights[..block.LaneCount]);
        return true;
    }

    private static void CheckCounts(int all, int used, int missing, double total, int componentCount, int distinct)
    {
        if (all == 0) throw new ArgumentException("There are no rows to fit. Pass at least as many rows as components.");
        if (used == 0)
        {
            throw new ArgumentException(missing == 0
                ? $"All {all} row weights are zero, so there is nothing to fit. Give at least {componentCount} rows a positive weight."
                : $"None of the {all} rows can be used: {missing} have a missing feature (NaN) and {all - missing} have weight zero. Fill in or drop missing values first.");
        }

        if (double.IsInfinity(total)) throw new ArgumentException("The sum of the row weights is infinite. Divide the row weights by a constant.");
        if (used < componentCount)
        {
            throw new ArgumentException(
                $"There are {used} rows to fit {componentCount} components to ({missing} rows with a missing feature were left out). "
                + $"Ask for at most {used} components or pass more rows.");
        }

        if (distinct < componentCount)
        {
            throw new ArgumentException(
                $"Only {distinct} of the {used} rows differ from each other, too few for {componentCount} components. Ask for at most {distinct} components.");
        }
    }

    private static string Text(double value) => value.ToString("G9", CultureInfo.InvariantCulture);

    private sealed class RowComparer : IEqualityComparer<double[]>, IAlternateEqualityComparer<ReadOnlySpan<double>, double[]>
    {
        public static RowComparer Instance { get; } = new();

        public double[] Create(ReadOnlySpan<double> alternate) => alternate.ToArray();

        public bool Equals(ReadOnlySpan<double> alternate, double[] other) => alternate.SequenceEqual(other);

        public bool Equals(double[]? x, double[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(ReadOnlySpan<double> alternate)
        {
            var hash = default(HashCode);
            foreach (double value in alternate) hash.Add(value);
            return hash.ToHashCode();
        }

        public int GetHashCode(double[] row) => GetHashCode(row.AsSpan());
    }
}
