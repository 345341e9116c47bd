using Microsoft.ML.Data;
using Microsoft.ML.Mixture;
using Microsoft.ML.Mixture.Interop;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Transforms;

/// <summary>
/// Fits a Gaussian mixture to rows with missing values (NaN) and replaces those by what the mixture expects of them, given what is observed of
/// the row.
/// </summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// To create this estimator, use `mlContext.Transforms.ReplaceMissingValuesByMixture(...)`.
///
/// ### Input and Output Columns
/// The input column must be a known-sized vector of Single. The output columns are:
///
/// | Output column | Type | Description |
/// | -- | -- | -- |
/// | the output column | vector of D Single | The input, with each NaN replaced. |
/// | the deviation column, if asked for | vector of D Single | The standard deviation of each value given what is observed: 0 where the value is there; NaN in a row with an infinite feature. |
///
/// ### Estimator Characteristics
/// | | |
/// | -- | -- |
/// | Does this estimator need to look at the data to train its parameters? | Yes, unless it is made of a model. |
/// | Exportable to ONNX | No |
///
/// A row with an infinite feature stays as it is. A row with nothing observed gets the means of the mixture. See
/// <see cref="MissingValueFiller"/> for the formulas.
/// ]]></format>
/// </remarks>
public sealed class MixtureMissingValueReplacingEstimator : IEstimator<MixtureMissingValueReplacingTransformer>
{
    private readonly IHost _host;
    private readonly Options _options;
    private readonly GaussianMixtureModelParameters? _model;

    internal MixtureMissingValueReplacingEstimator(IHostEnvironment environment, Options options, GaussianMixtureModelParameters? model)
    {
        _host = environment.Register("MixtureMissingValueReplacing");
        _options = options.Clone();
        _options.Validate();
        _model = model;
    }

    /// <summary>What to put in the place of a missing value.</summary>
    public enum ReplacementMode
    {
        /// <summary>Its expectation given what is observed.</summary>
        Expectation = 0,

        /// <summary>A draw from its distribution given what is observed, jointly for all that a row lacks: for multiple imputation.</summary>
        Draw = 1,
    }

    /// <summary>Fits the mixture, unless there is one already.</summary>
    /// <param name="input">The data to fit to.</param>
    /// <returns>The transformer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="ArgumentException">A row or a weight is not valid; the message says which, and what to do.</exception>
    /// <exception cref="MixtureFitException">No start led to a valid model.</exception>
    /// <exception cref="OperationCanceledException">The fit was cancelled, unless the options of the mixture say otherwise.</exception>
    public MixtureMissingValueReplacingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        GaussianMixtureModelParameters model = _model ?? new GaussianMixtureTrainer(_host, _options.Trainer()).Fit(input).Model;
        var transformer = new MixtureMissingValueReplacingTransformer(_host, model, _options);
        transformer.GetOutputSchema(input.Schema);
        return transformer;
    }

    /// <summary>The schema of what the transformer will give, for propagation through a pipeline.</summary>
    /// <param name="inputSchema">The shape of the input.</param>
    /// <returns>The input's columns and the output columns.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        SchemaShape.Column column = MixtureSchema.FindFeatures(inputSchema, _options.Input, _model is null ? _options.Mixture.ExampleWeightColumnName : null);
        var annotations = new SchemaShape(column.Annotations.Where(annotation => annotation.Name == MixtureSchema.SlotNamesKind));
        return new SchemaShape(inputSchema.Where(other => !_options.Added().Contains(other.Name)).Concat(_options.Added().Select(
            name => HostInternals.CreateColumn(name, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, isKey: false, annotations))));
    }

    /// <summary>Options of the <see cref="MixtureMissingValueReplacingEstimator"/>.</summary>
    public sealed class Options
    {
        /// <summary>The name of the column with the replaced values. The default is "Features".</summary>
        public string OutputColumnName { get; set; } = GaussianMixtureTrainer.DefaultFeatureColumnName;

        /// <summary>The name of the column to read, a known-sized vector of <see cref="float"/>; null (the default) for <see cref="OutputColumnName"/>.</summary>
        public string? InputColumnName { get; set; }

        /// <summary>The name of the column with the standard deviations; null (the default) for none.</summary>
        public string? DeviationColumnName { get; set; }

        /// <summary>What to put in the place of a missing value. The default is its expectation.</summary>
        public ReplacementMode Replacement { get; set; }

        /// <summary>The seed of draws, which also depend on the id of the row. The default is 0.</summary>
        public int Seed { get; set; }

        /// <summary>How to fit the mixture; its feature column name is not used.</summary>
        public GaussianMixtureTrainer.Options Mixture { get; set; } = new();

        internal string Input => InputColumnName ?? OutputColumnName;

        internal Options Clone()
        {
            var copy = (Options)MemberwiseClone();
            copy.Mixture = Mixture?.Clone()!;
            return copy;
        }

        internal string[] Added() => DeviationColumnName is null ? [OutputColumnName] : [OutputColumnName, DeviationColumnName];

        internal GaussianMixtureTrainer.Options Trainer()
        {
            GaussianMixtureTrainer.Options options = Mixture.Clone();
            options.FeatureColumnName = Input;
            return options;
        }

        internal void Validate()
        {
            ArgumentNullException.ThrowIfNull(Mixture);
            foreach (string? name in (string?[])[OutputColumnName, Input, DeviationColumnName ?? "none"])
            {
                if (string.IsNullOrWhiteSpace(name)) throw new ArgumentException("A column name in the options is empty. Name the column, or pass null where the default is meant.");
            }

            if (DeviationColumnName == OutputColumnName)
            {
                throw new ArgumentException($"Values and deviations are both to be in the column '{OutputColumnName}'. Give them different names.");
            }

            if (!Enum.IsDefined(Replacement))
            {
                throw new ArgumentOutOfRangeException(
                    nameof(Replacement), $"The option {nameof(Replacement)} is {(int)Replacement}, but must be {string.Join(" or ", Enum.GetNames<ReplacementMode>())}.");
            }

            Trainer().Validate();
        }
    }
}
