namespace Microsoft.ML.Mixture.ExampleTests;

/// <summary>Files of the repository that are embedded in this assembly.</summary>
internal static class TestResources
{
    public static IEnumerable<string> Names(string folder) =>
        typeof(TestResources).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    public static string Read(string name)
    {
        using Stream stream = typeof(TestResources).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
