using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Microsoft.ML.Mixture.ArchitectureTests;

[Trait("Kind", "Architecture")]
public class RepositoryTests
{
    private const int LongestFile = 400;

    private static readonly string[] _texts =
        [".cs", ".csproj", ".props", ".targets", ".sln", ".md", ".txt", ".config", ".json", ".yml", ".yaml", ".sh", ".ps1", ".py", ".R", ".editorconfig", ".gitattributes", ".gitignore"];

    [Fact]
    public void SourceFile_OfAnyProject_HasAtMostFourHundredLines()
    {
        string[] files = [.. new[] { "src", "tests", "examples" }.SelectMany(Repository.Files).Where(path => path.EndsWith(".cs", StringComparison.Ordinal))];

        Assert.NotEmpty(files);
        Assert.All(files, path => Assert.True(Repository.Read(path).AsSpan().Count('\n') <= LongestFile, $"{path} is too long."));
    }

    /// <summary>What overflows the stack ends the process. Blocks of rows, and dimensions and neighbours that a constant bounds, are listed.</summary>
    [Fact]
    public void Stackalloc_InTheSources_HasABoundedLength()
    {
        string[] bounded =
        [
            "UnitedGroups.cs", "HierarchicalGroups.cs", // UnitedGroups.LargestDimension
            "SparseScatter.cs", "GaussianComponents.Statistics.cs: lanes", "SelectedRowSource.cs", // A block of rows.
        ];
        var unbounded = new List<string>();
        foreach (string path in Repository.Files("src").Where(path => path.EndsWith(".cs", StringComparison.Ordinal)))
        {
            string name = path.Split('/')[^1];
            foreach (Match match in Regex.Matches(Repository.Read(path), @"^.*?stackalloc [\w<>]+\[(?<length>[^\]]+)\].*$", RegexOptions.Multiline))
            {
                string length = match.Groups["length"].Value;
                bool isBounded = Regex.IsMatch(length, @"^([0-9]|[A-Z]\w*(\.Width|Length|Bytes)|RowsAtOnce|Neighbours \+ 1|HeaderLength|LocalHeaderLength|Math\.Min\()")
                    || Regex.IsMatch(match.Value, @"<= [\w.]*(MostOnStack|LargestOnStack|MostZeros) \? stackalloc");
                if (!isBounded && !bounded.Contains(name) && !bounded.Contains($"{name}: {length}")) unbounded.Add($"{name}: {match.Value.Trim()}");
            }
        }

        Assert.Empty(unbounded);
    }

    [Fact]
    public void PackableProject_Any_DeclaresItsPublicApi()
    {
        string[] projects = [.. Repository.Files("src").Where(path => path.EndsWith(".csproj", StringComparison.Ordinal)).Select(path => Path.GetDirectoryName(path)!)];

        Assert.Equal(3, projects.Length);
        foreach (string project in projects)
        {
            Assert.All(new[] { "Shipped", "Unshipped" }, kind => Assert.StartsWith("#nullable enable", Repository.Read($"{project}/PublicAPI.{kind}.txt"), StringComparison.Ordinal));
        }
    }

    [Fact]
    public void BannedSymbols_OfTheSources_ExistAndAreUsed()
    {
        string symbols = Repository.Read("src/BannedSymbols.txt");
        XDocument properties = XDocument.Parse(Repository.Read("src/Directory.Build.props"));

        Assert.All(new[] { "System.Random", "System.DateTime.UtcNow", "System.Console" }, name => Assert.Contains(name, symbols, StringComparison.Ordinal));
        Assert.Contains(properties.Descendants("AdditionalFiles"), item => item.Attribute("Include")!.Value.EndsWith("BannedSymbols.txt", StringComparison.Ordinal));
        Assert.Contains(properties.Descendants("PackageReference"), item => item.Attribute("Include")!.Value == "Microsoft.CodeAnalysis.BannedApiAnalyzers");
    }

    [Fact]
    public void File_OfTheRepository_NamesNoPathOfAMachine()
    {
        // In pieces, so that this file is not the first to break the rule.
        string[] parts = [@"/(home|root|Users|mnt)" + @"/\w", @"/(work|tmp)" + @"/\w", @"[A-Za-z]:\\{1,2}Users" + @"\\"];

        AssertNoneMatches(string.Join('|', parts.Select(part => $"(?<![\\w.])({part})")));
    }

    [Fact]
    public void File_OfTheRepository_NamesNoPackageRegistry()
    {
        string[] parts =
        [
            "api" + @"\.nuget\.org", "pkgs" + @"\.dev\.azure", "nuget" + @"\.pkg\.github", "registry" + @"\.npmjs", "py" + @"pi\.org/simple", "files" + @"\.pythonhosted",
            "art" + "ifactory", @"https?://(localhost|\d+\.\d+\.\d+\.\d+)" + @"(:\d+)?/", @"/v3/index" + @"\.json", "package" + "Sources", "RestoreSources" + ">",
        ];

        AssertNoneMatches(string.Join('|', parts));
    }

    // The package smoke test stands for a user's own program: it shares nothing with this solution.
    [Fact]
    public void PackageVersions_OfEveryProject_AreSetInOnePlace() => Assert.All(
        Repository.Files().Where(path => path.EndsWith(".csproj", StringComparison.Ordinal) && !path.StartsWith("tests/PackageSmoke/", StringComparison.Ordinal)),
        path => Assert.DoesNotContain(XDocument.Parse(Repository.Read(path)).Descendants("PackageReference"), item => item.Attribute("Version") is not null));

    [Fact]
    public void Project_OfTheRepository_IsInTheSolution()
    {
        string solution = Repository.Read("Microsoft.ML.Mixture.sln").Replace('\\', '/');
        string[] missing = [.. Repository.Files().Where(path => path.EndsWith(".csproj", StringComparison.Ordinal) && !solution.Contains(path, StringComparison.Ordinal))];

        // One is built by the tests that start it, the other by the check of the packages.
        Assert.Equal(["tests/Microsoft.ML.Mixture.LoadOnly/Microsoft.ML.Mixture.LoadOnly.csproj", "tests/PackageSmoke/PackageSmoke.csproj"], missing);
    }

    private static void AssertNoneMatches(string pattern)
    {
        var regex = new Regex(pattern, RegexOptions.CultureInvariant);
        var found = new List<string>();
        foreach (string path in Repository.Files().Where(path => _texts.Contains(Path.GetExtension(path))))
        {
            string[] lines = Repository.Read(path).Split('\n');
            found.AddRange(lines.Select((line, i) => (line, i)).Where(entry => regex.IsMatch(entry.line)).Select(entry => $"{path}:{entry.i + 1}: {entry.line.Trim()}"));
        }

        Assert.Empty(found);
    }
}
