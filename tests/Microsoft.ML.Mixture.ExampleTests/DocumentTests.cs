using System.Text.RegularExpressions;

namespace Microsoft.ML.Mixture.ExampleTests;

/// <summary>The C# in README.md and the guides compiles, runs and prints what they say: every block stands in a file of Snippets.</summary>
public sealed partial class DocumentTests(SnippetRuns runs) : IClassFixture<SnippetRuns>
{
    [Fact]
    public void Document_EveryBlockOfCode_IsARegionOfTheSnippets()
    {
        string[] files = [.. TestResources.Names("Snippets/").Select(TestResources.Read)];
        string[] regions = [.. files.SelectMany(Regions)];
        string[] usings = [.. files.SelectMany(file => Usings().Matches(file).Select(match => match.Value))];
        string[] blocks = [.. TestResources.Documents.SelectMany(document => Blocks(document, "csharp"))];

        // What a file of code begins with stands before all its regions.
        Assert.All(blocks.SelectMany(block => Usings().Matches(block).Select(match => match.Value)), line => Assert.Contains(line, usings));
        string[] codes = [.. blocks.Select(block => Usings().Replace(block, "").TrimStart('\n'))];
        Assert.NotEmpty(codes);
        Assert.Empty(codes.Except(regions));
        Assert.Empty(regions.Except(codes));
    }

    [Fact]
    public void Document_EveryBlockOfOutput_IsPrinted()
    {
        string[] outputs = [.. runs.Outputs.Append(TestResources.Read("OldFaithful.txt")).Select(output => $"\n{output}")];
        string[] blocks = [.. TestResources.Documents.SelectMany(document => Blocks(document, "text"))];

        Assert.NotEmpty(blocks);
        Assert.All(blocks, block => Assert.True(outputs.Any(output => output.Contains($"\n{block}\n", StringComparison.Ordinal)), $"Nothing prints\n{block}"));
    }

    [Fact]
    public void Document_EveryBlock_IsOfAKindThatIsChecked() => Assert.All(
        TestResources.Documents.SelectMany(document => TestResources.Fences().Matches(TestResources.Read(document)).Select(match => match.Groups["kind"].Value)),
        kind => Assert.Contains(kind, new[] { "csharp", "text", "sh" }));

    [Fact]
    public void Readme_OutputOfOldFaithful_IsTheExpectedOne() =>
        Assert.Contains(TestResources.Read("OldFaithful.txt").TrimEnd('\n'), Blocks("README.md", "text"));

    private static IEnumerable<string> Blocks(string document, string kind) => TestResources.Fences().Matches(TestResources.Read(document))
        .Where(match => match.Groups["kind"].Value == kind).Select(match => match.Groups["code"].Value);

    /// <summary>Regions of the same name are one, with lines between that no document shows.</summary>
    private static IEnumerable<string> Regions(string file) => Region().Matches(file)
        .GroupBy(match => match.Groups["name"].Value, match => Dedent(match.Groups["code"].Value)).Select(group => string.Join('\n', group));

    private static string Dedent(string code)
    {
        string[] lines = code.Split('\n');
        int indent = lines.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length == 0 ? line : line[indent..]));
    }

    [GeneratedRegex(@"^ *#region (?<name>\w+)\n(?<code>.*?)\n *#endregion", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Region();

    [GeneratedRegex(@"^using [\w.]+;$", RegexOptions.Multiline)]
    private static partial Regex Usings();
}
