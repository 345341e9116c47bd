using System.Globalization;
using Microsoft.ML.Mixture;
using Microsoft.ML.Mixture.Interop;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>The <see cref="IEstimator{TTransformer}"/> for finding anomalies by the density of a Gaussian mixture.</summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// To create this trainer, use `mlContext.AnomalyDetection.Trainers.GaussianMixture(...)`.
///
/// ### Input and Output Columns
/// The input feature column must be a known-sized vector of Single. The output columns are:
///
/// | Output column | Type | Description |
/// | -- | -- | -- |
/// | `PredictedLabel` | Boolean | Whether the row is an anomaly at the false-alarm rate. |
/// | `Score` | Single | How far log p(x) lies below the threshold, in nats: the higher, the more unusual; positive for anomalies. |
/// | `PValue` | Single | The share of ordinary rows that are as unusual. |
/// | `LogLikelihood` | Single | log p(x) under the Gaussians, in nats, without the noise that the `LogLikelihood` of a `GaussianMixtureTrainer` counts; NaN where a feature is infinite. |
/// | `FeatureContributions` | vector of D Single | What each feature has to do with it, in nats: computed only if it is read. The largest may be of an ordinary feature where several that agree with it are unusual. |
///
/// ### Trainer Characteristics
/// | | |
/// | -- | -- |
/// | Machine learning task | Anomaly Detection |
/// | Is normalization required? | No: results do not depend on the features' units, apart from spherical structures and those that tie axes, or shapes along axes of their own (mclust's EVE, VVE, EEV and VEV). |
/// | Is caching required? | No: the features are copied once. |
/// | Required NuGet in addition to Microsoft.ML | Microsoft.ML.Mixture |
/// | Exportable to ONNX | No |
///
/// ### Training Algorithm Details
/// A Gaussian mixture is fitted as by the `GaussianMixtureTrainer`, by default with a component of noise, so that anomalies among the training
/// rows do not take a Gaussian or widen one. Rows are judged by the Gaussians alone. A share of the training rows, chosen at random, is held out
/// from the fit to find the threshold, so that the false-alarm rate holds even where the data are no Gaussian mixture; of rows that follow each other in time the last (`HoldOutLastRows`). A rate of 0.01 takes 99 rows,
/// for which up to half of the rows are held out. If they are still too few, the rate is raised to what they can tell, or with fewer than 19 rows
/// are drawn from the mixture instead, and a warning says so, in the log and in `Calibration.Warnings`. Only rows that lack nothing count for that. Where most rows lack something, the rate stays, rows are compared with
/// those held out that show as much where these are enough, and the others with rows drawn from the mixture; a warning says so, too. No labels are read.
///
/// Thresholds from rows drawn from the mixture, which also judge rows that lack what too few of those held out show, allow for the parameters being estimated,
/// by refits to data sets drawn from the mixture; see `GaussianMixtureModel.CalibrateAnomalies`. If no rows are held out, noise is left out where the Gaussians have the lower BIC without it. With fewer rows than parameters, and with noise in fits to fewer
/// than some hundred rows, they cannot be relied on.
///
/// ### Scoring Function
/// With weights w, means m and covariances S of the Gaussians, log p(x) = log sum over k of w(k) N(x; m(k), S(k)), of what the row shows: NaN is a
/// missing feature. The threshold is that of rows that show the same. A row of which nothing is observed, as of a machine that is off, is ordinary, without a word: its score is 0 and its
/// p-value 1. Look for such rows beforehand. A row with an infinite feature is an anomaly with the highest score.
/// ]]></format>
/// </remarks>
/// <seealso cref="GaussianMixtureAnomalyCatalog.GaussianMixture(AnomalyDetectionCatalog.AnomalyDetectionTrainers, string, string, int, double)"/>
/// <seealso cref="GaussianMixtureAnomalyCatalog.GaussianMixture(AnomalyDetectionCatalog.AnomalyDetectionTrainers, Options)"/>
/// <seealso cref="Options"/>
public sealed partial class GaussianMixtureAnomalyTrainer : ITrainerEstimator<GaussianMixtureAnomalyTransformer, GaussianMixtureModelParameters>
{
    private readonly IHost _host;
    private readonly Options _options;

    internal GaussianMixtureAnomalyTrainer(IHostEnvironment environment, Options options)
    {
        _host = environment.Register("GaussianMixtureAnomaly");
        _options = options.Clone();
        _options.Validate();
    }

