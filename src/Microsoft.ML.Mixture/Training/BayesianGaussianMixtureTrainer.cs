using Microsoft.ML.Mixture;
using Microsoft.ML.Mixture.Interop;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>The <see cref="IEstimator{TTransformer}"/> for training a Gaussian mixture by variational Bayes, which uses as many components as the data ask for.</summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// To create this trainer, use `mlContext.Clustering.Trainers.BayesianGaussianMixture(...)`.
///
/// ### Input and Output Columns
/// Those of the `GaussianMixtureTrainer`. K is the number of components in use, which is known after training.
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
/// Variational Bayes (Attias, 2000; Bishop, 2006, section 10.2) with a Dirichlet process (Blei and Jordan, 2006, doi:10.1214/06-BA104) or a Dirichlet
/// distribution on the weights and a Normal-Wishart distribution on means and precision matrices, from the best of a race of starts and moves, with fewer components
/// among them. Components that explain nothing lose their rows and are left out. Example weights count as repetitions of the row, and NaN is a missing feature.
///
/// ### Scoring Function
/// That of the mixture of expected weights, means and precision matrices, as the `GaussianMixtureTrainer` has it.
/// ]]></format>
/// </remarks>
/// <seealso cref="BayesianGaussianMixtureCatalog.BayesianGaussianMixture(ClusteringCatalog.ClusteringTrainers, string, string, int)"/>
/// <seealso cref="BayesianGaussianMixtureCatalog.BayesianGaussianMixture(ClusteringCatalog.ClusteringTrainers, Options)"/>
/// <seealso cref="Options"/>
public sealed partial class BayesianGaussianMixtureTrainer : ITrainerEstimator<GaussianMixtureTransformer, GaussianMixtureModelParameters>
{
    private readonly IHost _host;
    private readonly Options _options;

    internal BayesianGaussianMixtureTrainer(IHostEnvironment environment, Options options)
    {
        _host = environment.Register("BayesianGaussianMixture");
        _options = options.Clone();
        _options.Validate();
    }

    /// <summary>What the trainer wants of its input; ML.NET only informs by it.</summary>
    public TrainerInfo Info { get; } = HostInternals.CreateTrainerInfo(normalization: false, caching: false);

    /// <summary>Trains and returns a <see cref="GaussianMixtureTransformer"/>.</summary>
    /// <param name="input">The training data, which are read once, or twice where several cursors do not tell the order of rows.</param>
    /// <returns>The transformer, whose <c>Model.Posterior</c> is the posterior.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="ArgumentException">A row, a weight, a prior or the start is not valid; the message says which, and what to do.</exception>
    /// <exception cref="MixtureFitException">No start led to a valid model.</exception>
    /// <exception cref="OperationCanceledException">The fit was cancelled, unless <see cref="Options.CancellationBehavior"/> says otherwise.</exception>
    public GaussianMixtureTransformer Fit(IDataView input)
    {
        BayesianGaussianMixtureOptions options = _options.ToCoreOptions();
        var run = new TrainingRun(_host, "BayesianGaussianMixture", _options.FeatureColumnName, _options.ExampleWeightColumnName, _options.CancellationToken);
        return run.Fit(input, options, (rows, featureNames, cancellationToken) =>
        {
            options.FeatureNames = featureNames;
            return Mixture.BayesianGaussianMixture.Fit(rows, options, cancellationToken);
        });
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
