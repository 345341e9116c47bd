using System.Globalization;

namespace Microsoft.ML.Mixture;

/// <summary>Starts with the M-step of given labels or responsibilities.</summary>
internal sealed class ResponsibilitiesStart : MixtureStart
{
    private const double SumTolerance = 1e-6;

    private readonly int[]? _labels;
    private readonly double[,]? _responsibilities;

    public ResponsibilitiesStart(int[] labels) => _labels = labels;

    public ResponsibilitiesStart(double[,] responsibilities) => _responsibilities = responsibilities;

    internal override bool IsRandom => false;

    internal override bool IsOfGroups => true;

    internal override StartOutcome Create(StartAttempt attempt)
    {
        StartContext context = attempt.Context;
        double[] responsibilities = Expand(context);
        double[] centres = Centres(context.Rows.Source, responsibilities, context.ComponentCount, context.Moments.Means, context.CancellationToken);
        bool isMade = context.Maximization.TryMaximize(
            context.Rows.Source, responsibilities, centres, context.Memory, out MixtureState state, out DegenerateComponent? failure);
        return StartOutcome.Of(isMade, state, failure);
    }

    private double[] Expand(StartContext context)
    {
        int[]? selected = context.Rows.Selected;
        int used = context.Rows.Source.RowCount, count = context.ComponentCount;
        int given = _labels?.Length ?? _responsibilities!.GetLength(0);
        int all = context.Rows.AllRowCount;
        if (given != all) throw new ArgumentException($"The start has {Counted.Of(given, "row")}, but there {Counted.Is(all)} {all}. Give one entry for every row, also for those that are left out.");

        int columns = count + (context.Noise is null ? 0 : 1);
        if (_responsibilities is not null && _responsibilities.GetLength(1) != columns)
        {
            throw new ArgumentException(
                $"The start has responsibilities for {Counted.Of(_responsibilities.GetLength(1), "component")}, but {count} {Counted.Is(count)} asked for{(columns > count ? " and noise, which comes last" : string.Empty)}.");
        }

        double[] expanded = StartShares.Create(used, count);
        for (int i = 0; i < used; i++)
        {
            int row = selected is null ? i : selected[i];
            bool isNoise = context.Noise is { } noise && noise.IsMarked(i);
            Span<double> shares = expanded.AsSpan(i * count, count);
            if (_labels is not null)
            {
                if (_labels[row] < 0 || _labels[row] >= columns)
                {
                    throw new ArgumentException(string.Create(
                        CultureInfo.InvariantCulture,
                        $"The start gives row {row} the label {_labels[row]}, but labels run from 0 to {columns - 1}. ML.NET's PredictedLabel counts from 1: subtract 1."));
                }

                if (_labels[row] < count && !isNoise) shares[_labels[row]] = 1;
                continue;
            }

            double sum = columns > count ? _responsibilities![row, count] : 0;
            if (!(sum >= 0)) sum = double.NaN;
            for (int k = 0; k < count; k++)
            {
                shares[k] = _responsibilities![row, k];
                sum += shares[k] >= 0 ? shares[k] : double.NaN;
            }

            if (!(Math.Abs(sum - 1) <= SumTolerance))
            {
                throw new ArgumentException(
                    $"The responsibilities of row {row} in the start are [{string.Join(", ", shares.ToArray().Select(v => v.ToString("G6", CultureInfo.InvariantCulture)))}], "
                    + $"but must not be negative and have sum one{(columns > count ? ", with that of the noise" : string.Empty)}.");
            }

            if (isNoise) shares.Clear();
        }

        return expanded;
    }

    /// <summary>Weighted means of groups, about the mean of all rows; a group without rows lies at the mean of all.</summary>
    public static double[] Centres(RowSource source, double[] responsibilities, int count, double[] means, CancellationToken cancellationToken)
    {
        int dimension = source.Dimension, first = 0;
        double[] centres = new double[count * dimension], counts = new double[count];
        foreach (RowBlock rows in new RowBlocks(source, cancellationToken))
        {
            for (int i = 0; i < rows.RowCount; i++)
            {
                for (int k = 0; k < count; k++)
                {
                    double share = rows.Weights[i] * responsibilities[((first + i) * count) + k];
                    if (share == 0) continue;
                    counts[k] += share;
                    for (int j = 0; j < dimension; j++)
                    {
                        // Where something is missing, this is only near the mean of the group.
                        double difference = rows.Values[(j * rows.Stride) + i] - means[j];
                        if (!double.IsNaN(difference)) centres[(k * dimension) + j] += share * difference;
                    }
                }
            }

            first += rows.RowCount;
        }

        for (int at = 0; at < centres.Length; at++)
        {
            double share = counts[at / dimension];
            centres[at] = means[at % dimension] + (share > 0 ? centres[at] / share : 0);
        }

        return centres;
    }
}
