using System.Globalization;
using MathNet.Numerics.Distributions;

namespace Microsoft.ML.Mixture;

/// <summary>How many of the rows held out, of those that lack nothing, are less dense than nearly all rows drawn from the mixture: far more than can be expected.</summary>
/// <param name="Count">How many.</param>
/// <param name="RowCount">Of how many.</param>
/// <param name="DrawnShare">Of the rows drawn, the share that is as little dense.</param>
internal sealed record HeldOutAlarms(int Count, int RowCount, double DrawnShare)
{
    // So many have at most this probability if the rows are like the mixture, and are so many times as many.
    private const double LeastProbability = 1e-3;
    private const double LeastFactor = 1.5;

    // Where rows are few, noise that has taken ordinary ones has twice the weight of those far out, or more; that of anomalies has as much.
    private const int FewRows = 500;
    private const double PartOfNoise = 0.6;

    // Some anomalies do not add much to the alarms of ordinary rows, but lie where hardly any of these do.
    private static readonly double[] _partsOfRate = [1, 0.1];

    /// <summary>Compares rows held out that make a threshold with rows drawn from the mixture.</summary>
    /// <returns>Null if they are like these, or if nothing allows for the estimation of the mixture.</returns>
    public static HeldOutAlarms? Find(AnomalyCalibration calibration, CancellationToken cancellationToken)
    {
        // Without refits the rows drawn are too dense, so that they tell at next to no cost where refits are not needed.
        return !calibration.IsSimulated && Find(calibration, [], cancellationToken) is { } found ? calibration.HasKnownParameters ? found : Refitted() : null;

        HeldOutAlarms? Refitted() => calibration.RefitCount > 0 && calibration.MadeRefits is { Count: > 0 } refits ? Find(calibration, refits, cancellationToken) : null;
    }

    /// <summary>What to say.</summary>
    public string Warning(bool hasNoise) => string.Create(
        CultureInfo.InvariantCulture,
        $"Of {Counted.Of(RowCount, "row")} held out {100.0 * Count / RowCount:G3} % lie where only {100 * DrawnShare:G3} % of rows drawn from the mixture do: anomalies among the training rows, or ordinary rows with longer tails than the mixture has. The threshold takes them for ordinary, so that anomalies may be missed that lie no farther out. If they are anomalies, remove them from the training rows, ask for a higher false-alarm rate than there are anomalies, or take the threshold from rows drawn from the mixture (HeldOutFraction = 0). If they are ordinary, the rate is the one asked for, and {(hasNoise ? "a fit without noise, with " : string.Empty)}more components or another structure may find more.");

    private static HeldOutAlarms? Find(AnomalyCalibration calibration, IReadOnlyList<GaussianMixtureModel> refits, CancellationToken cancellationToken)
    {
        double[][] drawn = calibration.Draw(refits, [.. Enumerable.Range(0, calibration.Model.Dimension)], cancellationToken);
        int rows = calibration.ReferenceCount;
        foreach (double part in _partsOfRate)
        {
            double share = part * calibration.FalseAlarmRate;
            if (!AnomalyCalibration.AreEnough(drawn[0].Length, share)) break;
            int count = calibration.Complete.CountBelow(AnomalyCalibration.Lowest(drawn, share).Threshold);
            if (part == 1 && calibration.FittedRowCount < FewRows && count < (share + (PartOfNoise * calibration.NoiseWeight)) * rows) break;
            if (count > LeastFactor * share * rows && 1 - Binomial.CDF(share, rows, count - 1) < LeastProbability) return new HeldOutAlarms(count, rows, share);
        }

        return null;
    }
}
