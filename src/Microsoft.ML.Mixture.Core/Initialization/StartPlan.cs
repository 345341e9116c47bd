namespace Microsoft.ML.Mixture;

/// <summary>What the starts of a race are, in their order.</summary>
internal static class StartPlan
{
    /// <summary>The number of starts that are made once; the others come again and again as long as there is something to spend.</summary>
    public const int First = 5;

    /// <summary>Those that run shortly where runs are long.</summary>
    public static IReadOnlyList<StartKind> Short { get; } =
    [
        StartKind.RandomRows, StartKind.WhitenedKMeans, StartKind.RandomRows, StartKind.WhitenedRandomRows, StartKind.RandomRows, StartKind.KMeans,
        StartKind.RandomRows, StartKind.Hierarchical,
    ];

    /// <summary>For two components, where moves are hardly more than new starts.</summary>
    public static IReadOnlyList<StartStep> OfTwo { get; } =
    [
        new(StartKind.KMeans), new(StartKind.WhitenedKMeans), new(StartKind.RandomResponsibilities), new(StartKind.RandomRows),
        new(StartKind.Hierarchical),
        new(StartKind.RandomDirection), new(StartKind.WhitenedRandomRows), new(StartKind.RandomResponsibilities), new(StartKind.WhitenedKMeans),
    ];

    /// <summary>For three components and more.</summary>
    public static IReadOnlyList<StartStep> OfMany { get; } =
    [
        new(StartKind.KMeans), new(StartKind.WhitenedKMeans), new(StartKind.RandomResponsibilities), new(StartKind.RandomRows),
        new(StartKind.Hierarchical),
        new(StartMove.MergeAndSplit), new(StartMove.SplitAnew), new(StartKind.RandomResponsibilities),
        new(StartMove.MergeAndSplit), new(StartMove.SplitAnew), new(StartKind.WhitenedRandomRows),
        new(StartMove.MergeAndSplit), new(StartMove.SplitAnew), new(StartKind.RandomRows),
    ];
}

/// <summary>A start of a race: one of a kind, or a move of the best mixture so far.</summary>
internal readonly record struct StartStep(StartKind Kind, StartMove? Move)
{
    public StartStep(StartKind kind)
        : this(kind, null)
    {
    }

    public StartStep(StartMove move)
        : this(default, move)
    {
    }
}
