using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>Covariances in which features have a least variance beside those before them.</summary>
/// <remarks>
/// With Sigma = B diag(d) B', where B has a unit diagonal below which are zeros above it, d(j) is the variance of feature j beside those before it, and the likelihood of Gaussians is a sum of one part
/// for each feature. So the most likely covariance with d(j) of at least v is the most likely one of all with v in place of a smaller d(j), and EM that takes it never lowers its objective.
/// </remarks>
internal static class RaisedVariances
{
    // Beside the variance of the feature. What is left there tells nothing of how others go with it.
    private const double Rounding = 1e-13;

    /// <summary>Raises the variances of a covariance that are below the least.</summary>
    /// <param name="covariance">The covariance, changed in place; see <see cref="PackedTriangle"/>.</param>
    /// <param name="least">The least variances beside the features before, shape D; zero for none.</param>
    /// <param name="work">Of the length of the covariance.</param>
    /// <remarks>Cost: D^3 / 3 multiplications.</remarks>
    public static void Raise(Span<double> covariance, ReadOnlySpan<double> least, Span<double> work)
    {
        int dimension = least.Length;

        // B with d on its diagonal.
        for (int j = 0; j < dimension; j++)
        {
            Span<double> row = work.Slice(PackedTriangle.Index(j, 0), j + 1);
            double variance = Beside(covariance, work, j, j);
            bool isLow = variance < least[j], isRounding = !(variance > Rounding * covariance[PackedTriangle.Index(j, j)]);
            row[j] = isLow ? least[j] : variance;
            for (int i = j + 1; i < dimension; i++) work[PackedTriangle.Index(i, j)] = isRounding ? 0 : Beside(covariance, work, i, j) / variance;
            if (!isLow) continue;
            for (int i = j; i < dimension; i++)
            {
                double raise = (least[j] - variance) * (i == j ? 1 : work[PackedTriangle.Index(i, j)]);
                for (int m = j; m <= i; m++) covariance[PackedTriangle.Index(i, m)] += raise * (m == j ? 1 : work[PackedTriangle.Index(m, j)]);
            }
        }
    }

    // What the features before the second leave of the covariance of two.
    private static double Beside(ReadOnlySpan<double> covariance, ReadOnlySpan<double> work, int i, int j)
    {
        ReadOnlySpan<double> first = work.Slice(PackedTriangle.Index(i, 0), j), second = work.Slice(PackedTriangle.Index(j, 0), j);
        double sum = covariance[PackedTriangle.Index(i, j)];
        for (int m = 0; m < j; m++) sum -= first[m] * second[m] * work[PackedTriangle.Index(m, m)];
        return sum;
    }
}
