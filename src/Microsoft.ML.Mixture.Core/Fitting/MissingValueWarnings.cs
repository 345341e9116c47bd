namespace Microsoft.ML.Mixture;

/// <summary>What a user should know about missing values.</summary>
internal static class MissingValueWarnings
{
    /// <summary>All of it.</summary>
    public static IEnumerable<string> Collect(TrainingRows rows, MissingCells cells, MixtureOptions options, bool hasFreeCovariances)
    {
        foreach (string warning in OfRows(rows, options)) yield return warning;
        if (rows.Source.Holes is null || !hasFreeCovariances) yield break;
        IEnumerable<string> ofPairs = SimilarWarnings.Tell<(int First, int Second)>(
            [.. cells.PairsNeverTogether(rows.Source)],
            pair => $"No row shows both {options.FeatureNameWithin(pair.First)} and {options.FeatureNameWithin(pair.Second)}: their covariances rest on the model and the start alone. "
                + "Use the diagonal or spherical structure, or drop one of them.",
            "pair of features",
            "pairs of features");
        foreach (string warning in ofPairs) yield return warning;
    }

    /// <summary>What is missing, which is the same for all models of the rows.</summary>
    public static IEnumerable<string> OfRows(TrainingRows rows, MixtureOptions options)
    {
        if (rows.Missing is not { } cells) yield break;
        if (cells.IncompleteRowCount > 0)
        {
            int[] lacking = [.. Enumerable.Range(0, cells.CellCounts.Length).Where(j => cells.CellCounts[j] > cells.EmptyRowCount)];
            string[] named = [.. lacking.OrderByDescending(j => cells.CellCounts[j]).Take(SimilarWarnings.MostInFull)
                .Select(j => $"{options.FeatureNameWithin(j)} in {cells.CellCounts[j] - cells.EmptyRowCount}")];
            long missing = cells.CellCounts.Sum(count => (long)count) - ((long)cells.EmptyRowCount * cells.CellCounts.Length);
            yield return $"{Counted.Of(missing, "value")} {Counted.Is(missing)} missing (NaN) in {cells.IncompleteRowCount} of "
                + $"{rows.Source.RowCount} rows: {string.Join(", ", named)}{(lacking.Length > named.Length ? $", and {Counted.Of(lacking.Length - named.Length, "more feature")}" : string.Empty)}. "
                + "The fit takes these rows for what is observed of them, which is right if what is missing does not depend on its own value.";
        }

        if (cells.EmptyRowCount > 0)
        {
            yield return $"{Counted.Of(cells.EmptyRowCount, "row")} with nothing but missing features (NaN) {Counted.Was(cells.EmptyRowCount)} left out of the fit, for nothing of the mixture shows there.";
        }
    }
}
