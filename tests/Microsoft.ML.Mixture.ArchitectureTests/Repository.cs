namespace Microsoft.ML.Mixture.ArchitectureTests;

/// <summary>The files of the repository, as a checkout has them.</summary>
internal static class Repository
{
    private static readonly string[] _madeByTools = [".git", ".vs", ".idea", "bin", "obj", "artifacts", "TestResults", "BenchmarkDotNet.Artifacts", "StrykerOutput"];

    public static string Root { get; } = FindRoot();

    /// <summary>Paths relative to the root, with forward slashes.</summary>
    public static IEnumerable<string> Files(string under = "") => Walk(Path.Combine(Root, under)).Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'));

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static IEnumerable<string> Walk(string directory) => Directory.EnumerateFiles(directory)
        .Concat(Directory.EnumerateDirectories(directory).Where(child => !_madeByTools.Contains(Path.GetFileName(child))).SelectMany(Walk));

    private static string FindRoot()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Microsoft.ML.Mixture.sln"))) directory = directory.Parent;
        return directory?.FullName ?? throw new DirectoryNotFoundException("The tests do not run inside the repository.");
    }
}
