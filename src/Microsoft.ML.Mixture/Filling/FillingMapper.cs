using Microsoft.ML.Data;
using Microsoft.ML.Mixture;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Transforms;

/// <summary>Maps rows of one schema to rows with replaced values: the input's columns keep their places, the added ones follow.</summary>
internal sealed class FillingMapper : IRowToRowMapper
{
    public const string SlotNames = "SlotNames";

    public FillingMapper(DataViewSchema inputSchema, DataViewSchema.Column input, GaussianMixtureModel model, MixtureMissingValueReplacingEstimator.Options options)
    {
        InputSchema = inputSchema;
        Input = input;
        Model = model;
        Draws = options.Replacement == MixtureMissingValueReplacingEstimator.ReplacementMode.Draw;
        Seed = options.Seed;
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(inputSchema);
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(input.Annotations, name => name == SlotNames);
        foreach (string name in options.Added()) builder.AddColumn(name, new VectorDataViewType(NumberDataViewType.Single, model.Dimension), annotations.ToAnnotations());
        OutputSchema = builder.ToSchema();
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    public DataViewSchema.Column Input { get; }

    public GaussianMixtureModel Model { get; }

    public bool Draws { get; }

    public int Seed { get; }

    /// <summary>The input columns that are needed for some output columns.</summary>
    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        bool[] active = IsActive(dependingColumns);
        return InputSchema.Where(column => active[column.Index] || (column.Index == Input.Index && Array.IndexOf(active, true, InputSchema.Count) >= 0));
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(activeColumns);
        if (!ReferenceEquals(input.Schema, InputSchema))
        {
            throw new ArgumentException("The row has another schema than the one that the mapper was made for. Make a mapper for the row's schema.", nameof(input));
        }

        return new ComputedRow(input, new RowFilling(this, input, IsActive(activeColumns)), OutputSchema);
    }

    /// <summary>Which output columns are asked for.</summary>
    public bool[] IsActive(IEnumerable<DataViewSchema.Column> columns)
    {
        bool[] active = new bool[OutputSchema.Count];
        foreach (DataViewSchema.Column column in columns)
        {
            if (column.Index < active.Length && column.Name == OutputSchema[column.Index].Name) active[column.Index] = true;
        }

        return active;
    }
}
