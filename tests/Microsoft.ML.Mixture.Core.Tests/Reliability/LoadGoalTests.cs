using System.Diagnostics;
using Microsoft.ML.Mixture.Engine.Tests;
using Microsoft.ML.Mixture.Laws.Tests;
using Xunit.Abstractions;

namespace Microsoft.ML.Mixture.Reliability.Tests;

/// <summary>200 fits at once, 2,000 with MIXTURE_NIGHTLY=1: each is right to the bit, and none starves.</summary>
/// <remarks>
/// The measure: all fits do the same number of steps on as many rows, each on a thread of its own with a worker beside it, and begin together.
/// The time of a fit is from that beginning to its end. Whatever else the machine does delays all of them alike, so that the longest time over
/// the median tells of the fits alone; it is one if threads take turns and two if they run one after the other.
/// </remarks>
[Collection("Timed")]
public class LoadGoalTests(ITestOutputHelper output)
{
    private const int Problems = 8;

    [Fact]
    [Trait("Kind", "Concurrency")]
    public void Fit_ManyAtOnce_AreAllRightAndNoneStarves()
    {
        int count = GoalSize.Of(200, 2_000);
        ArrayRowSource<double>[] rows = [.. Enumerable.Range(0, Problems).Select(seed => new EngineProblem(RowKind.Overlapping, 1_700, 12, 8, seed).Source)];
        GaussianMixtureModel[] alone = [.. rows.Select(source => Fit(source))];
        GaussianMixtureModel?[] models = new GaussianMixtureModel?[count];
        double[] seconds = new double[count];
        using var together = new Barrier(count + 1);

        // From one moment for all: a thread that wakes up late has waited as well.
        long started = 0;
        Thread[] threads = [.. Enumerable.Range(0, count).Select(at => new Thread(
            () =>
            {
                together.SignalAndWait();
                models[at] = Fit(rows[at % Problems]);
                seconds[at] = Stopwatch.GetElapsedTime(Volatile.Read(ref started)).TotalSeconds;
            },
            maxStackSize: 256 << 10))];
        Array.ForEach(threads, thread => thread.Start());
        Volatile.Write(ref started, Stopwatch.GetTimestamp());
        together.SignalAndWait();
        Array.ForEach(threads, thread => thread.Join());

        Array.Sort(seconds);
        double median = seconds[count / 2], worst = seconds[^1];
        output.WriteLine($"{count} fits at once: median {median:F2} s, worst {worst:F2} s, {worst / median:F2} times the median.");
        for (int at = 0; at < count; at++) MixtureAssert.SameBits(alone[at % Problems], models[at]!);
        Assert.InRange(worst / median, 1, 5);
    }

    private static GaussianMixtureModel Fit(ArrayRowSource<double> rows) => GaussianMixture.Fit(
        rows, new GaussianMixtureOptions { ComponentCount = 8, Tolerance = 0, MaximumIterations = 3, ThreadCount = 2 }, CancellationToken.None);
}
