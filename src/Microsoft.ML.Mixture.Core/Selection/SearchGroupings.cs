namespace Microsoft.ML.Mixture;

/// <summary>The groupings of a search so far: for every K those that models start from.</summary>
/// <param name="grid">The models.</param>
/// <param name="groups">Makes groupings.</param>
/// <param name="phase">The phase that they are for.</param>
/// <param name="startCount">The number of groupings for each K.</param>
internal sealed class SearchGroupings(SearchGrid grid, SearchGroups groups, SearchPhase phase, int startCount)
{
    // Those that are not the tree's, K after K.
    private readonly SearchGrouping?[] _others = new SearchGrouping?[grid.Counts.Length * (startCount - 1)];

    /// <summary>Those of a model that are not the tree's; null for what nobody has asked for.</summary>
    public IEnumerable<SearchGrouping?> Of(SearchCell cell) => _others.Skip(PlaceOf(cell) * (startCount - 1)).Take(startCount - 1);

    /// <summary>The place of the K of a model among all.</summary>
    public int PlaceOf(SearchCell cell) => cell.Candidate.ComponentCount - grid.Counts[0];

    /// <summary>The grouping of the tree for each K; null where rows are too few.</summary>
    public SearchGrouping?[] Trees() => [.. grid.Counts.Select(count => Find(count, 0))];

    /// <summary>Those of values that repeat for each K, if some do.</summary>
    public IReadOnlyList<SearchGrouping>[] ByRepeatedValues() => [.. grid.Counts.Select(count => groups.FindByRepeatedValues(count, phase.Token))];

    /// <summary>Finds those that models are to try: for each K with a model that may win, and on a sample some for all.</summary>
    public void FindOthers() => phase.Run(_others.Length, item =>
    {
        int count = grid.Counts[item / (startCount - 1)];
        bool isForLosers = phase.Rows.AreSample && item % (startCount - 1) < SearchMoves.GroupingsOfLosers;
        if (_others[item] is not null || !(isForLosers || grid.OfCount(count).Any(cell => cell.TriesGroups))) return;
        _others[item] = Find(count, 1 + (item % (startCount - 1)));
    });

    /// <summary>Finds one for each K with a model that cannot win.</summary>
    public void FindForLosers() => phase.Run(grid.Counts.Length, item =>
    {
        int count = grid.Counts[item], at = item * (startCount - 1);
        if (startCount > 1 && count > 1 && grid.OfCount(count).Any(cell => cell.IsSearched && !cell.IsContender)) _others[at] ??= Find(count, 1);
    });

    private SearchGrouping? Find(int count, int index)
    {
        try
        {
            phase.Scaled.Rows.Check(count, grid.Cells[0].Options.FeatureName);
        }
        catch (ArgumentException exception)
        {
            foreach (SearchCell cell in grid.OfCount(count)) cell.Exclude(exception.Message);
            return null;
        }

        return groups.Find(count, index, phase.Token);
    }
}
