using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Mixture.Engine.Tests;
using Microsoft.ML.Mixture.Laws.Tests;
using Xunit.Abstractions;

namespace Microsoft.ML.Mixture.Initialization.Tests;

/// <summary>
/// The default start finds the best maxima known, from nearly every seed. What that costs is printed beside a plain fit: one k-means++ start each, in
/// rows read and in time. The limits of a race, beside its first run and its last ones, are 2.2 times 2,000 passes or eighty of its first run, some 5,200 passes or
/// 180 plain fits, and it may cost as much, if that is no more than 100 million rows; else three plain fits.
/// </summary>
public class PortfolioTests(ITestOutputHelper output)
{
    private const double MostPasses = 5200;
    private const double MostRunsOfPasses = 180;
    private const double MostRows = 1e8;
    private const double MostPlainFits = 3;
    private const double MostPlainFitsOfManyFeatures = 40;

    // Other processors round otherwise, so that of so few seeds one more may miss.
    private const int LeewayOfFewSeeds = 1;

    // What a fit at the default tolerance may leave, in nats a row.
    private const double Slack = 2e-4;

    private const int ManyRows = 280;
    private const int SeedsOfFewRows = 12;
    private const int SeedsOfManyRows = 4;

    private static readonly bool _isNightly = Environment.GetEnvironmentVariable("MIXTURE_NIGHTLY") is not null;

    private static int Leeway => _isNightly ? 0 : LeewayOfFewSeeds;

    public static TheoryData<string> DataSets { get; } = [.. Maxima().Select(entry => entry.Data).Distinct()];

    [Theory]
    [Trait("Kind", "Golden")]
    [MemberData(nameof(DataSets))]
    public void Default_FromNearlyEverySeed_FindsTheBestMaximumOfOthers(string data)
    {
        double[,] rows = Rows(data);
        int seeds = _isNightly ? 100 : rows.GetLength(0) < ManyRows ? SeedsOfFewRows : SeedsOfManyRows;

        // M-steps of common axes of wine take long.
        IEnumerable<Maximum> maxima = Maxima().Where(entry => entry.Data == data && (_isNightly || data != "wine_scaled" || entry.Code is not ("EVE" or "VVE")));
        (string Line, string? Failure)[] results = [.. maxima.AsParallel().AsOrdered().WithDegreeOfParallelism(2).Select(maximum => Try(maximum, rows, seeds))];

        foreach ((string line, _) in results) output.WriteLine(line);
        string[] failures = [.. results.Select(result => result.Failure).OfType<string>()];
        Assert.True(failures.Length == 0, string.Join(Environment.NewLine, failures));
    }

    private static (string Line, string? Failure) Try(Maximum maximum, double[,] rows, int seeds)
    {
        int rowCount = rows.GetLength(0), hits = 0, bestHits = 0, spurious = 0;
        double above = double.NegativeInfinity, slack = Slack * rowCount;
        Cost work = default, plain = default;
        for (int seed = 0; seed < seeds; seed++)
        {
            (FitReport report, Cost cost) = Fit(rows, maximum.ComponentCount, maximum.Code, seed, null);
            work += cost;
            plain += Fit(rows, maximum.ComponentCount, maximum.Code, seed, MixtureStart.KMeansPlusPlus).Cost;
            if (report.SpuriousComponentCount > 0)
            {
                spurious++;
                continue;
            }

            if (report.LogLikelihood >= maximum.LogLikelihood - slack) hits++;
            if (report.LogLikelihood >= maximum.BestFound - slack) bestHits++;
            above = Math.Max(above, report.LogLikelihood - maximum.BestFound);
        }

        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"{maximum.Data} {maximum.ComponentCount} {maximum.Code}: {hits} of {seeds} seeds, the best ever found {bestHits}, {work.Rows / plain.Rows:F1} plain fits, {work.Rows / seeds / rowCount:F0} passes, {work.Milliseconds / seeds:F1} ms, {work.Milliseconds / plain.Milliseconds:F1} plain fits of time, {spurious} spurious");
        double most = Math.Max(MostPlainFits * plain.Rows, Math.Min(Math.Max(seeds * MostPasses * rowCount, MostRunsOfPasses * plain.Rows), seeds * MostRows));
        if (hits < Math.Floor(maximum.LeastShare * seeds) - Leeway || bestHits < Math.Floor(maximum.LeastShareOfBest * seeds) - Leeway || work.Rows > most) return (line, line);
        return (line, maximum.LeastShareOfBest > 0 && above > slack ? string.Create(CultureInfo.InvariantCulture, $"{line}; {maximum.BestFound + above:F8} is above the best ever found") : null);
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Default_AnyNumberOfThreads_GivesTheSameBits()
    {
        var problem = new EngineProblem(RowKind.Overlapping, 3000, 4, 4, 5, hasWeights: true);
        GaussianMixtureModel Fit(int threads) =>
            GaussianMixture.Fit(problem.Rows, new GaussianMixtureOptions { ComponentCount = 4, ThreadCount = threads }, problem.RowWeights);

        GaussianMixtureModel one = Fit(1);

        foreach (int threads in new[] { 2, 3, 8 }) MixtureAssert.SameBits(one, Fit(threads));
    }

