using System.IO.Compression;
using System.Text;
using Microsoft.ML.Mixture.Serialization;

namespace Microsoft.ML.Mixture.Tests;

public class ModelFileAttackTests
{
    private static readonly byte[] _text = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("some content, ", 20)));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Verify_HonestHandMadeZip_Returns(bool deflate)
    {
        Verify(HandMadeZip.Build(
            new HandMadeEntry("Schema", _text) { Deflate = deflate },
            new HandMadeEntry(@"TransformerChain\Model.key", _text) { Deflate = deflate },
            new HandMadeEntry("a b/Größe", []) { Deflate = false, Flags = 1 << 11 }));
    }

    [Theory]
    [InlineData("a/b", "a/b")]
    [InlineData("a/b", "a\\b")]
    [InlineData("a/B", "A/b")]
    public void Verify_NamesThatCollide_AreRejected(string first, string second) =>
        AssertRejected("has too", new HandMadeEntry(first, _text), new HandMadeEntry(second, _text));

    [Theory]
    [InlineData("../Schema")]
    [InlineData("a/../../Schema")]
    [InlineData("a\\..\\Schema")]
    [InlineData("/etc/Schema")]
    [InlineData("\\Schema")]
    [InlineData("a//b")]
    [InlineData("./a")]
    [InlineData("directory/")]
    [InlineData("C:\\Schema")]
    [InlineData("a:stream")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    public void Verify_NameThatLeadsElsewhere_IsRejected(string name) => AssertRejected("name", new HandMadeEntry(name, _text));

    [Fact]
    public void Verify_NameInAnUnknownEncoding_IsRejected() => AssertRejected("ASCII", new HandMadeEntry("Größe", _text));

    [Fact]
    public void Verify_WrongCrc_IsRejected() => AssertRejected("CRC-32", Entry() with { Crc = 12345 });

    [Theory]
    [InlineData(279u, "holds more than the 279 bytes")]
    [InlineData(281u, "declares 281 bytes and holds 280")]
    [InlineData(uint.MaxValue, "ZIP64")]
    public void Verify_WrongLength_IsRejected(uint length, string message) =>
        AssertRejected(message, Entry() with { Length = length });

    [Fact]
    public void Verify_LocalHeaderThatDiffers_IsRejected()
    {
        AssertRejected("differs", Entry() with { LocalLength = 7 });
        AssertRejected("differs", Entry() with { LocalFlags = 2 });
        AssertRejected("differs", Entry() with { LocalName = "Schemb"u8.ToArray() });
        AssertRejected("reaches into", Entry() with { LocalName = "Schem"u8.ToArray() });
        AssertRejected("differs", Entry() with { LocalName = "Schem"u8.ToArray(), HiddenAfterData = [0] }, new HandMadeEntry("b", _text));
        AssertRejected("differs", Entry() with { LocalExtra = [1, 2, 3, 4] });
        AssertRejected("differs", Entry() with { Flags = 8 });
    }

    [Fact]
    public void Verify_BytesWithoutMeaning_AreRejected()
    {
        byte[] honest = HandMadeZip.Build(Entry());
        AssertRejected("begins with", [0, .. honest]);
        AssertRejected("does not end with", [.. honest, 0]);
        AssertRejected("should begin at", Entry(), new HandMadeEntry("b", _text) { HiddenBefore = [1, 2, 3] });
        AssertRejected("entries end at", HandMadeZip.Build([Entry()], [1, 2, 3], []));
        AssertRejected("does not end with", HandMadeZip.Build([Entry()], [], [1, 2, 3]));
        AssertRejected("extra field", Entry() with { CentralExtra = [0x55, 0x54, 0, 0] });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(100_000)]
    public void Verify_BytesBehindCompressedData_AreRejected(int count) =>
        AssertRejected("hidden", Entry() with { HiddenAfterData = new byte[count] });

    [Fact]
    public void Verify_TwoEntriesOverTheSameBytes_AreRejected() =>
        AssertRejected("should begin at", Entry(), new HandMadeEntry("b", _text) { Offset = 0 });

    [Fact]
    public void Verify_OtherMethodOrEncryption_IsRejected()
    {
        AssertRejected("method 9", Entry() with { Method = 9 });
        AssertRejected("method 12", Entry() with { Method = 12 });
        AssertRejected("flags", Entry() with { Flags = 1 });
    }

    [Fact]
    public void Verify_UnreadablePermissions_AreRejected()
    {
        AssertRejected("permissions", Entry() with { ExternalAttributes = 0x8024u << 16 });
        Verify(HandMadeZip.Build(Entry() with { ExternalAttributes = 0x81A4u << 16 }));
    }

    [Fact]
    public void Verify_RatioOverTheLimit_IsRejected()
    {
        byte[] bomb = HandMadeZip.Build(new HandMadeEntry("Schema", new byte[10_000_000]));

        AssertRejected("MaximumRatio", bomb);
        Verify(bomb, new ModelFileLimits { MaximumRatio = 1100 });
    }

    [Fact]
    public void Verify_MoreContentThanDeclared_StopsReading()
    {
        byte[] bomb = HandMadeZip.Build(new HandMadeEntry("Schema", new byte[50_000_000]) { Length = 1000 });

        long allocated = GC.GetAllocatedBytesForCurrentThread();
        AssertRejected("holds more than", bomb);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 1_000_000);
    }

    [Fact]
    public void Verify_TotalOverTheLimit_IsRejected()
    {
        byte[] model = HandMadeZip.Build(Entry(), new HandMadeEntry("b", _text));

        AssertRejected("MaximumTotalBytes", model, new ModelFileLimits { MaximumTotalBytes = 559 });
        Verify(model, new ModelFileLimits { MaximumTotalBytes = 560 });
        AssertRejected("MaximumTotalBytes", Entry() with { Length = uint.MaxValue - 1 }, new ModelFileLimits { MaximumRatio = int.MaxValue });
    }

    [Fact]
    public void Verify_MoreEntriesThanTheLimit_AreRejected()
    {
        HandMadeEntry[] entries = [.. Enumerable.Range(0, 65).Select(i => new HandMadeEntry($"entry{i}", _text))];

        AssertRejected("MaximumEntries", HandMadeZip.Build(entries));
        Verify(HandMadeZip.Build(entries[..64]));
    }

    [Theory]
    [InlineData("Chain/Model.key")]
    [InlineData(@"Chain\Model.key")]
    [InlineData("Model.key")]
    public void Verify_DamagedEnvelopeWithRightCrc_IsRejected(string name)
    {
        byte[] envelope = SealedPayload.Seal(PayloadKind.GaussianMixtureModel, _text);
        Verify(HandMadeZip.Build(new HandMadeEntry(name, [.. _text, .. envelope, .. _text])));

        envelope[100] ^= 1;
        AssertRejected("SHA-256", new HandMadeEntry(name, [.. _text, .. envelope, .. _text]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Verify_ZipWrittenByDotNet_Returns(bool seekable)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(seekable ? stream : new WriteOnlyStream(stream), ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (CompressionLevel level in Enum.GetValues<CompressionLevel>())
            {
                using Stream entry = archive.CreateEntry($"Chain/{level}", level).Open();
                entry.Write(_text);
                entry.Write(new byte[100_000]);
            }

            archive.CreateEntry("empty").Open().Dispose();
            using Stream last = archive.CreateEntry("Größe").Open();
            last.Write(_text);
        }

        Verify(stream.ToArray());
    }

    [Fact]
    public void ModelFileLimits_NotPositive_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ModelFileLimits { MaximumEntries = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ModelFileLimits { MaximumTotalBytes = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ModelFileLimits { MaximumRatio = -1 });
    }

    private static HandMadeEntry Entry() => new("Schema", _text);

    private static void Verify(byte[] model, ModelFileLimits? limits = null) =>
        ModelFile.Verify(new MemoryStream(model), limits ?? new ModelFileLimits());

    private static void AssertRejected(string message, params HandMadeEntry[] entries) =>
        AssertRejected(message, HandMadeZip.Build(entries));

    private static void AssertRejected(string message, HandMadeEntry entry, ModelFileLimits limits) =>
        AssertRejected(message, HandMadeZip.Build(entry), limits);

    private static void AssertRejected(string message, byte[] model, ModelFileLimits? limits = null)
    {
        var exception = Assert.Throws<FormatException>(() => Verify(model, limits));
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }
}
