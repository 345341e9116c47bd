using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>Rows that a fit does not see, so that a threshold can be taken from them.</summary>
internal static class HeldOutRows
{
    // More tell the threshold hardly better, and all are saved with the model.
    private const int MostHeldOut = 20_000;

    // Fewer tell of no threshold that is worth its name.
    private const int FewestHeldOut = 19;

    /// <summary>Draws rows to hold out. All rows are looked at first, so that messages name them as they stand in the data.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="fraction">The share to hold out; more where the rate asks for more, up to half.</param>
    /// <param name="falseAlarmRate">The share of ordinary rows that may be called anomalies.</param>
    /// <param name="componentCount">K: as many rows must be left to fit to.</param>
    /// <param name="seed">The seed of the draw.</param>
    /// <param name="featureName">What to call a feature in messages.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <param name="heldOut">The rows held out; null if there are too few.</param>
    /// <returns>The others.</returns>
    public static RowSource Split(
        RowSource rows, double fraction, double falseAlarmRate, int componentCount, int seed, Func<int, string> featureName, CancellationToken cancellationToken,
        out RowSource? heldOut)
    {
        heldOut = null;
        if (fraction == 0) return rows;
        TrainingRows training = TrainingRows.Inspect(rows, componentCount, usesHoles: true, featureName, cancellationToken);
        int[] used = training.Selected is { } selected ? [.. selected] : [.. Enumerable.Range(0, rows.RowCount)];
        double wanted = Math.Max(Math.Min(MostHeldOut, fraction * used.Length), Math.Ceiling(1 / falseAlarmRate));
        int count = (int)Math.Min(wanted, Math.Max(used.Length / 2, fraction * used.Length));
        if (count < FewestHeldOut || used.Length - count < componentCount) return rows;
        Array.Sort(used);
        var random = new Xoshiro256StarStar(seed, threadSafe: false);
        for (int i = 0; i < count; i++)
        {
            int other = i + random.Next(used.Length - i);
            (used[i], used[other]) = (used[other], used[i]);
        }

        Array.Sort(used, 0, count);
        Array.Sort(used, count, used.Length - count);
        heldOut = new SelectedRowSource(rows, used[..count]);
        return new SelectedRowSource(rows, used[count..]);
    }
}
