namespace Microsoft.ML.Mixture;

/// <summary>The rows that a phase of a search fits to: all of them, or a sample.</summary>
internal sealed record SearchRows(RowSource Source, double WeightTotal);