    /// <summary>What the trainer wants of its input; ML.NET only informs by it.</summary>
    public TrainerInfo Info { get; } = HostInternals.CreateTrainerInfo(normalization: false, caching: false);

    /// <summary>Trains and returns a <see cref="GaussianMixtureAnomalyTransformer"/>.</summary>
    /// <param name="input">The training data, which are read once, or twice where several cursors do not tell the order of rows.</param>
    /// <returns>The transformer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="ArgumentException">A row, a weight or the start is not valid; the message says which, and what to do.</exception>
    /// <exception cref="MixtureFitException">No start led to a valid model.</exception>
    /// <exception cref="OperationCanceledException">The fit or the search for a threshold was cancelled, unless the options of the mixture say otherwise.</exception>
    /// <remarks>
    /// Cost: that of the fit; where noise may have to be left out, of one more that goes on without it; and of the threshold. From rows held out it takes next to nothing, unless far more of them lie in the tails than of rows drawn from the mixture, and then as much as from these. From rows drawn from the mixture it takes mostly less than
    /// a second; see <see cref="GaussianMixtureModel.CalibrateAnomalies(double, int, int, int?, CancellationToken)"/>. All of it is part of the time budget. When that is over, or a fit that returns its best is cancelled, there is a threshold nevertheless: of as many rows drawn as take a second at most, without refits that are not done, of which
    /// <see cref="AnomalyCalibration.Warnings"/> tell where there are none, and without a look whether noise is called for, and whether training rows or those held out are like the mixture.
    /// </remarks>
    public GaussianMixtureAnomalyTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using IChannel channel = _host.Start("Training");
        RowSource? heldOut = null, fitted = null;
        long started = 0;
        var trainer = new GaussianMixtureTrainer(_host, _options.Mixture)
        {
            SelectRows = (rows, featureName, cancellationToken) =>
            {
                started = FitClock.OfMachine.GetTimestamp();
                return fitted = HeldOutRows.Split(
                    rows, _options.HeldOutFraction, _options.FalseAlarmRate, _options.Mixture.LeastNumberOfComponents, _options.Mixture.Seed, _options.HoldOutLastRows, featureName, cancellationToken, out heldOut);
            },
        };
        GaussianMixtureModelParameters model = trainer.Fit(input).Model;
        if (heldOut is null && MayHaveUncalledNoise(model.Mixture, started)) model = LeaveOutUncalledNoise(model, input, fitted!, started, channel);
        AnomalyCalibration calibration = RunInTime(started, (time, cancelled) => Calibrate(model.Mixture, heldOut, fitted, time, cancelled));
        if (calibration.BeyondDrawn is not null && MayHaveUncalledNoise(model.Mixture, started) && AreLikeTheMixtureWithoutNoise(model.Mixture, heldOut!, fitted!, started)) calibration.BeyondDrawn = null;
        foreach (string warning in calibration.Warnings) channel.Warning(MessageSensitivity.None, "{0}", warning);
        channel.Info(MessageSensitivity.None, "{0}", calibration);
        return new GaussianMixtureAnomalyTransformer(_host, model, calibration, _options.Mixture.FeatureColumnName);
    }

    /// <summary>The schema of what the transformer will give, for propagation through a pipeline.</summary>
    /// <param name="inputSchema">The shape of the input.</param>
    /// <returns>The input's columns and the five output columns.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return MixtureSchema.AnomalyOutputShape(inputSchema, _options.Mixture.FeatureColumnName, _options.Mixture.ExampleWeightColumnName);
    }

    // What was cancelled, or is out of time, is not to go on.
    private bool MayHaveUncalledNoise(GaussianMixtureModel model, long started) =>
        model.HasNoise && model.Report!.StopReason is not (StopReason.Cancelled or StopReason.TimeBudget) && TimeLeft(started) != TimeSpan.Zero;

    private TimeSpan? TimeLeft(long started) =>
        _options.Mixture.TimeBudget is { } budget ? TimeSpan.FromTicks(Math.Max(0, (budget - FitClock.OfMachine.GetElapsedTime(started)).Ticks)) : null;

    // A cancelled fit that returns its best has to have a threshold, too, as one that is out of time: what it can do without is left out.
    private T RunInTime<T>(long started, Func<TimeLimit, CancellationToken, T> work)
    {
        bool returnsBest = _options.Mixture.CancellationBehavior == CancellationBehavior.ReturnBest;
        return DataViewRun.Run(
            _host, "fit",
            cancelled =>
            {
                using var time = new TimeLimit(TimeLeft(started), FitClock.OfMachine, cancelled);
                return work(time, returnsBest ? CancellationToken.None : cancelled);
            },
            _options.Mixture.CancellationToken);
    }

    private GaussianMixtureModelParameters LeaveOutUncalledNoise(GaussianMixtureModelParameters model, IDataView input, RowSource fitted, long started, IChannel channel)
    {
        GaussianMixtureOptions options = _options.Mixture.ToCoreOptions();
        options.FeatureNames = MixtureSchema.SlotNames(MixtureSchema.FindFeatures(input.Schema, _options.Mixture.FeatureColumnName));
        GaussianMixtureModel chosen = LeaveOutUncalledNoise(model.Mixture, fitted, options, started);
        if (chosen.HasNoise) return model;
        foreach (string warning in chosen.Report!.Warnings) channel.Warning(MessageSensitivity.Schema, "{0}", warning);
        channel.Info(
            MessageSensitivity.None, "The mixture is fitted without noise, which its rows do not call for: by BIC {0}, and {1} with noise.",
            chosen.Report.BayesianInformationCriterion.ToString("F1", CultureInfo.InvariantCulture), model.Mixture.Report!.BayesianInformationCriterion.ToString("F1", CultureInfo.InvariantCulture));
        return model.Search is { } search ? new GaussianMixtureModelParameters(chosen, search) : new GaussianMixtureModelParameters(chosen);
    }

    // There is a mixture already, which a fit that is cancelled leaves as it is.
    private GaussianMixtureModel LeaveOutUncalledNoise(GaussianMixtureModel model, RowSource fitted, GaussianMixtureOptions options, long started)
    {
        options.TimeBudget = TimeLeft(started);
        if (options.TimeBudget == TimeSpan.Zero) return model;
        try
        {
            return DataViewRun.Run(_host, "fit", cancelled => UncalledNoise.LeaveOut(model, fitted, options, cancelled), _options.Mixture.CancellationToken);
        }
        catch (OperationCanceledException) when (_options.Mixture.CancellationBehavior == CancellationBehavior.ReturnBest)
        {
            return model;
        }
    }

    // Noise that is not called for has taken ordinary rows, and those held out are no longer like its Gaussians, though the threshold is right for them.
    private bool AreLikeTheMixtureWithoutNoise(GaussianMixtureModel model, RowSource heldOut, RowSource fitted, long started) =>
        LeaveOutUncalledNoise(model, fitted, _options.Mixture.ToCoreOptions(), started) is { HasNoise: false } chosen
        && RunInTime(started, (time, cancelled) => Calibrate(chosen, heldOut, time, cancelled).BeyondDrawn is null && !time.HasEnded);

    private AnomalyCalibration Calibrate(GaussianMixtureModel model, RowSource? heldOut, RowSource? fitted, TimeLimit time, CancellationToken cancellationToken)
    {
        AnomalyCalibration calibration = Calibrate(model, heldOut, time, cancellationToken);
        if (calibration.IsSimulated && fitted is not null) calibration.Training = time.Within<TrainingAlarms?>(stopped => TrainingAlarms.Find(calibration, fitted, stopped), null, cancellationToken);
        if (fitted is not null) calibration.Order = time.Within<SerialCorrelation?>(stopped => SerialCorrelation.Find(calibration.Model, fitted, stopped), null, cancellationToken);
        return calibration;
    }

    private AnomalyCalibration Calibrate(GaussianMixtureModel model, RowSource? heldOut, TimeLimit time, CancellationToken cancellationToken)
    {
        double rate = _options.FalseAlarmRate;
        var refits = new RefitSettings(EstimationRefits.CountFor(model), _options.Mixture.CovariancePriorStrength, _options.Mixture.CovarianceFloor);
        int seed = _options.Mixture.Seed;
        if (heldOut is null)
        {
            double told = Math.Max(rate, AnomalyCalibration.LeastRateOfSamples);
            return AnomalyCalibration.Simulate(
                model, told, AnomalyCalibration.SampleCountFor(told, model, time.HasEnded ? TimeSpan.Zero : time.Left), seed, refits, lacksHeldOut: _options.HeldOutFraction > 0, rate, time, cancellationToken);
        }

        double possible = HeldOutRows.PossibleRate(heldOut.RowCount, HeldOutRows.CountComplete(heldOut), rate);
        return AnomalyCalibration.HoldOut(model, heldOut, possible, seed, refits, rate, time, cancellationToken);
    }
}
