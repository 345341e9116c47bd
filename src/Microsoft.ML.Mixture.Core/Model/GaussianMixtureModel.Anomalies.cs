namespace Microsoft.ML.Mixture;

/// <content>What is unusual under the mixture.</content>
public sealed partial class GaussianMixtureModel
{
    /// <summary>Finds the threshold below which a log-density is unusual, by rows drawn from the mixture: right as far as the mixture is.</summary>
    /// <param name="falseAlarmRate">The share of ordinary rows that may be called anomalies, above 0 and below 1.</param>
    /// <param name="sampleCount">The number of rows to draw. The false-alarm rate comes out within about sqrt(rate / sampleCount).</param>
    /// <param name="seed">The seed: the same gives the same threshold.</param>
    /// <returns>The calibration.</returns>
    /// <exception cref="ArgumentException">The rate is not possible, or takes more rows.</exception>
    public AnomalyCalibration CalibrateAnomalies(
        double falseAlarmRate = AnomalyCalibration.DefaultFalseAlarmRate, int sampleCount = AnomalyCalibration.DefaultSampleCount, int seed = 0) =>
        AnomalyCalibration.Simulate(this, falseAlarmRate, sampleCount, seed);

    /// <summary>Finds the threshold below which a log-density is unusual, by ordinary rows: right even where the mixture is not.</summary>
    /// <param name="heldOutRows">
    /// N x D values that the mixture was not fitted to, in feature units, NaN for a missing value. At least 1 / falseAlarmRate - 1 of them. Rows
    /// of the training would look denser than others do.
    /// </param>
    /// <param name="falseAlarmRate">The share of ordinary rows that may be called anomalies, above 0 and below 1.</param>
    /// <returns>The calibration.</returns>
    /// <exception cref="ArgumentException">The rate is not possible, there are too few rows or not D features, or a value is infinite.</exception>
    public AnomalyCalibration CalibrateAnomalies(double[,] heldOutRows, double falseAlarmRate) =>
        AnomalyCalibration.HoldOut(this, GaussianMixture.Copy(heldOutRows, null), falseAlarmRate, seed: 0);

    /// <summary>Makes room to tell which features make rows unusual, one row at a time; one for each thread.</summary>
    /// <returns>The scorer.</returns>
    public ContributionScorer CreateContributionScorer() => new(this);

    /// <summary>Which features make a row unusual.</summary>
    /// <param name="row">x, shape D, in feature units; NaN for a missing feature.</param>
    /// <returns>One contribution a feature, the largest first.</returns>
    public IReadOnlyList<FeatureContribution> FeatureContributions(params ReadOnlySpan<double> row)
    {
        var contributions = new FeatureContribution[Dimension];
        CreateContributionScorer().Score(row, contributions);
        return [.. contributions.OrderByDescending(contribution => contribution.Contribution)];
    }
}
