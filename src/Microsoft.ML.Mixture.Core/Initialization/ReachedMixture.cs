namespace Microsoft.ML.Mixture;

/// <summary>
/// The best mixture that a start has found so far on samples, or from there on all rows: where the time is over before it is done, one pass over all rows makes a fit of it. All copies
/// of an attempt have the same.
/// </summary>
internal sealed class ReachedMixture
{
    /// <summary>The mixture; null for none.</summary>
    public MixtureState? State { get; set; }

    /// <summary>The first mixture of a start before any pass has gone over it, for where the time is over within that; null for none.</summary>
    public MixtureState? First { get; set; }
}
