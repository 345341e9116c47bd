using System.Text.RegularExpressions;
using Microsoft.ML.Trainers;
using ReadmeCode;

namespace Microsoft.ML.Mixture.ExampleTests;

/// <summary>The code in README.md compiles, runs and prints what README.md says.</summary>
public sealed partial class ReadmeTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("readme").FullName;
    private readonly string _previous = Environment.CurrentDirectory;

    public ReadmeTests()
    {
        File.Copy(Path.Combine(AppContext.BaseDirectory, "faithful.csv"), Path.Combine(_directory, "faithful.csv"));
        Environment.CurrentDirectory = _directory;
    }

    public void Dispose()
    {
        Environment.CurrentDirectory = _previous;
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void Readme_EveryRegionOfTheSnippet_IsInItLiterally()
    {
        string readme = TestResources.Read("README.md");
        MatchCollection regions = Region().Matches(TestResources.Read("ReadmeSnippet.cs"));
        Assert.Equal(17, regions.Count);
        Assert.All(regions, region => Assert.Contains(Dedent(region.Groups["code"].Value), readme, StringComparison.Ordinal));
    }

    [Fact]
    public void Readme_Code_RunsAndPrintsWhatItSays()
    {
        string readme = TestResources.Read("README.md");
        Assert.Contains(Printed(ReadmeSnippet.FitWithMLNet), readme, StringComparison.Ordinal);
        Assert.StartsWith("BIC by structure", Printed(ReadmeSnippet.Search), StringComparison.Ordinal);
        Assert.StartsWith("Loaded TransformerChain", Printed(ReadmeSnippet.VerifyFile), StringComparison.Ordinal);
        Assert.Contains($"```text\n{Printed(ReadmeSnippet.FitArrays)}```", readme, StringComparison.Ordinal);
        Assert.Contains("Fitted 2 components to 272 rows", Printed(ReadmeSnippet.Log), StringComparison.Ordinal);
        Assert.StartsWith("Area under the ROC curve 1.00\n", Printed(ReadmeSnippet.FindAnomalies), StringComparison.Ordinal);
        Assert.Contains($"```text\n{Printed(ReadmeSnippet.FindAnomalies)}```", readme, StringComparison.Ordinal);
        File.WriteAllText("holes.csv", "Duration,Waiting\n1,50\n,60\n");
        Assert.Equal("there\nmissing\nunasked 0\n", Printed(ReadmeSnippet.LoadHoles));
        using (FileStream file = File.Create("mixture.bin"))
        {
            new GaussianMixtureModelParameters(GaussianMixture.Fit(new double[,] { { 0 }, { 1 }, { 5 }, { 6 } }, componentCount: 2)).Save(file);
        }

        Assert.Equal("Loaded 2 components\n", Printed(ReadmeSnippet.LoadFromStranger));
    }

    [Fact]
    public void Readme_CodeOfLimits_EndsAsItSays()
    {
        Assert.Equal("Converged, starts not finished: 0\n", Printed(() => ReadmeSnippet.FitWithinLimits(cancels: false)));
        Assert.Equal("Cancelled: no model.\n", Printed(() => ReadmeSnippet.FitWithinLimits(cancels: true)));
        string[] lines = Printed(() => ReadmeSnippet.FitArraysWithinLimits(new double[,] { { 0, 1 }, { 1, 0 }, { 2, 2 }, { 10, 11 }, { 11, 13 }, { 12, 10 }, { 20, 0 }, { 21, 2 }, { 22, 1 } }))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("Converged, starts not finished: 0", lines[^1]);
        Assert.Contains(lines, line => line.StartsWith("Start 0, iteration 0: ", StringComparison.Ordinal));
    }

    [Fact]
    public void Readme_OutputOfOldFaithful_IsTheExpectedOne()
    {
        string expected = TestResources.Read("OldFaithful.txt").TrimEnd('\n');
        Assert.Contains("```text\n" + expected + "\n```", TestResources.Read("README.md"), StringComparison.Ordinal);
    }

    // Nothing else in this assembly writes to the console.
    private static string Printed(Action code)
    {
        TextWriter console = Console.Out;
        using var writer = new StringWriter();
        Console.SetOut(writer);
        try
        {
            code();
        }
        finally
        {
            Console.SetOut(console);
        }

        return writer.ToString().ReplaceLineEndings("\n");
    }

    private static string Dedent(string code)
    {
        string[] lines = code.Split('\n');
        int indent = lines.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length == 0 ? line : line[indent..]));
    }

    [GeneratedRegex(@"^ *#region (?<name>\w+)\n(?<code>.*?)\n *#endregion", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Region();
}
