using System.Runtime.InteropServices;
using System.Text.Json;

namespace Microsoft.ML.Mixture.Benchmarks;

/// <summary>Data and a start that every contender reads: raw little-endian doubles, row-major.</summary>
internal sealed record Workload(string Name, int RowCount, int Dimension, int ComponentCount, CovarianceStructure Structure, int Iterations, double Floor)
{
    public required double[] Rows { get; init; }

    public required double[] Weights { get; init; }

    public required double[] Means { get; init; }

    /// <summary>The diagonal of the covariance with which each component starts.</summary>
    public required double[] Variances { get; init; }

    public static Workload Load(string folder, string name)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, name + ".json")));
        JsonElement root = json.RootElement;
        string covariance = root.GetProperty("covariance").GetString()!;
        return new Workload(
            name, root.GetProperty("n").GetInt32(), root.GetProperty("d").GetInt32(), root.GetProperty("k").GetInt32(),
            CovarianceStructure.BuiltIn.First(structure => structure.Name.StartsWith(covariance, StringComparison.Ordinal)),
            root.GetProperty("iterations").GetInt32(), root.GetProperty("reg").GetDouble())
        {
            Rows = Read(folder, name, "x"),
            Weights = Read(folder, name, "w"),
            Means = Read(folder, name, "mu"),
            Variances = Read(folder, name, "var"),
        };
    }

    /// <summary>The start: the given means, and the same diagonal covariance everywhere.</summary>
    public MixtureStart Start()
    {
        double[,] means = new double[ComponentCount, Dimension], covariance = new double[Dimension, Dimension];
        Buffer.BlockCopy(Means, 0, means, 0, Means.Length * sizeof(double));
        for (int j = 0; j < Dimension; j++)
        {
            covariance[j, j] = Structure == CovarianceStructure.Spherical ? Variances.Average() : Variances[j];
        }

        return MixtureStart.FromParameters(Weights, means, Enumerable.Repeat(covariance, ComponentCount).ToArray());
    }

    private static double[] Read(string folder, string name, string part) =>
        MemoryMarshal.Cast<byte, double>(File.ReadAllBytes(Path.Combine(folder, $"{name}.{part}.f64"))).ToArray();
}
