namespace Microsoft.ML.Mixture;

/// <summary>What the starts of a race are, in their order.</summary>
/// <param name="once">Those that are made once.</param>
/// <param name="inTurns">The others, which come again and again as long as there is something to spend.</param>
internal sealed class StartPlan(StartStep[] once, StartStep[] inTurns)
{
    /// <summary>Those that run shortly where runs are long.</summary>
    public static IReadOnlyList<StartKind> Short { get; } =
    [
        StartKind.RandomRows, StartKind.WhitenedKMeans, StartKind.RandomRows, StartKind.WhitenedRandomRows, StartKind.RandomRows, StartKind.KMeans,
        StartKind.RandomRows, StartKind.Hierarchical,
    ];

    /// <summary>For two components, where moves are hardly more than new starts.</summary>
    public static StartPlan OfTwo { get; } = new(
        once:
        [
            new(StartKind.KMeans), new(StartKind.WhitenedKMeans), new(StartKind.RandomResponsibilities), new(StartKind.RandomRows), new(StartKind.Hierarchical),
        ],
        inTurns:
        [
            new(StartKind.RandomDirection), new(StartKind.WhitenedRandomRows), new(StartKind.RandomRows), new(StartKind.RandomResponsibilities), new(StartKind.RandomDirection),
            new(StartKind.WhitenedRandomRows), new(StartMove.Regroup), new(StartKind.RandomRows), new(StartKind.WhitenedKMeans),
        ]);

    /// <summary>For three components and more.</summary>
    public static StartPlan OfMany { get; } = new(
        once: [new(StartKind.KMeans), new(StartKind.WhitenedKMeans), new(StartKind.RandomResponsibilities), new(StartKind.RandomRows)],
        inTurns:
        [
            new(StartMove.Exchange), new(StartMove.MergeAndSplit), new(StartMove.RelocateRunnerUp), new(StartKind.SimplerFamily), new(StartMove.Relocate), new(StartMove.Regroup),
            new(StartKind.WhitenedRandomRows), new(StartMove.Exchange), new(StartMove.RelocateRunnerUp), new(StartMove.SplitAnew), new(StartMove.Relocate), new(StartKind.Hierarchical),
            new(StartMove.RelocateRunnerUp), new(StartMove.MergeAndSplit), new(StartKind.RandomRows), new(StartMove.Exchange), new(StartMove.Relocate), new(StartKind.SimplerFamily),
            new(StartMove.RelocateRunnerUp), new(StartKind.RandomResponsibilities), new(StartMove.Relocate),
        ]);

    /// <summary>The same where runs are so long that there are some only: the best mixture is mended in order, for what is wrong with it is mostly that two of its components share a group. Where that does not help, short runs come between, once.</summary>
    public static StartPlan OfLongRuns { get; } = new(
        once: [new(StartKind.KMeans)],
        inTurns:
        [
            new(StartMove.Exchange), new(StartMove.Exchange), new(StartMove.Exchange), new(StartKind.WhitenedKMeans), new(StartMove.Exchange), new(StartMove.MergeAndSplit),
            new(StartMove.Exchange), new(StartMove.Relocate), new(StartKind.SimplerFamily), new(StartMove.Exchange), new(StartKind.RandomRows),
        ]);

    /// <summary>
    /// For so many parameters that there are maxima everywhere: those of fits with fewer parameters lead to good ones, and small moves from there
    /// to better ones.
    /// </summary>
    public static StartPlan OfFewRows { get; } = new(
        once:
        [
            new(StartKind.KMeans), new(StartKind.SimplerFamily), new(StartKind.SimplerFamily), new(StartKind.WhitenedKMeans), new(StartKind.SimplerFamily),
            new(StartKind.SimplerFamily),
        ],
        inTurns:
        [
            new(StartKind.Hierarchical), new(StartMove.Regroup), new(StartKind.RandomRows), new(StartMove.Reassign), new(StartMove.MergeAndSplit), new(StartKind.Hierarchical),
            new(StartMove.Reassign), new(StartMove.SplitAnew), new(StartKind.RandomRows), new(StartMove.Reassign), new(StartKind.SimplerFamily),
            new(StartKind.RandomResponsibilities), new(StartMove.Reassign),
        ]);

