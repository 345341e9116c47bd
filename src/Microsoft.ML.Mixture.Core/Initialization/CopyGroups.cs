namespace Microsoft.ML.Mixture;

/// <summary>
/// Groups of rows that are copies of as many rows as there are components. There is one way to group them, and a race might prefer another: where components have no spread, those
/// that are sound are those in a wrong place.
/// </summary>
internal static class CopyGroups
{
    /// <summary>Whether rows are copies of no more than some. Where they are not, a look at a few rows tells.</summary>
    public static bool AreAll(TrainingRows rows, int count, CancellationToken cancellationToken) =>
        rows.Missing is null && rows.Source.RowCount > count && !RowComparer.HasMoreDistinctRows(rows.Source, count, cancellationToken);

    /// <summary>Starts with these groups, of a sample that has all of them.</summary>
    public static StartOutcome Start(StartContext context, int[] sample)
    {
        RowSource rows = SampledRuns.Select(context, sample);
        using RunMemory? own = ReferenceEquals(rows, context.Rows.Source) ? null : new RunMemory(rows, context.Rows.RowWeightTotal, context.ThreadCount);
        using var groups = new StartGroups(context, rows, own ?? context.Memory);
        var numbers = new Dictionary<double[], int>(RowComparer.Instance);
        double[] row = new double[rows.Dimension], shares = StartShares.Create(rows.RowCount, context.ComponentCount);
        int at = 0;
        foreach (RowBlock block in new RowBlocks(rows, context.CancellationToken))
        {
            for (int i = 0; i < block.RowCount; i++, at += context.ComponentCount)
            {
                RowComparer.CopyRow(block, i, row);
                if (!numbers.TryGetValue(row, out int number)) numbers.Add([.. row], number = numbers.Count);
                shares[at + number] = 1;
            }
        }

        bool isMade = groups.TryStart(shares, out MixtureState state, out DegenerateComponent? failure);
        return StartOutcome.Of(isMade, state, failure);
    }
}
