namespace Microsoft.ML.Mixture.ModelFiles;

/// <summary>What the two headers of a zip entry agree on, after <see cref="ZipStructure"/> has checked them.</summary>
/// <param name="Name">The name as it is in the file, with slashes of either kind.</param>
/// <param name="IsDeflated">Whether the content is compressed by deflate; if not, it is stored.</param>
/// <param name="Crc32">The declared CRC-32 of the expanded content.</param>
/// <param name="CompressedLength">The number of bytes that the content takes in the file.</param>
/// <param name="Length">The declared number of bytes of the expanded content.</param>
/// <param name="DataOffset">Where the content begins in the file.</param>
internal sealed record ZipEntryRecord(
    string Name, bool IsDeflated, uint Crc32, long CompressedLength, long Length, long DataOffset);
