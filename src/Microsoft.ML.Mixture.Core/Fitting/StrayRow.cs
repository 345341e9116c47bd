using MathNet.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>A row that stretches a component: so much of its variance is due to this one that it can hardly belong there.</summary>
/// <param name="Component">The component; of several that have their covariance in common, the one that has the row.</param>
/// <param name="Row">The row, as the caller counts.</param>
/// <param name="Share">Its share of the variance in its direction.</param>
/// <param name="Feature">The feature in which it is farthest out beside the spread of the component.</param>
/// <param name="Point">The row in the units of the fit.</param>
/// <remarks>
/// With d^2 the squared Mahalanobis distance of one of n rows from the Gaussian fitted to all of them, d^2 / n is its share of their variance in its direction. Where rows are normal it has the beta distribution
/// with D / 2 and (n - D - 1) / 2, so that this is the test of Wilks (1963), Multivariate statistical outliers, Sankhya A 25(4), 407-426. A row of a weight of its own counts as one of weight one as far from the others.
/// </remarks>
internal sealed record StrayRow(int Component, int Row, double Share, int Feature, double[] Point)
{
    // One stray row at ten standard deviations and more that unites groups has more in nearly all fits; in hardly any to rows with long tails has one, and in none to normal rows.
    private const double LeastShare = 0.4;

    // That any of all rows is so far out by chance.
    private const double MostProbable = 1e-6;

    /// <summary>Looks for them.</summary>
    /// <param name="rows">The rows, in the units of the fit.</param>
    /// <param name="fit">Gaussians that were fitted to them, with noise or without.</param>
    /// <param name="structure">Their structure.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    /// <returns>Of each component at most the row with the largest share.</returns>
    /// <remarks>Cost: a pass over the rows; none where values are not so far out in any feature that a row could be.</remarks>
    public static IReadOnlyList<StrayRow> FindAll(TrainingRows rows, MixtureFit fit, CovarianceStructure structure, CancellationToken cancellationToken)
    {
        GaussianComponents gaussians = NoiseComponents.GaussiansOf(fit.Components);
        Variances[] variances = [.. Enumerable.Range(0, gaussians.ComponentCount).Select(k => Variances.Of(gaussians, fit, structure, k))];
        int[] asked = [.. Enumerable.Range(0, variances.Length)
            .Where(k => !fit.Spurious.Any(found => found.Component == k || found.IsOfAll) && variances[k].AreTested && (!rows.AreWeightsEqual || MayReach(rows, gaussians, k, variances[k])))];
        if (asked.Length == 0) return [];
        int count = fit.Components.ComponentCount, first = 0;
        var found = new StrayRow?[variances.Length];
        double[] logWeights = new double[count], distances = [];
        fit.Components.CopyLogWeights([.. fit.Weights], logWeights);
        var shares = new BlockResponsibilities(fit.Components, logWeights);
        foreach (RowBlock block in new RowBlocks(rows.Source, cancellationToken))
        {
            if (distances.Length == 0) distances = new double[count * block.Stride];
            double[] logDensities = shares.LogDensities(block);
            foreach (int k in asked) gaussians.CopySquaredDistances(k, block, logDensities.AsSpan(k * block.Stride, block.Stride), distances.AsSpan(k * block.Stride, block.Stride));
            double[] responsibilities = shares.Normalize(block);
            foreach (int k in asked)
            {
                for (int i = 0; i < block.RowCount; i++)
                {
                    // They are times the weight of the row.
                    double weighted = responsibilities[(k * block.Stride) + i], distance = distances[(k * block.Stride) + i];
                    if (!(weighted * distance > LeastShare * variances[k].Total)) continue;
                    double[] point = new double[block.Dimension];
                    for (int j = 0; j < point.Length; j++) point[j] = block.Values[(j * block.Stride) + i];
                    (int feature, double farthest) = Farthest(gaussians, k, point);
                    if (gaussians.Shape == CovarianceShape.Diagonal) distance = farthest;
                    double share = Math.Min(1, weighted * distance / variances[k].Total);
                    if (!(share > Math.Max(LeastShare, found[k]?.Share ?? 0)) || !(variances[k].ProbabilityOf(share, distance) * rows.Source.RowCount < MostProbable)) continue;
                    int row = first + i;
                    found[k] = new StrayRow(k, rows.Selected is { } selected ? selected[row] : row, share, feature, point);
                }
            }

            first += block.RowCount;
        }

        return [.. found.OfType<StrayRow>()];
    }

