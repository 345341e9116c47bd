namespace Microsoft.ML.Mixture;

/// <summary>What a feature is that follows from others, in words.</summary>
internal static class FeatureCombination
{
    // Beyond that it tells nothing to a reader.
    private const int MostNamed = 5;

    /// <summary>Such as "a linear combination of a, b and c", to follow "is".</summary>
    /// <param name="sources">The others, at least one.</param>
    /// <param name="featureName">What to call a feature in the middle of a sentence.</param>
    public static string Describe(IReadOnlyList<int> sources, Func<int, string> featureName)
    {
        string[] parts = [.. sources.Take(MostNamed).Select(featureName)];
        if (parts.Length == 1) return $"a copy of {parts[0]}, up to scale and offset";
        string last = sources.Count > MostNamed ? $"{sources.Count - MostNamed + 1} more" : parts[^1];
        return $"a linear combination of {string.Join(", ", parts[..^1])} and {last}";
    }
}
