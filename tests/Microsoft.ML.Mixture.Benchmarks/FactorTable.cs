using System.Diagnostics;

namespace Microsoft.ML.Mixture.Benchmarks;

/// <summary>Seconds of one thread per iteration of factor analysers, beside full and diagonal Gaussians on the same rows from the same groups.</summary>
internal static class FactorTable
{
    private const int Components = 5;
    private const int MostFeaturesOfFull = 200;
    private const int FewIterations = 2;
    private const int ManyIterations = 10;

    public static void Print()
    {
        Console.WriteLine("| rows x features | factors | seconds per iteration | multiply-adds a nanosecond | diagonal Gaussians | full Gaussians |");
        Console.WriteLine("| -- | -- | -- | -- | -- | -- |");
        foreach ((int rows, int features) in ((int, int)[])[(50_000, 20), (20_000, 100), (5_000, 500), (500, 5_000)])
        {
            ArrayRowSource<double> source = Draw(rows, features);
            MixtureStart start = MixtureStart.FromLabels([.. Enumerable.Range(0, rows).Select(i => i % Components)]);
            double diagonal = Gaussians(source, start, CovarianceStructure.Diagonal), full = features <= MostFeaturesOfFull ? Gaussians(source, start, CovarianceStructure.Full) : double.NaN;
            foreach (int factors in (int[])[2, 4, 12])
            {
                double seconds = SecondsPerIteration(iterations => FactorAnalyzerMixture.Fit(
                    source, With(new FactorAnalyzerMixtureOptions { FactorCount = factors }, start, iterations), CancellationToken.None));
                double operations = 4.0 * rows * features * factors * Components;
                Console.WriteLine(FormattableString.Invariant(
                    $"| {rows} x {features} | {factors} | {seconds:G3} | {operations / seconds / 1e9:F1} | {diagonal:G3} | {(double.IsNaN(full) ? "-" : full.ToString("G3"))} |"));
            }
        }
    }

    private static double Gaussians(RowSource source, MixtureStart start, CovarianceStructure structure) => SecondsPerIteration(iterations => GaussianMixture.Fit(
        source, With(new GaussianMixtureOptions { CovarianceStructure = structure }, start, iterations), CancellationToken.None));

    private static TOptions With<TOptions>(TOptions options, MixtureStart start, int iterations)
        where TOptions : MixtureOptions
    {
        options.ComponentCount = Components;
        options.ThreadCount = 1;
        options.Tolerance = 0;
        options.Start = start;
        options.MaximumIterations = iterations;
        return options;
    }

    // What a fit takes beside its iterations falls out of the difference.
    private static double SecondsPerIteration(Action<int> fit)
    {
        fit(1);
        return (Enumerable.Range(0, 3).Min(_ => Seconds(() => fit(ManyIterations))) - Enumerable.Range(0, 3).Min(_ => Seconds(() => fit(FewIterations)))) / (ManyIterations - FewIterations);
    }

    private static double Seconds(Action action)
    {
        TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
        action();
        return (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds;
    }

    // Overlapping groups with three common factors each, so that every component has a share in every row.
    private static ArrayRowSource<double> Draw(int rows, int features)
    {
        var random = new Random(1);
        double[] directions = [.. Enumerable.Range(0, Components * features * 3).Select(_ => random.NextDouble() - 0.5)], values = new double[rows * features];
        for (int i = 0; i < rows; i++)
        {
            double[] factors = [.. Enumerable.Range(0, 3).Select(_ => MathNet.Numerics.Distributions.Normal.Sample(random, 0, 1))];
            for (int j = 0; j < features; j++)
            {
                int at = 3 * ((i % Components * features) + j);
                values[(i * features) + j] = (directions[at] * factors[0]) + (directions[at + 1] * factors[1]) + (directions[at + 2] * factors[2]) + (random.NextDouble() - 0.5);
            }
        }

        return new ArrayRowSource<double>(values, features);
    }
}