    // With a quarter of the time 31 of 40 seeds found the best maximum, and others ended 45 nats below.
    [Fact]
    [Trait("Kind", "Golden")]
    public void Default_GroupsThatShortRacesMiss_AreFoundFromNearlyEverySeed()
    {
        Maximum maximum = Maxima().Single(entry => entry.Data == "quakes_places" && entry.ComponentCount == 4);
        double[,] rows = Rows(maximum.Data);

        double[] reached = [.. Enumerable.Range(0, 30).Select(seed => Fit(rows, 4, maximum.Code, seed, null).Report.LogLikelihood)];

        int hits = reached.Count(value => value >= maximum.BestFound - (Slack * rows.GetLength(0)));
        output.WriteLine($"{hits} of {reached.Length} seeds");
        Assert.InRange(hits, reached.Length - 2, reached.Length);
    }

    // 62 of 100 seeds do. Without moves of runners-up 20 of 40 found it, with more fits with fewer parameters in their place, and some ended 63 nats below.
    [Fact]
    [Trait("Kind", "Golden")]
    public void Default_MaximumThatMovesOfTheBestMiss_IsFoundFromMostSeeds()
    {
        const double Best = 194.737;
        double[,] rows = Rows("olive_oil");

        int hits = Enumerable.Range(0, 40).Count(seed => Fit(rows, 3, "VVV", seed, null).Report.ObjectiveHistory[^1] >= Best - (Slack * rows.GetLength(0)));

        output.WriteLine($"{hits} of 40 seeds");
        Assert.InRange(hits, 24, 40);
    }

