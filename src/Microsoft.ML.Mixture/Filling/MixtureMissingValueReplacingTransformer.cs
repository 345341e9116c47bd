using Microsoft.ML.Data;
using Microsoft.ML.Mixture;
using Microsoft.ML.Mixture.Interop;
using Microsoft.ML.Mixture.Serialization;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Transforms;

/// <summary>
/// Replaces missing values by what a Gaussian mixture expects of them, as the <see cref="MixtureMissingValueReplacingEstimator"/> makes it.
/// Immutable and safe to share between threads.
/// </summary>
public sealed class MixtureMissingValueReplacingTransformer : ITransformer
{
    private readonly MixtureMissingValueReplacingEstimator.Options _options;

    internal MixtureMissingValueReplacingTransformer(IHostEnvironment environment, GaussianMixtureModelParameters model, MixtureMissingValueReplacingEstimator.Options options)
    {
        environment.Register(nameof(MixtureMissingValueReplacingTransformer));
        Model = model;
        _options = options;
    }

    /// <summary>The parameters of the mixture and how they were fitted.</summary>
    public GaussianMixtureModelParameters Model { get; }

    /// <summary>Whether rows are mapped one by one, which they are.</summary>
    bool ITransformer.IsRowToRowMapper => true;

    /// <summary>The columns of transformed data.</summary>
    /// <param name="inputSchema">The columns of the data.</param>
    /// <returns>The input's columns and the output columns.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or of another type than in training.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return CreateMapper(inputSchema).OutputSchema;
    }

    /// <summary>Replaces missing values, lazily: rows are read when the result is.</summary>
    /// <param name="input">The data.</param>
    /// <returns>The data with the output columns.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or of another type than in training.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new ComputedDataView(input, CreateMapper(input.Schema));
    }

    /// <inheritdoc/>
    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return CreateMapper(inputSchema);
    }

    /// <inheritdoc/>
    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        var writer = new PayloadWriter();
        writer.WriteString(_options.Input);
        writer.WriteString(_options.OutputColumnName);
        writer.WriteString(_options.DeviationColumnName ?? string.Empty);
        writer.WriteByte((byte)_options.Replacement);
        writer.WriteInt32(_options.Seed);
        GaussianMixtureFormat.WriteBody(Model.Mixture, writer);
        PipelinePersistence.Save(ctx, SealedPayload.Seal(PayloadKind.FillingStep, writer.WrittenSpan), FillingPersistence.LoaderSignature);
    }

    /// <summary>Reads what <see cref="ICanSaveModel.Save"/> wrote: the names of the columns, how to replace, and the mixture.</summary>
    internal static MixtureMissingValueReplacingTransformer Load(IHostEnvironment environment, Stream payload)
    {
        var reader = new PayloadReader(SealedPayload.OpenToEnd(payload, PayloadKind.FillingStep, FormatChecks.MaximumBytes));
        var options = new MixtureMissingValueReplacingEstimator.Options
        {
            InputColumnName = reader.ReadString(MixtureSchema.LongestColumnName),
            OutputColumnName = reader.ReadString(MixtureSchema.LongestColumnName),
            DeviationColumnName = reader.ReadString(MixtureSchema.LongestColumnName) is { Length: > 0 } name ? name : null,
            Replacement = (MixtureMissingValueReplacingEstimator.ReplacementMode)reader.ReadByte(),
            Seed = reader.ReadInt32(),
        };
        GaussianMixtureModel model = GaussianMixtureFormat.ReadBody(ref reader);
        reader.ExpectEnd();
        try
        {
            options.Validate();
        }
        catch (ArgumentException exception)
        {
            throw new FormatException($"The file holds no valid step that replaces missing values. {exception.Message}", exception);
        }

        return new MixtureMissingValueReplacingTransformer(environment, new GaussianMixtureModelParameters(model), options);
    }

    private FillingMapper CreateMapper(DataViewSchema inputSchema) =>
        new(inputSchema, MixtureSchema.FindFeatures(inputSchema, _options.Input, Model.NumberOfFeatures), Model.Mixture, _options);
}
