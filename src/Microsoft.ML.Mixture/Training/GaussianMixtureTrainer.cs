using System.Globalization;
using Microsoft.ML.Mixture;
using Microsoft.ML.Mixture.Interop;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>The <see cref="IEstimator{TTransformer}"/> for training a Gaussian mixture by expectation-maximization.</summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// To create this trainer, use `mlContext.Clustering.Trainers.GaussianMixture(...)`.
///
/// ### Input and Output Columns
/// The input feature column must be a known-sized vector of Single. The output columns are:
///
/// | Output column | Type | Description |
/// | -- | -- | -- |
/// | `PredictedLabel` | key of K | The most likely component: 1 to K, 0 where a feature is infinite. |
/// | `Score` | vector of K Single | -log(weight of the component times its density), in nats: the smallest is the label's. |
/// | `Probability` | vector of K Single | The probability of each component given the row; they sum to one. |
/// | `LogLikelihood` | Single | log p(x), in nats: the lower, the more unusual the row. |
///
/// ### Trainer Characteristics
/// | | |
/// | -- | -- |
/// | Machine learning task | Clustering |
/// | Is normalization required? | No: apart from the spherical structure, results do not depend on the features' units. |
/// | Is caching required? | No: the features are copied once. |
/// | Required NuGet in addition to Microsoft.ML | Microsoft.ML.Mixture |
/// | Exportable to ONNX | No |
///
/// ### Training Algorithm Details
/// Expectation-maximization (Dempster, Laird and Rubin, 1977) from a k-means++ start (Arthur and Vassilvitskii, 2007), in double precision,
/// with a conjugate prior on the covariances (Fraley and Raftery, 2007) that keeps them positive definite. Example weights count as
/// repetitions of the row. NaN is a missing feature: a row counts for what is observed of it, in training and in scoring, exactly as the
/// likelihood has it (Ghahramani and Jordan, 1994), and nothing is filled in before.
///
/// ### Scoring Function
/// With mixing weights w, means m and covariances S, component k scores -log( w(k) N(x; m(k), S(k)) ).
/// ]]></format>
/// </remarks>
/// <seealso cref="GaussianMixtureCatalog.GaussianMixture(ClusteringCatalog.ClusteringTrainers, string, string, int)"/>
/// <seealso cref="GaussianMixtureCatalog.GaussianMixture(ClusteringCatalog.ClusteringTrainers, Options)"/>
/// <seealso cref="Options"/>
public sealed partial class GaussianMixtureTrainer : ITrainerEstimator<GaussianMixtureTransformer, GaussianMixtureModelParameters>
{
    private readonly IHost _host;
    private readonly Options _options;

    internal GaussianMixtureTrainer(IHostEnvironment environment, Options options)
    {
        _host = environment.Register("GaussianMixture");
        _options = options.Clone();
        _options.Validate();
    }

    /// <summary>What the trainer wants of its input; ML.NET only informs by it.</summary>
    public TrainerInfo Info { get; } = HostInternals.CreateTrainerInfo(normalization: false, caching: false);

    /// <summary>Trains and returns a <see cref="GaussianMixtureTransformer"/>.</summary>
    /// <param name="input">The training data, which are read once.</param>
    /// <returns>The transformer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="ArgumentException">A row, a weight or the start is not valid; the message says which, and what to do.</exception>
    /// <exception cref="MixtureFitException">No start led to a valid model.</exception>
    /// <exception cref="OperationCanceledException">The fit was cancelled, unless <see cref="Options.CancellationBehavior"/> says otherwise.</exception>
    public GaussianMixtureTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using IChannel channel = _host.Start("Training");
        DataViewSchema.Column feature = MixtureSchema.FindFeatures(input.Schema, _options.FeatureColumnName);
        DataViewSchema.Column? weight = MixtureSchema.FindWeight(input.Schema, _options.ExampleWeightColumnName);
        GaussianMixtureOptions options = _options.ToCoreOptions();
        options.FeatureNames = MixtureSchema.SlotNames(feature);
        using IProgressChannel progress = _host.StartProgressChannel("GaussianMixture");
        options.Progress = new ChannelProgress(channel, progress, _options.MaximumNumberOfIterations);