    // A weight that is an integer stands for so many rows; where starts are drawn by weight, both lead to the same maximum.
    [Fact]
    [Trait("Kind", "Law")]
    public void Default_RowsWithWeights_ReachesWhatRepeatedRowsDo()
    {
        var problem = new EngineProblem(RowKind.Overlapping, 120, 2, 3, 9);
        double[] weights = [.. Enumerable.Range(0, 120).Select(i => 1.0 + (i % 3))];
        int[] repeated = [.. Enumerable.Range(0, 120).SelectMany(i => Enumerable.Repeat(i, 1 + (i % 3)))];
        double[,] rows = problem.Rows, many = new double[repeated.Length, 2];
        for (int at = 0; at < many.Length; at++) many[at / 2, at % 2] = rows[repeated[at / 2], at % 2];
        var options = new GaussianMixtureOptions { ComponentCount = 3, CovarianceStructure = CovarianceStructure.Tied };

        FitReport weighted = GaussianMixture.Fit(rows, options, weights).Report!, counted = GaussianMixture.Fit(many, options).Report!;

        Assert.InRange(weighted.LogLikelihood, counted.LogLikelihood - 0.02, counted.LogLikelihood + 0.02);
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Default_RowsWithHoles_IsAsGoodAsTenPlainStarts()
    {
        double[,] rows = CsvTable.Load("penguins.csv").Select("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g");
        FitReport Fit(MixtureStart? start, int restarts, int seed) => GaussianMixture.Fit(
            rows, new GaussianMixtureOptions { ComponentCount = 3, Start = start, RestartCount = restarts, Seed = seed }).Report!;

        int asGood = Enumerable.Range(0, 5).Count(seed =>
        {
            FitReport ours = Fit(null, 1, seed), ten = Fit(MixtureStart.KMeansPlusPlus, 10, seed);
            return ours.SpuriousComponentCount == 0 && (ten.SpuriousComponentCount > 0 || ours.ObjectiveHistory[^1] >= ten.ObjectiveHistory[^1] - 0.04);
        });

        Assert.True(asGood >= 4, $"only {asGood} of 5 seeds");
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Default_BetweenSmallAndLarge_RacesOnASample()
    {
        var problem = new EngineProblem(RowKind.Clustered, 20_000, 3, 3, 4);
        var counted = new CountedRowSource(problem.Source, readsInAnyOrder: true);

        FitReport report = GaussianMixture.Fit(counted, new GaussianMixtureOptions { ComponentCount = 3, ThreadCount = 1 }, default).Report!;

        Assert.Equal(StopReason.Converged, report.StopReason);

        // One of these passes looks for stray rows.
        Assert.InRange(counted.RowsRead, 0, 56L * problem.RowCount);
    }

    [Theory]
    [Trait("Kind", "Law")]
    [InlineData("VII", 1.5)]
    [InlineData("EII", 0.05)]
    [InlineData("EEI", 1.5)]
    public void Default_MoreFeaturesThanRows_ComesNearWhatManyRestartsFind(string code, double mostBelow)
    {
        // Single starts miss up to twenty nats a row.
        double[,] rows = CsvTable.Load("tissue_expression_189x500.csv").Features;
        var restarts = new GaussianMixtureOptions { ComponentCount = 5, CovarianceStructure = CovarianceStructure.FromCode(code), RestartCount = 12, Seed = 99 };
        double best = GaussianMixture.Fit(rows, restarts).Report!.LogLikelihood, work = 0, plain = 0;
        for (int seed = 0; seed < 3; seed++)
        {
            (FitReport report, Cost cost) = Fit(rows, 5, code, seed, null);
            work += cost.Rows;
            plain += Fit(rows, 5, code, seed, MixtureStart.KMeansPlusPlus).Cost.Rows;
            Assert.True(report.LogLikelihood >= best - (mostBelow * rows.GetLength(0)), $"seed {seed}: {report.LogLikelihood}, and {best} of twelve races");
        }

        Assert.True(work <= MostPlainFitsOfManyFeatures * plain, $"{work / plain} plain fits");
    }

    private static (FitReport Report, Cost Cost) Fit(double[,] rows, int components, string code, int seed, MixtureStart? start)
    {
        double[] values = new double[rows.Length];
        Buffer.BlockCopy(rows, 0, values, 0, values.Length * sizeof(double));
        var source = new CountedRowSource(new ArrayRowSource<double>(values, rows.GetLength(1)), readsInAnyOrder: false);
        var options = new GaussianMixtureOptions
        {
            ComponentCount = components,
            CovarianceStructure = CovarianceStructure.FromCode(code),
            Seed = seed,
            ThreadCount = 1,
            Start = start,
        };
        long begin = Stopwatch.GetTimestamp();
        FitReport report = GaussianMixture.Fit(source, options, default).Report!;
        return (report, new Cost(source.RowsRead, Stopwatch.GetElapsedTime(begin).TotalMilliseconds));
    }

    private static double[,] Rows(string data) => data switch
    {
        "faithful" => CsvTable.Faithful.Features,
        "iris" => CsvTable.Iris.Features,
        "diabetes" => CsvTable.Diabetes.Features,
        "banknote" => CsvTable.Banknote.Features,
        "wine_scaled" => CsvTable.Standardise(CsvTable.Wine.Features),
        "eruptions" or "waiting" => CsvTable.Faithful.Select(data),
        "quakes_places" => CsvTable.Load("quakes.csv").Select("lat", "long", "depth"),
        "quakes" => CsvTable.Load("quakes.csv").Select("lat", "long", "depth", "mag"),
        _ => CsvTable.Load(data + ".csv").Features,
    };

    private static IEnumerable<Maximum> Maxima() =>
        File.ReadLines(CsvTable.PathOf("maxima.csv")).Skip(1).Select(line => line.Split(',')).Select(fields => new Maximum(
            fields[0], int.Parse(fields[1], CultureInfo.InvariantCulture), fields[2], double.Parse(fields[3], CultureInfo.InvariantCulture),
            double.Parse(fields[4], CultureInfo.InvariantCulture), double.Parse(fields[5], CultureInfo.InvariantCulture), double.Parse(fields[6], CultureInfo.InvariantCulture)));

    private sealed record Maximum(string Data, int ComponentCount, string Code, double LogLikelihood, double BestFound, double LeastShareOfBest, double LeastShare);

    private readonly record struct Cost(double Rows, double Milliseconds)
    {
        public static Cost operator +(Cost one, Cost other) => new(one.Rows + other.Rows, one.Milliseconds + other.Milliseconds);
    }
}
