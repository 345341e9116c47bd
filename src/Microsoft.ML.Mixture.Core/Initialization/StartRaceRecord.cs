namespace Microsoft.ML.Mixture;

/// <summary>What a race of starts was.</summary>
/// <param name="StartCount">The number of starts of all kinds, moves of components of the best one among them.</param>
/// <param name="AgreeingStartCount">How many of them led to the winner, or were ended because they seemed to.</param>
/// <param name="IsLimited">Whether it might take no more than a multiple of a plain fit.</param>
internal sealed record StartRaceRecord(int StartCount, int AgreeingStartCount, bool IsLimited)
{
    /// <summary>Whether it was on some of the rows.</summary>
    public bool IsOnSample { get; init; }

    /// <summary>A likelier mixture that the winner was preferred to; null for none.</summary>
    public PassedOverMixture? PassedOver { get; init; }

    /// <summary>That of this race and another one, on other rows: starts of one cannot be told to agree with those of the other.</summary>
    public StartRaceRecord With(StartRaceRecord other) =>
        this with { StartCount = StartCount + other.StartCount, AgreeingStartCount = Math.Min(AgreeingStartCount, other.AgreeingStartCount) };
}
