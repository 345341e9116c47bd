namespace Microsoft.ML.Mixture;

/// <summary>A component that has no valid parameters, and why.</summary>
/// <param name="Component">The component, counted from zero.</param>
/// <param name="Reason">What happened, as a full sentence with the values and the remedy.</param>
public sealed record DegenerateComponent(int Component, string Reason)
{
    /// <summary>
    /// How much of the log-likelihood a fit owes to features in which the component has next to no spread, in nats, where these are few or have few values, between which there is
    /// nothing, or where few of its rows show them, or to directions that these are hardly enough for; null for a component that is nothing else.
    /// </summary>
    internal double? Owed { get; init; }

    /// <summary>Whether rows hold it but for features that few of them show, or directions that they are hardly enough for, so that, without what it owes to these, a fit with it compares to one without.</summary>
    internal bool IsBounded { get; init; }

    /// <summary>Whether it has features without spread, which no further step gives back.</summary>
    internal bool IsFlat { get; init; }

    /// <summary>
    /// Whether it has many rows, though without spread, as a value has that many rows share, or though few of them show all of it: not for want of another place to be in.
    /// </summary>
    internal bool HasManyRows { get; init; }

    /// <summary>Whether the reason is one of all components together, and not of this one.</summary>
    internal bool IsOfAll { get; init; }

    /// <summary>One that no row belongs to, without a prior.</summary>
    internal static DegenerateComponent Empty(int component) => new(
        component, $"Component {component} is empty: no row belongs to it. Ask for fewer components, use another seed or start, or leave the covariance prior on.");
}
