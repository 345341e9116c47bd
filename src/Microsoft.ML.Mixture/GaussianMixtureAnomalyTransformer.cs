using Microsoft.ML.Data;
using Microsoft.ML.Mixture;
using Microsoft.ML.Mixture.Interop;
using Microsoft.ML.Mixture.Serialization;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>
/// The <see cref="ITransformer"/> that finds unusual rows by the density of a Gaussian mixture, as the <see cref="GaussianMixtureAnomalyTrainer"/>
/// makes it. Immutable and safe to share between threads.
/// </summary>
public sealed class GaussianMixtureAnomalyTransformer : ISingleFeaturePredictionTransformer<GaussianMixtureModelParameters>
{
    /// <summary>Makes a transformer of a mixture and a calibration of it that are at hand.</summary>
    /// <param name="environment">The <see cref="MLContext"/>.</param>
    /// <param name="model">The mixture.</param>
    /// <param name="calibration">What <see cref="GaussianMixtureModel.CalibrateAnomalies(double, int, int, int?, CancellationToken)"/> of this mixture gave.</param>
    /// <param name="featureColumnName">The name of the feature column, a vector of D <see cref="float"/>.</param>
    /// <exception cref="ArgumentException">The calibration is that of another mixture.</exception>
    public GaussianMixtureAnomalyTransformer(
        IHostEnvironment environment, GaussianMixtureModelParameters model, AnomalyCalibration calibration,
        string featureColumnName = GaussianMixtureTrainer.DefaultFeatureColumnName)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(calibration);
        ArgumentException.ThrowIfNullOrWhiteSpace(featureColumnName);
        if (calibration.Model.Dimension != model.NumberOfFeatures || calibration.Model.ComponentCount != model.NumberOfComponents)
        {
            throw new ArgumentException(
                $"The calibration is that of {Counted.Of(calibration.Model.ComponentCount, "component")} in {Counted.Of(calibration.Model.Dimension, "feature")}, but the mixture has {model.NumberOfComponents} in "
                + $"{model.NumberOfFeatures}. Calibrate this mixture.", nameof(calibration));
        }

        if (!AreSame(calibration.Model, model.Mixture))
        {
            throw new ArgumentException("The calibration is that of another mixture, though of as many components and features: rows would be judged by one, and after saving and loading by the other. Calibrate this mixture.", nameof(calibration));
        }

        if (calibration.RefitCount > 0 && model.Report is null)
        {
            throw new ArgumentException("The calibration rests on refits of a mixture with a report of its fit, and this one has none, so that it could not be read back once it is saved. Pass the mixture that was calibrated.", nameof(calibration));
        }

        environment.Register(nameof(GaussianMixtureAnomalyTransformer));
        Model = model;
        Calibration = calibration;
        FeatureColumnName = featureColumnName;
        FeatureColumnType = new VectorDataViewType(NumberDataViewType.Single, model.NumberOfFeatures);
    }

    /// <summary>The parameters of the mixture and how they were fitted.</summary>
    public GaussianMixtureModelParameters Model { get; }

    /// <summary>The threshold and what it comes from.</summary>
    public AnomalyCalibration Calibration { get; }

    /// <summary>The name of the feature column.</summary>
    public string FeatureColumnName { get; }

    /// <summary>The type of the feature column: a vector of D <see cref="float"/>.</summary>
    public DataViewType FeatureColumnType { get; }

    /// <summary>Whether rows are scored one by one, which they are.</summary>
    bool ITransformer.IsRowToRowMapper => true;

    /// <summary>The columns of scored data.</summary>
    /// <param name="inputSchema">The columns of the data to score.</param>
    /// <returns>The input's columns and <c>PredictedLabel</c>, <c>Score</c>, <c>PValue</c>, <c>LogLikelihood</c>, that of the Gaussians without the noise, and <c>FeatureContributions</c>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The feature column is missing or of another type than in training.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return CreateMapper(inputSchema).OutputSchema;
    }

    /// <summary>Scores data, lazily: rows are read when the result is.</summary>
    /// <param name="input">The data to score.</param>
    /// <returns>The data with five more columns. A row with missing features (NaN) is judged by what is observed of it, and is ordinary if that is nothing; one with an infinite feature is an anomaly.</returns>
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
        AnomalyFormat.Write(Calibration, writer);
        GaussianMixtureFormat.WriteBody(Model.Mixture, writer);
        AnomalyFormat.WriteEnd(Calibration, writer);
        PipelinePersistence.Save(ctx, SealedPayload.Seal(PayloadKind.AnomalyStep, writer.WrittenSpan), AnomalyPersistence.LoaderSignature);
    }

    /// <summary>Reads what <see cref="ICanSaveModel.Save"/> wrote: the name of the feature column, the calibration, the mixture and the refits.</summary>
    internal static GaussianMixtureAnomalyTransformer Load(IHostEnvironment environment, Stream payload)
    {
        var reader = new PayloadReader(SealedPayload.OpenToEnd(payload, PayloadKind.AnomalyStep, FormatChecks.MaximumBytes));
        string featureColumnName = MixtureSchema.ReadFeatureColumnName(ref reader);
        SavedCalibration calibration = AnomalyFormat.Read(ref reader);
        GaussianMixtureModel model = GaussianMixtureFormat.ReadBody(ref reader);
        SavedRefits refits = AnomalyFormat.ReadEnd(ref reader, model, calibration.FalseAlarmRate);
        reader.ExpectEnd();
        return new GaussianMixtureAnomalyTransformer(environment, new GaussianMixtureModelParameters(model), calibration.Restore(model, refits), featureColumnName);
    }

    // Rows are judged by the Gaussians alone, whose weights are others without the noise.
    private static bool AreSame(GaussianMixtureModel ofCalibration, GaussianMixtureModel model) =>
        ofCalibration.Components.Means.SequenceEqual(model.Components.Means) && ofCalibration.Components.Covariances.SequenceEqual(model.Components.Covariances)
        && ofCalibration.Weights.SequenceEqual(model.WithoutNoise().Weights);

    private AnomalyMapper CreateMapper(DataViewSchema inputSchema) => new(
        inputSchema, MixtureSchema.FindFeatures(inputSchema, FeatureColumnName, Model.NumberOfFeatures), Calibration);
}
