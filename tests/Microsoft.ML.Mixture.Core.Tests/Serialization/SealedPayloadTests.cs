using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using CsCheck;

namespace Microsoft.ML.Mixture.Serialization.Tests;

public class SealedPayloadTests
{
    private const long Limit = 1L << 31;
    private const int VersionOffset = 8;
    private const int OldestReaderOffset = 12;
    private const int FlagsOffset = 20;
    private const int LengthOffset = 24;
    private static readonly byte[] _body = [.. Enumerable.Range(0, 41).Select(i => (byte)(i * 7))];

    [Fact]
    public void Seal_SmallBody_HasTheDocumentedBytes()
    {
        byte[] expected =
        [
            0x89, 0x4D, 0x4C, 0x4D, 0x49, 0x58, 0x0D, 0x0A,
            2, 0, 0, 0,
            2, 0, 0, 0,
            2, 0, 0, 0,
            0, 0, 0, 0,
            3, 0, 0, 0, 0, 0, 0, 0,
            0xAA, 0xBB, 0xCC,
        ];

        byte[] actual = SealedPayload.Seal(PayloadKind.PipelineStep, [0xAA, 0xBB, 0xCC]);

        Assert.Equal([.. expected, .. SHA256.HashData(expected)], actual);
    }

    [Fact]
    public void Open_OfSealed_ReturnsTheBody()
    {
        Gen.Byte.Array[0, 300].Sample(body =>
        {
            byte[] envelope = SealedPayload.Seal(PayloadKind.GaussianMixtureModel, body);
            Assert.Equal(body, Open(envelope));
            Assert.Equal(body, SealedPayload.OpenToEnd(new MemoryStream(envelope), PayloadKind.GaussianMixtureModel, Limit));
        });
    }

