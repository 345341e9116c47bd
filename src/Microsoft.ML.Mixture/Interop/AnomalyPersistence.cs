using Microsoft.ML;
using Microsoft.ML.Mixture.Interop;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

[assembly: LoadableClass(
    typeof(GaussianMixtureAnomalyTransformer), typeof(AnomalyPersistence), null, typeof(SignatureLoadModel),
    "Gaussian mixture anomaly detector", AnomalyPersistence.LoaderSignature)]

namespace Microsoft.ML.Mixture.Interop;

/// <summary>Does for the step that finds anomalies what <see cref="PipelinePersistence"/> does for the one that scores.</summary>
internal static class AnomalyPersistence
{
    /// <summary>The name that a model file gives to our loader: at most 24 ASCII characters. Saved models depend on it.</summary>
    internal const string LoaderSignature = "GaussianMixtureAnomaly";

    // ML.NET looks for a static method of this name and these parameters, of any visibility.
    private static GaussianMixtureAnomalyTransformer Create(IHostEnvironment environment, ModelLoadContext context)
    {
        using PayloadStream payload = PipelinePersistence.Open(context, LoaderSignature);
        return GaussianMixtureAnomalyTransformer.Load(environment, payload);
    }
}