        GaussianMixtureModel model = Fit(input, feature, weight, options);
        foreach (string warning in model.Report!.Warnings) channel.Warning(MessageSensitivity.Schema, "{0}", warning);
        channel.Info(
            MessageSensitivity.None, "Fitted {0} components to {1} rows in {2} iterations ({3}); average log-likelihood {4}.", model.ComponentCount,
            model.Report.RowCount, model.Report.IterationCount, model.Report.StopReason, model.Report.AverageLogLikelihood.ToString("G7", CultureInfo.InvariantCulture));
        return new GaussianMixtureTransformer(_host, new GaussianMixtureModelParameters(model), _options.FeatureColumnName);
    }

    /// <summary>The schema of what the transformer will give, for propagation through a pipeline.</summary>
    /// <param name="inputSchema">The shape of the input.</param>
    /// <returns>The input's columns and the four output columns.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return MixtureSchema.OutputShape(inputSchema, _options.FeatureColumnName, _options.ExampleWeightColumnName);
    }

    private GaussianMixtureModel Fit(IDataView input, DataViewSchema.Column feature, DataViewSchema.Column? weight, GaussianMixtureOptions options)
    {
        using var cancellation = new FitCancellation(_host, _options.CancellationToken);
        try
        {
            return Mixture.GaussianMixture.Fit(DataViewRows.Read(input, feature, weight, options.ThreadCount ?? Environment.ProcessorCount, cancellation.Token), options, cancellation.Token);
        }
        catch (OperationCanceledException exception) when (_options.CancellationToken.IsCancellationRequested)
        {
            // Tasks count as cancelled, not as failed, only if the exception has the token that they know.
            throw new OperationCanceledException("The fit was cancelled.", exception, _options.CancellationToken);
        }
    }

    /// <summary>Passes on the progress of a fit.</summary>
    private sealed class ChannelProgress : IProgress<FitProgress>
    {
        private readonly IChannel _channel;
        private readonly IProgressChannel _progress;
        private FitProgress _last;

        public ChannelProgress(IChannel channel, IProgressChannel progress, int maximumIterations)
        {
            _channel = channel;
            _progress = progress;
            progress.SetHeader(
                new ProgressHeader(["Average log-likelihood", "Remaining gain", "Seconds left"], ["iterations"]),
                entry =>
                {
                    entry.SetProgress(0, _last.Iteration, maximumIterations);
                    entry.SetMetric(0, _last.AverageLogLikelihood);
                    entry.SetMetric(1, _last.RemainingGain);
                    if (_last.TimeLeft is { } left) entry.SetMetric(2, left.TotalSeconds);
                });
        }

        public void Report(FitProgress value)
        {
            _last = value;
            _progress.Checkpoint(value.AverageLogLikelihood, value.RemainingGain, value.TimeLeft?.TotalSeconds, value.Iteration);
            _channel.Trace(
                MessageSensitivity.None, "Start {0}, iteration {1}: average log-likelihood {2}, objective {3}{4}{5}{6}.", value.Start, value.Iteration,
                value.AverageLogLikelihood.ToString("G10", CultureInfo.InvariantCulture), value.AverageObjective.ToString("G10", CultureInfo.InvariantCulture),
                double.IsNaN(value.Gain) ? string.Empty : FormattableString.Invariant($", gained {value.Gain:G3}"),
                double.IsNaN(value.IterationsPerSecond) ? string.Empty : FormattableString.Invariant($", {value.IterationsPerSecond:G3} iterations a second"),
                value.TimeLeft is { } left ? FormattableString.Invariant($", about {left.TotalSeconds:G2} s left") : string.Empty);
        }
    }
}
