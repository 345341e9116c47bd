using System.Globalization;
using MathNet.Numerics.Distributions;

namespace Microsoft.ML.Mixture;

/// <summary>How many of the training rows, of those that lack nothing, a threshold calls anomalies that comes from rows drawn from the mixture.</summary>
/// <param name="Count">How many; of rows with weights, so many as have their share of the weight.</param>
/// <param name="RowCount">Of how many.</param>
internal sealed record TrainingAlarms(int Count, int RowCount)
{
    // More rows tell the share no better than it is needed.
    private const int MostRows = 20_000;

    // More alarms have this probability where the rate is right, and they are so many times as many.
    private const double LeastProbability = 1e-3;
    private const double LeastFactor = 1.5;

    private const double Rounding = 1e-9;
    private const double LargestExponent = 700;
    private const int Bisections = 50;

    /// <summary>A bound on the probability of as much weight beyond the threshold where the rate is right; null for rows that weigh the same, whose number tells it.</summary>
    public double? WeightedProbability { get; private init; }

    /// <summary>Judges training rows, or some from all over where they are a great many.</summary>
    public static TrainingAlarms Find(AnomalyCalibration calibration, RowSource rows, CancellationToken cancellationToken)
    {
        int dimension = rows.Dimension;
        List<double> values = [], weights = [];
        double[] row = new double[dimension];
        foreach (RowBlock block in new RowBlocks(SelectedRowSource.Spread(rows, MostRows), cancellationToken))
        {
            for (int i = 0; i < block.RowCount; i++)
            {
                if (!(block.Weights[i] > 0)) continue;
                for (int j = 0; j < dimension; j++) row[j] = block.Values[(j * block.Stride) + i];
                if (Array.Exists(row, double.IsNaN)) continue;
                values.AddRange(row);
                weights.Add(block.Weights[i]);
            }
        }

        double[] judged = [.. values];
        double[] densities = SimulatedReference.LogDensities(
            calibration.Model, weights.Count, (i, destination) => judged.AsSpan(i * dimension, dimension).CopyTo(destination), [.. Enumerable.Range(0, dimension)], cancellationToken);
        return Judge(densities, [.. weights], calibration);
    }

    private static TrainingAlarms Judge(double[] densities, double[] weights, AnomalyCalibration calibration)
    {
        double heaviest = weights.DefaultIfEmpty().Max(), total = 0, beyond = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            total += weights[i] /= heaviest;
            if (densities[i] < calibration.Threshold) beyond += weights[i];
        }

        if (Array.TrueForAll(weights, weight => weight == 1)) return new TrainingAlarms((int)beyond, weights.Length);
        return new TrainingAlarms((int)Math.Ceiling((beyond / total * weights.Length) - Rounding), weights.Length)
        {
            WeightedProbability = Bound(weights, total, beyond, calibration.FalseAlarmRate),
        };
    }

    // Chernoff's, for a sum of weights each of which counts with a probability, and which is more than can be expected: at the exponent where it is least.
    private static double Bound(double[] weights, double total, double sum, double rate)
    {
        if (sum <= rate * total) return 1;
        double low = 0, high = LargestExponent;
        for (int step = 0; step < Bisections; step++)
        {
            double middle = (low + high) / 2, mean = 0;
            foreach (double weight in weights)
            {
                double odds = rate * Math.Exp(middle * weight);
                mean += weight * odds / (odds + 1 - rate);
            }

            if (mean < sum) low = middle;
            else high = middle;
        }

        double logBound = -low * sum;
        foreach (double weight in weights) logBound += Math.Log(1 + (rate * (Math.Exp(low * weight) - 1)));
        return Math.Exp(logBound);
    }

    /// <summary>Whether they are more than chance explains.</summary>
    public bool IsExcessive(double rate) =>
        Count > LeastFactor * rate * RowCount && (WeightedProbability ?? (1 - Binomial.CDF(rate, RowCount, Count - 1))) < LeastProbability;

    /// <summary>What to say if they are.</summary>
    public string? Warning(double rate, bool hasNoise) => !IsExcessive(rate) ? null : string.Create(
        CultureInfo.InvariantCulture,
        $"Of {Counted.Of(RowCount, "training row")} {100.0 * Count / RowCount:G3} % lie beyond the threshold, where {100 * rate:G3} % were asked for. The threshold comes from rows drawn from the mixture, and unless so many training rows are anomalies, ordinary rows are not like those. Hold out rows for the threshold, or fit {(hasNoise ? "without noise, " : string.Empty)}more components or another structure.");
}
