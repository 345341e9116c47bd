using Microsoft.ML.Data;
using Microsoft.ML.Mixture.Interop;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>Carries a trained Gaussian mixture through a pipeline.</summary>
public sealed class GaussianMixtureTransformer : ITransformer
{
    private readonly byte[] _payload;

    internal GaussianMixtureTransformer(byte[] payload) => _payload = payload;

    /// <inheritdoc/>
    public bool IsRowToRowMapper => false;

    internal ReadOnlySpan<byte> Payload => _payload;

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inputSchema;

    /// <inheritdoc/>
    public IDataView Transform(IDataView input) => input;

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => throw new NotSupportedException();

    void ICanSaveModel.Save(ModelSaveContext ctx) => PipelinePersistence.Save(ctx, _payload);

    // The environment is there to be registered with; the payload ends where the model does.
    internal static GaussianMixtureTransformer Load(IHostEnvironment environment, Stream payload)
    {
        ArgumentNullException.ThrowIfNull(environment);
        using var bytes = new MemoryStream();
        payload.CopyTo(bytes);
        return new GaussianMixtureTransformer(bytes.ToArray());
    }
}
