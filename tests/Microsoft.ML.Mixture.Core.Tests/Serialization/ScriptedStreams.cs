namespace Microsoft.ML.Mixture.Serialization.Tests;

/// <summary>A stream without seeking that gives at most a few bytes per read, as a network stream may.</summary>
internal sealed class TricklingStream(byte[] bytes, int bytesPerRead) : Stream
{
    private int _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        int count = Math.Min(Math.Min(buffer.Length, bytesPerRead), bytes.Length - _position);
        bytes.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>A stream whose every read fails in the way it was told.</summary>
internal sealed class FailingStream(Exception failure) : MemoryStream
{
    public override bool CanSeek => false;

    public override int Read(Span<byte> buffer) => throw failure;

    public override int Read(byte[] buffer, int offset, int count) => throw failure;
}
