namespace Microsoft.ML.Mixture;

/// <summary>What does not fit.</summary>
/// <param name="Probability">That of chance alone; zero for what is certain.</param>
/// <param name="Text">It in words.</param>
/// <param name="IsOfFeature">Whether it is about one feature.</param>
/// <param name="Score">How many standard deviations of a Gaussian score it is off, which tells features apart whose probabilities are too small for double precision.</param>
internal sealed record GaussianityFinding(double Probability, string Text, bool IsOfFeature, double Score = double.PositiveInfinity)
{
    /// <summary>What it says whatever its numbers; null for what is certain.</summary>
    public GaussianityClaim? Claim { get; init; }
}
