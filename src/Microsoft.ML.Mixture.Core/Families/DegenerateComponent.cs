namespace Microsoft.ML.Mixture;

/// <summary>A component that has no valid parameters, and why.</summary>
/// <param name="Component">The component, counted from zero.</param>
/// <param name="Reason">What happened, as a full sentence with the values and the remedy.</param>
public sealed record DegenerateComponent(int Component, string Reason);
