namespace Microsoft.ML.Mixture.Numerics;

/// <summary>The lower triangle of a symmetric or triangular matrix, row after row: (0,0), (1,0), (1,1), (2,0), ...</summary>
public static class PackedTriangle
{
    /// <summary>The number of entries of a D x D triangle.</summary>
    /// <param name="dimension">D.</param>
    /// <returns>D (D + 1) / 2.</returns>
    public static int Length(int dimension) => dimension * (dimension + 1) / 2;

    /// <summary>The place of an entry.</summary>
    /// <param name="row">i, counted from zero.</param>
    /// <param name="column">j, at most <paramref name="row"/>.</param>
    /// <returns>i (i + 1) / 2 + j.</returns>
    public static int Index(int row, int column) => (row * (row + 1) / 2) + column;
}
