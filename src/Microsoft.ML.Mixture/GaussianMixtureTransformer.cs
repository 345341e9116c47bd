using Microsoft.ML.Mixture;
using Microsoft.ML.Mixture.Interop;
using Microsoft.ML.Mixture.Serialization;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>
/// The <see cref="ITransformer"/> that scores rows under a Gaussian mixture, as the <see cref="GaussianMixtureTrainer"/> makes it. Immutable
/// and safe to share between threads.
/// </summary>
public sealed class GaussianMixtureTransformer : MixtureTransformer<GaussianMixtureModelParameters>
{
    /// <summary>Makes a transformer of a mixture that is at hand, such as one from a file or one that was fitted to arrays.</summary>
    /// <param name="environment">The <see cref="MLContext"/>.</param>
    /// <param name="model">The mixture.</param>
    /// <param name="featureColumnName">The name of the feature column, a vector of D <see cref="float"/>.</param>
    public GaussianMixtureTransformer(IHostEnvironment environment, GaussianMixtureModelParameters model, string featureColumnName = GaussianMixtureTrainer.DefaultFeatureColumnName)
        : base(environment, model, featureColumnName)
    {
    }

    private protected override PayloadKind Kind => PayloadKind.PipelineStep;

    private protected override string LoaderSignature => PipelinePersistence.LoaderSignature;

    private protected override void WriteMixture(PayloadWriter writer) => GaussianMixtureFormat.WriteBody(Model.Mixture, writer);

    /// <summary>Reads what was saved of a transformer.</summary>
    internal static GaussianMixtureTransformer Load(IHostEnvironment environment, Stream payload)
    {
        PayloadReader reader = Open(payload, PayloadKind.PipelineStep, out string featureColumnName);
        GaussianMixtureModel model = GaussianMixtureFormat.ReadBody(ref reader);
        reader.ExpectEnd();
        return new GaussianMixtureTransformer(environment, new GaussianMixtureModelParameters(model), featureColumnName);
    }
}
