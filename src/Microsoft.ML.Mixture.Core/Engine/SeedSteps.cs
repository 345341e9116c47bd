namespace Microsoft.ML.Mixture;

/// <summary>How far seeds that follow from the one of the user are apart: so far that fits with neighbouring seeds do not meet each other's.</summary>
internal static class SeedSteps
{
    /// <summary>From one restart of a fit to the next.</summary>
    public const int OfRestart = 0x3C6EF372;

    /// <summary>From a start to the one that takes its place.</summary>
    public const int OfReplacement = 0x1B873593;

    /// <summary>From one drawn data set to the next, or from one round of restarts to the next.</summary>
    public const int OfRound = 0x2545F491;
}
