using Microsoft.ML;
using Microsoft.ML.Mixture.Interop;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

[assembly: LoadableClass(
    typeof(MixtureMissingValueReplacingTransformer), typeof(FillingPersistence), null, typeof(SignatureLoadModel),
    "Gaussian mixture missing value replacer", FillingPersistence.LoaderSignature)]

namespace Microsoft.ML.Mixture.Interop;

/// <summary>Does for the step that replaces missing values what <see cref="PipelinePersistence"/> does for the one that scores.</summary>
internal static class FillingPersistence
{
    /// <summary>The name that a model file gives to our loader: at most 24 ASCII characters. Saved models depend on it.</summary>
    internal const string LoaderSignature = "GaussianMixtureFill";

    // ML.NET looks for a static method of this name and these parameters, of any visibility.
    private static MixtureMissingValueReplacingTransformer Create(IHostEnvironment environment, ModelLoadContext context)
    {
        using PayloadStream payload = PipelinePersistence.Open(context, LoaderSignature);
        return MixtureMissingValueReplacingTransformer.Load(environment, payload);
    }
}
