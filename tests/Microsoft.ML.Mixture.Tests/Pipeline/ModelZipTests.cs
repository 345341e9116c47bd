using System.Diagnostics;
using System.IO.Compression;
using Microsoft.ML.Mixture.Serialization;
using Microsoft.ML.Trainers;
using Xunit.Abstractions;

namespace Microsoft.ML.Mixture.Tests;

/// <summary>Our part of a model file, changed by somebody who writes the right CRC-32.</summary>
[Trait("Kind", "Pipeline")]
[Collection("Timed")]
public class ModelZipTests(ITestOutputHelper output)
{
    private static readonly MLContext _context = new(seed: 1);
    private static readonly Lazy<Saved> _model = new(() => Save(2));

    [Fact]
    public void Load_AnyBitOfThePayloadFlipped_IsRejected()
    {
        Saved model = _model.Value;
        Assert.Null(LoadError(model.Zip(model.Payload)));
        ModelFile.Verify(new MemoryStream(model.Zip(model.Payload)));
        for (int bit = 0; bit < model.Payload.Length * 8; bit++)
        {
            byte[] flipped = [.. model.Payload];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            AssertRejected(model.Zip(flipped), $"bit {bit}");
        }

        output.WriteLine($"{model.Payload.Length * 8} flips.");
    }

    [Fact]
    public void Load_AnyTruncationOfThePayload_IsRejected()
    {
        Saved model = _model.Value;
        for (int length = 0; length < model.Payload.Length; length++)
        {
            AssertRejected(model.Zip(model.Payload[..length]), $"the first {length} bytes, before what follows");
            AssertRejected(model.ZipOfEntry(model.Entry[..(model.Start + length)]), $"the entry cut off after {length} bytes");
        }
    }

    [Fact]
    public void Load_BytesBehindOrBeforeThePayload_AreRejected()
    {
        Saved model = _model.Value;
        Assert.IsType<FormatException>(LoadError(model.Zip([.. model.Payload, 0])));
        Assert.IsType<FormatException>(LoadError(model.Zip([0, .. model.Payload])));
    }

    [Fact]
    public void Load_PayloadOfAnotherKind_IsRejected()
    {
        Saved model = _model.Value;
        byte[] body = model.Payload[SealedPayload.HeaderLength..^SealedPayload.HashLength];
        Exception? exception = LoadError(model.Zip(SealedPayload.Seal(PayloadKind.GaussianMixtureModel, body)));
        Assert.Contains("PipelineStep) is expected here", Assert.IsType<FormatException>(exception).Message, StringComparison.Ordinal);
    }

