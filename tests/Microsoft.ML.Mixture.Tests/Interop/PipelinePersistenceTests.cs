using System.Diagnostics;
using System.IO.Compression;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Interop;

public sealed class PipelinePersistenceTests : IDisposable
{
    private static readonly byte[] _payload = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 7))];

    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    public void Load_InTheSameProcess_GivesBackEveryByte(int length)
    {
        Save(_payload[..length]);
        Assert.Equal(_payload[..length], LoadPayload());
    }

    [Fact]
    public async Task Load_InAProcessThatDoesNotNameTheLibrary_FindsTheTransformer()
    {
        Save(_payload);
        string program = typeof(PipelinePersistenceTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == "LoadOnlyProgram").Value!;
        Assert.DoesNotContain(ReferencesOf(program), name => name.StartsWith("Microsoft.ML.Mixture", StringComparison.Ordinal));

        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, _path])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        string[] output = (await process.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.TrimEntries);
        await process.WaitForExitAsync();

        Assert.True(process.ExitCode == 0, await errors);
        Assert.Contains($"transformer {typeof(GaussianMixtureTransformer).FullName}", output);
        Assert.Contains("column Copy Vector<Single, 2>", output);
    }

    [Fact]
    public void Load_EntryIsCutShort_Throws()
    {
        Save(_payload);
        RewriteEntry(bytes => bytes[..(bytes.Length / 2)]);
        Assert.IsNotType<OutOfMemoryException>(Assert.ThrowsAny<Exception>(LoadPayload).GetBaseException());
    }

    [Fact]
    public void Load_HeaderClaimsMoreThanTheEntryHolds_Throws()
    {
        Save(_payload);
        const int SizeInHeader = 0x18;
        RewriteEntry(bytes =>
        {
            BitConverter.GetBytes(long.MaxValue / 2).CopyTo(bytes, SizeInHeader);
            return bytes;
        });
        Assert.IsType<FormatException>(Assert.ThrowsAny<Exception>(LoadPayload).GetBaseException());
    }

    [Fact]
    public void Load_EnvelopeIsNewer_SaysSo()
    {
        Save(_payload);
        const int ReadableVersionInHeader = 0x4C;
        RewriteEntry(bytes =>
        {
            BitConverter.GetBytes(0x00010002).CopyTo(bytes, ReadableVersionInHeader - 4);
            BitConverter.GetBytes(0x00010002).CopyTo(bytes, ReadableVersionInHeader);
            return bytes;
        });
        var exception = Assert.ThrowsAny<Exception>(LoadPayload).GetBaseException();
        Assert.Contains("too new", Assert.IsType<FormatException>(exception).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PayloadStream_EntryIsLonger_EndsAtItsLength()
    {
        using var entry = new MemoryStream(_payload);
        entry.Position = 10;
        using var stream = new PayloadStream(entry, 20);
        using var read = new MemoryStream();
        stream.CopyTo(read);
        Assert.Equal(_payload[10..30], read.ToArray());
        Assert.Equal(20, stream.Length);
        Assert.Equal(20, stream.Position);
        Assert.Equal(-1, stream.ReadByte());
        Assert.Equal(30, entry.Position);
        Assert.True(stream.CanRead && !stream.CanSeek && !stream.CanWrite);
        Assert.Throws<NotSupportedException>(() => stream.Position = 0);
        Assert.Throws<NotSupportedException>(() => stream.Seek(0, SeekOrigin.Begin));
        Assert.Throws<NotSupportedException>(() => stream.Write([1], 0, 1));
    }

    private void Save(byte[] payload)
    {
        var context = new MLContext();
        var data = context.Data.LoadFromEnumerable([new Row()]);
        var model = context.Transforms.CopyColumns("Copy", nameof(Row.Features)).Fit(data)
            .Append(new GaussianMixtureTransformer(payload));
        context.Model.Save(model, data.Schema, _path);
    }

    private byte[] LoadPayload()
    {
        var chain = Assert.IsAssignableFrom<IEnumerable<ITransformer>>(new MLContext().Model.Load(_path, out _));
        return Assert.IsType<GaussianMixtureTransformer>(chain.Last()).Payload.ToArray();
    }

    private void RewriteEntry(Func<byte[], byte[]> change)
    {
        using var zip = ZipFile.Open(_path, ZipArchiveMode.Update);
        var entry = zip.Entries.Single(entry => entry.FullName.EndsWith("Transform_001/Model.key", StringComparison.Ordinal));
        using var stream = entry.Open();
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        stream.SetLength(0);
        stream.Write(change(bytes));
    }

    private static List<string> ReferencesOf(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var reader = file.GetMetadataReader();
        return [.. reader.AssemblyReferences.Select(handle => reader.GetString(reader.GetAssemblyReference(handle).Name))];
    }

    private sealed class Row
    {
        [VectorType(2)]
        public float[] Features { get; set; } = [1, 2];
    }
}
