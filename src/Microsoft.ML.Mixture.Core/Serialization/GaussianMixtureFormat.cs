namespace Microsoft.ML.Mixture.Serialization;

internal static class GaussianMixtureFormat
{
    public static void Write(GaussianMixtureModel model, Stream stream) => throw new NotSupportedException(model.ToString() + stream);

    public static GaussianMixtureModel Read(Stream stream) => throw new NotSupportedException(stream.ToString());
}
