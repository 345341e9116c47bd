using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using Microsoft.ML.Mixture.Interop;
using Microsoft.ML.Mixture.Serialization;

namespace Microsoft.ML.Mixture.ModelFiles;

/// <summary>Expands the content of a zip entry once, in constant memory, and compares it with what the headers declare.</summary>
internal static class ZipEntryContent
{
    private const int BufferLength = 1 << 16;

    /// <summary>Checks length, CRC-32, the end of the compressed data and, in <c>Model.key</c>, our own envelopes.</summary>
    /// <param name="stream">The whole file.</param>
    /// <param name="entry">The entry, whose headers have been checked.</param>
    /// <exception cref="FormatException">The content is not what the headers declare.</exception>
    internal static void Check(Stream stream, ZipEntryRecord entry)
    {
        using var packed = new SliceStream(stream, entry.DataOffset, entry.CompressedLength);
        using Stream unpacked = entry.IsDeflated ? new DeflateStream(packed, CompressionMode.Decompress, leaveOpen: true) : packed;
        using var content = new MeasuredStream(unpacked, entry);
        int bufferLength = (int)Math.Clamp(entry.Length, 256, BufferLength);
        if (entry.Name.Split('/', '\\')[^1] == "Model.key")
        {
            using var buffered = new BufferedStream(content, bufferLength);
            if (SealedPayloadScan.CheckAll(buffered) == 0 && content.BeginsLikeOurs)
                throw ZipStructure.Rejected($"entry '{entry.Name}' belongs to a step of Microsoft.ML.Mixture, but its content is damaged or missing");
        }
        else
        {
            var buffer = new byte[bufferLength];
            while (content.Read(buffer) > 0)
            {
            }
        }

        content.CheckEnd();
        if (packed.Left != 0)
            throw ZipStructure.Rejected($"{packed.Left} bytes are hidden behind the compressed data of entry '{entry.Name}'");
    }

    private abstract class ForwardStream : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public abstract override int Read(Span<byte> buffer);

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }

    // Hands out the last byte on its own: a decompressor that ends before it leaves it there, however far it reads ahead.
    private sealed class SliceStream : ForwardStream
    {
        private readonly Stream _file;

        internal SliceStream(Stream file, long offset, long length)
        {
            _file = file;
            _file.Position = offset;
            Left = length;
        }

        internal long Left { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            long allowed = Left > 1 ? Left - 1 : Left;
            int read = _file.Read(buffer[..(int)Math.Min(buffer.Length, allowed)]);
            Left -= read;
            return read;
        }
    }

    private sealed class MeasuredStream(Stream inner, ZipEntryRecord entry) : ForwardStream
    {
        // Where the header of ML.NET says whose format the entry has.
        private const int SignatureOffset = 0x40;

        private readonly Crc32 _crc = new();
        private readonly byte[] _signature = new byte[PipelinePersistence.ModelSignature.Length];
        private long _length;

        internal bool BeginsLikeOurs => Encoding.ASCII.GetString(_signature) == PipelinePersistence.ModelSignature;

        public override int Read(Span<byte> buffer)
        {
            int read;
            try
            {
                read = inner.Read(buffer);
            }
            catch (InvalidDataException exception)
            {
                throw ZipStructure.Rejected($"the compressed data of entry '{entry.Name}' cannot be expanded", exception);
            }

            for (long at = Math.Max(_length, SignatureOffset); at < Math.Min(_length + read, SignatureOffset + _signature.Length); at++)
                _signature[at - SignatureOffset] = buffer[(int)(at - _length)];
            _length += read;
            if (_length > entry.Length)
                throw ZipStructure.Rejected($"entry '{entry.Name}' holds more than the {entry.Length} bytes that it declares");
            _crc.Append(buffer[..read]);
            return read;
        }

        internal void CheckEnd()
        {
            if (_length != entry.Length)
                throw ZipStructure.Rejected($"entry '{entry.Name}' declares {entry.Length} bytes and holds {_length}");
            uint crc = _crc.GetCurrentHashAsUInt32();
            if (crc != entry.Crc32)
                throw ZipStructure.Rejected($"entry '{entry.Name}' declares the CRC-32 {entry.Crc32:X8} and has {crc:X8}");
        }
    }
}
