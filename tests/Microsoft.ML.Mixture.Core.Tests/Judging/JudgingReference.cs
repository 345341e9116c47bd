using System.Text.Json;

namespace Microsoft.ML.Mixture.Judging.Tests;

/// <summary>What scikit-learn and scipy say of clusterings and of normal samples; tests/golden/README.md says how.</summary>
internal static class JudgingReference
{
    public static JsonElement Load(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(CsvTable.PathOf(file)));
        return document.RootElement.Clone();
    }

    public static JsonElement Section(string name) => Load("judging.json").GetProperty(name);

    public static int[] Integers(JsonElement element) => [.. element.EnumerateArray().Select(value => value.GetInt32())];

    public static double Number(this JsonElement element, string name) => element.GetProperty(name).GetDouble();
}
