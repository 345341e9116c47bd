using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <content>Rows with holes.</content>
internal sealed partial class FeatureDependencies
{
    // What those that follow but for next to nothing leave may differ by so much between rows.
    private const double TimesUnexplained = 4;

    // Features that enough rows show together are looked at in these rows, and what follows there must do so in all rows that show the features concerned.
    private static FeatureDependencies FindBesideHoles(RowSource source, FeatureMoments moments, int fewestRows, CancellationToken cancellationToken)
    {
        int[] features = ShownTogether(source, fewestRows);
        while (features.Length > 1)
        {
            TrainingRows rows = TrainingRows.Inspect(new CompleteRowSource(source, features), usesHoles: true, cancellationToken);
            FeatureMoments own = FeatureMoments.Compute(rows, cancellationToken);
            FeatureDependencies within = Find(rows, own, cancellationToken);
            if (within.Found.Count == 0) return None;
            FeatureDependency[] found = [.. within.Found.Select(one => new FeatureDependency(features[one.Feature], [.. one.Sources.Select(at => features[at])], one.Unexplained))
                .Select(one => one with { IsShown = RowsThatShow(source, one).RowCount == source.RowCount })];
            int[] broken = [.. found.Where(one => UnexplainedIn(source, one, cancellationToken) > TimesUnexplained * one.Unexplained).Select(one => one.Feature)];
            if (broken.Length == 0) return within.Widen(found, features, own, moments);
            features = [.. features.Except(broken)];
        }

        return None;
    }

    // The features that most rows show, as many as enough rows show all of, in ascending order.
    private static int[] ShownTogether(RowSource source, int fewestRows)
    {
        HolePatterns patterns = source.Holes!;
        int[] rows = new int[patterns.Count], lacking = new int[source.Dimension], ranks = new int[source.Dimension], endAt = new int[source.Dimension + 1];
        for (int row = 0; row < source.RowCount; row++) rows[source.PatternOf(row)]++;
        for (int pattern = 0; pattern < rows.Length; pattern++)
        {
            foreach (int j in patterns.Missing(pattern)) lacking[j] += rows[pattern];
        }

        int[] order = [.. Enumerable.Range(0, source.Dimension).OrderBy(j => lacking[j])];
        for (int at = 0; at < order.Length; at++) ranks[order[at]] = at;
        for (int pattern = 0; pattern < rows.Length; pattern++)
        {
            int end = order.Length;
            foreach (int j in patterns.Missing(pattern)) end = Math.Min(end, ranks[j]);
            endAt[end] += rows[pattern];
        }

        int count = order.Length;
        for (int enough = endAt[count]; enough < fewestRows && count > 0; enough += endAt[count]) count--;
        return [.. order.Take(count).Order()];
    }

    private static CompleteRowSource RowsThatShow(RowSource source, FeatureDependency found) => new(source, [.. found.Sources, found.Feature]);

    // What a feature leaves of its variance in all rows that show it and what it follows from.
    private static double UnexplainedIn(RowSource source, FeatureDependency found, CancellationToken cancellationToken)
    {
        CompleteRowSource shown = RowsThatShow(source, found);
        FeatureMoments moments = FeatureMoments.Compute(TrainingRows.Inspect(shown, usesHoles: true, cancellationToken), cancellationToken);
        var elimination = new FeatureElimination(FeatureCorrelations.Compute(shown, moments, cancellationToken));
        int last = found.Sources.Count;
        for (int at = 0; at < last; at++)
        {
            if (elimination.Unexplained(at) is > Rounding and double pivot) elimination.Keep(at, pivot);
        }

        double left = elimination.Unexplained(last);
        return left <= Rounding ? 0 : left;
    }

    // The same among all features, of which others have none of it. Variances over rows that are not the same would not follow from each other.
    private FeatureDependencies Widen(FeatureDependency[] found, int[] features, FeatureMoments own, FeatureMoments moments)
    {
        int dimension = moments.Variances.Length;
        double[] unexplained = [.. moments.Variances], correlations = new double[PackedTriangle.Length(dimension)];
        for (int j = 0; j < dimension; j++) correlations[PackedTriangle.Index(j, j)] = moments.Variances[j] > 0 ? 1 : 0;
        double[] scales = [.. features.Select((j, at) => Math.Sqrt(own.Variances[at] / moments.Variances[j]))];
        for (int a = 0; a < features.Length; a++)
        {
            if (!(own.Variances[a] > 0)) continue;
            unexplained[features[a]] *= (UnexplainedVariances?[a] ?? 0) / own.Variances[a];
            for (int b = 0; b <= a; b++)
            {
                if (own.Variances[b] > 0) correlations[PackedTriangle.Index(features[a], features[b])] = Correlations[PackedTriangle.Index(a, b)] * scales[a] * scales[b];
            }
        }

        return new FeatureDependencies(found, UnexplainedVariances is null ? null : unexplained, correlations);
    }
}
