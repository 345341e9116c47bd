namespace Microsoft.ML.Mixture;

/// <summary>A value that a feature takes in many rows, several times as many as any other.</summary>
/// <param name="Feature">The feature.</param>
/// <param name="Value">The value, in the units of the rows.</param>
/// <param name="Share">The share of the rows that take it, by weight, of those that were looked at and show the feature.</param>
/// <param name="RowCount">How many rows these are, of those that were looked at.</param>
/// <param name="ShareOfRows">Their share whatever they weigh.</param>
internal sealed record PointMass(int Feature, double Value, double Share, int RowCount, double ShareOfRows)
{
    // Of the rows, and as a multiple of the next most frequent value: rounded values of a density repeat about alike.
    private const double LeastShare = 0.01;
    private const double LeastRatio = 5;

    // What is told, though starts do not look for it: at so many rows, and as a multiple of the next most frequent value and of its neighbours, which repeat about alike in a density.
    private const double LeastShareToTell = 1.0 / 6;
    private const double LeastRatioToTell = 2;
    private const int Neighbours = 2;

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
    public static IReadOnlyList<PointMass> FindAll(RowSource rows, CancellationToken cancellationToken) => FindAll(rows, Find, cancellationToken);

    /// <summary>The same with values that are worth a warning, though other values are not that rare.</summary>
    public static IReadOnlyList<PointMass> FindAllToTell(RowSource rows, CancellationToken cancellationToken) =>
        FindAll(rows, (feature, values) => Find(feature, values) ?? FindToTell(feature, values), cancellationToken);

    /// <summary>Whether all of so many rows are looked at.</summary>
    public static bool LooksAtAll(RowSource rows) => rows.RowCount <= MostOf(rows);

    private static int MostOf(RowSource rows) => Math.Min(MostRows, MostValues / rows.Dimension);

    private static List<PointMass> FindAll(RowSource rows, Func<int, List<(double Value, double Weight, int RowCount)>, PointMass?> find, CancellationToken cancellationToken)
    {
        int most = MostOf(rows), few = Math.Min(FirstRows, most);
        if (most < FewestRows || (rows.RowCount > few && FindIn(SelectedRowSource.Spread(rows, few), find, cancellationToken).Count == 0)) return [];
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
        (double Value, double Weight, int RowCount)[] used = [.. values.Where(value => value.Weight > 0)];
        if (used.Length < FewestValues) return null;
        int at = Enumerable.Range(0, used.Length).MaxBy(place => used[place].Weight);
        double weight = used[at].Weight, total = used.Sum(value => value.Weight), second = used.Where((_, place) => place != at).Max(value => value.Weight);
        double beside = used[Math.Max(0, at - Neighbours)..Math.Min(used.Length, at + Neighbours + 1)].Where(value => value.Value != used[at].Value).Max(value => value.Weight);
        return weight >= LeastShareToTell * total && weight >= LeastRatioToTell * second && weight >= LeastRatio * beside
            ? new PointMass(feature, used[at].Value, weight / total, used[at].RowCount, (double)used[at].RowCount / used.Sum(value => value.RowCount)) : null;
    }
}
