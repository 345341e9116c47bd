using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Microsoft.ML.Mixture.Serialization;

/// <summary>
/// The envelope around everything that the library writes to a file: it shows that the bytes are ours, complete and undamaged
/// before any of them is interpreted.
/// </summary>
/// <remarks>
/// All numbers are little-endian. L is the body length.
/// <code>
///   offset  bytes  content
///        0      8  magic: 89 4D 4C 4D 49 58 0D 0A, that is 0x89 "MLMIX" CR LF
///        8      4  int32: format version that was written, at least 1
///       12      4  int32: oldest reader version that can read it, at least 1 and at most the version written
///       16      4  int32: kind of the body, see PayloadKind
///       20      4  int32: flags, 0
///       24      8  int64: L, 0 or more
///       32      L  body, see PayloadWriter
///     32+L     32  SHA-256 of the bytes 0 .. 32+L-1
/// </code>
/// This layout holds for every version: only the body may change with it. So the hash is checked first, and a flipped bit in a
/// version number is reported as damage, not as a newer file.
/// <para>
/// A bad file gives <see cref="FormatException"/>, whatever is wrong with it. Other exceptions of the stream pass through, because a
/// failing disk or network does not make the file bad; <see cref="EndOfStreamException"/> and <see cref="InvalidDataException"/>
/// are about the data and become <see cref="FormatException"/>. The hash stops damage, not an author who means harm.
/// </para>
/// </remarks>
internal static class SealedPayload
{
    /// <summary>The format version that this library writes, and the newest that it reads.</summary>
    internal const int CurrentVersion = 2;

    /// <summary>The oldest reader version that can read what this library writes.</summary>
    internal const int OldestReaderVersion = 2;

    /// <summary>The length of everything before the body, in bytes.</summary>
    internal const int HeaderLength = 32;

    /// <summary>The length of the hash after the body, in bytes.</summary>
    internal const int HashLength = SHA256.HashSizeInBytes;

    private const int VersionOffset = 8;
    private const int OldestReaderOffset = 12;
    private const int KindOffset = 16;
    private const int FlagsOffset = 20;
    private const int LengthOffset = 24;
    private const int FirstStep = 1 << 16;
    private const string GetAnotherCopy = "Get another copy of the file, or save the model again.";

    /// <summary>The first bytes of every envelope. The first of them occurs only once, which keeps a search for them simple.</summary>
    internal static ReadOnlySpan<byte> Magic => [0x89, (byte)'M', (byte)'L', (byte)'M', (byte)'I', (byte)'X', 0x0D, 0x0A];

    /// <summary>Returns the envelope around a body.</summary>
    /// <param name="kind">What the body holds.</param>
    /// <param name="body">The body.</param>
    /// <returns>The envelope with the body in it: 64 bytes more than the body.</returns>
    internal static byte[] Seal(PayloadKind kind, ReadOnlySpan<byte> body)
    {
        var sealedBytes = new byte[checked(HeaderLength + body.Length + HashLength)];
        WriteHeader(sealedBytes, kind, body.Length);
        body.CopyTo(sealedBytes.AsSpan(HeaderLength));
        int hashed = HeaderLength + body.Length;
        SHA256.HashData(sealedBytes.AsSpan(0, hashed), sealedBytes.AsSpan(hashed));
        return sealedBytes;
    }

    /// <summary>Writes the envelope around a body to a stream, without a copy of the body.</summary>
    /// <param name="stream">Where to write.</param>
    /// <param name="kind">What the body holds.</param>
    /// <param name="body">The body.</param>
    internal static void Write(Stream stream, PayloadKind kind, ReadOnlySpan<byte> body)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        WriteHeader(header, kind, body.Length);
        Span<byte> hash = stackalloc byte[HashLength];
        using (var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
        {
            sha.AppendData(header);
            sha.AppendData(body);
            sha.GetHashAndReset(hash);
        }

        stream.Write(header);
        stream.Write(body);
        stream.Write(hash);
    }

