// Uses the packages the way a stranger does: looks into them, then fits, saves, loads and predicts with what was installed from them.
// Usage: PackageSmoke <folder of packages> <version>. The last line counts the checks; the exit code is 1 if one failed.

using System.IO.Compression;
using System.Xml.Linq;
using Microsoft.ML;
using Microsoft.ML.Trainers;

string folder = args[0], version = args[1];
int passed = 0, failed = 0;

Check("three packages, with symbols", () => Equal(
    Directory.GetFiles(folder).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal),
    new[] { "Microsoft.ML.Mixture", "Microsoft.ML.Mixture.Core", "Microsoft.ML.Mixture.Numerics" }
        .SelectMany(id => new[] { $"{id}.{version}.nupkg", $"{id}.{version}.snupkg" }).Order(StringComparer.Ordinal)));
CheckPackage("Microsoft.ML.Mixture.Numerics");
CheckPackage(
    "Microsoft.ML.Mixture.Core", ("MathNet.Numerics", "5.0.0"), ("Microsoft.ML.Mixture.Numerics", version), ("System.Numerics.Tensors", "10.0.15"));
CheckPackage(
    "Microsoft.ML.Mixture", ("MathNet.Numerics", "5.0.0"), ("Microsoft.ML", "[5.0.1, 6.0.0)"), ("Microsoft.ML.DataView", "[5.0.1, 6.0.0)"),
    ("Microsoft.ML.Mixture.Core", version), ("System.IO.Hashing", "10.0.14"), ("System.Numerics.Tensors", "10.0.15"));

Check("fit, save, verify, load, predict", () =>
{
    var ml = new MLContext();
    var random = new Random(1);
    IDataView data = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 200).Select(i => new Point { X = (i % 2 * 10) + random.NextSingle(), Y = random.NextSingle() }).ToList());
    var model = ml.Transforms.Concatenate("Features", "X", "Y").Append(ml.Clustering.Trainers.GaussianMixture(numberOfComponents: 2)).Fit(data);
    string path = Path.Combine(Path.GetTempPath(), $"PackageSmoke-{Guid.NewGuid():N}.zip");
    try
    {
        ml.Model.Save(model, data.Schema, path);
        ModelFile.Verify(path);
        ITransformer loaded = new MLContext().Model.Load(path, out _);
        var before = ml.Model.CreatePredictionEngine<Point, Assignment>(model);
        var after = ml.Model.CreatePredictionEngine<Point, Assignment>(loaded);
        var (low, high) = (new Point { X = 0.5f, Y = 0.5f }, new Point { X = 10.5f, Y = 0.5f });
        True(after.Predict(low).PredictedLabel != after.Predict(high).PredictedLabel, "both points have one label");
        Equal(after.Predict(low).Probability, before.Predict(low).Probability);
    }
    finally
    {
        File.Delete(path);
    }
});

Console.WriteLine($"{passed} passed, {failed} failed");
return failed == 0 ? 0 : 1;

void CheckPackage(string id, params (string Id, string Version)[] dependencies) => Check(id, () =>
{
    using ZipArchive package = ZipFile.OpenRead(Path.Combine(folder, $"{id}.{version}.nupkg"));
    string[] files = [.. package.Entries.Select(entry => entry.FullName)];

    // No other assembly: neither the tool that makes reference copies, nor the copies.
    Equal(files.Where(file => file.StartsWith("lib/", StringComparison.Ordinal)).Order(StringComparer.Ordinal), [$"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml"]);
    Equal(files.Where(file => !file.Contains('/') && file != "[Content_Types].xml").Order(StringComparer.Ordinal), [$"{id}.nuspec", "README.md"]);
    True(!files.Any(file => file.StartsWith("build", StringComparison.Ordinal) || file.StartsWith("ref/", StringComparison.Ordinal)), "it has build files");

    using Stream nuspec = package.GetEntry($"{id}.nuspec")!.Open();
    XElement metadata = XElement.Load(nuspec).Elements().Single(element => element.Name.LocalName == "metadata");
    string Text(string name) => metadata.Elements().Single(element => element.Name.LocalName == name).Value;
    Equal([Text("license"), Text("readme")], ["MIT", "README.md"]);
    True(Text("description").Length > 40, "it has no description");
    Equal(
        metadata.Descendants().Where(element => element.Name.LocalName == "dependency").Select(element => $"{(string?)element.Attribute("id")} {(string?)element.Attribute("version")}").Order(StringComparer.Ordinal),
        dependencies.Select(dependency => $"{dependency.Id} {dependency.Version}"));

    using ZipArchive symbols = ZipFile.OpenRead(Path.Combine(folder, $"{id}.{version}.snupkg"));
    True(symbols.GetEntry($"lib/net10.0/{id}.pdb") is not null, "it has no symbols");
});

void Check(string name, Action check)
{
    try
    {
        check();
        passed++;
        Console.WriteLine($"  passed  {name}");
    }
    catch (Exception exception)
    {
        failed++;
        Console.WriteLine($"  FAILED  {name}: {exception}");
    }
}

static void Equal<T>(IEnumerable<T> actual, IEnumerable<T> expected)
{
    if (!actual.SequenceEqual(expected)) throw new InvalidOperationException($"[{string.Join(", ", actual)}] instead of [{string.Join(", ", expected)}]");
}

static void True(bool holds, string otherwise)
{
    if (!holds) throw new InvalidOperationException(otherwise);
}

internal sealed class Point
{
    public float X { get; set; }

    public float Y { get; set; }
}

internal sealed class Assignment
{
    public uint PredictedLabel { get; set; }

    public float[] Probability { get; set; } = [];
}
