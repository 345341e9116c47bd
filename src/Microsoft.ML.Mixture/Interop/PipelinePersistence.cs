using Microsoft.ML;
using Microsoft.ML.Mixture.Interop;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

[assembly: LoadableClass(
    typeof(GaussianMixtureTransformer), typeof(PipelinePersistence), null, typeof(SignatureLoadModel),
    "Gaussian mixture transformer", PipelinePersistence.LoaderSignature)]

namespace Microsoft.ML.Mixture.Interop;

/// <summary>
/// Puts one opaque payload into an ML.NET model file and takes it out again. ML.NET finds <c>Create</c> through the assembly
/// attribute, so a model loads with nothing registered beforehand; every member of the two contexts that this needs is internal.
/// </summary>
/// <remarks>
/// The payload describes and seals itself, so the version below stands for this envelope only and should never have to change.
/// </remarks>
internal static class PipelinePersistence
{
    /// <summary>The name that a model file gives to our loader: at most 24 ASCII characters. Saved models depend on it.</summary>
    internal const string LoaderSignature = "GaussianMixture";

    /// <summary>What a model file calls the format of our entry: exactly 8 ASCII characters. Saved models depend on it.</summary>
    internal const string ModelSignature = "GMIXTURE";

    /// <summary>The version of the envelope, written and read.</summary>
    internal const uint EnvelopeVersion = 0x00010001;

    // The simple name: with the full one, a model written by a later version would fail to bind before anyone could say why.
    private static readonly string _loaderAssemblyName = typeof(PipelinePersistence).Assembly.GetName().Name!;

    private static VersionInfo Version(string loaderSignature) => new(
        ModelSignature, EnvelopeVersion, EnvelopeVersion, EnvelopeVersion, _loaderAssemblyName, loaderSignature);

    /// <summary>Writes a payload, byte for byte, as the whole of a transformer's entry in a model file.</summary>
    /// <param name="context">The entry, as <see cref="ICanSaveModel.Save"/> receives it.</param>
    /// <param name="payload">The bytes to write.</param>
    /// <param name="loaderSignature">The loader of the entry.</param>
    /// <exception cref="ArgumentNullException"><paramref name="context"/> is null.</exception>
    internal static void Save(ModelSaveContext context, ReadOnlySpan<byte> payload, string loaderSignature)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.CheckAtModel();
        context.SetVersionInfo(Version(loaderSignature));
        context.Writer.Write(payload);
    }

    /// <summary>Gives the payload of an entry.</summary>
    internal static PayloadStream Open(ModelLoadContext context, string loaderSignature)
    {
        context.CheckAtModel(Version(loaderSignature));
        var entry = context.Reader.BaseStream;

        // The header says how long the payload is, but only the entry itself knows how much there really is.
        long length = Math.Min(context.Header.CbModel, entry.Length - entry.Position);
        return new PayloadStream(entry, length);
    }

    // ML.NET looks for a static method of this name and these parameters, of any visibility.
    private static GaussianMixtureTransformer Create(IHostEnvironment environment, ModelLoadContext context)
    {
        using PayloadStream payload = Open(context, LoaderSignature);
        return GaussianMixtureTransformer.Load(environment, payload);
    }
}
