using System.Buffers.Binary;
using System.Text;

namespace Microsoft.ML.Mixture.ModelFiles;

/// <summary>Reads the records of a zip archive, and accepts only an archive in which every byte has one meaning.</summary>
/// <remarks>
/// The archive must be the local entries, one after the other from offset 0, then the central directory, then the end record; this is
/// how .NET writes it. Fields that no reader of ML.NET looks at may hold anything: the two version fields, the internal attributes,
/// and the external attributes except for the owner's permission to read. Layouts: PKWARE APPNOTE 6.3.10, section 4.3.
/// </remarks>
internal static class ZipStructure
{
    private const uint LocalSignature = 0x04034B50;
    private const uint CentralSignature = 0x02014B50;
    private const uint EndSignature = 0x06054B50;
    private const uint DescriptorSignature = 0x08074B50;
    private const int LocalHeaderLength = 30;
    private const int CentralHeaderLength = 46;
    private const int EndRecordLength = 22;
    private const int DescriptorLength = 16;
    private const int MaximumNameBytes = 1024;
    private const int MethodStored = 0;
    private const int MethodDeflated = 8;
    private const int FlagDescriptor = 1 << 3;
    private const int FlagUtf8 = 1 << 11;

    // Bits 1 and 2 tell how hard the compressor tried.
    private const int KnownFlags = (1 << 1) | (1 << 2) | FlagDescriptor | FlagUtf8;

    private static readonly UTF8Encoding _strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Creates the exception for a model file that is not acceptable.</summary>
    /// <param name="cause">What is wrong, as a clause.</param>
    /// <param name="inner">The exception that told so.</param>
    internal static FormatException Rejected(string cause, Exception? inner = null) =>
        new($"The model file was rejected: {cause}. Do not load it; get another copy, or save the model again with ML.NET.", inner);

    /// <summary>Checks all records of an archive.</summary>
    /// <param name="stream">A seekable stream that is the whole file.</param>
    /// <param name="limits">What to accept.</param>
    /// <returns>The entries, in the order of the central directory.</returns>
    /// <exception cref="FormatException">A record is wrong, or the archive exceeds a limit.</exception>
    internal static List<ZipEntryRecord> Read(Stream stream, ModelFileLimits limits)
    {
        (int count, byte[] directory) = ReadDirectory(stream, limits);
        long directoryOffset = stream.Length - EndRecordLength - directory.Length;
        var entries = new List<ZipEntryRecord>();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        long totalLength = 0;
        long expectedOffset = 0;
        int position = 0;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> central = TakeCentralHeader(directory, position, i);
            string name = DecodeName(central, i);
            if (!names.Add(name.Replace('\\', '/')))
                throw Rejected($"entry {i} has the name '{name}', which an earlier entry has too (case and slashes do not count)");
            ZipEntryRecord entry = ReadCentralHeader(central, name, limits);
            totalLength += entry.Length;
            if (totalLength > limits.MaximumTotalBytes)
                throw Rejected($"its entries declare more than {limits.MaximumTotalBytes} bytes (MaximumTotalBytes)");
            long offset = UInt32(central, 42);
            if (offset != expectedOffset)
                throw Rejected($"entry '{name}' should begin at offset {expectedOffset}, and the directory says {offset}");
            entry = CheckLocalHeader(stream, central, entry, offset, directoryOffset);
            expectedOffset = CheckDescriptor(stream, central, entry, directoryOffset);
            entries.Add(entry);
            position += central.Length;
        }

