namespace Microsoft.ML.Mixture.Numerics;

/// <summary>
/// The lower triangle of a symmetric matrix as kernels sum it up: each row filled up to whole vectors, so that it is added to in vectors.
/// </summary>
/// <remarks>Row i holds columns 0 .. 8 (i / 8 + 1) - 1; those beyond i are of no meaning. Rows are filled up to a multiple of eight too.</remarks>
public static class ScatterTriangle
{
    /// <summary>The number of values.</summary>
    /// <param name="dimension">D.</param>
    /// <returns>32 P (P + 1), where P is D over eight, rounded up.</returns>
    public static int Length(int dimension) => RowOffset(Lanes.Pad(dimension));

    /// <summary>Where a row begins.</summary>
    /// <param name="row">i, counted from zero.</param>
    /// <returns>The place of entry (i, 0); entry (i, j) is j places further.</returns>
    public static int RowOffset(int row)
    {
        int panel = row / Lanes.Width;
        return Lanes.Width * (panel + 1) * ((4 * panel) + (row % Lanes.Width));
    }

    /// <summary>Copies the lower triangle without the filling.</summary>
    /// <param name="source">The triangle with filling.</param>
    /// <param name="dimension">D.</param>
    /// <param name="destination">The triangle row after row; see <see cref="PackedTriangle"/>.</param>
    public static void Pack(ReadOnlySpan<double> source, int dimension, Span<double> destination)
    {
        for (int i = 0; i < dimension; i++) source.Slice(RowOffset(i), i + 1).CopyTo(destination[PackedTriangle.Index(i, 0)..]);
    }
}
