using System.Buffers;

namespace Microsoft.ML.Mixture;

/// <summary>Some features of those rows of another source that show all of them.</summary>
/// <param name="source">The rows, of which some have holes.</param>
/// <param name="features">The features, in their order here.</param>
internal sealed class CompleteRowSource(RowSource source, int[] features) : RowSource
{
    private readonly SelectedRowSource _rows = new(source, RowsThatShow(source, features));

    public override int Dimension => features.Length;

    public override int RowCount => _rows.RowCount;

    public override void Read(int firstRow, int rowCount, Span<double> values, int stride, Span<double> weights)
    {
        double[] rented = ArrayPool<double>.Shared.Rent(source.Dimension * stride);
        _rows.Read(firstRow, rowCount, rented, stride, weights);
        for (int at = 0; at < features.Length; at++) rented.AsSpan(features[at] * stride, rowCount).CopyTo(values[(at * stride)..]);
        ArrayPool<double>.Shared.Return(rented);
    }

    private static int[] RowsThatShow(RowSource source, int[] features)
    {
        HolePatterns patterns = source.Holes!;
        bool[] shows = [.. Enumerable.Range(0, patterns.Count).Select(pattern => !patterns.Missing(pattern).ContainsAny(features))];
        return [.. Enumerable.Range(0, source.RowCount).Where(row => shows[source.PatternOf(row)])];
    }
}
