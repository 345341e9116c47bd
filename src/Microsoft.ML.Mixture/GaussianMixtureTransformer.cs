using Microsoft.ML.Data;
using Microsoft.ML.Mixture;
using Microsoft.ML.Mixture.Interop;
using Microsoft.ML.Mixture.Serialization;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>
/// The <see cref="ITransformer"/> that scores rows under a Gaussian mixture, as the <see cref="GaussianMixtureTrainer"/> makes it. Immutable
/// and safe to share between threads.
/// </summary>
public sealed class GaussianMixtureTransformer : ISingleFeaturePredictionTransformer<GaussianMixtureModelParameters>
{
    private const int LongestColumnName = 65_536;

    private readonly IHost _host;

    /// <summary>Makes a transformer of a mixture that is at hand, such as one from a file or one that was fitted to arrays.</summary>
    /// <param name="environment">The <see cref="MLContext"/>.</param>
    /// <param name="model">The mixture.</param>
    /// <param name="featureColumnName">The name of the feature column, a vector of D <see cref="float"/>.</param>
    public GaussianMixtureTransformer(IHostEnvironment environment, GaussianMixtureModelParameters model, string featureColumnName = GaussianMixtureTrainer.DefaultFeatureColumnName)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrWhiteSpace(featureColumnName);
        _host = environment.Register(nameof(GaussianMixtureTransformer));
        Model = model;
        FeatureColumnName = featureColumnName;
        FeatureColumnType = new VectorDataViewType(NumberDataViewType.Single, model.NumberOfFeatures);
    }

    /// <summary>The parameters of the mixture and how they were fitted.</summary>
    public GaussianMixtureModelParameters Model { get; }

    /// <summary>The name of the feature column.</summary>
    public string FeatureColumnName { get; }

    /// <summary>The type of the feature column: a vector of D <see cref="float"/>.</summary>
    public DataViewType FeatureColumnType { get; }

    /// <summary>Whether rows are scored one by one, which they are.</summary>
    bool ITransformer.IsRowToRowMapper => true;

    /// <summary>The columns of scored data.</summary>
    /// <param name="inputSchema">The columns of the data to score.</param>
    /// <returns>The input's columns and <c>PredictedLabel</c>, <c>Score</c>, <c>Probability</c> and <c>LogLikelihood</c>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The feature column is missing or of another type than in training.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        MixtureSchema.FindFeatures(inputSchema, FeatureColumnName, Model.NumberOfFeatures);
        return MixtureSchema.Output(inputSchema, Model.Mixture.ShareCount);
    }

    /// <summary>Scores data, lazily: rows are read when the result is.</summary>
    /// <param name="input">The data to score.</param>
    /// <returns>The data with four more columns. A row with missing features (NaN) is scored by what is observed of it; one with an infinite feature has label 0 and NaN elsewhere.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The feature column is missing or of another type than in training.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new ScoredDataView(input, CreateMapper(input.Schema));
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
        GaussianMixtureFormat.WriteBody(Model.Mixture, writer);
        PipelinePersistence.Save(ctx, SealedPayload.Seal(PayloadKind.PipelineStep, writer.WrittenSpan));
    }

    /// <summary>Reads what <see cref="ICanSaveModel.Save"/> wrote: the name of the feature column and the mixture.</summary>
    internal static GaussianMixtureTransformer Load(IHostEnvironment environment, Stream payload)
    {
        var reader = new PayloadReader(SealedPayload.OpenToEnd(payload, PayloadKind.PipelineStep, GaussianMixtureFormat.MaximumBytes));
        string featureColumnName = reader.ReadString(LongestColumnName);
        GaussianMixtureModel model = GaussianMixtureFormat.ReadBody(ref reader);
        reader.ExpectEnd();
        return new GaussianMixtureTransformer(environment, new GaussianMixtureModelParameters(model), featureColumnName);
    }

    private ScoringMapper CreateMapper(DataViewSchema inputSchema) => new(
        inputSchema, GetOutputSchema(inputSchema), MixtureSchema.FindFeatures(inputSchema, FeatureColumnName, Model.NumberOfFeatures), Model.Mixture);
}
