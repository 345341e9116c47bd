using System.IO.Compression;
using Microsoft.ML.Data;
using Xunit.Abstractions;

namespace Microsoft.ML.Mixture.Tests;

public class ModelFileTests(ITestOutputHelper output)
{
    private static readonly TimeSpan _loadLimit = TimeSpan.FromSeconds(20);
    private static readonly MLContext _context = new(seed: 1);
    private static readonly Row[] _rows =
        [.. Enumerable.Range(0, 12).Select(i => new Row { A = (i % 3 * 5) + (i * 0.1f), B = (i % 2 * 4) - (i * 0.05f) })];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Verify_SavedModel_Returns(bool seekable)
    {
        using var stream = new MemoryStream([.. SaveSmallModel(seekable)]) { Position = 5 };

        ModelFile.Verify(stream);

        Assert.Equal(5, stream.Position);
    }

    [Fact]
    public void Verify_SavedModelWithBackslashes_Returns()
    {
        byte[] model = SaveSmallModel(seekable: true);
        using var repacked = new MemoryStream();
        using (var source = new ZipArchive(new MemoryStream(model)))
        using (var target = new ZipArchive(repacked, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (ZipArchiveEntry entry in source.Entries)
            {
                using Stream from = entry.Open();
                using Stream to = target.CreateEntry(entry.FullName.Replace('/', '\\')).Open();
                from.CopyTo(to);
            }
        }

        ModelFile.Verify(repacked);

        Assert.Equal(Predict(model), Predict(repacked.ToArray()));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task Verify_AnyBitFlipped_IsRejectedOrHarmless(bool seekable, bool kMeans)
    {
        byte[] model = SaveSmallModel(seekable, kMeans);
        int[] expected = Predict(model);
        int bitCount = model.Length * 8;
        var harmless = new List<byte[]>();
        for (int bit = 0; bit < bitCount; bit++)
        {
            byte[] flipped = [.. model];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            if (!IsRejected(flipped))
                harmless.Add(flipped);
        }

        output.WriteLine($"{bitCount} flips, {bitCount - harmless.Count} rejected, {harmless.Count} loaded.");
        foreach (byte[] flipped in harmless)
            Assert.Equal(expected, await Task.Run(() => Predict(flipped)).WaitAsync(_loadLimit));
        Assert.InRange(harmless.Count, 1, bitCount / 10);
    }

    [Fact]
    public void Verify_AnyTruncation_IsRejected()
    {
        byte[] model = SaveSmallModel(seekable: true);
        for (int length = 0; length < model.Length; length++)
            Assert.True(IsRejected(model[..length]), $"{length} of {model.Length} bytes were accepted.");
    }

    [Fact]
    public void Verify_DataDescriptorChanged_IsRejected()
    {
        byte[] model = SaveSmallModel(seekable: false);
        int descriptor = model.AsSpan().IndexOf("PK\a\b"u8);
        for (int bit = descriptor * 8; bit < (descriptor + 16) * 8; bit++)
        {
            byte[] flipped = [.. model];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(IsRejected(flipped), $"The flip of bit {bit} was accepted.");
        }
    }

    [Fact]
    public void Verify_Path_NamesTheFile()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            byte[] model = SaveSmallModel(seekable: true);
            File.WriteAllBytes(path, model);
            ModelFile.Verify(path);
            File.WriteAllBytes(path, model[..^1]);

            var exception = Assert.Throws<FormatException>(() => ModelFile.Verify(path));

            Assert.Contains(path, exception.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Verify_StreamWithoutSeeking_ThrowsArgumentException()
    {
        using var stream = new DeflateStream(new MemoryStream(), CompressionMode.Decompress);

        Assert.Throws<ArgumentException>(() => ModelFile.Verify(stream));
    }

    // The one place that decides which model these tests damage.
    private static byte[] SaveSmallModel(bool seekable, bool kMeans = false)
    {
        var context = new MLContext(seed: 1);
        IDataView data = context.Data.LoadFromEnumerable(_rows);
        IEstimator<ITransformer> trainer = kMeans
            ? context.Clustering.Trainers.KMeans(numberOfClusters: 2)
            : context.Clustering.Trainers.GaussianMixture(numberOfComponents: 2);
        ITransformer model = context.Transforms.Concatenate("Features", nameof(Row.A), nameof(Row.B)).Append(trainer).Fit(data);
        using var stream = new MemoryStream();
        context.Model.Save(model, data.Schema, seekable ? stream : new WriteOnlyStream(stream));
        return stream.ToArray();
    }

    private static int[] Predict(byte[] model)
    {
        using var stream = new MemoryStream(model);
        ITransformer loaded = _context.Model.Load(stream, out _);
        IDataView scored = loaded.Transform(_context.Data.LoadFromEnumerable(_rows));
        return [.. scored.GetColumn<float[]>("Score").SelectMany(score => score).Select(BitConverter.SingleToInt32Bits)];
    }

    private static bool IsRejected(byte[] model)
    {
        try
        {
            ModelFile.Verify(new MemoryStream(model));
            return false;
        }
        catch (FormatException)
        {
            return true;
        }
    }

    private sealed class Row
    {
        public float A { get; init; }

        public float B { get; init; }
    }
}
