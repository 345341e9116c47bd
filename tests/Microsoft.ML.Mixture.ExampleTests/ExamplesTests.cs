using System.Diagnostics;
using System.Reflection;

namespace Microsoft.ML.Mixture.ExampleTests;

/// <summary>Runs every folder of examples/ and compares what it prints with its expected.txt.</summary>
public sealed class ExamplesTests
{
    private static readonly TimeSpan _longestRun = TimeSpan.FromMinutes(2);

    public static TheoryData<string> Examples => [.. Names()];

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task Example_Run_PrintsExpected(string name)
    {
        string program = Programs().Single(path => Path.GetFileNameWithoutExtension(path) == name);
        string expected = await File.ReadAllTextAsync(Path.Combine(Path.GetDirectoryName(program)!, "expected.txt"));
        var start = new ProcessStartInfo("dotnet", [program])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(program),
        };
        using Process process = Process.Start(start)!;
        using var timeout = new CancellationTokenSource(_longestRun);
        Task<string> output = process.StandardOutput.ReadToEndAsync(timeout.Token), error = process.StandardError.ReadToEndAsync(timeout.Token);
        try
        {
            await process.WaitForExitAsync(timeout.Token);
            Assert.Equal("", await error);
            Assert.Equal(0, process.ExitCode);
            Assert.Equal(Lines(expected), Lines(await output));
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public void Readme_NamesEveryExample()
    {
        string readme = TestResources.Read("README.md");
        Assert.All(Names(), name => Assert.Contains($"examples/{name}", readme, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Programs() => typeof(ExamplesTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Where(metadata => metadata.Key == "Example").SelectMany(metadata => metadata.Value!.Split(';'));

    private static IEnumerable<string> Names() => Programs().Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal);

    private static string[] Lines(string text) => text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
}
