using System.Diagnostics;
using System.Globalization;

namespace Microsoft.ML.Mixture.Benchmarks;

/// <summary>
/// How often the default start finds the best maximum known of small data sets, and what it costs beside a plain fit: one k-means++ start. Work is
/// counted in rows read. Then how it does beside ten plain starts.
/// </summary>
internal static class StartsTable
{
    private const double Slack = 2e-4;

    /// <summary>Reads maxima.csv and the data sets that it names from a folder.</summary>
    public static void Print(string folder, int seeds)
    {
        int entries = 0, reached = 0;
        foreach (string line in File.ReadLines(Path.Combine(folder, "maxima.csv")).Skip(1))
        {
            string[] fields = line.Split(',');
            if (Rows(folder, fields[0]) is not { } rows)
            {
                Console.WriteLine($"starts {fields[0],-12} not in the folder");
                continue;
            }

            int components = Number(fields[1]);
            double best = double.Parse(fields[3], CultureInfo.InvariantCulture) - (Slack * rows.GetLength(0));
            double bestFound = double.Parse(fields[4], CultureInfo.InvariantCulture) - (Slack * rows.GetLength(0));
            int hits = 0, bestHits = 0, plainHits = 0;
            double work = 0, plain = 0, seconds = 0, plainSeconds = 0;
            for (int seed = 0; seed < seeds; seed++)
            {
                Run ours = Fit(rows, components, fields[2], seed, 1, null), one = Fit(rows, components, fields[2], seed, 1, MixtureStart.KMeansPlusPlus);
                if (ours.Report.LogLikelihood >= best) hits++;
                if (ours.Report.LogLikelihood >= bestFound) bestHits++;
                if (one.Report.LogLikelihood >= best) plainHits++;
                work += ours.RowsRead;
                plain += one.RowsRead;
                seconds += ours.Seconds;
                plainSeconds += one.Seconds;
            }

            entries++;
            if (hits >= Math.Floor(0.99 * seeds)) reached++;
            Console.WriteLine(
                $"starts {fields[0],-12} K {components} {fields[2]}: {hits,4} of {seeds}, the best ever found {bestHits,4}, one plain start {plainHits,4}; work {work / plain:F1} plain fits, {work / seeds / 256:F0} passes over 256 rows, {1000 * seconds / seeds:F2} ms beside {1000 * plainSeconds / seeds:F2}");
        }

        Console.WriteLine($"starts {reached} of {entries} entries from at least 99 of 100 seeds");
        foreach (int rowCount in new[] { 1_000, 10_000, 100_000 }) PrintCost(rowCount, Math.Min(seeds, 10));
    }

    // Groups in four features that overlap: what a race costs beside one k-means++ start, as rows get more.
    private static void PrintCost(int rowCount, int seeds)
    {
        const int Dimension = 4;
        foreach (int components in new[] { 3, 6 })
        {
            var random = new Random(1);
            double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            double[] centres = [.. Enumerable.Range(0, components * Dimension).Select(_ => 1.5 * Normal())];
            double[,] rows = new double[rowCount, Dimension];
            for (int i = 0; i < rowCount; i++)
            {
                int k = random.Next(components);
                for (int j = 0; j < Dimension; j++) rows[i, j] = centres[(k * Dimension) + j] + ((0.5 + (0.2 * k)) * Normal());
            }

            foreach (string code in new[] { "VVV", "EEE", "VVI", "VII" })
            {
                double work = 0, plain = 0, seconds = 0, plainSeconds = 0;
                for (int seed = 0; seed < seeds; seed++)
                {
                    Run ours = Fit(rows, components, code, seed, 1, null), one = Fit(rows, components, code, seed, 1, MixtureStart.KMeansPlusPlus);
                    work += ours.RowsRead;
                    plain += one.RowsRead;
                    seconds += ours.Seconds;
                    plainSeconds += one.Seconds;
                }

                Console.WriteLine(
                    $"starts cost of {rowCount} rows of {Dimension} features, K {components} {code}: {work / plain:F1} plain fits, {work / seeds / rowCount:F0} passes, {1000 * seconds / seeds:F1} ms beside {1000 * plainSeconds / seeds:F1}: {seconds / plainSeconds:F1}");
            }
        }
    }

    private static Run Fit(double[,] rows, int components, string code, int seed, int restarts, MixtureStart? start)
    {
        var source = new CountedRows(rows);
        var options = new GaussianMixtureOptions
        {
            ComponentCount = components,
            CovarianceStructure = CovarianceStructure.FromCode(code),
            Seed = seed,
            Start = start,
            RestartCount = restarts,
            ThreadCount = 1,
        };
        long begin = Stopwatch.GetTimestamp();
        FitReport report = GaussianMixture.Fit(source, options, CancellationToken.None).Report!;
        return new Run(report, source.RowsRead, Stopwatch.GetElapsedTime(begin).TotalSeconds);
    }

    // Columns of numbers but labels; "_scaled" stands for columns of mean zero and standard deviation one, over n - 1.
    private static double[,]? Rows(string folder, string data)
    {
        bool isScaled = data.EndsWith("_scaled", StringComparison.Ordinal);
        string file = (isScaled ? data[..^"_scaled".Length] : data) switch
        {
            "diabetes" => "diabetes_reaven_miller",
            "eruptions" or "waiting" => "faithful",
            string other => other,
        };
        string path = Path.Combine(folder, file + ".csv");
        if (!File.Exists(path)) return null;
        string[][] lines = [.. File.ReadLines(path).Select(line => line.Split(','))];
        int[] columns = [.. Enumerable.Range(0, lines[0].Length).Where(j => lines[0][j] is not ("class" or "stations") && double.TryParse(lines[1][j], CultureInfo.InvariantCulture, out _))];
        if (data is "eruptions" or "waiting") columns = [Array.IndexOf(lines[0], data)];
        double[,] rows = new double[lines.Length - 1, columns.Length];
        for (int at = 0; at < rows.Length; at++)
        {
            rows[at / columns.Length, at % columns.Length] = double.Parse(lines[1 + (at / columns.Length)][columns[at % columns.Length]], CultureInfo.InvariantCulture);
        }

        if (isScaled) Standardise(rows);
        return rows;
    }

    private static void Standardise(double[,] rows)
    {
        int count = rows.GetLength(0);
        for (int j = 0; j < rows.GetLength(1); j++)
        {
            double[] column = [.. Enumerable.Range(0, count).Select(i => rows[i, j])];
            double mean = column.Average(), deviation = Math.Sqrt(column.Sum(value => (value - mean) * (value - mean)) / (count - 1));
            for (int i = 0; i < count; i++) rows[i, j] = (column[i] - mean) / deviation;
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private sealed record Run(FitReport Report, long RowsRead, double Seconds);

    private sealed class CountedRows(double[,] rows) : RowSource
    {
        public long RowsRead { get; private set; }

        public override int Dimension => rows.GetLength(1);

        public override int RowCount => rows.GetLength(0);

        public override void Read(int firstRow, int rowCount, Span<double> values, int stride, Span<double> weights)
        {
            RowsRead += rowCount;
            weights[..rowCount].Fill(1);
            for (int i = 0; i < rowCount; i++)
            {
                for (int j = 0; j < Dimension; j++) values[(j * stride) + i] = rows[firstRow + i, j];
            }
        }
    }
}
