using System.Text.Json;

namespace Microsoft.ML.Mixture;

/// <summary>What stands in a file mclust_*.json of tests/golden.</summary>
internal static class MclustGrid
{
    /// <summary>The rows that mclust was given.</summary>
    public static double[,] Rows(JsonElement root)
    {
        JsonElement result = root.GetProperty("result");
        double[,] rows = CsvTable.Load(result.GetProperty("dataset").GetString()!)
            .Select([.. result.GetProperty("columns").EnumerateArray().Select(column => column.GetString()!)]);
        return result.GetProperty("scaled").GetBoolean() ? CsvTable.Standardise(rows) : rows;
    }
}
