using Microsoft.ML.Mixture.Engine.Tests;
using Xunit.Abstractions;

namespace Microsoft.ML.Mixture.Reliability.Tests;

/// <summary>
/// Eight threads score a million rows each with one model, sixteen a hundred million each with MIXTURE_NIGHTLY=1; of rows with holes, which take longer, a
/// twentieth. The bits are those of one thread, and no row allocates.
/// </summary>
[Collection("Timed")]
public class ConcurrentScoringGoalTests(ITestOutputHelper output)
{
    private static readonly int _threadCount = GoalSize.Of(8, 16);

    [Theory]
    [Trait("Kind", "Concurrency")]
    [InlineData(false)]
    [InlineData(true)]
    public void Score_OnManyThreads_HasTheBitsOfOneAndAllocatesNothing(bool hasHoles)
    {
        int rowCount = GoalSize.Of(1_000_000, 100_000_000) / (hasHoles ? 20 : 1);
        var problem = new EngineProblem(RowKind.Overlapping, 20_000, 6, 5, 4);
        GaussianMixtureModel model = GaussianMixture.Fit(
            new ArrayRowSource<double>(problem.Values.AsMemory(0, 2_000 * 6), 6), new GaussianMixtureOptions { ComponentCount = 5, MaximumIterations = 5 }, CancellationToken.None);
        double[] rows = problem.Values;
        for (int i = 0; hasHoles && i < problem.RowCount; i += 2) rows[(i * 6) + (i / 2 % 6)] = double.NaN;
        (ulong expected, _) = Score(model, rows, rowCount);

        ulong[] sums = new ulong[_threadCount];
        long[] allocated = new long[_threadCount];
        using var together = new Barrier(_threadCount);
        Thread[] threads = [.. Enumerable.Range(0, _threadCount).Select(thread => new Thread(() =>
        {
            together.SignalAndWait();
            (sums[thread], allocated[thread]) = Score(model, rows, rowCount);
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        output.WriteLine($"{_threadCount} threads x {rowCount} rows: {sums.Count(sum => sum != expected)} threads with other bits, {allocated.Sum()} bytes allocated in {(long)_threadCount * rowCount} rows.");
        Assert.All(sums, sum => Assert.Equal(expected, sum));
        Assert.All(allocated, bytes => Assert.Equal(0, bytes));
    }

    // A hash of all bits in order. The first rows may make room.
    private static (ulong Hash, long Allocated) Score(GaussianMixtureModel model, double[] rows, int rowCount)
    {
        MixtureScorer scorer = model.CreateScorer();
        double[] responsibilities = new double[model.ComponentCount];
        int dimension = model.Dimension, distinct = rows.Length / dimension;
        ulong hash = 14695981039346656037;
        long before = 0;
        for (int i = -100; i < rowCount; i++)
        {
            if (i == 0) before = GC.GetAllocatedBytesForCurrentThread();
            scorer.Score(rows.AsSpan((i + 100) % distinct * dimension, dimension));
            scorer.CopyResponsibilities(responsibilities);
            hash = (hash ^ BitConverter.DoubleToUInt64Bits(scorer.LogDensity)) * 1099511628211;
            hash = (hash ^ (ulong)scorer.Component) * 1099511628211;
            foreach (double value in responsibilities) hash = (hash ^ BitConverter.DoubleToUInt64Bits(value)) * 1099511628211;
        }

        return (hash, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
