using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>What of a covariance matrix is stored and summed up, and with it which kernels run.</summary>
public enum CovarianceShape
{
    /// <summary>The lower triangle: D (D + 1) / 2 numbers.</summary>
    Full = 0,

    /// <summary>The diagonal: D numbers.</summary>
    Diagonal = 1,

    /// <summary>One variance for all features.</summary>
    Spherical = 2,
}

/// <summary>Sizes that follow from a shape.</summary>
internal static class CovarianceShapes
{
    public static int Length(this CovarianceShape shape, int dimension) => shape switch
    {
        CovarianceShape.Full => PackedTriangle.Length(dimension),
        CovarianceShape.Diagonal => dimension,
        _ => 1,
    };

    /// <summary>Whether arrays hold a matrix of this shape for each component, and the statistics of an M-step.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="componentCount">K.</param>
    /// <param name="dimension">D.</param>
    /// <param name="hasHoles">Whether what nobody has seen of rows is summed up as well.</param>
    /// <param name="hasSquares">Whether an estimate takes square matrices, as of axes.</param>
    public static bool FitsArrays(this CovarianceShape shape, int componentCount, int dimension, bool hasHoles = false, bool hasSquares = false)
    {
        // In 64 bits, for in 32 the length may wrap around to a small one. As ScatterTriangle stores a triangle, the longest way.
        long padded = (dimension + (Lanes.Width - 1L)) & -Lanes.Width, triangle = padded * (padded + Lanes.Width) / 2;
        long unseen = hasHoles ? triangle : 0, square = hasSquares ? (long)dimension * dimension : 0;
        return shape != CovarianceShape.Full || Math.Max((componentCount * (dimension + triangle + unseen)) + triangle, componentCount * square) <= Array.MaxLength;
    }

    /// <summary>How many entries of the diagonal are stored.</summary>
    public static int DiagonalLength(this CovarianceShape shape, int dimension) => shape == CovarianceShape.Spherical ? 1 : dimension;

    /// <summary>The place of entry (i, j), i not below j, in a matrix of this shape; -1 if the entry is always zero.</summary>
    public static int Index(this CovarianceShape shape, int i, int j) => shape switch
    {
        CovarianceShape.Full => PackedTriangle.Index(i, j),
        CovarianceShape.Diagonal => i == j ? i : -1,
        _ => i == j ? 0 : -1,
    };
}
