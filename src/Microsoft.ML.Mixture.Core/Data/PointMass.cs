namespace Microsoft.ML.Mixture;

/// <summary>A value that a feature takes in many rows, several times as many as any other.</summary>
/// <param name="Feature">The feature.</param>
/// <param name="Value">The value, in the units of the rows.</param>
/// <param name="Share">The share of the rows that take it, by weight, of those that were looked at and show the feature.</param>
/// <param name="RowCount">How many rows these are, of those that were looked at.</param>
/// <param name="ShareOfRows">Their share whatever they weigh.</param>
/// <param name="IsApart">Whether it is told of because it is farther from all other values than these are from each other.</param>
internal sealed record PointMass(int Feature, double Value, double Share, int RowCount, double ShareOfRows, bool IsApart = false)
{
    // Of the rows, and as a multiple of the next most frequent value: rounded values of a density repeat about alike.
    private const double LeastShare = 0.01;
    private const double LeastRatio = 5;

    // What is told, though starts do not look for it: at so many rows, and as a multiple of the next most frequent value and of its neighbours, which repeat about alike in a density.
    private const double LeastShareToTell = 1.0 / 6;
    private const double LeastRatioToTell = 2;
    private const int Neighbours = 2;

    // Of fewer rows, where other values hardly repeat: from so many on, and as a multiple of all others.
    private const int FewestToTell = 10;
    private const double LeastRatioOfFew = 10;

    // Of a value that is apart.
    private const int FewestApart = 5;

    // A category takes few values.
    private const int FewestValues = 20;

    // What many rows share shows in a few of them, and how many in some more. More values than this are not looked at.
    private const int FirstRows = 512;
    private const int MostRows = 4096;
    private const int FewestRows = 256;
    private const int MostValues = 1 << 20;

    /// <summary>Finds the point masses of all features: zero for what was not measured, a limit of an instrument, a day without trade.</summary>
    /// <remarks>Cost: the values of each feature in up to some thousand rows are sorted.</remarks>
    /// <param name="rows">The rows. Of missing values nothing is said.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>At most one for each feature, in the order of the features; none where features are very many.</returns>
    public static IReadOnlyList<PointMass> FindAll(RowSource rows, CancellationToken cancellationToken) => FindAll(rows, Find, Find, cancellationToken);

    /// <summary>The same with values that are worth a warning, though other values are not that rare or they have few rows.</summary>
    public static IReadOnlyList<PointMass> FindAllToTell(RowSource rows, CancellationToken cancellationToken)
    {
        return FindAll(rows, Tell(fewest: 2, leastRatio: 2, fewestApart: 1), Tell(FewestToTell, LeastRatioOfFew, FewestApart), cancellationToken);

        static Func<int, List<(double, double, int)>, PointMass?> Tell(int fewest, double leastRatio, int fewestApart) =>
            (feature, values) => Find(feature, values) ?? FindToTell(feature, values) ?? FindFew(feature, values, fewest, leastRatio, fewestApart);
    }

    /// <summary>Whether all of so many rows are looked at.</summary>
    public static bool LooksAtAll(RowSource rows) => rows.RowCount <= MostOf(rows);

    private static int MostOf(RowSource rows) => Math.Min(MostRows, MostValues / rows.Dimension);

    // Where some hundred rows show no sign of one, no more are looked at.
    private static List<PointMass> FindAll(
        RowSource rows, Func<int, List<(double Value, double Weight, int RowCount)>, PointMass?> findSign, Func<int, List<(double Value, double Weight, int RowCount)>, PointMass?> find,
        CancellationToken cancellationToken)
    {
        int most = MostOf(rows), few = Math.Min(FirstRows, most);
        if (most < FewestRows || (rows.RowCount > few && FindIn(SelectedRowSource.Spread(rows, few), findSign, cancellationToken).Count == 0)) return [];
        return FindIn(SelectedRowSource.Spread(rows, most), find, cancellationToken);
    }

