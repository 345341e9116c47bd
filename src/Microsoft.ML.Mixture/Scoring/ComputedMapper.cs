using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

/// <summary>Maps rows of one schema to rows with columns that are computed from one of theirs: the input's columns keep their places, the added ones follow.</summary>
internal abstract class ComputedMapper(DataViewSchema inputSchema, DataViewSchema.Column input) : IRowToRowMapper
{
    public DataViewSchema InputSchema => inputSchema;

    public abstract DataViewSchema OutputSchema { get; }

    /// <summary>The column that is read.</summary>
    public DataViewSchema.Column Input => input;

    /// <summary>Computes the columns of an input row that moves.</summary>
    public abstract RowColumns CreateColumns(DataViewRow row, bool[] active);

    /// <summary>Makes a cursor with the added columns of a cursor of the input, which it owns from then on.</summary>
    public virtual DataViewRowCursor CreateCursor(DataViewRowCursor input, bool[] active) => new ComputedCursor(input, CreateColumns(input, active), OutputSchema);

    /// <summary>The input columns that are needed for some output columns.</summary>
    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        bool[] active = IsActive(dependingColumns);
        return InputSchema.Where(column => active[column.Index] || (column.Index == Input.Index && IsComputed(active)));
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(activeColumns);
        if (!ReferenceEquals(input.Schema, InputSchema))
        {
            throw new ArgumentException("The row has another schema than the one that the mapper was made for. Make a mapper for the row's schema.", nameof(input));
        }

        return new ComputedRow(input, CreateColumns(input, IsActive(activeColumns)), OutputSchema);
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

    /// <summary>Whether any added column is asked for.</summary>
    public bool IsComputed(bool[] active) => Array.IndexOf(active, true, InputSchema.Count) >= 0;
}
