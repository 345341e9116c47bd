using Microsoft.ML.Mixture;
using Microsoft.ML.Mixture.Interop;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>The <see cref="IEstimator{TTransformer}"/> for training a mixture of factor analysers by expectation-maximization.</summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// To create this trainer, use `mlContext.Clustering.Trainers.FactorAnalyzerMixture(...)`.
///
/// ### Input and Output Columns
/// The input feature column must be a known-sized vector of Single. The output columns are those of the `GaussianMixtureTrainer`:
/// `PredictedLabel`, `Score`, `Probability` and `LogLikelihood`.
///
/// ### Trainer Characteristics
/// | | |
/// | -- | -- |
/// | Machine learning task | Clustering |
/// | Is normalization required? | No: apart from spherical specific variances, results do not depend on the features' units. |
/// | Is caching required? | No: the features are copied once. |
/// | Required NuGet in addition to Microsoft.ML | Microsoft.ML.Mixture |
/// | Exportable to ONNX | No |
///
/// ### Training Algorithm Details
/// Each component is a Gaussian with the covariance L L' + P, with loadings L of q factors and a diagonal P (Ghahramani and Hinton, 1996;
/// McLachlan, Peel and Bean, 2003). So the number of parameters grows with the number of features and not with its square, and no matrix of
/// features by features is ever made. Parameter-expanded expectation-maximization (Liu, Rubin and Wu, 1998)
/// from the best of a race of starts. With `Auto` for the number of components or of factors, mixtures of many are fitted, and the one with the best BIC, or
/// another criterion, is the result.
///
/// ### Scoring Function
/// With mixing weights w, means m and covariances S, component k scores -log( w(k) N(x; m(k), S(k)) ).
/// ]]></format>
/// </remarks>
/// <seealso cref="FactorAnalyzerMixtureCatalog.FactorAnalyzerMixture(ClusteringCatalog.ClusteringTrainers, string, string, int, int)"/>
/// <seealso cref="FactorAnalyzerMixtureCatalog.FactorAnalyzerMixture(ClusteringCatalog.ClusteringTrainers, Options)"/>
/// <seealso cref="Options"/>
public sealed partial class FactorAnalyzerMixtureTrainer : ITrainerEstimator<FactorAnalyzerMixtureTransformer, FactorAnalyzerMixtureModelParameters>
{
    private readonly IHost _host;
    private readonly Options _options;

    internal FactorAnalyzerMixtureTrainer(IHostEnvironment environment, Options options)
    {
        _host = environment.Register("FactorAnalyzerMixture");
        _options = options.Clone();
        _options.Validate();
    }

    /// <summary>What the trainer wants of its input; ML.NET only informs by it.</summary>
    public TrainerInfo Info { get; } = HostInternals.CreateTrainerInfo(normalization: false, caching: false);

    /// <summary>Trains and returns a <see cref="FactorAnalyzerMixtureTransformer"/>.</summary>
    /// <param name="input">The training data, which are read once, or twice where several cursors do not tell the order of rows.</param>
    /// <returns>The transformer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="ArgumentException">A row, a weight or the start is not valid, or there are more factors than features; the message says which, and what to do.</exception>
    /// <exception cref="MixtureFitException">No start led to a valid model.</exception>
    /// <exception cref="OperationCanceledException">The fit was cancelled, unless <see cref="Options.CancellationBehavior"/> says otherwise.</exception>
    public FactorAnalyzerMixtureTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (_options.NeedsSearch)
        {
            return MixtureSearchRun.Run(
                _host, input, _options.ToSearchOptions(), _options.FeatureColumnName, _options.ExampleWeightColumnName, _options.CancellationToken).Transformer;
        }

        FactorAnalyzerMixtureOptions options = _options.ToCoreOptions();
        var run = new TrainingRun(_host, "FactorAnalyzerMixture", _options.FeatureColumnName, _options.ExampleWeightColumnName, _options.CancellationToken);
        FactorAnalyzerMixtureModel model = run.FitModel(input, options, (rows, featureNames, cancellationToken) =>
        {
            options.FeatureNames = featureNames;
            return Mixture.FactorAnalyzerMixture.Fit(rows, options, cancellationToken);
        });
        return new FactorAnalyzerMixtureTransformer(_host, new FactorAnalyzerMixtureModelParameters(model), _options.FeatureColumnName);
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
}
