using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>What one thread of an expectation step works with.</summary>
/// <remarks>
/// Where rows are few, numbers that do not outlive a pass stand in memory that all steps on a thread use one after the other: a search has more than a hundred of them, and
/// buffers of their own would be most of what it allocates.
/// </remarks>
internal sealed class PassWorkspace
{
    private readonly int _stride;
    private readonly int _jointLength;
    private readonly AlignedBuffer? _own;
    private double[] _weightsOfEqual = [];

    /// <summary>Makes room for blocks of at most so many rows.</summary>
    /// <param name="components">The components.</param>
    /// <param name="blockSize">The number of rows.</param>
    /// <param name="isOwner">Whether it keeps memory of its own.</param>
    public PassWorkspace(MixtureComponents components, int blockSize, bool isOwner)
    {
        _stride = Lanes.Pad(blockSize);
        _jointLength = components.ComponentCount * _stride;
        ScratchLength = components.ScratchLength(_stride);
        Rows = new RowBuffer(components.Dimension, blockSize);
        Components = new int[components.ComponentCount];
        Chosen = new int[components.ComponentCount];
        Active = new int[components.ComponentCount];
        for (int k = 0; k < Components.Length; k++) Components[k] = k;
        if (isOwner || !Reused<AlignedBuffer>.Keeps(Length)) _own = new AlignedBuffer(Length);
    }

    public RowBuffer Rows { get; }

    /// <summary>How many numbers kernels may use as they like.</summary>
    public int ScratchLength { get; }

    /// <summary>All components.</summary>
    public int[] Components { get; }

    /// <summary>Room for those that may have a share.</summary>
    public int[] Chosen { get; }

    /// <summary>Room for those that have one.</summary>
    public int[] Active { get; }

    /// <summary>Room for the weights of all rows that are equal to those of a block, where there are copies.</summary>
    public Span<double> WeightsOfEqual(int laneCount)
    {
        if (_weightsOfEqual.Length < _stride) _weightsOfEqual = new double[_stride];
        return _weightsOfEqual.AsSpan(0, laneCount);
    }

    private int Length => _jointLength + _stride + ScratchLength;

    /// <summary>The memory for a chunk of rows, with anything in it.</summary>
    public AlignedBuffer Take() => _own ?? (Reused<AlignedBuffer>.Take() is { } kept && kept.Length >= Length ? kept : new AlignedBuffer(Length));

    /// <summary>Gives it back.</summary>
    public void Return(AlignedBuffer memory)
    {
        if (_own is null) Reused<AlignedBuffer>.Return(memory, memory.Length);
    }

    /// <summary>Of the memory what holds a number for each component and row.</summary>
    public Span<double> Joint(AlignedBuffer memory) => memory.Span[.._jointLength];

    /// <summary>Of the memory what holds a number for each row.</summary>
    public Span<double> LogDensities(AlignedBuffer memory) => memory.Span.Slice(_jointLength, _stride);

    /// <summary>Of the memory what kernels may use as they like.</summary>
    public Span<double> Scratch(AlignedBuffer memory) => memory.Span.Slice(_jointLength + _stride, ScratchLength);
}
