using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Microsoft.ML.Mixture.Serialization;

/// <summary>
/// Builds the body of a <see cref="SealedPayload"/>; <see cref="PayloadReader"/> reads it back. All numbers are little-endian.
/// </summary>
internal sealed class PayloadWriter
{
    private static readonly UTF8Encoding _strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly ArrayBufferWriter<byte> _buffer = new();

    /// <summary>Gets the bytes written so far. Valid until the next write.</summary>
    internal ReadOnlySpan<byte> WrittenSpan => _buffer.WrittenSpan;

    /// <summary>Writes one byte.</summary>
    internal void WriteByte(byte value)
    {
        _buffer.GetSpan(sizeof(byte))[0] = value;
        _buffer.Advance(sizeof(byte));
    }

    /// <summary>Writes 4 bytes.</summary>
    internal void WriteInt32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.GetSpan(sizeof(int)), value);
        _buffer.Advance(sizeof(int));
    }

    /// <summary>Writes 8 bytes.</summary>
    internal void WriteInt64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_buffer.GetSpan(sizeof(long)), value);
        _buffer.Advance(sizeof(long));
    }

    /// <summary>Writes the 8 bytes of a double. Every bit is kept, also those of a NaN.</summary>
    internal void WriteDouble(double value) => WriteInt64(BitConverter.DoubleToInt64Bits(value));

    /// <summary>Writes a string as the count of its UTF-8 bytes (int32) and these bytes.</summary>
    /// <exception cref="ArgumentException">The string holds half of a surrogate pair.</exception>
    internal void WriteString(string value)
    {
        int count = _strictUtf8.GetByteCount(value);
        WriteInt32(count);
        _strictUtf8.GetBytes(value, _buffer.GetSpan(Math.Max(count, 1)));
        _buffer.Advance(count);
    }

    /// <summary>Writes bytes without their count.</summary>
    internal void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_buffer.GetSpan(Math.Max(bytes.Length, 1)));
        _buffer.Advance(bytes.Length);
    }

    /// <summary>Writes doubles without their count, which the reader must know.</summary>
    internal void WriteDoubles(ReadOnlySpan<double> values)
    {
        foreach (double value in values)
            WriteDouble(value);
    }

    /// <summary>Writes the count of doubles (int32) and the doubles.</summary>
    internal void WriteDoubleArray(ReadOnlySpan<double> values)
    {
        WriteInt32(values.Length);
        WriteDoubles(values);
    }
}