    /// <summary>Reads one envelope, checks it, and returns its body. Reads not one byte more than the envelope.</summary>
    /// <param name="stream">The stream, positioned at the magic. It need not be seekable.</param>
    /// <param name="expectedKind">What the body must hold.</param>
    /// <param name="maximumBytes">The longest body to accept, in bytes.</param>
    /// <returns>The body. Its hash has been checked.</returns>
    /// <exception cref="FormatException">
    /// The bytes are not an envelope, are truncated or damaged, need a newer library, or hold another kind of body or a body longer
    /// than <paramref name="maximumBytes"/>.
    /// </exception>
    /// <remarks>
    /// Memory follows the bytes that arrive, not the length that the file declares: at most three times the bytes read so far, plus
    /// 64 KiB, are in use.
    /// </remarks>
    internal static byte[] Open(Stream stream, PayloadKind expectedKind, long maximumBytes)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentOutOfRangeException.ThrowIfNegative(maximumBytes);
        Span<byte> header = stackalloc byte[HeaderLength];
        ReadMagic(stream, header);
        long length = ReadHeaderAfterMagic(stream, header);
        long limit = Math.Min(maximumBytes, Array.MaxLength);
        if (length > limit)
        {
            throw new FormatException(
                $"The file declares a body of {length} bytes, and at most {limit} bytes are allowed here. "
                + "Raise the limit if you trust the file, or get another copy of it.");
        }

        RequirePresent(stream, length);
        byte[] body = ReadBody(stream, (int)length);
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(header);
        sha.AppendData(body);
        CheckHash(stream, sha, length);
        CheckVersionAndFlags(header);
        int kind = BinaryPrimitives.ReadInt32LittleEndian(header[KindOffset..]);
        if (kind != (int)expectedKind)
        {
            throw new FormatException(
                $"The file holds content of kind {Describe(kind)}, and {Describe((int)expectedKind)} is expected here. "
                + "Load it with the method that belongs to its kind.");
        }

