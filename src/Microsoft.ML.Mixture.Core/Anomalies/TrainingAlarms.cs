using System.Globalization;
using MathNet.Numerics.Distributions;

namespace Microsoft.ML.Mixture;

/// <summary>How many of the training rows, of those that lack nothing, a threshold calls anomalies that comes from rows drawn from the mixture.</summary>
/// <param name="Count">How many.</param>
/// <param name="RowCount">Of how many.</param>
internal sealed record TrainingAlarms(int Count, int RowCount)
{
    // More rows tell the share no better than it is needed.
    private const int MostRows = 20_000;

    // More alarms have this probability where the rate is right, and they are so many times as many.
    private const double LeastProbability = 1e-3;
    private const double LeastFactor = 1.5;

    /// <summary>Judges training rows, evenly chosen where they are a great many.</summary>
    public static TrainingAlarms Find(AnomalyCalibration calibration, RowSource rows, CancellationToken cancellationToken)
    {
        int dimension = rows.Dimension, step = ((rows.RowCount - 1) / MostRows) + 1, at = 0;
        var values = new List<double>();
        foreach (RowBlock block in new RowBlocks(rows, cancellationToken))
        {
            for (int i = 0; i < block.RowCount; i++)
            {
                if (at++ % step != 0 || !(block.Weights[i] > 0)) continue;
                for (int j = 0; j < dimension; j++) values.Add(block.Values[(j * block.Stride) + i]);
            }
        }

        double[] judged = [.. values];
        double[] densities = SimulatedReference.LogDensities(
            calibration.Model, judged.Length / dimension, (i, row) => judged.AsSpan(i * dimension, dimension).CopyTo(row), [.. Enumerable.Range(0, dimension)]);
        return new TrainingAlarms(densities.Count(density => density < calibration.Threshold), densities.Length);
    }

    /// <summary>Whether they are more than chance explains.</summary>
    public bool IsExcessive(double rate) => Count > LeastFactor * rate * RowCount && 1 - Binomial.CDF(rate, RowCount, Count - 1) < LeastProbability;

    /// <summary>What to say if they are.</summary>
    public string? Warning(double rate, bool hasNoise) => !IsExcessive(rate) ? null : string.Create(
        CultureInfo.InvariantCulture,
        $"Of {Counted.Of(RowCount, "training row")} {100.0 * Count / RowCount:G3} % lie beyond the threshold, where {100 * rate:G3} % were asked for. The threshold comes from rows drawn from the mixture, and unless so many training rows are anomalies, ordinary rows are not like those. Hold out rows for the threshold, or fit {(hasNoise ? "without noise, " : string.Empty)}more components or another structure.");
}