    [Fact]
    public void Write_AnyBody_EqualsSeal()
    {
        using var stream = new MemoryStream();

        SealedPayload.Write(stream, PayloadKind.PipelineStep, _body);

        Assert.Equal(SealedPayload.Seal(PayloadKind.PipelineStep, _body), stream.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(1_000_003)]
    public void Open_ShortReads_ReturnsTheBody(int length)
    {
        var body = new byte[length];
        for (int i = 0; i < length; i++)
            body[i] = (byte)(i * 31 >> 3);
        byte[] envelope = SealedPayload.Seal(PayloadKind.GaussianMixtureModel, body);

        foreach (int bytesPerRead in new[] { 1, 7, 4096 })
        {
            var stream = new TricklingStream(envelope, bytesPerRead);
            Assert.Equal(body, SealedPayload.OpenToEnd(stream, PayloadKind.GaussianMixtureModel, Limit));
        }
    }

    [Fact]
    public void Open_AnyBitFlipped_ThrowsFormatException()
    {
        byte[] envelope = Sealed();
        for (int bit = 0; bit < envelope.Length * 8; bit++)
        {
            byte[] flipped = [.. envelope];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<FormatException>(() => Open(flipped));
            Assert.Throws<FormatException>(() => OpenTrickling(flipped));
            if (bit / 8 >= SealedPayload.Magic.Length)
                Assert.Throws<FormatException>(() => SealedPayloadScan.CheckAll(new MemoryStream(flipped)));
        }
    }

    [Fact]
    public void Open_AnyTruncation_SaysTruncated()
    {
        byte[] envelope = Sealed();
        Assert.Contains("the file is empty", Rejection([]), StringComparison.Ordinal);
        for (int length = 1; length < envelope.Length; length++)
        {
            Assert.Contains("truncated", Rejection(envelope[..length]), StringComparison.Ordinal);
            var exception = Assert.Throws<FormatException>(() => OpenTrickling(envelope[..length]));
            Assert.Contains("truncated", exception.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(-1L)]
    [InlineData(0L)]
    [InlineData(1L << 20)]
    [InlineData(int.MaxValue)]
    [InlineData(1L << 62)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void Open_LengthThatIsNotThere_IsRejectedWithoutCost(long length)
    {
        byte[] bomb = new byte[4096];
        Sealed().CopyTo(bomb, 0);
        BinaryPrimitives.WriteInt64LittleEndian(bomb.AsSpan(LengthOffset), length);
        Assert.Throws<FormatException>(() => OpenTrickling(Sealed()[..^1]));

        foreach (Func<byte[]> open in new Func<byte[]>[] { () => Open(bomb, long.MaxValue), () => OpenTrickling(bomb, long.MaxValue) })
        {
            // The least of several tries: the work itself is what counts, not what else the machine does.
            long allocated = long.MaxValue;
            var elapsed = TimeSpan.MaxValue;
            for (int attempt = 0; attempt < 20 && elapsed.TotalMilliseconds > 50; attempt++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread(), started = Stopwatch.GetTimestamp();
                Assert.Throws<FormatException>(() => open());
                TimeSpan time = Stopwatch.GetElapsedTime(started);
                elapsed = time < elapsed ? time : elapsed;
                allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
            }

            Assert.InRange(allocated, 0, 1_000_000);
            Assert.InRange(elapsed.TotalMilliseconds, 0, 50);
        }
    }

    [Fact]
    public void Open_BodyOverTheLimit_NamesBoth()
    {
        var exception = Assert.Throws<FormatException>(() => Open(Sealed(), _body.Length - 1));

        Assert.Contains("41 bytes", exception.Message, StringComparison.Ordinal);
        Assert.Contains("40 bytes are allowed", exception.Message, StringComparison.Ordinal);
        Assert.Equal(_body, Open(Sealed(), _body.Length));
    }

    [Fact]
    public void Open_NewerFileThatOldReadersCanRead_ReturnsTheBody()
    {
        Assert.Equal(_body, Open(Reseal(header => WriteInt32(header, VersionOffset, 7))));
    }

    [Fact]
    public void Open_FileForNewerReaders_SaysTooNewWithTheVersions()
    {
        byte[] envelope = Reseal(header =>
        {
            WriteInt32(header, VersionOffset, 9);
            WriteInt32(header, OldestReaderOffset, 8);
        });

        string message = Rejection(envelope);

        Assert.Contains("too new", message, StringComparison.Ordinal);
        Assert.Contains("format 9", message, StringComparison.Ordinal);
        Assert.Contains("reads up to 2", message, StringComparison.Ordinal);
        Assert.Contains("Update", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, -1)]
    [InlineData(0, 0)]
    [InlineData(1, 2)]
    [InlineData(-5, 1)]
    public void Open_ImpossibleVersions_ThrowsFormatException(int version, int oldestReader)
    {
        byte[] envelope = Reseal(header =>
        {
            WriteInt32(header, VersionOffset, version);
            WriteInt32(header, OldestReaderOffset, oldestReader);
        });

        Assert.Contains("written wrongly", Rejection(envelope), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_UnknownFlag_ThrowsFormatException()
    {
        Assert.Contains("0x00000004", Rejection(Reseal(header => WriteInt32(header, FlagsOffset, 4))), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_OtherKind_NamesBothKinds()
    {
        string message = Rejection(SealedPayload.Seal(PayloadKind.PipelineStep, _body));

        Assert.Contains("2 (PipelineStep)", message, StringComparison.Ordinal);
        Assert.Contains("1 (GaussianMixtureModel)", message, StringComparison.Ordinal);
        Assert.Contains("99 (unknown)", Rejection(SealedPayload.Seal((PayloadKind)99, _body)), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_AnotherFile_SaysNotOurs()
    {
        Assert.Contains("not a file of", Rejection("GIF89a and so on"u8.ToArray()), StringComparison.Ordinal);
        Assert.Contains("Load it with MLContext.Model.Load", Rejection("PK\u0003\u0004 and so on"u8.ToArray()), StringComparison.Ordinal);
        Assert.Contains("damaged", Rejection([.. Sealed()[..^1], 0]), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_BytesFollow_LeavesThemUnread()
    {
        byte[] twice = [.. Sealed(), .. Sealed(), 17];
        using var stream = new MemoryStream(twice);

        Assert.Equal(_body, SealedPayload.Open(stream, PayloadKind.GaussianMixtureModel, Limit));
        Assert.Equal(_body, SealedPayload.Open(stream, PayloadKind.GaussianMixtureModel, Limit));
        Assert.Equal(17, stream.ReadByte());
    }

    [Fact]
    public void OpenToEnd_BytesFollow_ThrowsFormatException()
    {
        var exception = Assert.Throws<FormatException>(
            () => SealedPayload.OpenToEnd(new MemoryStream([.. Sealed(), 0]), PayloadKind.GaussianMixtureModel, Limit));

        Assert.Contains("goes on after its 105 bytes", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FailingStream_MapsOnlyWhatIsAboutTheData()
    {
        static byte[] OpenFailing(Exception failure) =>
            SealedPayload.Open(new FailingStream(failure), PayloadKind.GaussianMixtureModel, Limit);

        Assert.Throws<FormatException>(() => OpenFailing(new EndOfStreamException()));
        Assert.Throws<FormatException>(() => OpenFailing(new InvalidDataException()));
        Assert.Throws<IOException>(() => OpenFailing(new IOException()));
    }

    [Fact]
    public void CheckAll_EnvelopesAmongOtherBytes_CountsThem()
    {
        byte[] bytes = [0x89, .. SealedPayload.Magic[..5], .. Sealed(), 1, 2, 3, 0x89, .. Sealed(), 0x89, 0x4D];

        Assert.Equal(2, SealedPayloadScan.CheckAll(new MemoryStream(bytes)));
        Assert.Equal(0, SealedPayloadScan.CheckAll(new MemoryStream()));
    }

    private static byte[] Sealed() => SealedPayload.Seal(PayloadKind.GaussianMixtureModel, _body);

    private static byte[] Reseal(Action<byte[]> edit)
    {
        byte[] hashed = Sealed()[..^SealedPayload.HashLength];
        edit(hashed);
        return [.. hashed, .. SHA256.HashData(hashed)];
    }

    private static void WriteInt32(byte[] bytes, int offset, int value) =>
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(offset), value);

    private static byte[] Open(byte[] bytes, long limit = Limit) =>
        SealedPayload.Open(new MemoryStream(bytes), PayloadKind.GaussianMixtureModel, limit);

    private static byte[] OpenTrickling(byte[] bytes, long limit = Limit) =>
        SealedPayload.Open(new TricklingStream(bytes, 1000), PayloadKind.GaussianMixtureModel, limit);

    private static string Rejection(byte[] bytes) => Assert.Throws<FormatException>(() => Open(bytes)).Message;
}
