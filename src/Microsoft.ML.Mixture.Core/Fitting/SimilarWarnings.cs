namespace Microsoft.ML.Mixture;

/// <summary>Warnings of one kind: a few in full, and one sentence on all others.</summary>
internal static class SimilarWarnings
{
    /// <summary>How many are told in full.</summary>
    public const int MostInFull = 5;

    // Of the others, for a sentence that is read to its end.
    private const int MostNamed = 5;

    /// <summary>Tells what was found.</summary>
    /// <typeparam name="T">What it is.</typeparam>
    /// <param name="found">All of it.</param>
    /// <param name="tell">A warning on one.</param>
    /// <param name="tellOthers">A warning on all those after the first few, with its cause and remedy.</param>
    /// <param name="mostInFull">How many are told in full.</param>
    public static IEnumerable<string> Tell<T>(IReadOnlyList<T> found, Func<T, string> tell, Func<IReadOnlyList<T>, string> tellOthers, int mostInFull = MostInFull)
    {
        foreach (T one in found.Take(mostInFull)) yield return tell(one);
        if (found.Count > mostInFull) yield return tellOthers([.. found.Skip(mostInFull)]);
    }

    /// <summary>The same where of the others nothing need be told but their number.</summary>
    /// <param name="found">All of it.</param>
    /// <param name="tell">A warning on one.</param>
    /// <param name="noun">What one of them is called.</param>
    /// <param name="plural">What several are called; null to add an s.</param>
    /// <param name="mostInFull">How many are told in full.</param>
    public static IEnumerable<string> Tell<T>(IReadOnlyList<T> found, Func<T, string> tell, string noun, string? plural = null, int mostInFull = MostInFull) =>
        Tell(found, tell, others => $"The same holds for {(plural is null || others.Count == 1 ? Counted.Of(others.Count, "more " + noun) : $"{others.Count} more {plural}")}.", mostInFull);

    /// <summary>Some of the features by name, in the middle of a sentence.</summary>
    public static string Names(IReadOnlyList<int> features, MixtureOptions options) =>
        string.Join(", ", features.Take(MostNamed).Select(options.FeatureNameWithin)) + (features.Count > MostNamed ? " and so on" : string.Empty);
}
