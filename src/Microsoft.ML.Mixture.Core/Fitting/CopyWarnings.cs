namespace Microsoft.ML.Mixture;

/// <summary>Rows that are copies of others, which all that goes by the number of rows takes for rows.</summary>
internal static class CopyWarnings
{
    public static IEnumerable<string> Collect(TrainingRows rows)
    {
        if (rows.Source.Copies is not { } copies || rows.Source.RowCount <= CopiedRows.ManyTimes * copies.Count) yield break;
        yield return $"Of the {rows.Source.RowCount} rows only {copies.Count} differ: the others are copies. BIC, ICL, tests, standard errors and thresholds from drawn rows take copies for rows, "
            + "so that too many components seem to be told apart. Remove the copies, unless each stands for something that was observed anew.";
    }
}
