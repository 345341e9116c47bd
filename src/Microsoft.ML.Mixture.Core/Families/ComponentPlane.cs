using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>A plane, not across one feature alone, in which nearly all rows of a component lie exactly, so that across it there is nothing but what the prior and the floor add.</summary>
/// <param name="Component">The component.</param>
/// <param name="Feature">The feature that follows from others there.</param>
/// <param name="Sources">These.</param>
/// <param name="RowCount">The number of rows that are the component's more than any other's, of those looked at.</param>
/// <param name="RowsInPlane">Of these the number of those in the plane.</param>
internal sealed record ComponentPlane(int Component, int Feature, IReadOnlyList<int> Sources, int RowCount, int RowsInPlane)
{
    // Rows that coincide leave no more than what is added; strays near them add some.
    private const double LeastShareOfPrior = 0.1;

    // Strays tilt the plane that is fitted to all rows, and so the one nearest to most of them is looked for, in a few steps.
    private const double KeptShare = 0.75;
    private const int MostSteps = 10;
    private const double LeastShareInPlane = 0.9;

    // In standard deviations of a feature: single precision leaves less of a feature that is not far from zero.
    private const double Exact = 1e-5;

    // Of a combination, in the same.
    private const double LeastPart = 1e-4;

    // At most so many rows are looked at, and of many features fewer, so that no more multiplications are done in all, but some for each feature.
    private const int MostRows = 20_000;
    private const double MostOperations = 1e8;
    private const double FewestRowsOfFeature = 4;

    /// <summary>Looks for them.</summary>
    /// <param name="rows">The rows, in the units of the components.</param>
    /// <param name="components">Gaussians that were fitted to them.</param>
    /// <param name="effectiveCounts">N(k), shape K.</param>
    /// <param name="others">Components that are not asked about.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    /// <returns>At most one for each component.</returns>
    /// <remarks>
    /// Rows are read only where a direction of a component has hardly more than what the prior and the floor add, and of many rows some from all over. The plane is fitted to the three quarters of the rows nearest
    /// to it, by steps as of least trimmed squares: Rousseeuw and Van Driessen (2006), Computing LTS regression for large data sets, Data Min. Knowl. Discov. 12, 29-45. Cost: K D^3 / 3, and some passes over these rows
    /// where there may be a plane.
    /// </remarks>
    public static IReadOnlyList<ComponentPlane> FindAll(
        RowSource rows, GaussianComponents components, ReadOnlySpan<double> effectiveCounts, IReadOnlyList<DegenerateComponent> others, CancellationToken cancellationToken)
    {
        int count = components.ComponentCount, dimension = components.Dimension;
        if (count == 1 || dimension == 1 || components.IsShared || components.Shape != CovarianceShape.Full || components.Family.Prior is not null) return [];
        double total = 0;
        foreach (double one in effectiveCounts) total += one;
        int[] features = new int[count];
        for (int k = 0; k < count; k++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            CovarianceRegularization prior = components.Family.RegularizationOf(k);
            bool isAsked = prior.PriorScatter is null && !others.Any(found => found.Component == k || found.IsOfAll);
            features[k] = isAsked && PriorDirection.Find(components, k, prior, effectiveCounts[k], total / count) is { Share: > LeastShareOfPrior } direction ? direction.Feature : -1;
        }

        if (Array.TrueForAll(features, feature => feature < 0)) return [];
        RowSource some = SelectedRowSource.Spread(rows, MostRowsOf(count, dimension));
        double[] weights = new double[count];
        for (int k = 0; k < count; k++) weights[k] = effectiveCounts[k] / total;
        (List<double>[] rowsOf, List<double>[] weightsOf, double[] counts) = Assign(some, components, weights, features, cancellationToken);
        return [.. Enumerable.Range(0, count)
            .Where(k => features[k] >= 0 && weightsOf[k].Count > dimension + 1)
            .Select(k => Find(rowsOf[k].ToArray(), weightsOf[k].ToArray(), counts[k], k, features[k], cancellationToken)).OfType<ComponentPlane>()];
    }

    /// <summary>How many rows are looked at.</summary>
    /// <param name="componentCount">K.</param>
    /// <param name="dimension">D.</param>
    internal static int MostRowsOf(int componentCount, int dimension) =>
        (int)Math.Clamp(MostOperations / ((double)componentCount * dimension * dimension), Math.Min(FewestRowsOfFeature * dimension, MostRows), MostRows);

    /// <summary>What holds in the plane, as a part of a sentence.</summary>
    /// <param name="featureName">What to call a feature.</param>
    public string Describe(Func<int, string> featureName) => $"in {RowsInPlane} of {Counted.Of(RowCount, "row")} there {featureName(Feature)} is {FeatureCombination.Describe(Sources, featureName)}";

