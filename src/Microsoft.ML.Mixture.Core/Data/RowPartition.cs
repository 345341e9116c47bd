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
