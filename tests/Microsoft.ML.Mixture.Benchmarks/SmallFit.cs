using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Mixture.Benchmarks;

/// <summary>Fits so small that the first of a process is spent on compiling: 1,000 x 2 with three components in fresh processes, then iris, warm.</summary>
internal static class SmallFit
{
    private const int FreshProcesses = 5;
    private const int RowCount = 1000;
    private const int Dimension = 2;
    private const int WarmFits = 2000;

    public static void Run()
    {
        foreach (string api in new[] { "core", "trainer" })
        {
            string[] best = [.. Enumerable.Range(0, FreshProcesses).Select(_ => RunFresh(api)).MinBy(Seconds)!.Split(' ')];
            Console.WriteLine(
                $"mixture-first-fit {api} {best[0]} s, {best[1]} iterations{(api == "core" ? $" in {best[2]} s" : "")}; {best[3]} ms an iteration over the whole fit, {best[4]} methods compiled in {best[5]} s; the second fit {best[6]} s");
        }

        WarmIris();
    }

    /// <summary>What a fresh process does: the first fit, timed from the call to its return.</summary>
    public static void RunFirst(string api)
    {
        float[] rows = Rows();
        Func<IProgress<FitProgress>?, int> fit = api == "core" ? progress => FitCore(rows, progress) : PrepareTrainer(rows);
        var clock = new Clock();
        long methods = JitInfo.GetCompiledMethodCount();
        TimeSpan compiling = JitInfo.GetCompilationTime();
        long start = Stopwatch.GetTimestamp();
        int iterations = fit(clock);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        methods = JitInfo.GetCompiledMethodCount() - methods;
        compiling = JitInfo.GetCompilationTime() - compiling;
        start = Stopwatch.GetTimestamp();
        fit(null);
        double second = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine($"{seconds:F4} {iterations} {clock.Seconds:F4} {1000 * seconds / iterations:F2} {methods} {compiling.TotalSeconds:F4} {second:F5}");
    }

    private static double Seconds(string line) => double.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture);

    private static string RunFresh(string api)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(typeof(SmallFit).Assembly.Location);
        start.ArgumentList.Add("small-first");
        start.ArgumentList.Add(api);
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output.Trim();
    }

    private static void WarmIris()
    {
        float[] rows =
        [
            .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "iris.csv")).Skip(1)
                .SelectMany(line => line.Split(',').Take(4).Select(value => float.Parse(value, CultureInfo.InvariantCulture))),
        ];
        var ml = new MLContext(seed: 1);
        IDataView data = ml.Data.Cache(Data(ml, rows, 4));
        GaussianMixtureTrainer trainer = ml.Clustering.Trainers.GaussianMixture(numberOfComponents: 3);
        double core = double.PositiveInfinity, pipeline = double.PositiveInfinity;
        int iterations = 0;
        for (int i = 0; i < WarmFits; i++)
        {
            long start = Stopwatch.GetTimestamp();
            iterations = GaussianMixture.Fit(new ArrayRowSource<float>(rows, 4), new GaussianMixtureOptions { ComponentCount = 3 }, CancellationToken.None).Report!.IterationCount;
            core = Math.Min(core, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            start = Stopwatch.GetTimestamp();
            trainer.Fit(data);
            pipeline = Math.Min(pipeline, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        Console.WriteLine($"mixture-warm-fit iris core {core:F3} ms, trainer {pipeline:F3} ms, {iterations} iterations");
    }

    private static int FitCore(float[] rows, IProgress<FitProgress>? progress) => GaussianMixture.Fit(
        new ArrayRowSource<float>(rows, Dimension), new GaussianMixtureOptions { ComponentCount = 3, Progress = progress }, CancellationToken.None).Report!.IterationCount;

    // Without a clock, as its progress goes to ML.NET's channels.
    private static Func<IProgress<FitProgress>?, int> PrepareTrainer(float[] rows)
    {
        var ml = new MLContext(seed: 1);
        IDataView data = Data(ml, rows, Dimension);
        GaussianMixtureTrainer trainer = ml.Clustering.Trainers.GaussianMixture(numberOfComponents: 3);
        return _ => trainer.Fit(data).Model.Mixture.Report!.IterationCount;
    }

    private static IDataView Data(MLContext ml, float[] rows, int dimension)
    {
        var definition = SchemaDefinition.Create(typeof(PipelineData.Row));
        definition[nameof(PipelineData.Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, dimension);
        return ml.Data.LoadFromEnumerable(rows.Chunk(dimension).Select(row => new PipelineData.Row { Features = row }).ToArray(), definition);
    }

    // Three groups that touch.
    private static float[] Rows()
    {
        var random = new Random(1);
        return
        [
            .. Enumerable.Range(0, RowCount).SelectMany(i => new[] { (2.5f * (i % 3)) + Normal(), (i % 3 == 1 ? 2 : 0) + Normal() }),
        ];

        float Normal() => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
    }

    private sealed class Clock : IProgress<FitProgress>
    {
        private long _first;
        private long _last;

        public double Seconds => Stopwatch.GetElapsedTime(_first, _last).TotalSeconds;

        public void Report(FitProgress value)
        {
            _last = Stopwatch.GetTimestamp();
            if (value.Iteration == 0) _first = _last;
        }
    }
}