    /// <summary>Whether rows are at half of some point masses or more.</summary>
    /// <param name="masses">The point masses.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>One mark a row.</returns>
    public static bool[] Mark(IReadOnlyList<PointMass> masses, RowSource rows, CancellationToken cancellationToken)
    {
        bool[] marks = new bool[rows.RowCount];
        int first = 0;
        foreach (RowBlock block in new RowBlocks(rows, cancellationToken))
        {
            for (int i = 0; i < block.RowCount; i++)
            {
                int count = 0;
                foreach (PointMass mass in masses) count += block.Feature(mass.Feature)[i] == mass.Value ? 1 : 0;
                marks[first + i] = 2 * count >= masses.Count;
            }

            first += block.RowCount;
        }

        return marks;
    }

    private static List<PointMass> FindIn(RowSource rows, Func<int, List<(double Value, double Weight, int RowCount)>, PointMass?> find, CancellationToken cancellationToken)
    {
        var values = new FeatureValues(rows, cancellationToken);
        var found = new List<PointMass>();
        for (int j = 0; j < rows.Dimension; j++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (find(j, values.Distinct(j)) is { } mass) found.Add(mass);
        }

        return found;
    }

    private static PointMass? Find(int feature, List<(double Value, double Weight, int RowCount)> values)
    {
        double largest = 0, second = 0, total = 0, value = double.NaN;
        int distinct = 0, rows = 0, all = 0;
        foreach ((double own, double weight, int rowCount) in values)
        {
            if (weight == 0) continue;
            distinct++;
            total += weight;
            all += rowCount;
            if (weight > largest) (largest, second, value, rows) = (weight, largest, own, rowCount);
            else second = Math.Max(second, weight);
        }

        return distinct >= FewestValues && largest >= LeastRatio * second && largest >= LeastShare * total ? new PointMass(feature, value, largest / total, rows, (double)rows / all) : null;
    }

    private static PointMass? FindToTell(int feature, List<(double Value, double Weight, int RowCount)> values)
    {
        List<(double Value, double Weight, int RowCount)> used = Used(values);
        if (used.Count < FewestValues) return null;
        int at = MostFrequent(used);
        double weight = used[at].Weight, total = used.Sum(value => value.Weight), second = used.Where((_, place) => place != at).Max(value => value.Weight);
        int first = Math.Max(0, at - Neighbours), beyond = Math.Min(used.Count, at + Neighbours + 1);
        double beside = Enumerable.Range(first, beyond - first).Where(place => place != at).Max(place => used[place].Weight);
        return weight >= LeastShareToTell * total && weight >= LeastRatioToTell * second && weight >= LeastRatio * beside ? Of(feature, used, at) : null;
    }

    // What stands for a missing value is in a few rows of a feature whose other values hardly repeat, or beyond all of them.
    private static PointMass? FindFew(int feature, List<(double Value, double Weight, int RowCount)> values, int fewest, double leastRatio, int fewestApart)
    {
        List<(double Value, double Weight, int RowCount)> used = Used(values);
        if (used.Count < FewestValues) return null;
        if (used[0].RowCount >= fewestApart && used[1].Value - used[0].Value > used[^1].Value - used[1].Value) return Of(feature, used, 0) with { IsApart = true };
        if (used[^1].RowCount >= fewestApart && used[^1].Value - used[^2].Value > used[^2].Value - used[0].Value) return Of(feature, used, used.Count - 1) with { IsApart = true };
        int at = MostFrequent(used);
        return used[at].RowCount >= fewest && used.Where((_, place) => place != at).All(other => used[at].RowCount >= leastRatio * other.RowCount && used[at].Weight >= leastRatio * other.Weight)
            ? Of(feature, used, at) : null;
    }

    private static List<(double Value, double Weight, int RowCount)> Used(List<(double Value, double Weight, int RowCount)> values) =>
        values.TrueForAll(value => value.Weight > 0) ? values : values.FindAll(value => value.Weight > 0);

    private static int MostFrequent(List<(double Value, double Weight, int RowCount)> used) => Enumerable.Range(0, used.Count).MaxBy(place => used[place].Weight);

    private static PointMass Of(int feature, List<(double Value, double Weight, int RowCount)> used, int at) =>
        new(feature, used[at].Value, used[at].Weight / used.Sum(value => value.Weight), used[at].RowCount, (double)used[at].RowCount / used.Sum(value => value.RowCount));
}
