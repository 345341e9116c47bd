namespace Microsoft.ML.Mixture;

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

    /// <summary>Whether the first steps of EM give each row the responsibilities that it has under a mixture without it.</summary>
    public bool LeavesRowsOut { get; init; }
}
