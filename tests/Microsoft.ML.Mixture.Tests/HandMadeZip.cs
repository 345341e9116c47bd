using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace Microsoft.ML.Mixture.Tests;

/// <summary>An entry of a zip archive that can tell lies. What is not set is true.</summary>
internal sealed record HandMadeEntry(string Name, byte[] Content)
{
    public byte[]? LocalName { get; init; }

    public bool Deflate { get; init; } = true;

    public ushort? Method { get; init; }

    public ushort Flags { get; init; }

    public ushort? LocalFlags { get; init; }

    public uint? Crc { get; init; }

    public uint? Length { get; init; }

    public uint? LocalLength { get; init; }

    public uint? Offset { get; init; }

    public uint ExternalAttributes { get; init; }

    public byte[] HiddenBefore { get; init; } = [];

    public byte[] HiddenAfterData { get; init; } = [];

    public byte[] CentralExtra { get; init; } = [];

    public byte[] LocalExtra { get; init; } = [];
}

/// <summary>Writes zip archives byte by byte, independently of the reader under test.</summary>
internal static class HandMadeZip
{
    internal static byte[] Build(params HandMadeEntry[] entries) => Build(entries, [], []);

    internal static byte[] Build(HandMadeEntry[] entries, byte[] hiddenBeforeDirectory, byte[] comment)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        var directory = new MemoryStream();
        using var directoryWriter = new BinaryWriter(directory);
        foreach (HandMadeEntry entry in entries)
        {
            writer.Write(entry.HiddenBefore);
            byte[] data = [.. entry.Deflate ? Compress(entry.Content) : entry.Content, .. entry.HiddenAfterData];
            byte[] name = Encoding.UTF8.GetBytes(entry.Name);
            byte[] localName = entry.LocalName ?? name;
            ushort method = entry.Method ?? (ushort)(entry.Deflate ? 8 : 0);
            uint crc = entry.Crc ?? Crc32.HashToUInt32(entry.Content);
            uint length = entry.Length ?? (uint)entry.Content.Length;

            directoryWriter.Write(0x02014B50);
            directoryWriter.Write((ushort)20);
            WriteCommon(directoryWriter, entry.Flags, method, crc, data.Length, length, name.Length, entry.CentralExtra.Length);
            directoryWriter.Write((ushort)0);
            directoryWriter.Write((ushort)0);
            directoryWriter.Write((ushort)0);
            directoryWriter.Write(entry.ExternalAttributes);
            directoryWriter.Write(entry.Offset ?? (uint)stream.Position);
            directoryWriter.Write(name);
            directoryWriter.Write(entry.CentralExtra);

            writer.Write(0x04034B50);
            WriteCommon(
                writer, entry.LocalFlags ?? entry.Flags, method, crc, data.Length, entry.LocalLength ?? length, localName.Length, entry.LocalExtra.Length);
            writer.Write(localName);
            writer.Write(entry.LocalExtra);
            writer.Write(data);
        }

        writer.Write(hiddenBeforeDirectory);
        int directoryOffset = (int)stream.Position;
        writer.Write(directory.ToArray());
        writer.Write(0x06054B50);
        writer.Write(0);
        writer.Write((ushort)entries.Length);
        writer.Write((ushort)entries.Length);
        writer.Write((int)directory.Length);
        writer.Write(directoryOffset);
        writer.Write((ushort)comment.Length);
        writer.Write(comment);
        return stream.ToArray();
    }

    private static void WriteCommon(
        BinaryWriter writer, ushort flags, ushort method, uint crc, int packedLength, uint length, int nameLength, int extraLength)
    {
        writer.Write((ushort)20);
        writer.Write(flags);
        writer.Write(method);
        writer.Write(0x5D76B1B5);
        writer.Write(crc);
        writer.Write(packedLength);
        writer.Write(length);
        writer.Write((ushort)nameLength);
        writer.Write((ushort)extraLength);
    }

    private static byte[] Compress(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            deflate.Write(content);
        return packed.ToArray();
    }
}
