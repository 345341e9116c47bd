namespace Microsoft.ML.Mixture;

/// <summary>Which features rows lack: each combination once, numbered in the order in which they come. Number 0 lacks nothing.</summary>
internal sealed class HolePatterns
{
    /// <summary>The number of a row that lacks nothing.</summary>
    public const int Complete = 0;

    private const int WordBits = 64;

    private readonly Dictionary<ulong[], int> _numbers = new(MaskComparer.Instance);
    private readonly Dictionary<ulong[], int>.AlternateLookup<ReadOnlySpan<ulong>> _lookup;

    // Of each pattern what is missing, then what is observed, both in ascending order.
    private readonly List<int[]> _features = [];
    private readonly List<int> _missingCounts = [];
    private readonly ulong[] _mask;

    public HolePatterns(int dimension)
    {
        Dimension = dimension;
        _mask = new ulong[(dimension + WordBits - 1) / WordBits];
        _lookup = _numbers.GetAlternateLookup<ReadOnlySpan<ulong>>();
        Find();
    }

    /// <summary>D, the number of features.</summary>
    public int Dimension { get; }

    /// <summary>The number of patterns, the complete one included.</summary>
    public int Count => _features.Count;

    /// <summary>The number of the pattern of a row, in which NaN stands for what is missing.</summary>
    public int Find(ReadOnlySpan<double> row)
    {
        Array.Clear(_mask);
        for (int j = 0; j < row.Length; j++)
        {
            if (double.IsNaN(row[j])) _mask[j / WordBits] |= 1UL << (j % WordBits);
        }

        return Find();
    }

    /// <summary>The features that are missing, in ascending order.</summary>
    public ReadOnlySpan<int> Missing(int pattern) => _features[pattern].AsSpan(0, _missingCounts[pattern]);

    /// <summary>The features that are observed, in ascending order.</summary>
    public ReadOnlySpan<int> Observed(int pattern) => _features[pattern].AsSpan(_missingCounts[pattern]);

    /// <summary>The patterns in an order that does not depend on that of the rows: those that lack the least first.</summary>
    public int[] InOrder()
    {
        int[] order = new int[Count];
        for (int pattern = 0; pattern < order.Length; pattern++) order[pattern] = pattern;
        Array.Sort(order, (left, right) =>
        {
            int difference = _missingCounts[left] - _missingCounts[right];
            return difference != 0 ? difference : Missing(left).SequenceCompareTo(Missing(right));
        });
        return order;
    }

    private int Find()
    {
        if (_lookup.TryGetValue(_mask, out int number)) return number;
        number = _features.Count;
        int[] features = new int[Dimension];
        int next = 0;
        for (int missing = 1; missing >= 0; missing--)
        {
            for (int j = 0; j < Dimension; j++)
            {
                if ((int)(_mask[j / WordBits] >> (j % WordBits) & 1) == missing) features[next++] = j;
            }

            if (missing == 1) _missingCounts.Add(next);
        }

        _features.Add(features);
        _lookup[_mask] = number;
        return number;
    }

    private sealed class MaskComparer : IEqualityComparer<ulong[]>, IAlternateEqualityComparer<ReadOnlySpan<ulong>, ulong[]>
    {
        public static MaskComparer Instance { get; } = new();

        public ulong[] Create(ReadOnlySpan<ulong> alternate) => alternate.ToArray();

        public bool Equals(ReadOnlySpan<ulong> alternate, ulong[] other) => alternate.SequenceEqual(other);

        public bool Equals(ulong[]? x, ulong[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(ReadOnlySpan<ulong> alternate)
        {
            var hash = default(HashCode);
            foreach (ulong word in alternate) hash.Add(word);
            return hash.ToHashCode();
        }

        public int GetHashCode(ulong[] mask) => GetHashCode(mask.AsSpan());
    }
}
