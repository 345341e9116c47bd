using System.Numerics;
using MathNet.Numerics.Random;

namespace Microsoft.ML.Mixture;

/// <summary>Rows that are copies of each other, as in a sample with replacement or a table joined to itself: which rows are equal.</summary>
/// <remarks>Rows are equal where all their values are, of which a missing one equals another; weights may differ. Equal are those of one hash of 64 bits.</remarks>
/// <param name="Groups">The group of each row, counted from zero: equal rows are of one.</param>
/// <param name="Count">How many rows differ from each other.</param>
internal sealed record CopiedRows(int[] Groups, int Count)
{
    /// <summary>From so many times as many rows as differ from each other on they are many: fewer change little that goes by the number of rows.</summary>
    public const double ManyTimes = 1.25;

    // Of more rows it is not asked: what finds copies takes 24 bytes a row.
    private const int MostRows = 1 << 22;
    private const int BitsOfRow = 128;

    // Fewer rows, or a smaller share of all, are no more than chance.
    private const int FewestCopies = 10;
    private const double LeastShare = 0.01;

    // Copies of fewer different rows, as many as tell as much, may be values without spread: flat colours, defaults, what was not measured.
    private const double FewestDifferent = 20;

    // Copies in many rows show in some of them, though seldom, and so do grids: of four million rows that are there twice a dozen or two.
    private const int ManyRows = 1 << 14;
    private const int FirstRows = 1 << 13;

    // Groups are looked at together in so many of the places where a row may differ from them.
    private const int MostPlaces = 1 << 14;
    private const int FewestGroups = 64;

    /// <summary>Looks for copies.</summary>
    /// <remarks>
    /// Rows of rounded values or of few are equal too, but nearly all of them then have others that differ from them in one feature only; of rows that were copied most have none.
    /// What is found does not depend on the order of the rows, but that of many rows some at random decide whether to look at all. Cost: a pass over the rows, or some of many, and three
    /// more and a sort where many are equal.
    /// </remarks>
    /// <param name="rows">The rows.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The copies; null where equal rows are few, or are those of a grid, or rows are very many.</returns>
    public static CopiedRows? Find(RowSource rows, CancellationToken cancellationToken)
    {
        if (rows.Dimension == 1 || rows.RowCount is < FewestCopies or > MostRows) return null;
        bool mayBeMany = rows.RowCount > ManyRows ? Find(Some(rows), leastShare: 0, cancellationToken) is not null : MayBeMany(rows, cancellationToken);
        return mayBeMany ? Find(rows, LeastShare, cancellationToken) : null;
    }

    /// <summary>The same of some of the rows.</summary>
    public CopiedRows Select(int[] rows)
    {
        int[] groups = new int[rows.Length];
        var numbers = new Dictionary<int, int>();
        for (int i = 0; i < rows.Length; i++)
        {
            int group = Groups[rows[i]];
            if (!numbers.TryGetValue(group, out groups[i])) numbers.Add(group, groups[i] = numbers.Count);
        }

        return new CopiedRows(groups, numbers.Count);
    }

    /// <summary>The weight of all rows that are equal to a row, of each row.</summary>
    /// <param name="rows">The rows.</param>
    public double[] WeightsOfEqual(RowSource rows)
    {
        double[] sums = new double[Count], weights = new double[Groups.Length];
        int next = 0;
        foreach (RowBlock block in new RowBlocks(rows, CancellationToken.None))
        {
            foreach (double weight in block.Weights[..block.RowCount]) sums[Groups[next++]] += weight;
        }

        for (int i = 0; i < weights.Length; i++) weights[i] = sums[Groups[i]];
        return weights;
    }

    // Rows from all over, each with the next one: copies may stand side by side.
    private static SelectedRowSource Some(RowSource rows)
    {
        int[] first = RandomDraws.OneOfEachStretch(rows.RowCount, FirstRows / 2, new Xoshiro256StarStar(0, threadSafe: false));
        return new SelectedRowSource(rows, [.. first.Concat(first.Select(row => Math.Min(row + 1, rows.RowCount - 1))).Distinct().Order()]);
    }

