namespace Microsoft.ML.Mixture;

/// <content>What is unusual under the mixture.</content>
public sealed partial class GaussianMixtureModel
{
    /// <summary>Finds the threshold below which a log-density is unusual, by rows drawn from the mixture: right as far as ordinary rows are like it.</summary>
    /// <remarks>
    /// Parameters that were estimated from few rows make new rows look less ordinary than those fitted, and raise more alarms than were asked for. So
    /// the mixture is fitted anew to data sets drawn from it, of as many rows with as many missing values, and rows of the mixture are judged by these
    /// refits: what it takes to raise the false-alarm rate there, on average, is the threshold. It is never above that of parameters that are known: where refits come to another mixture and would raise it, they count as known, and a warning says so. On new rows the rate then comes out right on average over training
    /// sets; the one at hand may be off by as much as the data sets differ. With fewer rows than free parameters it cannot be relied on, and with noise it takes
    /// some hundred rows, as in fewer the noise takes ordinary ones: a fit without noise is better where its BIC is lower. Rows that are skewed or have heavy tails may raise several times as many alarms: <see cref="AnomalyCalibration.JudgeTraining"/>
    /// looks whether those of the fit do. A mixture without a <see cref="MixtureModel.Report"/> counts as known.
    /// Cost: by itself at most 100 refits of one thread, fewer where rows are many, and mostly less than a second; none where there are more than 500 rows
    /// for each free parameter, which changes less than chance does, or where it would take more than half a minute.
    /// </remarks>
    /// <param name="falseAlarmRate">The share of ordinary rows that may be called anomalies, above 0 and below 1.</param>
    /// <param name="sampleCount">The number of rows to draw, at most 10,000,000. The false-alarm rate comes out within about sqrt(rate / sampleCount), apart from the parameters.</param>
    /// <param name="seed">The seed: the same gives the same threshold.</param>
    /// <param name="refitCount">
    /// The number of refits, from 0 to 10,000; null for as many as it takes. With 0 the parameters count as known. They have the covariance prior of default strength, or the
    /// variational prior of the mixture, and as many rows as the weights of the fit add up to: where these are more than there were, at most 134 million values.
    /// </param>
    /// <param name="cancellationToken">Stops the refits and the draws.</param>
    /// <returns>The calibration.</returns>
    /// <exception cref="ArgumentException">The rate or a number is not possible, or the rate takes more rows, or there is no report to refit by.</exception>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public AnomalyCalibration CalibrateAnomalies(
        double falseAlarmRate = AnomalyCalibration.DefaultFalseAlarmRate, int sampleCount = AnomalyCalibration.DefaultSampleCount, int seed = 0, int? refitCount = null,
        CancellationToken cancellationToken = default) =>
        AnomalyCalibration.Simulate(this, falseAlarmRate, sampleCount, seed, new RefitSettings(refitCount ?? EstimationRefits.CountFor(this)), cancellationToken: cancellationToken);

    /// <summary>Finds the threshold below which a log-density is unusual, by ordinary rows: right even where the mixture is not.</summary>
    /// <remarks>
    /// Cost: a pass over the rows. Where far more of them lie in the tails than of rows drawn from the mixture, at most 100 refits more, to tell whether they do: as many as without rows held out.
    /// </remarks>
    /// <param name="heldOutRows">
    /// N x D values that the mixture was not fitted to, in feature units, NaN for a missing value. At least 1 / falseAlarmRate - 1 of them. Rows
    /// of the training would look denser than others do, and so do rows that lie between them in time: of rows that follow each other take later ones. The share of alarms to be expected is that of whole rows,
    /// floor(rate (N + 1)) / (N + 1): 99, 199 or 299 rows give 1 %, and 150 rows 0.66 %.
    /// </param>
    /// <param name="falseAlarmRate">The share of ordinary rows that may be called anomalies, above 0 and below 1.</param>
    /// <returns>The calibration.</returns>
    /// <exception cref="ArgumentException">The rate is not possible, there are too few rows or not D features, or a value is infinite.</exception>
    public AnomalyCalibration CalibrateAnomalies(double[,] heldOutRows, double falseAlarmRate) => CalibrateAnomalies(heldOutRows, falseAlarmRate, CancellationToken.None);

    /// <summary>The same, where it may have to be stopped.</summary>
    /// <param name="heldOutRows">N x D values that the mixture was not fitted to, in feature units, NaN for a missing value.</param>
    /// <param name="falseAlarmRate">The share of ordinary rows that may be called anomalies, above 0 and below 1.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>The calibration.</returns>
    /// <exception cref="ArgumentException">The rate is not possible, there are too few rows or not D features, or a value is infinite.</exception>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public AnomalyCalibration CalibrateAnomalies(double[,] heldOutRows, double falseAlarmRate, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(heldOutRows);
        return AnomalyCalibration.HoldOut(this, GaussianMixture.Copy(heldOutRows, null), falseAlarmRate, seed: 0, new RefitSettings(EstimationRefits.CountFor(this)), cancellationToken: cancellationToken);
    }

    /// <summary>Makes room to tell which features make rows unusual, one row at a time; one for each thread.</summary>
    /// <returns>The scorer.</returns>
    /// <remarks>Cost: for the first row K D^2 / 2 operations more than for others, and for the first of each set of missing features O(K D^3); see <see cref="ContributionScorer"/>.</remarks>
    public ContributionScorer CreateContributionScorer() => new(this);

    /// <summary>Which features make a row unusual: the first, if it is one alone; of several that agree with others the first may be one that is ordinary, see <see cref="ContributionScorer"/>.</summary>
    /// <param name="row">x, shape D, in feature units; NaN for a missing feature.</param>
    /// <returns>One contribution a feature, the largest first.</returns>
    /// <exception cref="ArgumentException">The row does not have D features.</exception>
    /// <remarks>Cost: that of a scorer, O(K D^2), or O(K D^3) for a row with missing features; see <see cref="CreateContributionScorer"/> for several rows.</remarks>
    public IReadOnlyList<FeatureContribution> FeatureContributions(params ReadOnlySpan<double> row)
    {
        var contributions = new FeatureContribution[Dimension];
        CreateContributionScorer().Score(row, contributions);
        return [.. contributions.OrderByDescending(contribution => contribution.Contribution)];
    }
}
