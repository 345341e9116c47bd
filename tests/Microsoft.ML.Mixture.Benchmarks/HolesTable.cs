namespace Microsoft.ML.Mixture.Benchmarks;

/// <summary>Seconds per iteration of EM with full covariances as more and more cells of the same rows are missing at random.</summary>
internal static class HolesTable
{
    private static readonly double[] _shares = [0, 0.01, 0.1, 0.3];

    public static void Print()
    {
        Console.WriteLine("| rows x features | components | missing | sets of missing features | seconds per iteration | against none missing |");
        Console.WriteLine("| -- | -- | -- | -- | -- | -- |");
        Report(100_000, 10, 5);
        Report(20_000, 50, 5);
    }

    private static void Report(int rows, int features, int components)
    {
        var random = new Random(1);
        double[] values = [.. Enumerable.Range(0, rows * features).Select(_ => MathNet.Numerics.Distributions.Normal.Sample(random, 0, 1))];
        double none = 0;
        foreach (double share in _shares)
        {
            var holes = new Random(2);
            var workload = new Workload("holes", rows, features, components, CovarianceStructure.Full, Iterations: 6, Floor: 1e-6)
            {
                Rows = share == 0 ? values : [.. values.Select(value => holes.NextDouble() < share ? double.NaN : value)],
                Weights = [.. Enumerable.Repeat(1.0 / components, components)],
                Means = [.. Enumerable.Range(0, components * features).Select(at => 0.2 * ((7 * at % 11) / 11.0))],
                Variances = [.. Enumerable.Repeat(1.0, features)],
            };
            double seconds = Enumerable.Range(0, 3).Min(_ => EngineWorkload.Measure(workload, threads: 1).Seconds);
            if (share == 0) none = seconds;
            var rowSets = new HashSet<string>(Enumerable.Range(0, rows).Select(i => string.Concat(workload.Rows.Skip(i * features).Take(features).Select(value => double.IsNaN(value) ? '?' : '.'))));
            Console.WriteLine(FormattableString.Invariant($"| {rows} x {features} | {components} | {share:P0} | {rowSets.Count} | {seconds:G3} | {seconds / none:F2} |"));
        }
    }
}