    /// <summary>Whether the variances of a component are those of its own rows; where components have a part of them in common, they are taken as if it were all.</summary>
    public static bool AreOwn(CovarianceStructure structure) =>
        !structure.IsShared && !structure.TiesShape && !structure.TiesVolume && (structure.Shape != CovarianceShape.Full || !structure.TiesOrientation);

    // Whether a row within the bounds of all features could be so far from a component.
    private static bool MayReach(TrainingRows rows, GaussianComponents components, int component, Variances variances)
    {
        int dimension = components.Dimension, stored = components.Shape.Length(dimension);
        ReadOnlySpan<double> inverse = components.InverseFactors.Slice(components.IsShared ? 0 : component * stored, stored), mean = components.Means.Slice(component * dimension, dimension);
        double most = 0, weight = rows.RowWeightTotal / rows.Source.RowCount;
        for (int c = 0; c < dimension; c++)
        {
            double reach = 0;
            for (int j = components.Shape == CovarianceShape.Full ? 0 : c; j <= c; j++) reach += Math.Abs(inverse[components.Shape.Index(c, j)]) * Math.Max(rows.Maximum[j] - mean[j], mean[j] - rows.Minimum[j]);
            most += reach * reach;
        }

        return weight * most > LeastShare * variances.Total;
    }

    private static (int Feature, double Distance) Farthest(GaussianComponents components, int component, double[] point)
    {
        (int feature, double most) = (0, 0);
        for (int j = 0; j < point.Length; j++)
        {
            double offset = point[j] - components.Means[(component * point.Length) + j], distance = offset * offset / components.CovarianceOf(component, j, j);
            if (distance > most) (feature, most) = (j, distance);
        }

        return (feature, most);
    }

    /// <summary>What variances of a component are estimated from.</summary>
    /// <param name="Total">The weight of all rows, times their number of features where these share a variance.</param>
    /// <param name="Count">The same of rows of one weight that tell as much.</param>
    /// <param name="OfRow">Half the degrees of freedom of one row.</param>
    /// <param name="OfOthers">Half those of the others.</param>
    /// <param name="Directions">In how many directions rows are looked at.</param>
    private readonly record struct Variances(double Total, double Count, double OfRow, double OfOthers, int Directions)
    {
        public bool AreTested => OfOthers > 0 && Total > 0;

        public static Variances Of(GaussianComponents components, MixtureFit fit, CovarianceStructure structure, int component)
        {
            int count = components.ComponentCount, dimension = components.Dimension;
            bool isOwn = AreOwn(structure);
            double total = isOwn ? fit.EffectiveCounts[component] : fit.EffectiveCounts.Take(count).Sum(), rows = isOwn ? fit.RowCounts[component] : fit.RowCounts.Take(count).Sum(), means = isOwn ? 1 : count;
            return components.Shape switch
            {
                CovarianceShape.Full => new Variances(total, rows, dimension / 2.0, (rows - dimension - means) / 2, 1),
                CovarianceShape.Diagonal => new Variances(total, rows, 0.5, (rows - 1 - means) / 2, dimension),
                _ => new Variances(total * dimension, rows * dimension, dimension / 2.0, (rows - 1 - means) * dimension / 2, 1),
            };
        }

        /// <summary>How probable it is that a row is so far out.</summary>
        public double ProbabilityOf(double share, double distance)
        {
            if (share >= 1) return 0;
            double ofOne = distance / (1 - share) / Count;
            return Directions * SpecialFunctions.BetaRegularized(OfOthers, OfRow, 1 / (1 + ofOne));
        }
    }
}