    /// <summary>For the same, where there are enough rows for each component that what it says of a row without that row tells where it belongs: most starts take their first steps so.</summary>
    public static StartPlan OfHeldRows { get; } = new(
        once:
        [
            new(StartKind.KMeans), WithoutRows(StartKind.KMeans), WithoutRows(StartKind.SimplerFamily), WithoutRows(StartKind.WhitenedKMeans), new(StartKind.SimplerFamily),
            WithoutRows(StartKind.SimplerFamily), new(StartKind.SimplerFamily),
        ],
        inTurns:
        [
            WithoutRows(StartKind.Hierarchical), WithoutRows(StartMove.Regroup), WithoutRows(StartKind.RandomRows), new(StartMove.Reassign), WithoutRows(StartMove.MergeAndSplit),
            new(StartKind.Hierarchical), new(StartMove.Reassign), WithoutRows(StartMove.SplitAnew), WithoutRows(StartKind.RandomRows), new(StartMove.Reassign),
            WithoutRows(StartKind.SimplerFamily), new(StartKind.RandomResponsibilities), new(StartMove.Reassign),
        ]);

    /// <summary>For more features than rows, of which each pass is dear.</summary>
    public static StartPlan OfManyFeatures { get; } = new(
        once: [new(StartKind.KMeans)],
        inTurns:
        [
            new(StartMove.Regroup), new(StartMove.SplitAnew), new(StartMove.Regroup), new(StartKind.RandomRows), new(StartMove.Regroup), new(StartMove.Relocate), new(StartMove.Regroup),
            new(StartKind.KMeans),
        ]);

    /// <summary>On all rows after a race on a sample.</summary>
    public static StartPlan AfterSample { get; } = new(
        once: [],
        inTurns:
        [
            new(StartKind.KMeans), new(StartMove.Exchange), new(StartMove.Exchange), new(StartMove.Relocate), new(StartMove.Exchange), new(StartMove.MergeAndSplit),
        ]);

    /// <summary>For components that lose their rows where they explain nothing: the best mixture may use fewer than there are.</summary>
    public static StartPlan OfUnusedComponents { get; } = new(
        once: [new(StartKind.KMeans), new(StartKind.FewerGroups), new(StartKind.FewerGroups), new(StartKind.FewerGroups), new(StartKind.FewerGroups)],
        inTurns:
        [
            new(StartMove.LeaveOut), new(StartMove.Merge), new(StartMove.LeaveOut), new(StartMove.Split), new(StartKind.FewerGroups),
            new(StartMove.LeaveOut), new(StartMove.Merge), new(StartMove.LeaveOut), new(StartMove.Split), new(StartKind.RandomResponsibilities),
        ]);

    /// <summary>The same with one more start in every turn, the first of it.</summary>
    public StartPlan With(StartStep step) => new(once, [step, .. inTurns]);

    /// <summary>The same with noise: every first start comes twice, for noise may begin with two kinds of rows, and before every move or start comes one that makes a component of rows of the noise.</summary>
    public StartPlan WithNoise() => new([.. once.SelectMany(step => new[] { step, step })], [.. inTurns.SelectMany(step => new[] { new(StartMove.FromNoise), step }), new(StartKind.RandomRows)]);

    /// <summary>What a start is.</summary>
    /// <param name="racer">Its number, counted from zero.</param>
    public StartStep this[int racer] => racer < once.Length ? once[racer] : inTurns[(racer - once.Length) % inTurns.Length];

    private static StartStep WithoutRows(StartKind kind) => new(kind) { LeavesRowsOut = true };

    private static StartStep WithoutRows(StartMove move) => new(move) { LeavesRowsOut = true };
}
