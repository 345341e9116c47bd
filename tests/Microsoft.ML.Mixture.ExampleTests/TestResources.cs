using System.Text.RegularExpressions;

namespace Microsoft.ML.Mixture.ExampleTests;

/// <summary>Files of the repository that are embedded in this assembly.</summary>
internal static partial class TestResources
{
    /// <summary>README.md and the guides.</summary>
    public static IReadOnlyList<string> Documents { get; } = ["README.md", .. Names("guides/")];

    public static IEnumerable<string> Names(string folder) =>
        typeof(TestResources).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    public static string Read(string name)
    {
        using Stream stream = typeof(TestResources).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    /// <summary>A block of a document, with its kind.</summary>
    [GeneratedRegex(@"^ *```(?<kind>.*?)\n(?<code>.*?)\n *```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    public static partial Regex Fences();
}
