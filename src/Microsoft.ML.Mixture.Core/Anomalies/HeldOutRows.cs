using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>Rows that a fit does not see, so that a threshold can be taken from them.</summary>
internal static class HeldOutRows
{
    // More tell the threshold hardly better, and all are saved with the model.
    private const int MostHeldOut = 20_000;

    // Fewer tell of no threshold that is worth its name.
    private const int FewestHeldOut = 19;

    // Whole numbers that come out of a product of the rate must not be lost to it.
    private const double Rounding = 1e-9;

    /// <summary>
    /// Draws rows to hold out, and draws on, up to half of all, until those that lack nothing are enough for the rate. All rows are looked at first, so that messages
    /// name them as they stand in the data. Where they do not weigh the same, each is there as often as its weight says, and all together as often as rows of equal weight would tell as much. Copies of a row are held out with it.
    /// </summary>
    /// <param name="rows">The rows.</param>
    /// <param name="fraction">The share to hold out; more where the rate asks for more, up to half.</param>
    /// <param name="falseAlarmRate">The share of ordinary rows that may be called anomalies.</param>
    /// <param name="componentCount">K: as many rows must be left to fit to.</param>
    /// <param name="seed">The seed of the draw.</param>
    /// <param name="last">Whether to hold out the last rows, and none by chance.</param>
    /// <param name="featureName">What to call a feature in messages.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <param name="heldOut">The rows held out, which all count the same; null if there are too few to tell a threshold.</param>
    /// <returns>The others.</returns>
    public static RowSource Split(
        RowSource rows, double fraction, double falseAlarmRate, int componentCount, int seed, bool last, Func<int, string> featureName, CancellationToken cancellationToken,
        out RowSource? heldOut)
    {
        heldOut = null;
        if (fraction == 0) return rows;
        TrainingRows training = TrainingRows.Inspect(rows, componentCount, usesHoles: true, featureName, cancellationToken);
        int[] used = training.Selected is { } selected ? [.. selected] : [.. Enumerable.Range(0, rows.RowCount)];
        int[][]? copies = CopiedRows.Find(training.Source, cancellationToken) is { } found ? GroupsOf(found, used) : null;
        if (copies is not null) used = [.. copies.Select(group => group[0])];
        int count = CountFor(used.Length, fraction, falseAlarmRate);
        if (count < FewestHeldOut || used.Length - count < componentCount) return rows;
        Array.Sort(used);
        if (last) Array.Reverse(used);
        bool[]? isComplete = training.Missing is null ? null : FindComplete(rows, cancellationToken);
        double[]? weights = training.AreWeightsEqual && copies is null ? null : FindWeights(rows, copies, cancellationToken);
        int most = Math.Max(count, Math.Min(used.Length / 2, used.Length - componentCount)), drawn = 0, complete = 0, completeBefore = 0;
        double sum = 0, squares = 0;
        var random = new Xoshiro256StarStar(seed, threadSafe: false);
        for (; drawn < count || (drawn < most && !AnomalyCalibration.AreEnough(complete, falseAlarmRate)); drawn++)
        {
            if (drawn == count) completeBefore = complete;
            int other = last ? drawn : drawn + random.Next(used.Length - drawn);
            (used[drawn], used[other]) = (used[other], used[drawn]);
            if (isComplete is not null && !isComplete[used[drawn]]) continue;
            double weight = weights?[used[drawn]] ?? 1;
            (sum, squares) = (sum + weight, squares + (weight * weight));
            complete = CountOfEqual(sum, squares);
        }

        // Where most lack something, and more of them do not bring the complete ones that it takes, these are better used for the fit.
        bool areEnough = AnomalyCalibration.AreEnough(complete, falseAlarmRate);
        if (areEnough || drawn == count || AreMost(complete, drawn)) count = drawn;
        else complete = completeBefore;
        Array.Sort(used, 0, count);
        int[] chosen = used[..count], others = copies is null ? used[count..] : OthersAmong(copies, chosen);
        Array.Sort(others);
        if (weights is not null)
        {
            chosen = RepeatByWeight(weights, chosen, falseAlarmRate);
            complete = isComplete is null ? chosen.Length : chosen.Count(row => isComplete[row]);
            if (chosen.Length < FewestHeldOut) return rows;
        }

        if (!AnomalyCalibration.AreEnough(complete, falseAlarmRate) && (AreMost(complete, chosen.Length) ? complete < FewestHeldOut : !AnomalyCalibration.AreEnough(chosen.Length, falseAlarmRate))) return rows;
        heldOut = new SelectedRowSource(rows, chosen);
        return new SelectedRowSource(rows, others);
    }

    /// <summary>How many rows lack nothing.</summary>
    public static int CountComplete(RowSource rows) => FindComplete(rows, CancellationToken.None).Count(isComplete => isComplete);

