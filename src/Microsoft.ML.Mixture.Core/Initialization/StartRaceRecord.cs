namespace Microsoft.ML.Mixture;

/// <summary>What a race of starts was.</summary>
/// <param name="StartCount">The number of starts of all kinds, moves of components of the best one among them.</param>
/// <param name="AgreeingStartCount">How many of them led to the winner, or were ended because they seemed to.</param>
/// <param name="IsLimited">Whether it might take no more than a multiple of a plain fit.</param>
internal sealed record StartRaceRecord(int StartCount, int AgreeingStartCount, bool IsLimited);
