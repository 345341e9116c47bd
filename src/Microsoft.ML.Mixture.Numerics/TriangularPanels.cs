using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.Mixture.Numerics;

/// <summary>
/// An upper triangular matrix cut into panels of four columns, in the order in which <see cref="SquaredNorm.Triangular"/> reads it.
/// </summary>
/// <remarks>
/// The panel of columns j0 .. j0+3 holds rows 0 .. j0+3, four values a row, zero below the diagonal and beyond D.
/// </remarks>
public static class TriangularPanels
{
    /// <summary>The number of columns of a panel.</summary>
    public const int Width = 4;

    /// <summary>Rounds D up to whole panels.</summary>
    /// <param name="dimension">D.</param>
    /// <returns>The smallest multiple of four that is not less than D.</returns>
    public static int PadDimension(int dimension) => (dimension + Width - 1) & -Width;

    /// <summary>The number of values in all panels of a D x D matrix.</summary>
    /// <param name="dimension">D.</param>
    /// <returns>8 P (P + 1), where P is the number of panels.</returns>
    public static int Length(int dimension)
    {
        int panels = PadDimension(dimension) / Width;
        return 8 * panels * (panels + 1);
    }

    /// <summary>Cuts U = T' into panels.</summary>
    /// <param name="lower">T, a lower triangular matrix; see <see cref="PackedTriangle"/>.</param>
    /// <param name="dimension">D.</param>
    /// <param name="destination">The panels of U, of <see cref="Length"/> values.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackTranspose(ReadOnlySpan<double> lower, int dimension, Span<double> destination)
    {
        Debug.Assert(destination.Length >= Length(dimension));
        int next = 0;
        for (int first = 0; first < dimension; first += Width)
        {
            for (int i = 0; i < first + Width; i++)
            {
                for (int column = first; column < first + Width; column++)
                {
                    destination[next++] = i <= column && column < dimension ? lower[PackedTriangle.Index(column, i)] : 0;
                }
            }
        }
    }
}