    /// <summary>
    /// The false-alarm rate that rows held out can tell: a larger one than was asked for, if those that lack nothing are too few. Where most lack something, the rate
    /// is that which was asked for, as rows of their kind are compared with them.
    /// </summary>
    /// <param name="count">The number of rows held out.</param>
    /// <param name="complete">How many of them lack nothing.</param>
    /// <param name="falseAlarmRate">The rate that was asked for.</param>
    public static double PossibleRate(int count, int complete, double falseAlarmRate) =>
        AnomalyCalibration.AreEnough(complete, falseAlarmRate) || !AreMost(complete, count) ? falseAlarmRate : 1.0 / (complete + 1);

    // The share of alarms to be expected is a whole number over one more than the rows held out: so many that it is the rate, the next to those wanted that leave enough for the fit.
    private static int CountFor(int rows, double fraction, double falseAlarmRate)
    {
        double wanted = Math.Max(Math.Min(MostHeldOut, fraction * rows), AnomalyCalibration.FewestFor(falseAlarmRate)), most = Math.Max(rows / 2, fraction * rows);
        double alarms = Math.Max(1, Math.Round(falseAlarmRate * (wanted + 1)));
        while (CountOf(alarms, falseAlarmRate) < Math.Min(FewestHeldOut, most)) alarms++;
        if (CountOf(alarms, falseAlarmRate) > most) alarms = AlarmsOf(most, falseAlarmRate);
        double count = CountOf(alarms, falseAlarmRate);
        return (int)(alarms < 1 || count < Math.Min(FewestHeldOut, most) ? Math.Min(wanted, most) : count);
    }

    // Fewer, so that the share of alarms to be expected is the rate; as many, where they are too few for any.
    private static int WithoutWaste(int count, double falseAlarmRate)
    {
        double alarms = AlarmsOf(count, falseAlarmRate);
        return alarms < 1 ? count : (int)CountOf(alarms, falseAlarmRate);
    }

    // How many rows beyond the threshold so many held out allow for, and how few allow for so many.
    private static double AlarmsOf(double count, double falseAlarmRate) => Math.Floor((falseAlarmRate * (count + 1)) + Rounding);

    private static double CountOf(double alarms, double falseAlarmRate) => Math.Ceiling((alarms / falseAlarmRate) - Rounding) - 1;

    // Rows of equal weight that tell as much as rows of weights w: (sum of w)^2 over the sum of w^2.
    private static int CountOfEqual(double sum, double squares) => squares > 0 ? (int)(sum * sum / squares) : 0;

    // As many, at equal distances along the sum of the weights.
    private static int[] RepeatByWeight(double[] weights, int[] chosen, double falseAlarmRate)
    {
        double total = chosen.Sum(row => weights[row]);
        int[] repeated = new int[Math.Max(1, WithoutWaste(CountOfEqual(total, chosen.Sum(row => weights[row] * weights[row])), falseAlarmRate))];
        double sum = weights[chosen[0]];
        for (int i = 0, at = 0; i < repeated.Length; i++)
        {
            while (sum < (i + 0.5) / repeated.Length * total && at < chosen.Length - 1) sum += weights[chosen[++at]];
            repeated[i] = chosen[at];
        }

        return repeated;
    }

    // Rows that are copies of each other, the first of which stands for all.
    private static int[][] GroupsOf(CopiedRows copies, int[] used) =>
        [.. copies.Groups.Select((group, i) => (Group: group, Row: used[i])).GroupBy(row => row.Group, row => row.Row).Select(rows => rows.Order().ToArray())];

    private static int[] OthersAmong(int[][] copies, int[] chosen)
    {
        var held = chosen.ToHashSet();
        return [.. copies.Where(group => !held.Contains(group[0])).SelectMany(group => group)];
    }

    // Of the heaviest row one, or of the rows that are copies of each other together.
    private static double[] FindWeights(RowSource rows, int[][]? copies, CancellationToken cancellationToken)
    {
        double[] weights = new double[rows.RowCount];
        int next = 0;
        foreach (RowBlock block in new RowBlocks(rows, cancellationToken))
        {
            block.Weights[..block.RowCount].CopyTo(weights.AsSpan(next));
            next += block.RowCount;
        }

        foreach (int[] group in copies ?? []) weights[group[0]] = group.Sum(row => weights[row]);
        double heaviest = weights.Max();
        return [.. weights.Select(weight => weight / heaviest)];
    }

    private static bool AreMost(int complete, int count) => 2 * complete >= count;

    private static bool[] FindComplete(RowSource rows, CancellationToken cancellationToken)
    {
        bool[] isComplete = new bool[rows.RowCount];
        Array.Fill(isComplete, true);
        int first = 0;
        foreach (RowBlock block in new RowBlocks(rows, cancellationToken))
        {
            for (int j = 0; j < block.Dimension; j++)
            {
                ReadOnlySpan<double> feature = block.Feature(j);
                for (int i = 0; i < block.RowCount; i++) isComplete[first + i] &= !double.IsNaN(feature[i]);
            }

            first += block.RowCount;
        }

        return isComplete;
    }
}
