namespace Microsoft.ML.Mixture.Benchmarks;

/// <summary>Seconds per iteration of EM with full covariances while one size grows and the others stand still.</summary>
/// <remarks>
/// The components overlap, so that every row has a share in each: nothing can be left out, and the cost model, rows times components
/// times D squared, can be seen.
/// </remarks>
internal static class GrowthTable
{
    private const int Rows = 100_000;
    private const int Features = 16;
    private const int Components = 8;

    public static void Print()
    {
        Console.WriteLine("| grows | values | seconds per iteration | exponent | cost model |");
        Console.WriteLine("| -- | -- | -- | -- | -- |");
        Report("rows", [25_000, 50_000, 100_000, 200_000, 400_000], rows => Seconds(rows, Features, Components, null), "1");
        Report("features", [8, 16, 32, 64, 128], features => Seconds(Rows / 4, features, Components, null), "1 to 2: D^2 and 9 D");
        Report("components", [2, 4, 8, 16, 32], components => Seconds(Rows, Features, components, null), "1");
        Report("threads", [.. Enumerable.Range(1, Environment.ProcessorCount)], threads => Seconds(Rows, Features, Components, threads), "-1");
    }

    private static void Report(string name, int[] sizes, Func<int, double> seconds, string model)
    {
        double[] times = [.. sizes.Select(seconds)];
        (double[] x, double[] y) = ([.. sizes.Select(size => Math.Log(size))], [.. times.Select(time => Math.Log(time))]);
        double exponent = sizes.Length > 1 ? MathNet.Numerics.Fit.Line(x, y).B : double.NaN;
        Console.WriteLine($"| {name} | {string.Join(", ", sizes)} | {string.Join(", ", times.Select(time => time.ToString("G3")))} | {exponent:F2} | {model} |");
    }

    // The best of three runs: the machine may be shared.
    private static double Seconds(int rows, int features, int components, int? threads)
    {
        var random = new Random(1);
        var workload = new Workload("growth", rows, features, components, CovarianceStructure.Full, Iterations: 8, Floor: 1e-6)
        {
            Rows = [.. Enumerable.Range(0, rows * features).Select(_ => MathNet.Numerics.Distributions.Normal.Sample(random, 0, 1))],
            Weights = [.. Enumerable.Repeat(1.0 / components, components)],
            Means = [.. Enumerable.Range(0, components * features).Select(_ => 0.2 * random.NextDouble())],
            Variances = [.. Enumerable.Repeat(1.0, features)],
        };
        return Enumerable.Range(0, 3).Min(_ => EngineWorkload.Measure(workload, threads).Seconds);
    }
}