        if (position != directory.Length)
            throw Rejected($"its directory has {directory.Length - position} bytes more than its {count} entries");
        if (expectedOffset != directoryOffset)
            throw Rejected($"its entries end at offset {expectedOffset}, and its directory begins at {directoryOffset}");
        return entries;
    }

    private static (int Count, byte[] Directory) ReadDirectory(Stream stream, ModelFileLimits limits)
    {
        long length = stream.Length;
        if (length < LocalHeaderLength + CentralHeaderLength + EndRecordLength)
            throw Rejected($"it has {length} bytes, too few for a zip archive with an entry");
        Span<byte> start = stackalloc byte[4];
        ReadAt(stream, 0, start);
        if (UInt32(start, 0) != LocalSignature)
            throw Rejected($"it begins with {Convert.ToHexString(start)}, not with the 504B0304 of a zip archive");
        Span<byte> end = stackalloc byte[EndRecordLength];
        ReadAt(stream, length - EndRecordLength, end);
        if (UInt32(end, 0) != EndSignature)
            throw Rejected("it does not end with the end record of a zip archive, so it is truncated or bytes were added");
        int count = UInt16(end, 10);
        uint directoryLength = UInt32(end, 12);
        uint directoryOffset = UInt32(end, 16);
        if (count == ushort.MaxValue || directoryLength == uint.MaxValue || directoryOffset == uint.MaxValue)
            throw Zip64();
        if (UInt16(end, 4) != 0 || UInt16(end, 6) != 0 || UInt16(end, 8) != count)
            throw Rejected("its end record speaks of more than one volume");
        if (UInt16(end, 20) != 0)
            throw Rejected($"its end record declares a comment of {UInt16(end, 20)} bytes, and none are there");
        if (count == 0)
            throw Rejected("its end record declares no entries");
        if (count > limits.MaximumEntries)
            throw Rejected($"it declares {count} entries, more than {limits.MaximumEntries} (MaximumEntries)");
        if ((long)directoryOffset + directoryLength != length - EndRecordLength)
        {
            throw Rejected(
                $"its directory of {directoryLength} bytes at offset {directoryOffset} does not end where its end record begins, "
                + $"at {length - EndRecordLength}");
        }

        if (directoryLength > (long)count * (CentralHeaderLength + MaximumNameBytes))
            throw Rejected($"its directory of {directoryLength} bytes is too long for {count} entries");
        var directory = new byte[directoryLength];
        ReadAt(stream, directoryOffset, directory);
        return (count, directory);
    }

    private static ReadOnlySpan<byte> TakeCentralHeader(byte[] directory, int position, int index)
    {
        ReadOnlySpan<byte> rest = directory.AsSpan(position);
        if (rest.Length < CentralHeaderLength || UInt32(rest, 0) != CentralSignature)
            throw Rejected($"its directory has no record for entry {index}");
        int nameLength = UInt16(rest, 28);
        if (UInt16(rest, 30) != 0 || UInt16(rest, 32) != 0)
            throw Rejected($"entry {index} has an extra field or a comment, which ML.NET does not write");
        if (nameLength is 0 or > MaximumNameBytes || nameLength > rest.Length - CentralHeaderLength)
            throw Rejected($"entry {index} declares a name of {nameLength} bytes, and 1 to {MaximumNameBytes} are allowed");
        return rest[..(CentralHeaderLength + nameLength)];
    }

    private static string DecodeName(ReadOnlySpan<byte> central, int index)
    {
        ReadOnlySpan<byte> bytes = central[CentralHeaderLength..];
        if ((UInt16(central, 8) & FlagUtf8) == 0 && !Ascii.IsValid(bytes))
            throw Rejected($"the name of entry {index} is neither ASCII nor marked as UTF-8");
        string name;
        try
        {
            name = _strictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException exception)
        {
            throw Rejected($"the name of entry {index} is not valid UTF-8", exception);
        }

        if (name.Contains(':', StringComparison.Ordinal) || name.Any(char.IsControl))
            throw Rejected($"the name of entry {index} holds a colon or a control character");

        // ML.NET writes backslashes on Windows, and reads both kinds everywhere.
        foreach (string part in name.Split('/', '\\'))
        {
            if (part is "" or "." or "..")
                throw Rejected($"the name '{name}' is rooted, ends with a slash, or has an empty, '.' or '..' part");
        }

        return name;
    }

    private static ZipEntryRecord ReadCentralHeader(ReadOnlySpan<byte> central, string name, ModelFileLimits limits)
    {
        int flags = UInt16(central, 8);
        if ((flags & ~KnownFlags) != 0)
            throw Rejected($"entry '{name}' has the flags 0x{flags:X4}, which mean encryption or features that ML.NET does not use");
        int method = UInt16(central, 10);
        if (method is not (MethodStored or MethodDeflated))
            throw Rejected($"entry '{name}' uses compression method {method}, and only 0 (stored) and 8 (deflate) are allowed");
        uint compressedLength = UInt32(central, 20);
        uint length = UInt32(central, 24);
        if (compressedLength == uint.MaxValue || length == uint.MaxValue || UInt32(central, 42) == uint.MaxValue)
            throw Zip64();
        if (UInt16(central, 34) != 0)
            throw Rejected($"entry '{name}' speaks of more than one volume");

        // On Unix .NET gives the extracted file these permissions, and ML.NET then opens it for reading.
        uint permissions = (UInt32(central, 38) >> 16) & 0x1FF;
        if (permissions != 0 && (permissions & 0x100) == 0)
            throw Rejected($"entry '{name}' has permissions that forbid its owner to read it");
        if (method == MethodStored && compressedLength != length)
            throw Rejected($"entry '{name}' is stored with {compressedLength} bytes and declares {length}");
        if (length > (long)limits.MaximumRatio * compressedLength)
        {
            throw Rejected(
                $"entry '{name}' declares {length} bytes out of {compressedLength}, more than {limits.MaximumRatio} times (MaximumRatio)");
        }

        return new ZipEntryRecord(name, method == MethodDeflated, UInt32(central, 16), compressedLength, length, DataOffset: 0);
    }

    private static ZipEntryRecord CheckLocalHeader(
        Stream stream, ReadOnlySpan<byte> central, ZipEntryRecord entry, long offset, long directoryOffset)
    {
        ReadOnlySpan<byte> name = central[CentralHeaderLength..];
        long dataOffset = offset + LocalHeaderLength + name.Length;
        if (dataOffset + entry.CompressedLength > directoryOffset)
            throw Rejected($"entry '{entry.Name}' declares {entry.CompressedLength} bytes and reaches into the directory");
        Span<byte> local = stackalloc byte[LocalHeaderLength + MaximumNameBytes];
        local = local[..(LocalHeaderLength + name.Length)];
        ReadAt(stream, offset, local);
        if (UInt32(local, 0) != LocalSignature)
            throw Rejected($"entry '{entry.Name}' has no local header at offset {offset}");

        // Flags, method, time and date; then checksum and sizes, which follow the data if the descriptor flag is set.
        bool same = local[6..14].SequenceEqual(central[8..16])
            && UInt16(local, 26) == name.Length
            && UInt16(local, 28) == 0
            && local[LocalHeaderLength..].SequenceEqual(name);
        same &= HasDescriptor(central)
            ? !local[14..26].ContainsAnyExcept((byte)0)
            : local[14..26].SequenceEqual(central[16..28]);
        if (!same)
            throw Rejected($"the local header of entry '{entry.Name}' differs from the directory");
        return entry with { DataOffset = dataOffset };
    }

    private static long CheckDescriptor(Stream stream, ReadOnlySpan<byte> central, ZipEntryRecord entry, long directoryOffset)
    {
        long end = entry.DataOffset + entry.CompressedLength;
        if (!HasDescriptor(central))
            return end;
        if (end + DescriptorLength > directoryOffset)
            throw Rejected($"the data descriptor of entry '{entry.Name}' reaches into the directory");
        Span<byte> descriptor = stackalloc byte[DescriptorLength];
        ReadAt(stream, end, descriptor);
        if (UInt32(descriptor, 0) != DescriptorSignature || !descriptor[4..].SequenceEqual(central[16..28]))
            throw Rejected($"the data descriptor of entry '{entry.Name}' differs from the directory");
        return end + DescriptorLength;
    }

    private static bool HasDescriptor(ReadOnlySpan<byte> central) => (UInt16(central, 8) & FlagDescriptor) != 0;

    private static void ReadAt(Stream stream, long offset, Span<byte> destination)
    {
        stream.Position = offset;
        int read = stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);
        if (read < destination.Length)
            throw Rejected($"it ended at offset {offset + read} while it was being read");
    }

    private static FormatException Zip64() =>
        Rejected("it is a ZIP64 archive, which ML.NET needs only beyond 4 GiB and which this check does not support");

    private static ushort UInt16(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[offset..]);

    private static uint UInt32(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);
}