    private static CopiedRows? Find(RowSource rows, double leastShare, CancellationToken cancellationToken)
    {
        int count = rows.RowCount;
        ulong[] hashes = new ulong[count];
        var hashed = new RowHashes(rows.Dimension);
        int next = 0;
        foreach (RowBlock block in new RowBlocks(rows, cancellationToken))
        {
            hashed.Of(block).CopyTo(hashes.AsSpan(next));
            next += block.RowCount;
        }

        int[] order = new int[count], groups = new int[count];
        for (int i = 0; i < count; i++) order[i] = i;
        Array.Sort(hashes, order);
        cancellationToken.ThrowIfCancellationRequested();
        var copied = new List<(ulong Hash, int RowCount)>();
        int distinct = 0;
        double copies = 0, squares = 0;
        for (int first = 0; first < count; distinct++)
        {
            int end = first;
            for (; end < count && hashes[end] == hashes[first]; end++) groups[order[end]] = distinct;
            if (end - first > 1)
            {
                copied.Add((hashes[first], end - first));
                copies += end - first;
                squares += (double)(end - first) * (end - first);
            }

            first = end;
        }

        double fewest = Math.Max(FewestCopies, leastShare * count);
        bool areOfMany = leastShare == 0 || copies * copies >= FewestDifferent * squares;
        return copies >= fewest && areOfMany && AreNoGrid(rows, copied, fewest / copies, cancellationToken) ? new CopiedRows(groups, distinct) : null;
    }

    // One mark for the hash of each row, of which fewer are set where rows are equal, or rarely where hashes are near.
    private static bool MayBeMany(RowSource rows, CancellationToken cancellationToken)
    {
        double count = rows.RowCount;
        long size = (long)BitOperations.RoundUpToPowerOf2((ulong)rows.RowCount * BitsOfRow);
        ulong[] marks = new ulong[Math.Max(1, size / 64)];
        int shift = 64 - BitOperations.Log2((ulong)marks.Length * 64), set = 0;
        var hashed = new RowHashes(rows.Dimension);
        foreach (RowBlock block in new RowBlocks(rows, cancellationToken))
        {
            foreach (ulong hash in hashed.Of(block))
            {
                ulong place = hash >> shift, mark = 1UL << (int)(place & 63);
                ref ulong word = ref marks[place >> 6];
                set += (word & mark) == 0 ? 1 : 0;
                word |= mark;
            }
        }

        double byChance = count * count / (2.0 * size);
        return count - set >= byChance + Math.Max(FewestCopies / 2, LeastShare / 2 * count);
    }

    // Whether more rows are of groups from which none differs in one feature only than of others, and enough of all copies.
    private static bool AreNoGrid(RowSource rows, List<(ulong Hash, int RowCount)> copied, double leastShare, CancellationToken cancellationToken)
    {
        // The hashes are in order, so that the first ones are as good as drawn at random.
        int dimension = rows.Dimension, looked = Math.Min(copied.Count, Math.Max(FewestGroups, MostPlaces / dimension));
        var groups = new Dictionary<ulong, int>();
        for (int group = 0; group < looked; group++) groups.Add(copied[group].Hash, group);
        bool[] haveNeighbours = new bool[looked];
        var places = new Dictionary<ulong, int>();
        var hashed = new RowHashes(dimension);
        ulong[] without = new ulong[dimension];
        bool[] isEntered = new bool[looked];
        foreach (RowBlock block in new RowBlocks(rows, cancellationToken))
        {
            ReadOnlySpan<ulong> hashes = hashed.Of(block);
            for (int i = 0; i < hashes.Length; i++)
            {
                if (!groups.TryGetValue(hashes[i], out int group) || isEntered[group]) continue;
                isEntered[group] = true;
                RowHashes.Without(block, i, hashes[i], without);
                foreach (ulong place in without)
                {
                    if (places.TryAdd(place, group)) continue;
                    haveNeighbours[group] = haveNeighbours[places[place]] = true;
                }
            }
        }

        foreach (RowBlock block in new RowBlocks(rows, cancellationToken))
        {
            ReadOnlySpan<ulong> hashes = hashed.Of(block);
            for (int i = 0; i < hashes.Length; i++)
            {
                if (groups.ContainsKey(hashes[i])) continue;
                RowHashes.Without(block, i, hashes[i], without);
                foreach (ulong place in without)
                {
                    if (places.TryGetValue(place, out int group)) haveNeighbours[group] = true;
                }
            }
        }

        long alone = 0, all = 0;
        for (int group = 0; group < looked; group++)
        {
            all += copied[group].RowCount;
            alone += haveNeighbours[group] ? 0 : copied[group].RowCount;
        }

        return 2 * alone >= all && alone >= leastShare * all;
    }
}
