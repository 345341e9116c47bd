using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <content>How much rows with holes tell of a component.</content>
/// <remarks>
/// Of what feature j is beside all others, a row that shows o tells as much as
/// <code>
///   (inverse(Sigma_oo))_jj / (inverse(Sigma))_jj = 1 - u' C u / (u' Sigma u),   u = inverse(Sigma) e_j
/// </code>
/// rows without holes, with C as above for what is missing, and zero for what is observed: nothing if it lacks the feature, and little if it lacks one from which the feature nearly
/// follows. It is one less the share of missing information (Orchard and Woodbury, 1972), and what decides whether a direction may collapse: only rows that show all of it hold it open.
/// </remarks>
internal sealed partial class GaussianComponents
{
    // The parameters under which the sums of r C are, by their version.
    private long _unknownVersion;

    // The sum of r C of a component, in the shape of the structure.
    private int UnknownLength => _family.HasHoles ? _family.Structure.Shape.Length(Dimension) : 0;

    /// <summary>
    /// As how many rows without holes, in row weights, those of a component count for what a feature is beside the others; for spheres on the average of all features. It is N(k) where nothing is
    /// missing, and where there was no pass under these parameters. Under those before them, C would be too large for a fit on its way, whose variances still shrink.
    /// </summary>
    /// <param name="component">The component.</param>
    /// <param name="effectiveCount">N(k).</param>
    /// <param name="information">On return the numbers, shape D, or one for spheres.</param>
    public void InformationOf(int component, double effectiveCount, Span<double> information)
    {
        information.Fill(effectiveCount);
        if (_unknown.Length == 0 || _unknownVersion != _version || !(_unknownCounts[component] > 0)) return;
        int length = UnknownLength, matrix = IsShared ? 0 : component;
        ReadOnlySpan<double> unknown = _unknown.AsSpan(component * length, length), covariance = Covariance(component);
        double[] direction = new double[Dimension];
        for (int j = 0; j < information.Length; j++)
        {
            double share = Shape switch
            {
                CovarianceShape.Full => UnknownAlong(j, _precisions.AsSpan(matrix * length, length), unknown, direction),
                CovarianceShape.Diagonal => unknown[j] / covariance[j],
                _ => unknown[0] / (Dimension * covariance[0]),
            };

            // No number where the variance is so small that its inverse is none: the direction has collapsed.
            double known = 1 - (share / _unknownCounts[component]);
            information[j] = known > 0 ? Math.Min(known, 1) * effectiveCount : 0;
        }
    }

    internal override void Note(ReadOnlySpan<double> effectiveCounts, ReadOnlySpan<double> statistics)
    {
        if (_unknown.Length == 0 || Shape != _family.Structure.Shape) return;
        effectiveCounts.CopyTo(_unknownCounts);
        UnknownOf(statistics).CopyTo(_unknown);
        _unknownVersion = _version;
    }

    private Span<double> UnknownOf(Span<double> statistics) => statistics.Slice(ComponentCount * _componentStatisticsLength, ComponentCount * UnknownLength);

    private ReadOnlySpan<double> UnknownOf(ReadOnlySpan<double> statistics) => statistics.Slice(ComponentCount * _componentStatisticsLength, ComponentCount * UnknownLength);

    // u' A u / (u' Sigma u).
    private double UnknownAlong(int feature, ReadOnlySpan<double> precision, ReadOnlySpan<double> unknown, double[] direction)
    {
        for (int i = 0; i < Dimension; i++) direction[i] = precision[PackedTriangle.Index(Math.Max(i, feature), Math.Min(i, feature))];
        double sum = 0;
        for (int i = 0; i < Dimension; i++)
        {
            ReadOnlySpan<double> row = unknown.Slice(PackedTriangle.Index(i, 0), i + 1);
            sum += direction[i] * ((2 * Lanes.Dot(row[..i], direction.AsSpan(0, i))) + (row[i] * direction[i]));
        }

        return sum / direction[feature];
    }
}
