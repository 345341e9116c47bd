using System.Diagnostics;
using System.Globalization;

namespace Microsoft.ML.Mixture.Benchmarks;

/// <summary>
/// The seven tissues of 189 samples by the expression of 500 genes: what factor analysers, and Gaussians without correlations, find of them by default options, and how long
/// it takes.
/// </summary>
internal static class TissueTable
{
    private static readonly int[] _componentCounts = [5, 7, 9];
    private static readonly int[] _factorCounts = [1, 2, 3, 5, 8];
    private static readonly int[] _seeds = [0, 1, 2, 3, 4];

    public static void Print(string path)
    {
        string[][] lines = [.. File.ReadLines(path).Skip(1).Select(line => line.Split(','))];
        string[] tissues = [.. lines.Select(line => line[^1])];
        int dimension = lines[0].Length - 1;
        double[,] rows = new double[lines.Length, dimension];
        for (int i = 0; i < lines.Length; i++)
        {
            for (int j = 0; j < dimension; j++) rows[i, j] = double.Parse(lines[i][j], CultureInfo.InvariantCulture);
        }

        // The first fit of a process is spent on compiling.
        Analyzers(rows, 2, 2, SpecificVarianceStructure.Diagonal, seed: 0);
        Console.WriteLine($"{lines.Length} rows x {dimension} features, seeds {string.Join(", ", _seeds)}; the adjusted Rand index is that of each seed, and of the one with the best objective.");
        Console.WriteLine("| components | model | seconds of processor a fit | iterations | BIC of the best | adjusted Rand index by seed | of the best |");
        Console.WriteLine("| -- | -- | -- | -- | -- | -- | -- |");
        foreach (int count in _componentCounts)
        {
            foreach (int factors in _factorCounts) Report(rows, tissues, count, $"{factors} factors", seed => Analyzers(rows, count, factors, SpecificVarianceStructure.Diagonal, seed));
            Report(rows, tissues, count, "2 factors, 10 restarts", seed => Analyzers(rows, count, 2, SpecificVarianceStructure.Diagonal, seed, restarts: 10));
            Report(rows, tissues, count, "2 factors, tied variances", seed => Analyzers(rows, count, 2, SpecificVarianceStructure.TiedDiagonal, seed));
            Report(rows, tissues, count, "2 factors, spherical variances", seed => Analyzers(rows, count, 2, SpecificVarianceStructure.Spherical, seed));
            foreach (CovarianceStructure structure in (CovarianceStructure[])[CovarianceStructure.Diagonal, CovarianceStructure.TiedDiagonal, CovarianceStructure.Spherical])
            {
                Report(rows, tissues, count, $"Gaussian, {structure.Name}", seed => GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = count, CovarianceStructure = structure, Seed = seed }));
            }
        }
    }

    private static FactorAnalyzerMixtureModel Analyzers(double[,] rows, int count, int factors, SpecificVarianceStructure structure, int seed, int restarts = 1) => FactorAnalyzerMixture.Fit(
        rows, new FactorAnalyzerMixtureOptions { ComponentCount = count, FactorCount = factors, SpecificVarianceStructure = structure, Seed = seed, RestartCount = restarts });

    private static void Report(double[,] rows, string[] tissues, int count, string name, Func<int, MixtureModel> fit)
    {
        TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
        MixtureModel[] models = [.. _seeds.Select(fit)];
        double seconds = (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds / _seeds.Length;
        double[] found = [.. models.Select(model => AdjustedRandIndex(tissues, Labels(model, rows)))];
        int best = Enumerable.Range(0, models.Length).MaxBy(at => models[at].Report!.ObjectiveHistory[^1]);
        Console.WriteLine(
            $"| {count} | {name} | {seconds:F2} | {string.Join(" ", models.Select(model => model.Report!.IterationCount))} | {models[best].Report!.BayesianInformationCriterion:F0} | "
            + $"{string.Join(" ", found.Select(value => value.ToString("F2", CultureInfo.InvariantCulture)))} | {found[best]:F2} |");
    }

    private static int[] Labels(MixtureModel model, double[,] rows)
    {
        double[] row = new double[rows.GetLength(1)];
        MixtureScorer scorer = model.CreateScorer();
        int[] labels = new int[rows.GetLength(0)];
        for (int i = 0; i < labels.Length; i++)
        {
            for (int j = 0; j < row.Length; j++) row[j] = rows[i, j];
            scorer.Score(row);
            labels[i] = scorer.Component;
        }

        return labels;
    }

    // Hubert and Arabie (1985), Comparing partitions, J. Classif. 2, 193-218, doi:10.1007/BF01908075.
    private static double AdjustedRandIndex(string[] first, int[] second)
    {
        static double Pairs(int count) => count * (count - 1) / 2.0;
        double together = first.Zip(second).GroupBy(pair => pair).Sum(group => Pairs(group.Count()));
        double ofFirst = first.GroupBy(label => label).Sum(group => Pairs(group.Count())), ofSecond = second.GroupBy(label => label).Sum(group => Pairs(group.Count()));
        double expected = ofFirst * ofSecond / Pairs(first.Length);
        return (together - expected) / (((ofFirst + ofSecond) / 2) - expected);
    }
}
