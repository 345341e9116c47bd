namespace Microsoft.ML.Mixture;

/// <summary>Rows with holes, those that lack the same features side by side.</summary>
/// <param name="source">All rows.</param>
/// <param name="rows">Which rows, in the order in which they are read.</param>
/// <param name="patterns">What the numbers of patterns mean.</param>
/// <param name="patternOf">The pattern of each of <paramref name="rows"/>.</param>
internal sealed class HoledRowSource(RowSource source, int[] rows, HolePatterns patterns, int[] patternOf) : SelectedRowSource(source, rows)
{
    internal override HolePatterns? Holes => patterns;

    internal override int PatternOf(int row) => patternOf[row];
}
