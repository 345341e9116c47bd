namespace Microsoft.ML.Mixture.Interop;

/// <summary>
/// The payload of one entry in a model file: read forwards, ending where the payload does, never closing the file.
/// </summary>
/// <param name="entry">The stream of the entry, standing at the first byte of the payload.</param>
/// <param name="length">The number of bytes in the payload. The entry is known to hold that many.</param>
/// <remarks>
/// <see cref="Length"/> is real, so a reader can compare a size that the payload claims with it before allocating. It can be got
/// although the stream does not seek.
/// </remarks>
internal sealed class PayloadStream(Stream entry, long length) : Stream
{
    private long _position;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => length;

    /// <inheritdoc/>
    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        int count = entry.Read(buffer[..(int)Math.Min(buffer.Length, length - _position)]);
        _position += count;
        return count;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
