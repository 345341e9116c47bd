namespace Microsoft.ML.Mixture;

/// <summary>What is missing in the rows of a fit, as a first look at them finds it.</summary>
/// <param name="dimension">D, the number of features.</param>
/// <param name="rowCount">The number of all rows.</param>
internal sealed class MissingCells(int dimension, int rowCount)
{
    private readonly int[] _patternOf = new int[rowCount];

    /// <summary>The combinations of missing features.</summary>
    public HolePatterns Patterns { get; } = new(dimension);

    /// <summary>The number of missing cells of each feature, over the rows that have a weight.</summary>
    public int[] CellCounts { get; } = new int[dimension];

    /// <summary>The number of rows that lack some features but not all.</summary>
    public int IncompleteRowCount { get; private set; }

    /// <summary>The number of rows that lack all features.</summary>
    public int EmptyRowCount { get; private set; }

    /// <summary>The number of combinations of missing features among the rows in use, none missing being one of them.</summary>
    public int PatternCount { get; private set; }

    /// <summary>The number of features that such a row lacks, on average.</summary>
    public double AverageMissing => IncompleteRowCount == 0 ? 0 : (CellCounts.Sum(count => (double)count) - ((double)EmptyRowCount * dimension)) / IncompleteRowCount;

    /// <summary>Takes a row that lacks something.</summary>
    /// <returns>Whether anything is observed.</returns>
    public bool Add(int row, ReadOnlySpan<double> values)
    {
        int pattern = Patterns.Find(values);
        _patternOf[row] = pattern;
        ReadOnlySpan<int> missing = Patterns.Missing(pattern);
        foreach (int feature in missing) CellCounts[feature]++;
        bool isEmpty = missing.Length == dimension;
        if (isEmpty) EmptyRowCount++;
        else IncompleteRowCount++;
        return !isEmpty;
    }

    /// <summary>The rows in use, those that lack the same features side by side and otherwise in their order, and the pattern of each.</summary>
    public (int[] Rows, int[] Patterns) Sort(bool[] isUsed)
    {
        int[] starts = new int[Patterns.Count + 1], places = new int[Patterns.Count], order = Patterns.InOrder();
        for (int place = 0; place < order.Length; place++) places[order[place]] = place;
        for (int i = 0; i < _patternOf.Length; i++)
        {
            if (isUsed[i]) starts[places[_patternOf[i]] + 1]++;
        }

        PatternCount = starts.Count(count => count > 0);
        for (int place = 0; place < order.Length; place++) starts[place + 1] += starts[place];
        int[] rows = new int[starts[^1]], patterns = new int[rows.Length];
        for (int i = 0; i < _patternOf.Length; i++)
        {
            if (!isUsed[i]) continue;
            int at = starts[places[_patternOf[i]]]++;
            rows[at] = i;
            patterns[at] = _patternOf[i];
        }

        return (rows, patterns);
    }

    /// <summary>Pairs of features that no row in use has both of.</summary>
    public IEnumerable<(int First, int Second)> PairsNeverTogether(RowSource rows)
    {
        bool[] isUsed = new bool[Patterns.Count];
        for (int i = 0; i < rows.RowCount; i++) isUsed[rows.PatternOf(i)] = true;
        bool[] together = new bool[dimension * dimension];
        int left = dimension * (dimension - 1) / 2;
        for (int pattern = 0; pattern < isUsed.Length && left > 0; pattern++)
        {
            if (!isUsed[pattern]) continue;
            ReadOnlySpan<int> observed = Patterns.Observed(pattern);
            for (int a = 0; a < observed.Length; a++)
            {
                for (int b = 0; b < a; b++)
                {
                    ref bool seen = ref together[(observed[b] * dimension) + observed[a]];
                    if (!seen) left--;
                    seen = true;
                }
            }
        }

        return left == 0 ? [] : from first in Enumerable.Range(0, dimension)
                                from second in Enumerable.Range(first + 1, dimension - first - 1)
                                where !together[(first * dimension) + second]
                                select (first, second);
    }
}
