using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.ML.Mixture.Engine.Tests;
using Xunit.Abstractions;

namespace Microsoft.ML.Mixture.Reliability.Tests;

/// <summary>
/// Fits that are cancelled at a random moment stop at once and leave nothing behind: 100 of them, 1,000 with MIXTURE_NIGHTLY=1, on which also
/// the rows are a million.
/// </summary>
/// <remarks>
/// What is asserted does not depend on how busy the machine is: after the cancellation each thread reads no more than the block that it is
/// about to read, beside the pass over all rows that makes a model of what a sample has led to, where a model is wanted, and the median of the
/// times is far below what any phase of the fit takes. The times themselves are printed.
/// </remarks>
[Collection("Timed")]
public class CancellationGoalTests(ITestOutputHelper output)
{
    private const int Dimension = 16;
    private const int Threads = 2;
    private static readonly int _rowCount = GoalSize.Of(20_000, 1_000_000);
    private static readonly Lazy<double[]> _values = new(() => new EngineProblem(RowKind.Overlapping, _rowCount, Dimension, 8, 1).Values);

    [Fact]
    [Trait("Kind", "Cancellation")]
    public void Fit_CancelledAtRandomMoments_StopsAtOnceAndLeavesNothingBehind()
    {
        int cancels = GoalSize.Of(100, 1_000), returned = 0;
        var random = new Random(5);
        TimeSpan whole = Enumerable.Range(0, 3).Min(_ => Measure());
        var times = new List<double>();
        long mostRowsAfterwards = 0;
        var left = new List<WeakReference>();
        int threadsBefore = WorkerThreads(), attempts = 0;

        // A fit that was over before it was cancelled counts for nothing. Fits may take longer than the shortest, and it is near their end that they have a model.
        while (times.Count < cancels && attempts < 10 * cancels)
        {
            CancellationBehavior behavior = attempts++ % 2 == 0 ? CancellationBehavior.Throw : CancellationBehavior.ReturnBest;
            (double? milliseconds, long rows, bool hasModel, WeakReference reference) = CancelAfter(1.4 * random.NextDouble() * whole, behavior);
            left.Add(reference);
            if (milliseconds is not { } time) continue;
            times.Add(time);
            mostRowsAfterwards = Math.Max(mostRowsAfterwards, rows);
            if (hasModel) returned++;
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        int alive = left.Count(reference => reference.IsAlive), threadsLeft = WorkerThreads() - threadsBefore;
        times.Sort();
        output.WriteLine(
            $"{times.Count} cancels at random within {whole.TotalMilliseconds:F0} ms of fits to {_rowCount} x {Dimension} rows: median {times[times.Count / 2]:F0} ms, "
            + $"99 % within {times[times.Count * 99 / 100]:F0} ms, worst {times[^1]:F0} ms; at most {mostRowsAfterwards} rows read afterwards; {returned} returned a model; "
            + $"{alive} sources and {threadsLeft} threads left behind.");
        Assert.Equal(cancels, times.Count);
        Assert.InRange(mostRowsAfterwards, 0, Threads * RowPartition.BlockSizeOf(Dimension));
        Assert.InRange(times[times.Count / 2], 0, 250);
        Assert.InRange(returned, 1, cancels);
        Assert.Equal((0, 0), (alive, threadsLeft));
    }

    // The time is null if the fit was over before.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (double? Milliseconds, long Rows, bool HasModel, WeakReference Source) CancelAfter(TimeSpan delay, CancellationBehavior behavior)
    {
        using var cancellation = new CancellationTokenSource();
        long rowsBefore = 0, cancelled = 0;
        CountedRowSource source = Source();
        GaussianMixtureOptions options = Options();
        options.CancellationBehavior = behavior;

        // A thread of its own: a timer needs a free thread of the pool.
        var canceller = new Thread(() =>
        {
            Thread.Sleep(delay);
            Volatile.Write(ref cancelled, Stopwatch.GetTimestamp());
            cancellation.Cancel();
            rowsBefore = source.RowsRead;
        });
        canceller.Start();
        GaussianMixtureModel? model = null;
        bool hasThrown = false;
        try
        {
            model = GaussianMixture.Fit(source, options, cancellation.Token);
        }
        catch (OperationCanceledException)
        {
            hasThrown = true;
        }

        double milliseconds = Stopwatch.GetElapsedTime(Volatile.Read(ref cancelled)).TotalMilliseconds;
        canceller.Join();
        bool isPartial = model is { Report.UnfinishedStartCount: > 0 };
        if (isPartial) Assert.True(behavior == CancellationBehavior.ReturnBest && double.IsFinite(model!.Report!.LogLikelihood));
        // What has been found on a sample becomes a model by a pass over all rows.
        long read = source.RowsRead - rowsBefore - (isPartial && model!.Report!.IterationCount == 0 ? _rowCount : 0);
        return (hasThrown || isPartial ? milliseconds : null, Math.Max(0, read), isPartial, new WeakReference(source));
    }

    private static TimeSpan Measure()
    {
        long started = Stopwatch.GetTimestamp();
        GaussianMixture.Fit(Source(), Options(), CancellationToken.None);
        return Stopwatch.GetElapsedTime(started);
    }

    private static CountedRowSource Source() => new(new ArrayRowSource<double>(_values.Value, Dimension), readsInAnyOrder: true);

    private static GaussianMixtureOptions Options() => new() { ComponentCount = 8, Tolerance = 1e-12, MaximumIterations = 10, ThreadCount = Threads };

    // Only Linux tells the names of the threads of a process.
    private static int WorkerThreads()
    {
        const string Tasks = "/proc/self/task";
        if (!Directory.Exists(Tasks)) return 0;

        // A thread that was told to end may need a moment.
        int count = 0;
        for (int attempt = 0; attempt < 100; attempt++)
        {
            count = Directory.GetDirectories(Tasks).Count(IsWorker);
            if (count == 0) break;
            Thread.Sleep(10);
        }

        return count;
    }

    private static bool IsWorker(string task)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm")).StartsWith("Mixture worker", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
