namespace Microsoft.ML.Mixture;

/// <summary>A component of few rows that is far wider than all others: it may have taken stray rows for a group, and groups may have become one for it.</summary>
/// <param name="Component">The component.</param>
/// <param name="Rows">Its rows, as the caller counts.</param>
/// <param name="Share">Its share of the weight.</param>
/// <param name="TimesAsWide">How many times as wide it is as the widest component of ordinary width: by the geometric mean of standard deviations along the axes.</param>
/// <remarks>
/// Rows that are scattered about the groups have a component that is wide in every direction, contains the groups, and shares hardly a row with them: where they lie among its own rows their density is far higher.
/// The widest of several components for the tail of one group shares its rows with the next one. Components whose volume is the same, as some structures have it, are not told.
/// </remarks>
internal sealed record ScatteredRows(int Component, IReadOnlyList<int> Rows, double Share, double TimesAsWide)
{
    // Of all such components together. Backgrounds of more rows are groups of their own.
    private const double MostShare = 0.1;

    // Groups may differ by factors of two to five; one that lies beside the others, and not about them, by more.
    private const double LeastTimesAbout = 3;
    private const double LeastTimesBeside = 10;

    // Up to where a component is about the others: the squared distance of their centres from it, by weight and for each feature. Rows of its own are at one.
    private const double DistanceAbout = 1.5;

    // Of what the component has of rows, on average, the others' part. For tails of t distributions and of log-normal rows it is 0.1 and more in nearly all fits.
    private const double MostShared = 0.1;

    /// <summary>Looks for them.</summary>
    /// <param name="rows">The rows, in the units of the fit.</param>
    /// <param name="components">Gaussians or factor analysers, without noise.</param>
    /// <param name="weights">Their weights.</param>
    /// <param name="few">Components on hardly enough rows, of which that is said.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    /// <remarks>Cost: densities of the rows, half of an iteration or less; only where a component is so wide.</remarks>
    public static IReadOnlyList<ScatteredRows> FindAll(
        TrainingRows rows, MixtureComponents components, IReadOnlyList<double> weights, IReadOnlyCollection<int> few, CancellationToken cancellationToken)
    {
        int dimension = components.Dimension;
        double[] logConstants = LogConstantsOf(components);
        int[] byWidth = [.. Enumerable.Range(0, logConstants.Length).Where(k => weights[k] > 0).OrderBy(k => logConstants[k])];
        int wideCount = CountWide(byWidth, logConstants, weights);
        if (wideCount == 0) return [];
        int[] wide = byWidth[..wideCount], others = byWidth[wideCount..];
        double[] times = [.. wide.Select(k => Math.Exp((logConstants[others[0]] - logConstants[k]) / dimension))];
        if (times[^1] < LeastTimesAbout) return [];
        double[] distances = DistancesOfCentres(components, logConstants, weights, wide, others);
        int[] asked = [.. Enumerable.Range(0, wideCount).Where(at => !few.Contains(wide[at]) && times[at] >= LeastTimesAt(distances[at]))];
        if (asked.Length == 0) return [];

        (List<int>[] own, double shared) = Look(rows, components, weights, wide, cancellationToken);
        return shared > MostShared ? [] : [.. asked.Where(at => own[at].Count > 1).Select(at => new ScatteredRows(wide[at], [.. own[at].Order()], weights[wide[at]], times[at]))];
    }

    private static double LeastTimesAt(double distance) => Math.Clamp(LeastTimesAbout * Math.Pow(distance / DistanceAbout, 2), LeastTimesAbout, LeastTimesBeside);

    // Up to where the widest are followed by the narrowest beside them: two components for stray rows are as wide as each other.
    private static int CountWide(int[] byWidth, double[] logConstants, IReadOnlyList<double> weights)
    {
        (int best, double widest, double share) = (0, 0, 0);
        for (int count = 1; count < byWidth.Length; count++)
        {
            if ((share += weights[byWidth[count - 1]]) > MostShare) break;
            double gap = logConstants[byWidth[count]] - logConstants[byWidth[count - 1]];
            if (gap > widest) (best, widest) = (count, gap);
        }

        return best;
    }

    private static double[] DistancesOfCentres(MixtureComponents components, double[] logConstants, IReadOnlyList<double> weights, int[] wide, int[] others)
    {
        int dimension = components.Dimension;
        double[] distances = new double[wide.Length];
        var densities = new BlockResponsibilities(components, logConstants);
        var centres = new ArrayRowSource<double>(MeansOf(components).ToArray(), dimension);
        double total = others.Sum(k => weights[k]);
        int first = 0;
        foreach (RowBlock block in new RowBlocks(centres, CancellationToken.None))
        {
            double[] logDensities = densities.LogDensities(block);
            foreach (int k in others)
            {
                if (k < first || k >= first + block.RowCount) continue;
                for (int at = 0; at < wide.Length; at++) distances[at] += weights[k] / total * 2 * (logConstants[wide[at]] - logDensities[(wide[at] * block.Stride) + k - first]) / dimension;
            }

            first += block.RowCount;
        }

        return distances;
    }

    // The rows that are most of all those of each of the wide components, and the part that the others have on average of what is theirs.
    private static (List<int>[] Own, double Shared) Look(TrainingRows rows, MixtureComponents components, IReadOnlyList<double> weights, int[] wide, CancellationToken cancellationToken)
    {
        int first = 0;
        List<int>[] own = [.. wide.Select(_ => new List<int>())];
        double[] logWeights = new double[components.ComponentCount];
        components.CopyLogWeights([.. weights], logWeights);
        var shares = new BlockResponsibilities(components, logWeights);
        (double total, double shared) = (0, 0);
        foreach (RowBlock block in new RowBlocks(rows.Source, cancellationToken))
        {
            double[] responsibilities = shares.Of(block);
            for (int i = 0; i < block.RowCount; i++)
            {
                if (!(block.Weights[i] > 0)) continue;
                (double ofAll, double most, int nearest) = (0, 0, 0);
                for (int at = 0; at < wide.Length; at++)
                {
                    // They are times the weight of the row.
                    double weighted = responsibilities[(wide[at] * block.Stride) + i];
                    ofAll += weighted;
                    if (weighted > most) (most, nearest) = (weighted, at);
                }

                total += ofAll;
                shared += ofAll * Math.Max(0, 1 - (ofAll / block.Weights[i]));
                if (2 * ofAll > block.Weights[i]) own[nearest].Add(rows.Selected is { } selected ? selected[first + i] : first + i);
            }

            first += block.RowCount;
        }

        return (own, total > 0 ? shared / total : 1);
    }

    private static double[] LogConstantsOf(MixtureComponents components) => components switch
    {
        GaussianComponents gaussians => [.. Enumerable.Range(0, gaussians.ComponentCount).Select(gaussians.LogConstant)],
        FactorAnalyzerComponents analyzers => [.. Enumerable.Range(0, analyzers.ComponentCount).Select(analyzers.LogConstant)],
        _ => [],
    };

    private static ReadOnlySpan<double> MeansOf(MixtureComponents components) => components is GaussianComponents gaussians ? gaussians.Means : ((FactorAnalyzerComponents)components).Means;
}
