namespace Microsoft.ML.Mixture;

/// <summary>The runs of rows of one block that lack the same features. One object serves one thread, block after block.</summary>
internal sealed class BlockHoles(HolePatterns patterns, int blockSize)
{
    private readonly int[] _ends = new int[blockSize];
    private readonly int[] _patterns = new int[blockSize];

    /// <summary>What the numbers of patterns mean.</summary>
    public HolePatterns Patterns => patterns;

    /// <summary>The number of runs.</summary>
    public int Count { get; private set; }

    /// <summary>What the family of the components remembers from block to block.</summary>
    public object? Memory { get; set; }

    /// <summary>Whether any row of the block lacks something.</summary>
    public bool Any => Count > 1 || (Count == 1 && _patterns[0] != HolePatterns.Complete);

    /// <summary>The pattern of a run.</summary>
    public int Pattern(int run) => _patterns[run];

    /// <summary>The first row of a run, counted from the beginning of the block.</summary>
    public int First(int run) => run == 0 ? 0 : _ends[run - 1];

    /// <summary>The row after the last of a run.</summary>
    public int End(int run) => _ends[run];

    /// <summary>Begins another block.</summary>
    public void Clear() => Count = 0;

    /// <summary>Adds the next row of the block.</summary>
    public void Add(int pattern)
    {
        if (Count > 0 && _patterns[Count - 1] == pattern)
        {
            _ends[Count - 1]++;
            return;
        }

        _ends[Count] = First(Count) + 1;
        _patterns[Count++] = pattern;
    }
}
