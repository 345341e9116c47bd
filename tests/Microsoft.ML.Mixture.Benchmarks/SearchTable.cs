using System.Diagnostics;
using System.Globalization;

namespace Microsoft.ML.Mixture.Benchmarks;

/// <summary>A search over mclust's default grid, warm: seconds, processor seconds and the BIC of every model.</summary>
internal static class SearchTable
{
    private const int FewestRuns = 3;
    private const double LeastSeconds = 6;

    /// <param name="path">A file of comma-separated values with a header row.</param>
    /// <param name="dimension">The number of columns to use, from the left.</param>
    /// <param name="isScaled">Whether to bring columns to mean zero and standard deviation one.</param>
    public static void Run(string path, int dimension, bool isScaled)
    {
        double[,] rows = Load(path, dimension, isScaled);
        var options = new GaussianMixtureSearchOptions();
        MixtureSearchResult? result = null;
        double seconds = double.PositiveInfinity, processor = double.PositiveInfinity;
        long begin = Stopwatch.GetTimestamp();
        using var process = Process.GetCurrentProcess();

        // The best of several runs: methods are compiled again as they get warm, and the machine may be shared.
        for (int run = 0; run < FewestRuns || Stopwatch.GetElapsedTime(begin).TotalSeconds < LeastSeconds; run++)
        {
            process.Refresh();
            double before = process.UserProcessorTime.TotalSeconds;
            long start = Stopwatch.GetTimestamp();
            result = GaussianMixture.Search(rows, options);
            seconds = Math.Min(seconds, Stopwatch.GetElapsedTime(start).TotalSeconds);
            process.Refresh();
            processor = Math.Min(processor, process.UserProcessorTime.TotalSeconds - before);
        }

        Console.WriteLine($"mixture-search {Path.GetFileNameWithoutExtension(path)} {rows.GetLength(0)} x {dimension}: {seconds:F3} s, {processor:F3} s user, best {result!.Best}");
        Console.WriteLine(result);
    }

    private static double[,] Load(string path, int dimension, bool isScaled)
    {
        double[][] lines = [.. File.ReadLines(path).Skip(1).Select(line => line.Split(',').Take(dimension).Select(value => double.Parse(value, CultureInfo.InvariantCulture)).ToArray())];
        double[,] rows = new double[lines.Length, dimension];
        for (int j = 0; j < dimension; j++)
        {
            double mean = lines.Average(line => line[j]), deviation = Math.Sqrt(lines.Sum(line => (line[j] - mean) * (line[j] - mean)) / (lines.Length - 1));
            for (int i = 0; i < lines.Length; i++) rows[i, j] = isScaled ? (lines[i][j] - mean) / deviation : lines[i][j];
        }

        return rows;
    }
}
