using System.Buffers.Binary;

namespace Microsoft.ML.Mixture.Serialization.Tests;

public class PayloadReaderTests
{
    private delegate void Reading(ref PayloadReader reader);

    [Fact]
    public void PayloadReader_OfWritten_ReturnsTheSameBits()
    {
        double[] values = [0.0, -0.0, double.Epsilon, double.MaxValue, double.NegativeInfinity, BitConverter.Int64BitsToDouble(0x7FF8_0000_0000_1234)];
        var writer = new PayloadWriter();
        writer.WriteByte(255);
        writer.WriteInt32(int.MinValue);
        writer.WriteInt64(long.MinValue + 1);
        writer.WriteDouble(-1.5);
        writer.WriteString("");
        writer.WriteString("Größe \U0001F600");
        writer.WriteDoubles(values);
        writer.WriteDoubleArray(values);
        writer.WriteDoubleArray([]);

        var reader = new PayloadReader(writer.WrittenSpan);

        Assert.Equal(255, reader.ReadByte());
        Assert.Equal(int.MinValue, reader.ReadInt32());
        Assert.Equal(long.MinValue + 1, reader.ReadInt64());
        Assert.Equal(-1.5, reader.ReadDouble());
        Assert.Equal("", reader.ReadString(0));
        Assert.Equal("Größe \U0001F600", reader.ReadString(100));
        Assert.Equal(Bits(values), Bits(reader.ReadDoubles(values.Length)));
        Assert.Equal(Bits(values), Bits(reader.ReadDoubleArray()));
        Assert.Empty(reader.ReadDoubleArray());
        reader.ExpectEnd();
    }

    [Fact]
    public void PayloadWriter_TwoInts_AreLittleEndian()
    {
        var writer = new PayloadWriter();
        writer.WriteInt32(1);
        writer.WriteInt64(0x0102);

        Assert.Equal([1, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0], writer.WrittenSpan.ToArray());
    }

    [Fact]
    public void PayloadReader_TooFewBytes_ThrowsFormatException()
    {
        AssertRejected([], (ref r) => r.ReadByte());
        AssertRejected(new byte[3], (ref r) => r.ReadInt32());
        AssertRejected(new byte[7], (ref r) => r.ReadInt64());
        AssertRejected(new byte[7], (ref r) => r.ReadDouble());
        AssertRejected([2, 0, 0, 0, 65], (ref r) => r.ReadString(10));
        AssertRejected(new byte[15], (ref r) => r.ReadDoubles(2));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(1 << 20)]
    [InlineData(int.MaxValue)]
    [InlineData(1 << 29)]
    public void ReadDoubleArray_CountThatIsNotThere_IsRejectedWithoutAllocation(int count)
    {
        byte[] body = new byte[4096];
        BinaryPrimitives.WriteInt32LittleEndian(body, count);
        AssertRejected(body, (ref r) => r.ReadString(int.MaxValue));

        long allocated = GC.GetAllocatedBytesForCurrentThread();
        AssertRejected(body, (ref r) => r.ReadDoubleArray());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 1_000_000);
    }

    [Theory]
    [InlineData(-1L)]
    [InlineData(1L << 61)]
    [InlineData((1L << 61) + 1)]
    [InlineData(long.MaxValue)]
    public void ReadDoubles_CountBeyond32Bits_ThrowsFormatException(long count) =>
        AssertRejected(new byte[64], (ref r) => r.ReadDoubles(count));

    [Fact]
    public void ReadString_TooLongOrNotUtf8_ThrowsFormatException()
    {
        AssertRejected([3, 0, 0, 0, 65, 66, 67], (ref r) => r.ReadString(2));
        AssertRejected([255, 255, 255, 255, 65, 66, 67], (ref r) => r.ReadString(2));
        AssertRejected([2, 0, 0, 0, 0xC3, 0x28], (ref r) => r.ReadString(2));
    }

    [Fact]
    public void WriteString_HalfASurrogatePair_ThrowsArgumentException() =>
        Assert.ThrowsAny<ArgumentException>(() => new PayloadWriter().WriteString("\uD83D"));

    [Fact]
    public void ExpectEnd_BytesLeft_ThrowsFormatException() => AssertRejected([1], (ref r) => r.ExpectEnd());

    private static long[] Bits(double[] values) => [.. values.Select(BitConverter.DoubleToInt64Bits)];

    private static void AssertRejected(byte[] body, Reading reading)
    {
        Assert.Throws<FormatException>(() =>
        {
            var reader = new PayloadReader(body);
            reading(ref reader);
        });
    }
}
