using Microsoft.ML.Data;
using Microsoft.ML.Mixture.Interop;
using Microsoft.ML.Mixture.Serialization;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>The <see cref="ITransformer"/> that scores rows under a mixture, whatever its components are. Immutable and safe to share between threads.</summary>
/// <typeparam name="TModel">The parameters of the mixture.</typeparam>
public abstract class MixtureTransformer<TModel> : ISingleFeaturePredictionTransformer<TModel>
    where TModel : MixtureModelParameters
{
    private protected MixtureTransformer(IHostEnvironment environment, TModel model, string featureColumnName)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrWhiteSpace(featureColumnName);
        environment.Register(GetType().Name);
        Model = model;
        FeatureColumnName = featureColumnName;
        FeatureColumnType = new VectorDataViewType(NumberDataViewType.Single, model.NumberOfFeatures);
    }

    /// <summary>The parameters of the mixture and how they were fitted.</summary>
    public TModel Model { get; }

    /// <summary>The name of the feature column.</summary>
    public string FeatureColumnName { get; }

    /// <summary>The type of the feature column: a vector of D <see cref="float"/>.</summary>
    public DataViewType FeatureColumnType { get; }

    /// <summary>Whether rows are scored one by one, which they are.</summary>
    bool ITransformer.IsRowToRowMapper => true;

    private protected abstract PayloadKind Kind { get; }

    private protected abstract string LoaderSignature { get; }

    /// <summary>The columns of scored data.</summary>
    /// <param name="inputSchema">The columns of the data to score.</param>
    /// <returns>The input's columns and <c>PredictedLabel</c>, <c>Score</c>, <c>Probability</c> and <c>LogLikelihood</c>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The feature column is missing or of another type than in training.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return CreateMapper(inputSchema).OutputSchema;
    }

    /// <summary>Scores data, lazily: rows are read when the result is.</summary>
    /// <param name="input">The data to score.</param>
    /// <returns>The data with four more columns. A row with missing features (NaN) is scored by what is observed of it; one with an infinite feature has label 0 and NaN elsewhere.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The feature column is missing or of another type than in training.</exception>
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
        writer.WriteString(FeatureColumnName);
        WriteMixture(writer);
        PipelinePersistence.Save(ctx, SealedPayload.Seal(Kind, writer.WrittenSpan), LoaderSignature);
    }

    private protected abstract void WriteMixture(PayloadWriter writer);

    /// <summary>Opens what <see cref="ICanSaveModel.Save"/> wrote: the name of the feature column and then the mixture.</summary>
    private protected static PayloadReader Open(Stream payload, PayloadKind kind, out string featureColumnName)
    {
        var reader = new PayloadReader(SealedPayload.OpenToEnd(payload, kind, FormatChecks.MaximumBytes));
        featureColumnName = MixtureSchema.ReadFeatureColumnName(ref reader);
        return reader;
    }

    private ScoringMapper CreateMapper(DataViewSchema inputSchema) => new(
        inputSchema, MixtureSchema.FindFeatures(inputSchema, FeatureColumnName, Model.NumberOfFeatures), Model.AnyMixture);
}
