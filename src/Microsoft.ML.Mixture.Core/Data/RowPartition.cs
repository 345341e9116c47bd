using System.Runtime.CompilerServices;
using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture;

/// <summary>
/// How the rows are cut into blocks, which are worked on at once, and chunks of blocks, which threads take.
/// </summary>
/// <remarks>
/// It follows from the sizes of the problem alone and never from the number of threads, so that the order of every sum, and with it every
/// bit of the result, is the same for any number of threads.
/// </remarks>
internal readonly struct RowPartition
{
    private const int MostChunks = 64;
    private const int FewestRowsOfChunk = 1024;
    private const long MostStatistics = 4L << 20; // doubles over all chunks: 32 MB

    public RowPartition(int rowCount, int dimension, int statisticsLength)
    {
        RowCount = rowCount;

        // Few rows need no room for many.
        BlockSize = Math.Min(BlockSizeOf(dimension), Lanes.Pad(Math.Max(1, rowCount)));
        long chunks = Math.Clamp(MostStatistics / Math.Max(1, statisticsLength), 2, MostChunks);
        long rows = Math.Max(FewestRowsOfChunk, (rowCount + chunks - 1) / chunks);
        ChunkSize = (int)((rows + BlockSize - 1) / BlockSize * BlockSize);
        ChunkCount = (int)(((long)rowCount + ChunkSize - 1) / ChunkSize);
    }

    /// <summary>The number of rows with which a centred block and its weighted copy stay in the caches next to the processor.</summary>
    public static int BlockSizeOf(int dimension) => dimension switch { <= 2 => 512, <= 8 => 256, <= 32 => 128, <= 192 => 64, _ => 32 };

    public int RowCount { get; }

    public int BlockSize { get; }

    public int ChunkSize { get; }

    public int ChunkCount { get; }

    public int BlockCount => (int)(((long)RowCount + BlockSize - 1) / BlockSize);

    /// <summary>The rows of one chunk, as [first, end).</summary>
    public (int First, int End) Chunk(int chunk) => (chunk * ChunkSize, (int)Math.Min((long)RowCount, ((long)chunk + 1) * ChunkSize));
}

/// <summary>Room for one block of rows.</summary>
internal sealed class RowBuffer(int dimension, int blockSize)
{
    private readonly AlignedBuffer _values = new(dimension * Lanes.Pad(blockSize));
    private readonly AlignedBuffer _weights = new(Lanes.Pad(blockSize));
    private BlockHoles? _holes;

    /// <summary>Reads consecutive rows and fills them up to whole vectors with rows of weight zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public RowBlock Read(RowSource source, int firstRow, int rowCount)
    {
        source.Read(firstRow, rowCount, _values.Span, _weights.Length, _weights.Span);
        return source.Holes is null ? Fill(rowCount) : Fill(rowCount) with { Holes = FindHoles(source, source.Holes, firstRow, rowCount) };
    }

    /// <summary>Reads rows in any order and fills them up to whole vectors with rows of weight zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public RowBlock Read(RowSource source, ReadOnlySpan<int> rows)
    {
        source.ReadScaled(rows, 1, _values.Span, _weights.Length, _weights.Span);
        return Fill(rows.Length);
    }

    private BlockHoles? FindHoles(RowSource source, HolePatterns patterns, int firstRow, int rowCount)
    {
        if (_holes?.Patterns != patterns) _holes = new BlockHoles(patterns, blockSize);
        _holes.Clear();
        for (int i = 0; i < rowCount; i++) _holes.Add(source.PatternOf(firstRow + i));
        return _holes.Any ? _holes : null;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private RowBlock Fill(int rowCount)
    {
        Span<double> values = _values.Span, weights = _weights.Span;
        int stride = weights.Length;
        int laneCount = Lanes.Pad(rowCount);
        for (int j = 0; j < dimension && rowCount < laneCount; j++) values.Slice((j * stride) + rowCount, laneCount - rowCount).Clear();
        weights[rowCount..].Clear();
        return new RowBlock(values, weights, dimension, stride, rowCount);
    }
}
