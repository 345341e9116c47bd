using Microsoft.ML.Data;
using Microsoft.ML.Mixture;

namespace Microsoft.ML.Trainers;

/// <summary>Maps rows of one schema to scored rows: the input's columns keep their places, the added ones follow.</summary>
internal sealed class ScoringMapper(DataViewSchema inputSchema, DataViewSchema outputSchema, DataViewSchema.Column feature, MixtureModel model)
    : IRowToRowMapper
{
    public DataViewSchema InputSchema => inputSchema;

    public DataViewSchema OutputSchema => outputSchema;

    public DataViewSchema.Column Feature => feature;

    public MixtureModel Model => model;

    /// <summary>The input columns that are needed for some output columns.</summary>
    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        bool[] needed = new bool[inputSchema.Count];
        foreach (DataViewSchema.Column column in dependingColumns)
        {
            if (column.Index >= outputSchema.Count || column.Name != outputSchema[column.Index].Name) continue;
            needed[column.Index < inputSchema.Count ? column.Index : feature.Index] = true;
        }

        return inputSchema.Where(column => needed[column.Index]);
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(activeColumns);
        if (!ReferenceEquals(input.Schema, inputSchema))
        {
            throw new ArgumentException("The row has another schema than the one that the mapper was made for. Make a mapper for the row's schema.", nameof(input));
        }

        return new ComputedRow(input, new RowScoring(this, input, IsActive(activeColumns)), outputSchema);
    }

    /// <summary>Which output columns are asked for.</summary>
    public bool[] IsActive(IEnumerable<DataViewSchema.Column> columns)
    {
        bool[] active = new bool[outputSchema.Count];
        foreach (DataViewSchema.Column column in columns)
        {
            if (column.Index < active.Length && column.Name == outputSchema[column.Index].Name) active[column.Index] = true;
        }

        return active;
    }
}
