using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Microsoft.ML.Data;
using Microsoft.ML.Mixture.Tests;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Interop;

[Trait("Kind", "Pipeline")]
public sealed class PipelinePersistenceTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();
    private readonly string _rows = Path.GetTempFileName();
    private readonly MLContext _context = new(seed: 1);

    public static TheoryData<string> Structures => EstimatorCheckTests.Structures;

    public void Dispose()
    {
        File.Delete(_path);
        File.Delete(_rows);
    }

    [Theory]
    [MemberData(nameof(Structures))]
    public async Task Load_InAProcessThatDoesNotNameTheLibrary_ScoresBitForBit(string structure)
    {
        IDataView data = TestData.IrisFeatures(_context);
        ITransformer model = Save(structure);
        float[][] features = TestData.Column<float[]>(data, "Features");
        features[3][1] = float.NaN;
        features[4][0] = 1e30f;
        await File.WriteAllLinesAsync(_rows, features.Select(row => string.Join(',', row.Select(TestData.Text))));
        string program = typeof(PipelinePersistenceTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == "LoadOnlyProgram").Value!;
        Assert.DoesNotContain(ReferencesOf(program), name => name.StartsWith("Microsoft.ML.Mixture", StringComparison.Ordinal));

        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, _path, _rows])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        string[] output = (await process.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.TrimEntries);
        await process.WaitForExitAsync();

        Assert.True(process.ExitCode == 0, await errors);
        Assert.Contains($"transformer {typeof(GaussianMixtureTransformer).FullName}", output);
        Assert.Contains("column Copy Vector<Single, 4>", output);
        Assert.Contains("column Probability Vector<Single, 3>", output);
        IDataView rows = _context.Data.LoadFromEnumerable(features.Select(row => new Row { Features = row }));
        Assert.Equal(
            _context.Data.CreateEnumerable<Assignment>(model.Transform(rows), reuseRowObject: false)
                .Select(row => $"row {row.PredictedLabel} {Bits([.. row.Score, .. row.Probability, row.LogLikelihood])}"),
            output.Where(line => line.StartsWith("row ", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Structures))]
    public void Load_InTheSameProcess_GivesBackParametersAndReportBitForBit(string structure)
    {
        GaussianMixtureModelParameters saved = Find(Save(structure)).Model;

        GaussianMixtureModelParameters loaded = Find(Load()).Model;

        Assert.Equal(TestData.Describe(saved), TestData.Describe(loaded));
        Assert.Equal(saved.Weights, loaded.Weights);
        Assert.Equal(saved.Means.ToArray(), loaded.Means.ToArray());
        Assert.Equal(saved.Covariances.Select(matrix => matrix.ToArray()), loaded.Covariances.Select(matrix => matrix.ToArray()));
        Assert.Equal(saved.PrecisionsCholesky.Select(matrix => matrix.ToArray()), loaded.PrecisionsCholesky.Select(matrix => matrix.ToArray()));
        Assert.Same(saved.CovarianceStructure, loaded.CovarianceStructure);
        FitReport before = saved.Report!, after = loaded.Report!;
        Assert.Equal(before.LogLikelihoodHistory, after.LogLikelihoodHistory);
        Assert.Equal(before.ObjectiveHistory, after.ObjectiveHistory);
        Assert.Equal(before.EffectiveCounts, after.EffectiveCounts);
        Assert.Equal(before.Warnings, after.Warnings);
        Assert.Equal(
            (before.RowCount, before.MissingRowCount, before.RowWeightTotal, before.FreeParameterCount, before.StopReason),
            (after.RowCount, after.MissingRowCount, after.RowWeightTotal, after.FreeParameterCount, after.StopReason));
        ModelFile.Verify(_path);
    }

    [Fact]
    public void Save_OfALoadedModel_GivesTheSameEntry()
    {
        Save("full");
        byte[] first = [], second = [];
        RewriteEntry(bytes => first = bytes);
        _context.Model.Save(Load(), TestData.IrisFeatures(_context).Schema, _path);

        RewriteEntry(bytes => second = bytes);

        Assert.Equal(first, second);
    }

    [Fact]
    public void Load_ColumnNameInAnyScript_IsKept()
    {
        const string Name = "Merkmale ✓ 特徴";
        IDataView data = TestData.IrisFeatures(_context);
        data = _context.Transforms.CopyColumns(Name, "Features").Fit(data).Transform(data);
        _context.Model.Save(_context.Clustering.Trainers.GaussianMixture(Name, numberOfComponents: 2).Fit(data), data.Schema, _path);

        Assert.Equal(Name, Find(Load()).FeatureColumnName);
    }

    [Fact]
    public void Save_ModelOfGivenParameters_KeepsThatThereIsNoReport()
    {
        var mixture = GaussianMixtureModel.FromParameters([1], new double[,] { { 0, 1, 2, 3 } }, [Identity(4)]);
        var transformer = new GaussianMixtureTransformer(_context, new GaussianMixtureModelParameters(mixture), "Features");
        _context.Model.Save(transformer, TestData.IrisFeatures(_context).Schema, _path);

        Assert.Null(Find(Load()).Model.Report);
    }

    [Fact]
    public void Load_HeaderClaimsMoreThanTheEntryHolds_Throws()
    {
        Save("full");
        const int SizeInHeader = 0x18;
        RewriteEntry(bytes =>
        {
            BitConverter.GetBytes(long.MaxValue / 2).CopyTo(bytes, SizeInHeader);
            return bytes;
        });
        Assert.IsType<FormatException>(Assert.ThrowsAny<Exception>(Load).GetBaseException());
    }

    [Fact]
    public void Load_EnvelopeIsNewer_SaysSo()
    {
        Save("full");
        const int ReadableVersionInHeader = 0x4C;
        RewriteEntry(bytes =>
        {
            BitConverter.GetBytes(0x00010002).CopyTo(bytes, ReadableVersionInHeader - 4);
            BitConverter.GetBytes(0x00010002).CopyTo(bytes, ReadableVersionInHeader);
            return bytes;
        });
        var exception = Assert.ThrowsAny<Exception>(Load).GetBaseException();
        Assert.Contains("too new", Assert.IsType<FormatException>(exception).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PayloadStream_EntryIsLonger_EndsAtItsLength()
    {
        byte[] payload = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 7))];
        using var entry = new MemoryStream(payload);
        entry.Position = 10;
        using var stream = new PayloadStream(entry, 20);
        using var read = new MemoryStream();
        stream.CopyTo(read);
        Assert.Equal(payload[10..30], read.ToArray());
        Assert.Equal(20, stream.Length);
        Assert.Equal(20, stream.Position);
        Assert.Equal(-1, stream.ReadByte());
        Assert.Equal(30, entry.Position);
        Assert.True(stream.CanRead && !stream.CanSeek && !stream.CanWrite);
        Assert.Throws<NotSupportedException>(() => stream.Position = 0);
        Assert.Throws<NotSupportedException>(() => stream.Seek(0, SeekOrigin.Begin));
        Assert.Throws<NotSupportedException>(() => stream.Write([1], 0, 1));
    }

    private ITransformer Save(string structure)
    {
        IDataView data = TestData.IrisFeatures(_context);
        ITransformer model = _context.Transforms.CopyColumns("Copy", "Features")
            .Append(_context.Clustering.Trainers.GaussianMixture(new GaussianMixtureTrainer.Options
            {
                NumberOfComponents = 3,
                CovarianceStructure = CovarianceStructure.BuiltIn.Single(known => known.Name == structure),
                MaximumNumberOfIterations = 4,
                OptimizationTolerance = 0,
            })).Fit(data);
        _context.Model.Save(model, data.Schema, _path);
        return model;
    }

    private ITransformer Load() => new MLContext().Model.Load(_path, out _);

    private static GaussianMixtureTransformer Find(ITransformer model) => model is IEnumerable<ITransformer> chain
        ? Assert.IsType<GaussianMixtureTransformer>(chain.Last())
        : Assert.IsType<GaussianMixtureTransformer>(model);

    private void RewriteEntry(Func<byte[], byte[]> change)
    {
        using var zip = ZipFile.Open(_path, ZipArchiveMode.Update);
        var entry = zip.Entries.Single(entry => entry.FullName.EndsWith("Transform_001/Model.key", StringComparison.Ordinal));
        using var stream = entry.Open();
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        byte[] changed = change(bytes);
        stream.SetLength(0);
        stream.Write(changed);
    }

    private static double[,] Identity(int dimension)
    {
        double[,] matrix = new double[dimension, dimension];
        for (int j = 0; j < dimension; j++) matrix[j, j] = 1;
        return matrix;
    }

    private static string Bits(IEnumerable<float> numbers) =>
        string.Join(' ', numbers.Select(number => BitConverter.SingleToUInt32Bits(number).ToString("X8", CultureInfo.InvariantCulture)));

    private static List<string> ReferencesOf(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var reader = file.GetMetadataReader();
        return [.. reader.AssemblyReferences.Select(handle => reader.GetString(reader.GetAssemblyReference(handle).Name))];
    }

    private sealed class Row
    {
        [VectorType(4)]
        public float[] Features { get; set; } = [];
    }
}