    // The constructor refused it as an argument, and an argument is not what is wrong with a file.
    [Theory]
    [InlineData("")]
    [InlineData(" \t")]
    public void Load_NoNameOfTheFeatureColumn_IsRejected(string name)
    {
        GaussianMixtureModel gaussians = GaussianMixtureModel.FromParameters([1], new double[1, 2], [new double[,] { { 1, 0 }, { 0, 1 } }]);
        FactorAnalyzerMixtureModel factors = FactorAnalyzerMixtureModel.FromParameters([1], new double[1, 2], [new double[,] { { 1 }, { 1 } }], new double[,] { { 1, 1 } });
        AnomalyCalibration calibration = gaussians.CalibrateAnomalies();
        Reject(PayloadKind.PipelineStep, payload => GaussianMixtureTransformer.Load(_context, payload), writer => GaussianMixtureFormat.WriteBody(gaussians, writer));
        Reject(PayloadKind.FactorAnalyzerStep, payload => FactorAnalyzerMixtureTransformer.Load(_context, payload), writer => FactorAnalyzerMixtureFormat.WriteBody(factors, writer));
        Reject(PayloadKind.AnomalyStep, payload => GaussianMixtureAnomalyTransformer.Load(_context, payload), writer =>
        {
            AnomalyFormat.Write(calibration, writer);
            GaussianMixtureFormat.WriteBody(gaussians, writer);
            AnomalyFormat.WriteEnd(calibration, writer);
        });

        void Reject(PayloadKind kind, Action<Stream> load, Action<PayloadWriter> write)
        {
            var writer = new PayloadWriter();
            writer.WriteString(name);
            write(writer);
            using var payload = new MemoryStream(SealedPayload.Seal(kind, writer.WrittenSpan));
            Assert.Contains("the name of its feature column is empty", Assert.Throws<FormatException>(() => load(payload)).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(int.MaxValue, 2)]
    [InlineData(65_536, 2)]
    [InlineData(-1, 2)]
    [InlineData(0, 2)]
    [InlineData(2, int.MaxValue)]
    [InlineData(2, 46_340)]
    [InlineData(2, -1)]
    [InlineData(2, 0)]
    [InlineData(65_536, 46_340)]
    [InlineData(int.MinValue, int.MinValue)]
    public void Load_HostileSizesSealedAgain_AreRejectedAtOnceWithLittleMemory(int componentCount, int dimension)
    {
        Saved model = _model.Value;
        byte[] body = model.Payload[SealedPayload.HeaderLength..^SealedPayload.HashLength];
        int sizes = sizeof(int) + "Features".Length;
        BitConverter.GetBytes(componentCount).CopyTo(body, sizes);
        BitConverter.GetBytes(dimension).CopyTo(body, sizes + sizeof(int));
        byte[] hostile = model.Zip(SealedPayload.Seal(PayloadKind.PipelineStep, body));
        Assert.IsType<FormatException>(LoadError(hostile));
        double best = double.PositiveInfinity;
        long allocated = long.MaxValue;
        for (int attempt = 0; attempt < 10 && (attempt < 2 || best > 50); attempt++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            var watch = Stopwatch.StartNew();
            LoadError(hostile);
            best = Math.Min(best, watch.Elapsed.TotalMilliseconds);
            allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        output.WriteLine($"{best:F2} ms, {allocated} bytes.");
        Assert.InRange(best, 0, 50);
        Assert.InRange(allocated, 0, 1_000_000);
    }

    [Fact]
    public void Load_AnyByteOfTheBodySetAndSealedAgain_IsRejectedOrAValidMixture()
    {
        Saved model = _model.Value;
        byte[] body = model.Payload[SealedPayload.HeaderLength..^SealedPayload.HashLength];
        int rejected = 0, accepted = 0;
        for (int at = 0; at < body.Length; at++)
        {
            foreach (byte value in new byte[] { 0x00, 0x7F, 0x80, 0xFF })
            {
                byte[] changed = [.. body];
                changed[at] = value;
                using var payload = new MemoryStream(SealedPayload.Seal(PayloadKind.PipelineStep, changed));
                try
                {
                    GaussianMixtureModelParameters loaded = GaussianMixtureTransformer.Load(_context, payload).Model;
                    Assert.All(loaded.Weights, weight => Assert.InRange(weight, 0, 1));
                    Assert.Equal(1, loaded.Mixture.Responsibilities([.. Enumerable.Repeat(0.0, loaded.NumberOfFeatures)]).Sum(), 1e-9);
                    accepted++;
                }
                catch (FormatException)
                {
                    rejected++;
                }
            }
        }

        output.WriteLine($"{rejected} rejected, {accepted} valid mixtures.");
        Assert.True(rejected > accepted / 4 && accepted > 0);
    }

    private static void AssertRejected(byte[] zip, string what)
    {
        Exception? exception = LoadError(zip);
        Assert.True(exception is FormatException, $"Model.Load with {what}: {exception?.ToString() ?? "loaded"}");
        exception = Record.Exception(() => ModelFile.Verify(new MemoryStream(zip)));
        Assert.True(exception is FormatException, $"ModelFile.Verify with {what}: {exception?.ToString() ?? "accepted"}");
    }

    private static Exception? LoadError(byte[] zip) => Record.Exception(() => _context.Model.Load(new MemoryStream(zip), out _))?.GetBaseException();

    private static Saved Save(int componentCount)
    {
        IDataView data = _context.Data.LoadFromEnumerable(TestData.Clusters(40));
        GaussianMixtureTransformer transformer = _context.Clustering.Trainers.GaussianMixture(numberOfComponents: componentCount).Fit(data);
        using var stream = new MemoryStream();
        _context.Model.Save(transformer, data.Schema, stream);
        using var zip = new ZipArchive(stream);
        var entries = new List<(string Name, byte[] Content)>();
        foreach (ZipArchiveEntry entry in zip.Entries)
        {
            using Stream content = entry.Open();
            using var copy = new MemoryStream();
            content.CopyTo(copy);
            entries.Add((entry.FullName, copy.ToArray()));
        }

        return new Saved([.. entries], entries.FindIndex(entry => entry.Content.AsSpan().IndexOf(SealedPayload.Magic) >= 0));
    }

    private sealed record Saved((string Name, byte[] Content)[] Entries, int Index)
    {
        public byte[] Entry => Entries[Index].Content;

        public int Start => Entry.AsSpan().IndexOf(SealedPayload.Magic);

        public int End => Start + SealedPayload.HeaderLength + SealedPayload.HashLength + BitConverter.ToInt32(Entry, Start + 24);

        public byte[] Payload => Entry[Start..End];

        /// <summary>The model file with another payload in the place of the one that was saved.</summary>
        public byte[] Zip(byte[] payload) => ZipOfEntry([.. Entry[..Start], .. payload, .. Entry[End..]]);

        public byte[] ZipOfEntry(byte[] content) => HandMadeZip.Build(
            [.. Entries.Select((entry, i) => new HandMadeEntry(entry.Name, i == Index ? content : entry.Content) { Deflate = false })]);
    }
}
