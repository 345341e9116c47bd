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
/// With <see cref="Options.NoiseComponent"/> there is one slot more, the last, and one label more, K + 1: noise.
///
/// ### Trainer Characteristics
/// | | |
/// | -- | -- |
/// | Machine learning task | Clustering |
/// | Is normalization required? | No: results do not depend on the features' units, apart from spherical structures and those that tie axes, or shapes along axes of their own (mclust's EVE, VVE, EEV and VEV). |
/// | Is caching required? | No: the features are copied once. |
/// | Required NuGet in addition to Microsoft.ML | Microsoft.ML.Mixture |
/// | Exportable to ONNX | No |
///
/// ### Training Algorithm Details
/// Expectation-maximization (Dempster, Laird and Rubin, 1977) from the best of a race of starts of several kinds, in double precision,
/// with a conjugate prior on the covariances (Fraley and Raftery, 2007) that keeps them positive definite. Example weights count as
/// repetitions of the row. NaN is a missing feature: a row counts for what is observed of it, in training and in scoring, exactly as the
/// likelihood has it (Ghahramani and Jordan, 1994), and nothing is filled in before. With `Auto` for the number of components or the
/// covariance structure, mixtures of many are fitted, and the one with the best BIC, or another criterion, is the result.
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

    /// <summary>Chooses among the rows that were read those to fit to, and gets the names of features for messages; null for all rows.</summary>
    internal Func<RowSource, Func<int, string>, CancellationToken, RowSource>? SelectRows { get; init; }

    /// <summary>Trains and returns a <see cref="GaussianMixtureTransformer"/>.</summary>
    /// <param name="input">The training data, which are read once, or twice where several cursors do not tell the order of rows.</param>
    /// <returns>The transformer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="ArgumentException">A row, a weight or the start is not valid; the message says which, and what to do.</exception>
    /// <exception cref="MixtureFitException">No start led to a valid model.</exception>
    /// <exception cref="OperationCanceledException">The fit was cancelled, unless <see cref="Options.CancellationBehavior"/> says otherwise.</exception>
    public GaussianMixtureTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (_options.NeedsSearch) return Search(input);
        GaussianMixtureOptions options = _options.ToCoreOptions();
        var run = new TrainingRun(_host, "GaussianMixture", _options.FeatureColumnName, _options.ExampleWeightColumnName, _options.CancellationToken);
        return run.Fit(input, options, (rows, featureNames, cancellationToken) =>
        {
            options.FeatureNames = featureNames;
            return Mixture.GaussianMixture.Fit(SelectRows?.Invoke(rows, options.FeatureName, cancellationToken) ?? rows, options, cancellationToken);
        });
    }

    /// <summary>The schema of what the transformer will give, for propagation through a pipeline.</summary>
    /// <param name="inputSchema">The shape of the input.</param>
    /// <returns>The input's columns and the four output columns.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return MixtureSchema.OutputShape(inputSchema, _options.FeatureColumnName, _options.ExampleWeightColumnName, _options.NoiseComponent);
    }

    private GaussianMixtureTransformer Search(IDataView input) => MixtureSearchRun.Run(
        _host, input, _options.ToSearchOptions(), _options.FeatureColumnName, _options.ExampleWeightColumnName, _options.CancellationToken, SelectRows, _options.WarningOfDefault).Transformer;
}
