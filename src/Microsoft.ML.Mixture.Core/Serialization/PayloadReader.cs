using System.Buffers.Binary;
using System.Text;

namespace Microsoft.ML.Mixture.Serialization;

/// <summary>
/// Reads the body of a <see cref="SealedPayload"/> that <see cref="PayloadWriter"/> built. Every count is compared with the bytes
/// that are left before anything is allocated, and every misfit is a <see cref="FormatException"/>.
/// </summary>
internal ref struct PayloadReader
{
    private static readonly UTF8Encoding _strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly ReadOnlySpan<byte> _body;
    private int _position;

    /// <summary>Starts at the beginning of a body.</summary>
    internal PayloadReader(ReadOnlySpan<byte> body)
    {
        _body = body;
        _position = 0;
    }

    /// <summary>Gets the number of bytes that have not been read.</summary>
    internal readonly int Remaining => _body.Length - _position;

    /// <summary>Reads one byte.</summary>
    /// <exception cref="FormatException">No byte is left.</exception>
    internal byte ReadByte() => Take(sizeof(byte), "a byte")[0];

    /// <summary>Reads 4 bytes.</summary>
    /// <exception cref="FormatException">Fewer bytes are left.</exception>
    internal int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int), "a 32-bit integer"));

    /// <summary>Reads 8 bytes.</summary>
    /// <exception cref="FormatException">Fewer bytes are left.</exception>
    internal long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long), "a 64-bit integer"));

    /// <summary>Reads the 8 bytes of a double. It may be a NaN or an infinity.</summary>
    /// <exception cref="FormatException">Fewer bytes are left.</exception>
    internal double ReadDouble() => BinaryPrimitives.ReadDoubleLittleEndian(Take(sizeof(double), "a double"));

    /// <summary>Reads a string.</summary>
    /// <param name="maximumBytes">The most UTF-8 bytes to accept.</param>
    /// <exception cref="FormatException">The string is too long, incomplete, or not UTF-8.</exception>
    internal string ReadString(int maximumBytes)
    {
        int count = ReadInt32();
        if (count < 0 || count > maximumBytes)
            throw Rejected($"it declares a string of {count} bytes, and 0 to {maximumBytes} are allowed");
        ReadOnlySpan<byte> bytes = Take(count, "a string");
        try
        {
            return _strictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException exception)
        {
            throw new FormatException(
                $"The content of the file is not valid: the string before byte {_position} of the body is not UTF-8. "
                + "Save the model again with a released version of Microsoft.ML.Mixture.",
                exception);
        }
    }

    /// <summary>Reads doubles whose count the caller knows.</summary>
    /// <param name="count">The number of doubles; 64 bits wide, so that a product of dimensions need not be cut.</param>
    /// <exception cref="FormatException">The count is negative, or fewer doubles are left.</exception>
    internal double[] ReadDoubles(long count)
    {
        if (count < 0 || count > Remaining / sizeof(double))
            throw Rejected($"it needs {count} doubles at byte {_position} of the body, and {Remaining} bytes are left");
        ReadOnlySpan<byte> bytes = Take((int)count * sizeof(double), "doubles");
        var values = new double[count];
        for (int i = 0; i < values.Length; i++)
            values[i] = BinaryPrimitives.ReadDoubleLittleEndian(bytes[(i * sizeof(double))..]);
        return values;
    }

    /// <summary>Reads a count of doubles (int32) and the doubles.</summary>
    /// <exception cref="FormatException">The count is negative, or fewer doubles are left.</exception>
    internal double[] ReadDoubleArray() => ReadDoubles(ReadInt32());

    /// <summary>Returns a reader of the next bytes alone.</summary>
    /// <param name="count">The number of bytes.</param>
    /// <exception cref="FormatException">The count is negative, or fewer bytes are left.</exception>
    internal PayloadReader ReadPart(int count)
    {
        if (count < 0) throw Rejected($"it declares a part of {count} bytes");
        return new PayloadReader(Take(count, "a part"));
    }

    /// <summary>Requires that the whole body has been read.</summary>
    /// <exception cref="FormatException">Bytes are left.</exception>
    internal readonly void ExpectEnd()
    {
        if (Remaining != 0)
            throw Rejected($"{Remaining} bytes follow where it should end, at byte {_position} of the body");
    }

    private ReadOnlySpan<byte> Take(int count, string what)
    {
        if (count > Remaining)
            throw Rejected($"{what} of {count} bytes is expected at byte {_position} of the body, and {Remaining} are left");
        ReadOnlySpan<byte> taken = _body.Slice(_position, count);
        _position += count;
        return taken;
    }

    private static FormatException Rejected(string cause) =>
        new($"The content of the file is not valid: {cause}. Save the model again with a released version of Microsoft.ML.Mixture.");
}
