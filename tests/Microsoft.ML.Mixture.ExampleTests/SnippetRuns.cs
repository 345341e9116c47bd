using System.Reflection;
using Snippets;

namespace Microsoft.ML.Mixture.ExampleTests;

/// <summary>What every public method of the classes in Snippets prints. Each runs once, in a folder of its own that has the eruptions.</summary>
public sealed class SnippetRuns
{
    public SnippetRuns()
    {
        MethodInfo[] methods = [.. typeof(Eruptions).Assembly.GetTypes()
            .Where(type => type.Namespace == nameof(Snippets) && type.Name.EndsWith("Snippets", StringComparison.Ordinal))
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Static))];
        Outputs = [.. methods.Select(method => Printed(method.CreateDelegate<Action>()))];
    }

    public IReadOnlyList<string> Outputs { get; }

    // Nothing else in this assembly writes to the console, or asks for the current directory.
    private static string Printed(Action code)
    {
        (TextWriter console, string directory, string folder) = (Console.Out, Environment.CurrentDirectory, Directory.CreateTempSubdirectory("snippet").FullName);
        using var writer = new StringWriter();
        try
        {
            File.Copy(Path.Combine(AppContext.BaseDirectory, Eruptions.File), Path.Combine(folder, Eruptions.File));
            Environment.CurrentDirectory = folder;
            Console.SetOut(writer);
            code();
        }
        finally
        {
            Console.SetOut(console);
            Environment.CurrentDirectory = directory;
            Directory.Delete(folder, recursive: true);
        }

        return writer.ToString().ReplaceLineEndings("\n");
    }
}
