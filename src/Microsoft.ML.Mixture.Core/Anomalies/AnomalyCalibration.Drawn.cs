using MathNet.Numerics.Distributions;

namespace Microsoft.ML.Mixture;

/// <content>What rows are compared with, held out or drawn.</content>
public sealed partial class AnomalyCalibration
{
    // Refits under which so small a part of the rate lies beyond the threshold have other groups, and so few rows have at most this probability.
    private const double PartOfForeignRefits = 0.5;
    private const double LeastProbability = 1e-3;

    /// <summary>Of rows drawn, the share that lies beyond the threshold under the refits, where that is far less than the rate; null where refits are like the mixture.</summary>
    private double? ForeignRefits { get; set; }

    /// <summary>The lowest threshold of all log-densities at a rate: an allowance for the estimation never raises it.</summary>
    internal static AnomalyReference Lowest(double[][] drawn, double rate) =>
        drawn.Select(densities => new AnomalyReference(densities, rate, isSimulated: true)).MinBy(reference => reference.Threshold)!;

    /// <summary>Log-densities of rows drawn from the mixture whose parameters count as known, and those that allow for their estimation if there are refits.</summary>
    internal double[][] Draw(IReadOnlyList<GaussianMixtureModel> refits, int[] observed, CancellationToken cancellationToken)
    {
        double[] known = SimulatedReference.Draw(Model, [], SampleCount, Seed, observed, cancellationToken);
        return refits.Count == 0 || observed.Length == 0 ? [known] : [SimulatedReference.Draw(Model, [.. refits], SampleCount, Seed, observed, cancellationToken), known];
    }

    private GaussianMixtureModel[] MakeRefits()
    {
        GaussianMixtureModel[] made = EstimationRefits.Run(_fitted, Refits, Seed, _time, out int count, _preparing);
        Refits = Refits with { Count = count };
        return made;
    }

    private AnomalyReference Compute(int[] observed)
    {
        int dimension = Model.Dimension;
        if (HeldOut is { } rows)
        {
            double[] densities = SimulatedReference.LogDensities(Model, rows.Length / dimension, (i, row) => rows.AsSpan(i * dimension, dimension).CopyTo(row), observed, _preparing);
            if (AreEnough(densities.Length, FalseAlarmRate)) return new AnomalyReference(densities, FalseAlarmRate, isSimulated: false);
        }

        double[][] drawn = Draw(_refits.Value, observed, _preparing);
        if (drawn.Length > 1 && observed.Length == dimension) ForeignRefits = FindForeign(drawn);
        return Lowest(drawn, FalseAlarmRate);
    }

    private double? FindForeign(double[][] drawn)
    {
        double threshold = new AnomalyReference(drawn[1], FalseAlarmRate, isSimulated: true).Threshold;
        int rows = drawn[0].Length, beyond = drawn[0].Count(density => density < threshold);
        bool areForeign = beyond < PartOfForeignRefits * FalseAlarmRate * rows && Binomial.CDF(FalseAlarmRate, rows, beyond) < LeastProbability;
        return areForeign ? (double)beyond / rows : null;
    }
}
