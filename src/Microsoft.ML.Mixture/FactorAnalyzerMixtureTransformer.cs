using Microsoft.ML.Mixture;
using Microsoft.ML.Mixture.Interop;
using Microsoft.ML.Mixture.Serialization;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>
/// The <see cref="ITransformer"/> that scores rows under a mixture of factor analysers, as the <see cref="FactorAnalyzerMixtureTrainer"/> makes it.
/// Immutable and safe to share between threads.
/// </summary>
public sealed class FactorAnalyzerMixtureTransformer : MixtureTransformer<FactorAnalyzerMixtureModelParameters>
{
    /// <summary>Makes a transformer of a mixture that is at hand, such as one from a file or one that was fitted to arrays.</summary>
    /// <param name="environment">The <see cref="MLContext"/>.</param>
    /// <param name="model">The mixture.</param>
    /// <param name="featureColumnName">The name of the feature column, a vector of D <see cref="float"/>.</param>
    public FactorAnalyzerMixtureTransformer(
        IHostEnvironment environment, FactorAnalyzerMixtureModelParameters model, string featureColumnName = GaussianMixtureTrainer.DefaultFeatureColumnName)
        : base(environment, model, featureColumnName)
    {
    }

    private protected override PayloadKind Kind => PayloadKind.FactorAnalyzerStep;

    private protected override string LoaderSignature => FactorAnalyzerPersistence.LoaderSignature;

    private protected override void WriteMixture(PayloadWriter writer) => FactorAnalyzerMixtureFormat.WriteBody(Model.Mixture, writer);

    /// <summary>Reads what was saved of a transformer.</summary>
    internal static FactorAnalyzerMixtureTransformer Load(IHostEnvironment environment, Stream payload)
    {
        PayloadReader reader = Open(payload, PayloadKind.FactorAnalyzerStep, out string featureColumnName);
        FactorAnalyzerMixtureModel model = FactorAnalyzerMixtureFormat.ReadBody(ref reader);
        reader.ExpectEnd();
        return new FactorAnalyzerMixtureTransformer(environment, new FactorAnalyzerMixtureModelParameters(model), featureColumnName);
    }
}
