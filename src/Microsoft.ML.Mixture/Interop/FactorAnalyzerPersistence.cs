using Microsoft.ML;
using Microsoft.ML.Mixture.Interop;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

[assembly: LoadableClass(
    typeof(FactorAnalyzerMixtureTransformer), typeof(FactorAnalyzerPersistence), null, typeof(SignatureLoadModel),
    "Factor analyser mixture transformer", FactorAnalyzerPersistence.LoaderSignature)]

namespace Microsoft.ML.Mixture.Interop;

/// <summary>Does for the step that scores under factor analysers what <see cref="PipelinePersistence"/> does for Gaussian mixtures.</summary>
internal static class FactorAnalyzerPersistence
{
    /// <summary>The name that a model file gives to our loader: at most 24 ASCII characters. Saved models depend on it.</summary>
    internal const string LoaderSignature = "FactorAnalyzerMixture";

    // ML.NET looks for a static method of this name and these parameters, of any visibility.
    private static FactorAnalyzerMixtureTransformer Create(IHostEnvironment environment, ModelLoadContext context)
    {
        using PayloadStream payload = PipelinePersistence.Open(context, LoaderSignature);
        return FactorAnalyzerMixtureTransformer.Load(environment, payload);
    }
}
