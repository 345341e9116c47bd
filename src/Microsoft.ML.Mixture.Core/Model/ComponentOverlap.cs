using System.Globalization;
using System.Text;

namespace Microsoft.ML.Mixture;

/// <summary>How much two components of a mixture overlap.</summary>
/// <param name="First">A component, counted from zero.</param>
/// <param name="Second">Another one.</param>
/// <param name="BhattacharyyaCoefficient">
/// The integral of sqrt( N(x; first) N(x; second) ), from 0 for components that are far apart to 1 for equal ones. It knows nothing of the
/// mixing weights and does not depend on units.
/// </param>
/// <param name="MisclassificationBound">
/// The most that the best rule can get wrong of the rows of these two components, as a share from 0 to 0.5:
/// sqrt(p (1 - p)) times the coefficient, where p and 1 - p are their weights among the two.
/// </param>
/// <remarks>
/// Sources: Bhattacharyya (1943), Bull. Calcutta Math. Soc. 35, 99-109; Kailath (1967), The divergence and Bhattacharyya distance measures in
/// signal selection, IEEE Trans. Commun. Technol. 15(1), 52-60, doi:10.1109/TCOM.1967.1089532, for the closed form and the bound.
/// </remarks>
public sealed record ComponentOverlap(int First, int Second, double BhattacharyyaCoefficient, double MisclassificationBound)
{
    // The text of a record follows the culture, and a log would have two kinds of numbers.
    private bool PrintMembers(StringBuilder text)
    {
        text.Append(
            CultureInfo.InvariantCulture,
            $"{nameof(First)} = {First}, {nameof(Second)} = {Second}, {nameof(BhattacharyyaCoefficient)} = {BhattacharyyaCoefficient}, {nameof(MisclassificationBound)} = {MisclassificationBound}");
        return true;
    }
}