    // The rows without holes that are more than any other's a component's for which a feature is asked, with their weights, and the sum of all their responsibilities for it. They are read once, for that may be dear.
    private static (List<double>[] Rows, List<double>[] Weights, double[] Counts) Assign(RowSource rows, GaussianComponents components, double[] weights, int[] features, CancellationToken cancellationToken)
    {
        const double Most = 0.5;
        double[] logWeights = new double[components.ComponentCount], counts = new double[logWeights.Length];
        MixtureState.Log(weights, logWeights);
        var shares = new BlockResponsibilities(components, logWeights);
        List<double>[] rowsOf = [.. logWeights.Select(_ => new List<double>())], weightsOf = [.. logWeights.Select(_ => new List<double>())];
        foreach (RowBlock block in new RowBlocks(rows, cancellationToken))
        {
            double[] responsibilities = shares.Of(block);
            for (int i = 0; i < block.RowCount; i++)
            {
                if (HasHole(block, i)) continue;
                for (int k = 0; k < logWeights.Length; k++)
                {
                    // They are times the weight of the row.
                    double weighted = responsibilities[(k * block.Stride) + i];
                    counts[k] += weighted;
                    if (features[k] < 0 || !(weighted > Most * block.Weights[i])) continue;
                    for (int j = 0; j < block.Dimension; j++) rowsOf[k].Add(block.Values[(j * block.Stride) + i]);
                    weightsOf[k].Add(block.Weights[i]);
                }
            }
        }

        return (rowsOf, weightsOf, counts);
    }

    private static bool HasHole(RowBlock block, int row)
    {
        for (int j = 0; j < block.Dimension; j++)
        {
            if (double.IsNaN(block.Values[(j * block.Stride) + row])) return true;
        }

        return false;
    }

    private static ComponentPlane? Find(double[] values, double[] weights, double count, int component, int feature, CancellationToken cancellationToken)
    {
        int dimension = values.Length / weights.Length, kept = Math.Max(dimension + 1, (int)Math.Ceiling(KeptShare * weights.Length));
        var own = new ArrayRowSource<double>(values, dimension, weights);
        int[] rows = [.. Enumerable.Range(0, weights.Length)];
        double[] distances = new double[rows.Length];
        int[] nearest = rows;
        for (int step = 0; step < MostSteps; step++)
        {
            TrainingRows fitted = TrainingRows.Inspect(new SelectedRowSource(own, nearest), usesHoles: false, cancellationToken);
            FeatureMoments moments = FeatureMoments.Compute(fitted, cancellationToken);
            if (!(moments.Variances[feature] > 0)) return null;
            (int[] predictors, double[] parts) = Regress(FeatureCorrelations.Compute(fitted, moments, cancellationToken), moments, feature);
            for (int i = 0; i < distances.Length; i++) distances[i] = DistanceOf(values.AsSpan(i * dimension, dimension), moments, feature, predictors, parts);
            int inPlane = distances.Count(distance => distance <= Exact);
            if (inPlane >= kept && inPlane > dimension + 1)
            {
                double weight = 0;
                for (int i = 0; i < distances.Length; i++) weight += distances[i] <= Exact ? weights[i] : 0;
                int[] sources = [.. predictors.Where((_, a) => Math.Abs(parts[a]) > LeastPart)];
                return weight >= LeastShareInPlane * count && sources.Length > 0 ? new ComponentPlane(component, feature, sources, weights.Length, inPlane) : null;
            }

            double[] sorted = [.. distances];
            int[] order = [.. rows];
            Array.Sort(sorted, order);
            int[] next = order[..kept];
            Array.Sort(next);
            if (next.AsSpan().SequenceEqual(nearest)) return null;
            nearest = next;
        }

        return null;
    }

    // Of a feature on all others that do not follow from each other among these rows.
    private static (int[] Predictors, double[] Parts) Regress(double[] correlations, FeatureMoments moments, int feature)
    {
        int[] order = [.. Enumerable.Range(0, moments.Means.Length).Where(j => j != feature && moments.Variances[j] > 0), feature];
        double[] ordered = new double[PackedTriangle.Length(order.Length)];
        for (int a = 0; a < order.Length; a++)
        {
            for (int b = 0; b <= a; b++) ordered[PackedTriangle.Index(a, b)] = correlations[PackedTriangle.Index(Math.Max(order[a], order[b]), Math.Min(order[a], order[b]))];
        }

        var elimination = new FeatureElimination(ordered);
        for (int a = 0; a < order.Length - 1; a++)
        {
            double unexplained = elimination.Unexplained(a);
            if (unexplained > FeatureDependencies.Rounding) elimination.Keep(a, unexplained);
        }

        elimination.Unexplained(order.Length - 1);
        return ([.. elimination.Kept.Select(a => order[a])], elimination.PartsOfLast());
    }

    // How far a row is from what the regression says of the feature, in its standard deviations.
    private static double DistanceOf(ReadOnlySpan<double> row, FeatureMoments moments, int feature, int[] predictors, double[] parts)
    {
        double rest = Standardized(row, feature, moments);
        for (int a = 0; a < parts.Length; a++) rest -= parts[a] * Standardized(row, predictors[a], moments);
        return Math.Abs(rest);
    }

    private static double Standardized(ReadOnlySpan<double> row, int feature, FeatureMoments moments) => (row[feature] - moments.Means[feature]) / Math.Sqrt(moments.Variances[feature]);
}
