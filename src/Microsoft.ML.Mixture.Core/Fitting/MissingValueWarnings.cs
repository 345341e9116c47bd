namespace Microsoft.ML.Mixture;

/// <summary>What a user should know about missing values.</summary>
internal static class MissingValueWarnings
{
    private const int MostOfAKind = 5;

    public static IEnumerable<string> Collect(TrainingRows rows, MissingCells cells, MixtureOptions options, bool hasFreeCovariances)
    {
        if (cells.IncompleteRowCount > 0)
        {
            int[] lacking = [.. Enumerable.Range(0, cells.CellCounts.Length).Where(j => cells.CellCounts[j] > cells.EmptyRowCount)];
            string[] named = [.. lacking.OrderByDescending(j => cells.CellCounts[j]).Take(MostOfAKind)
                .Select(j => $"{options.FeatureNameWithin(j)} in {cells.CellCounts[j] - cells.EmptyRowCount}")];
            long missing = cells.CellCounts.Sum() - ((long)cells.EmptyRowCount * cells.CellCounts.Length);
            yield return $"{Counted.Of(missing, "value")} {Counted.Is(missing)} missing (NaN) in {cells.IncompleteRowCount} of "
                + $"{rows.Source.RowCount} rows: {string.Join(", ", named)}{(lacking.Length > named.Length ? $", and {Counted.Of(lacking.Length - named.Length, "more feature")}" : string.Empty)}. "
                + "The fit takes these rows for what is observed of them, which is right if what is missing does not depend on its own value.";
        }

        if (cells.EmptyRowCount > 0)
        {
            yield return $"{Counted.Of(cells.EmptyRowCount, "row")} with nothing but missing features (NaN) {Counted.Was(cells.EmptyRowCount)} left out of the fit, for nothing of the mixture shows there.";
        }

        if (rows.Source.Holes is null || !hasFreeCovariances) yield break;
        int pairs = 0;
        foreach ((int first, int second) in cells.PairsNeverTogether(rows.Source))
        {
            if (++pairs > MostOfAKind) continue;
            yield return $"No row shows both {options.FeatureNameWithin(first)} and {options.FeatureNameWithin(second)}: their covariances rest on the model and the start alone. "
                + "Use the diagonal or spherical structure, or drop one of them.";
        }

        if (pairs > MostOfAKind) yield return $"The same holds for {Counted.Of(pairs - MostOfAKind, "more pair")} of features.";
    }
}
