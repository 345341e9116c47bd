namespace Microsoft.ML.Mixture;

/// <summary>What each component rests on.</summary>
/// <param name="all">The rows of each component, copies included, as many of one weight as tell as much.</param>
/// <param name="distinct">The same of rows that differ from each other; empty where rows are no copies.</param>
/// <param name="source">The rows; null if components are judged without.</param>
internal readonly ref struct RowsOfComponents(ReadOnlySpan<double> all, ReadOnlySpan<double> distinct = default, RowSource? source = null)
{
    private readonly ReadOnlySpan<double> _all = all;
    private readonly ReadOnlySpan<double> _distinct = distinct;

    /// <summary>The rows; null if components are judged without.</summary>
    public RowSource? Source { get; } = source;

    /// <summary>Stops what takes long.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Those that count: a copy tells nothing that its row does not.</summary>
    public ReadOnlySpan<double> Counts => _distinct.IsEmpty ? _all : _distinct;

    /// <summary>The same of the first components.</summary>
    public RowsOfComponents Take(int count) => new(_all[..count], _distinct.IsEmpty ? default : _distinct[..count], Source) { CancellationToken = CancellationToken };

    /// <summary>Whether a component has many times more rows than differ from each other.</summary>
    public bool AreCopies(int component) => !_distinct.IsEmpty && _all[component] >= CopiedRows.ManyTimes * _distinct[component];

    /// <summary>What a component rests on, to follow "rests on".</summary>
    public string Describe(int component) => AreCopies(component)
        ? $"{Counted.Of(_all[component], "row")} that are copies of each other and tell as much as {Counted.Of(_distinct[component], "different row")}" : Counted.Of(Counts[component], "row");

    /// <summary>What to do about copies first, with a blank in front of other remedies, if a component rests on such.</summary>
    public string RemedyOf(int component) => AreCopies(component) ? "Remove the copies, or give them as one row with a weight. " : string.Empty;
}
