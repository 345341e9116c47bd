using System.Text.RegularExpressions;

namespace Microsoft.ML.Mixture.ArchitectureTests;

/// <summary>Links between the documents of the repository lead somewhere.</summary>
[Trait("Kind", "Architecture")]
public partial class LinkTests
{
    [Fact]
    public void RelativeLink_OfAnyDocument_Resolves()
    {
        var broken = new List<string>();
        string[] documents = [.. Repository.Files().Where(IsDocument)];
        foreach (string document in documents)
        {
            foreach (string target in Links().Matches(Prose(document)).Select(match => match.Groups["target"].Value).Where(target => !target.Contains("://", StringComparison.Ordinal)))
            {
                string[] parts = target.Split('#');
                string path = parts[0].Length == 0 ? document : Path.GetRelativePath(Repository.Root, Path.Combine(Repository.Root, Path.GetDirectoryName(document)!, parts[0])).Replace('\\', '/');
                bool resolves = parts.Length == 1 ? Path.Exists(Path.Combine(Repository.Root, path)) : documents.Contains(path) && Anchors(path).Contains(parts[1]);
                if (!resolves) broken.Add($"{document}: {target}");
            }
        }

        Assert.NotEmpty(documents);
        Assert.Empty(broken);
    }

    [Fact]
    public void Guide_Any_IsInTheIndex()
    {
        string index = Repository.Read("src/guides/README.md");
        Assert.All(Repository.Files("src/guides").Select(Path.GetFileName).Where(name => name != "README.md"), name => Assert.Contains($"({name})", index, StringComparison.Ordinal));
    }

    private static bool IsDocument(string path) => path.EndsWith(".md", StringComparison.Ordinal);

    // What hosts of repositories make of headings: lower case, without punctuation, with hyphens for spaces; a number follows where one comes again.
    private static IEnumerable<string> Anchors(string document) => Headings().Matches(Prose(document, keepsCode: true))
        .Select(match => NoAnchor().Replace(match.Groups["title"].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'))
        .GroupBy(anchor => anchor).SelectMany(same => same.Select((anchor, i) => i == 0 ? anchor : $"{anchor}-{i}"));

    private static string Prose(string document, bool keepsCode = false)
    {
        string prose = Fences().Replace(Repository.Read(document).ReplaceLineEndings("\n"), "");
        return keepsCode ? prose : CodeSpans().Replace(prose, "");
    }

    [GeneratedRegex(@"\[[^\]]*\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Links();

    [GeneratedRegex(@"^#{1,6} (?<title>.*)$", RegexOptions.Multiline)]
    private static partial Regex Headings();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NoAnchor();

    [GeneratedRegex(@"^ *```.*?^ *```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fences();

    [GeneratedRegex("`[^`\n]*`")]
    private static partial Regex CodeSpans();
}