        return body;
    }

    /// <summary>Does what <see cref="Open"/> does, and requires that the stream ends with the envelope.</summary>
    /// <param name="stream">The stream, positioned at the magic. It need not be seekable.</param>
    /// <param name="expectedKind">What the body must hold.</param>
    /// <param name="maximumBytes">The longest body to accept, in bytes.</param>
    /// <returns>The body. Its hash has been checked.</returns>
    /// <exception cref="FormatException">The envelope is bad, see <see cref="Open"/>, or bytes follow it.</exception>
    internal static byte[] OpenToEnd(Stream stream, PayloadKind expectedKind, long maximumBytes)
    {
        byte[] body = Open(stream, expectedKind, maximumBytes);
        Span<byte> next = stackalloc byte[1];
        if (ReadUpTo(stream, next) != 0)
        {
            throw new FormatException(
                $"The file goes on after its {HeaderLength + body.Length + HashLength} bytes of content. "
                + $"It was put together wrongly or tampered with. {GetAnotherCopy}");
        }

        return body;
    }

    /// <summary>Checks the rest of an envelope whose magic has been read, without keeping its body.</summary>
    /// <param name="stream">The stream, positioned after the magic. On return, positioned after the envelope.</param>
    /// <exception cref="FormatException">The envelope is truncated, damaged or needs a newer library.</exception>
    internal static void CheckAfterMagic(Stream stream)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        Magic.CopyTo(header);
        long length = ReadHeaderAfterMagic(stream, header);
        RequirePresent(stream, length);
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(header);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(FirstStep);
        try
        {
            for (long left = length; left > 0;)
            {
                Span<byte> piece = buffer.AsSpan(0, (int)Math.Min(left, buffer.Length));
                int read = ReadUpTo(stream, piece);
                if (read < piece.Length)
                    throw Truncated("body", length, length - left + read);
                sha.AppendData(piece);
                left -= read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        CheckHash(stream, sha, length);
        CheckVersionAndFlags(header);
    }

    private static void WriteHeader(Span<byte> header, PayloadKind kind, long length)
    {
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[VersionOffset..], CurrentVersion);
        BinaryPrimitives.WriteInt32LittleEndian(header[OldestReaderOffset..], OldestReaderVersion);
        BinaryPrimitives.WriteInt32LittleEndian(header[KindOffset..], (int)kind);
        BinaryPrimitives.WriteInt32LittleEndian(header[FlagsOffset..], 0);
        BinaryPrimitives.WriteInt64LittleEndian(header[LengthOffset..], length);
    }

    private static void ReadMagic(Stream stream, Span<byte> header)
    {
        Span<byte> magic = header[..Magic.Length];
        int read = ReadUpTo(stream, magic);
        if (read == 0) throw new FormatException($"There is nothing to read: the file is empty, or the stream stands at its end. {GetAnotherCopy}");
        if (magic[..read].StartsWith("PK"u8))
        {
            throw new FormatException(
                "This is a zip file, such as a pipeline that MLContext.Model.Save wrote, and not a mixture alone. Load it with MLContext.Model.Load.");
        }

        if (!magic[..read].SequenceEqual(Magic[..read]))
        {
            throw new FormatException(
                $"This is not a file of Microsoft.ML.Mixture: it begins with {Convert.ToHexString(magic[..read])}, "
                + $"and such a file begins with {Convert.ToHexString(Magic)}. Check that it is the right file.");
        }

        if (read < Magic.Length)
            throw Truncated("magic", Magic.Length, read);
    }

    private static long ReadHeaderAfterMagic(Stream stream, Span<byte> header)
    {
        int read = ReadUpTo(stream, header[Magic.Length..]);
        if (read < HeaderLength - Magic.Length)
            throw Truncated("header", HeaderLength, Magic.Length + read);
        long length = BinaryPrimitives.ReadInt64LittleEndian(header[LengthOffset..]);
        if (length < 0)
        {
            throw new FormatException(
                $"The file is damaged: it declares a body of {length} bytes. {GetAnotherCopy}");
        }

        return length;
    }

    // Refuses a length that cannot be true before the first byte of the body is read.
    private static void RequirePresent(Stream stream, long length)
    {
        if (!stream.CanSeek)
            return;
        long present = Math.Max(0, stream.Length - stream.Position);
        if (present - HashLength < length)
            throw Truncated("body and hash", (decimal)length + HashLength, present);
    }

    private static byte[] ReadBody(Stream stream, int length)
    {
        var body = new byte[Math.Min(length, FirstStep)];
        int filled = 0;
        while (true)
        {
            filled += ReadUpTo(stream, body.AsSpan(filled));
            if (filled < body.Length)
                throw Truncated("body", length, filled);
            if (filled == length)
                return body;
            Array.Resize(ref body, (int)Math.Min(length, 2L * filled));
        }
    }

    private static void CheckHash(Stream stream, IncrementalHash sha, long length)
    {
        Span<byte> declared = stackalloc byte[HashLength];
        int read = ReadUpTo(stream, declared);
        if (read < HashLength)
            throw Truncated("hash", HashLength, read);
        Span<byte> actual = stackalloc byte[HashLength];
        sha.GetHashAndReset(actual);
        if (!declared.SequenceEqual(actual))
        {
            throw new FormatException(
                $"The file is damaged: the SHA-256 of its {HeaderLength + length} bytes is "
                + $"{Convert.ToHexString(actual)}, and the file says {Convert.ToHexString(declared)}. {GetAnotherCopy}");
        }
    }

    private static void CheckVersionAndFlags(ReadOnlySpan<byte> header)
    {
        int version = BinaryPrimitives.ReadInt32LittleEndian(header[VersionOffset..]);
        int oldestReader = BinaryPrimitives.ReadInt32LittleEndian(header[OldestReaderOffset..]);
        if (oldestReader < 1 || version < oldestReader)
        {
            throw new FormatException(
                $"The file was written wrongly: it claims format {version}, readable from format {oldestReader} on. "
                + "Save the model again with a released version of Microsoft.ML.Mixture.");
        }

        if (oldestReader > CurrentVersion)
        {
            throw new FormatException(
                $"The file is too new: it was written by format {version} and needs a reader of format {oldestReader}, "
                + $"and this library reads up to {CurrentVersion}. Update the Microsoft.ML.Mixture package.");
        }

        int flags = BinaryPrimitives.ReadInt32LittleEndian(header[FlagsOffset..]);
        if (flags != 0)
        {
            throw new FormatException(
                $"The file sets the flags 0x{flags:X8}, and this library knows none. Update the Microsoft.ML.Mixture package.");
        }
    }

    private static int ReadUpTo(Stream stream, Span<byte> destination)
    {
        int filled = 0;
        try
        {
            while (filled < destination.Length)
            {
                int read = stream.Read(destination[filled..]);
                if (read <= 0)
                    break;
                filled += read;
            }
        }
        catch (EndOfStreamException)
        {
            // The caller compares what arrived with what it needs.
        }
        catch (InvalidDataException exception)
        {
            throw new FormatException(
                $"The file is damaged: its compressed bytes cannot be expanded. {GetAnotherCopy}", exception);
        }

        return filled;
    }

    private static FormatException Truncated(string part, decimal needed, long present) =>
        new($"The file is truncated: its {part} takes {needed} bytes, and {present} are there. {GetAnotherCopy}");

    private static string Describe(int kind) =>
        Enum.IsDefined((PayloadKind)kind) ? $"{kind} ({(PayloadKind)kind})" : $"{kind} (unknown)";
}
