using Xunit.Abstractions;

namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>What a fit takes of memory, in all and while it goes on. What is allocated on one thread is not disturbed by other tests.</summary>
public class AllocationTests(ITestOutputHelper output)
{
    [Theory]
    [Trait("Kind", "Cost")]
    [InlineData("full", 3, 700)]
    [InlineData("tied", 3, 700)]
    [InlineData("diagonal", 3, 700)]
    [InlineData("spherical", 3, 700)]
    [InlineData("tied-shape-diagonal", 3, 700)]
    [InlineData("tied-volume-diagonal", 3, 700)]
    [InlineData("tied-shape-and-orientation", 3, 700)]
    [InlineData("tied-volume-and-shape", 3, 700)]
    [InlineData("tied-shape", 3, 700)]
    [InlineData("tied-volume", 3, 700)]
    [InlineData("full", 18, 700)]
    [InlineData("tied", 18, 700)]
    [InlineData("full", 2, 9_000)]
    [InlineData("tied", 4, 9_000)]
    [InlineData("diagonal", 4, 9_000)]
    [InlineData("spherical", 4, 9_000)]
    public void Run_SteadyIterations_AllocateNothing(string name, int dimension, int rowCount)
    {
        var problem = new EngineProblem(RowKind.Overlapping, rowCount, dimension, 4, 2, hasWeights: true);
        MixtureState start = problem.State(problem.Family(BoundsTests.Structure(name)));
        foreach (Acceleration? acceleration in (Acceleration?[])[null, new Acceleration()])
        {
            // A collection that tests beside this one set off moves the count of a thread by what it had been given in advance, so one quiet run of five is enough.
            bool isLast = false;
            for (int run = 0; run < 5 && !isLast; run++) isLast = CountIterations(problem, start, acceleration, isStrict: run == 4);
        }
    }

    // All runs of a race use the same memory: each with buffers of its own took several times as much, and most of the time.
    [Fact]
    [Trait("Kind", "Cost")]
    public void Fit_DefaultStartOnFewRows_AllocatesLessThanTwoMegabytes()
    {
        var options = new GaussianMixtureOptions { ComponentCount = 3, ThreadCount = 1 };
        double[,] rows = CsvTable.Iris.Features;
        GaussianMixture.Fit(rows, options);
        long least = long.MaxValue;
        for (int run = 0; run < 3; run++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            GaussianMixture.Fit(rows, options);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        output.WriteLine($"{least} bytes");
        Assert.InRange(least, 0, 2_000_000);
    }

    private static bool CountIterations(EngineProblem problem, MixtureState start, Acceleration? acceleration, bool isStrict)
    {
        const int Iterations = 60;
        long[] allocated = new long[Iterations + 1];
        using var step = new ExpectationStep(problem.Source, start.Components, problem.RowWeightTotal, threadCount: 1);
        MixtureFit fit = ExpectationMaximization.Run(
            start, step, new StoppingRule(Iterations, 0, problem.RowWeightTotal), acceleration,
            history => allocated[history.IterationCount] = GC.GetAllocatedBytesForCurrentThread(), CancellationToken.None);

        Assert.InRange(fit.IterationCount, 40, Iterations);

        // The two lists of the history double their room now and then.
        int[] busy = [.. Enumerable.Range(20, fit.IterationCount - 19).Where(t => !int.IsPow2(t) && allocated[t] != allocated[t - 1])];
        if (isStrict) Assert.True(busy.Length == 0, $"Iterations {string.Join(", ", busy)} have allocated.");
        if (isStrict) Assert.InRange(allocated[32] - allocated[31], 0, 2_000);
        return busy.Length == 0;
    }

    [Theory]
    [Trait("Kind", "Cost")]
    [InlineData(0, 32)]
    [InlineData(1e-6, 450)]
    public void Fit_AMillionRows_TakesFewMegabytesBesideThem(double tolerance, int megabytes)
    {
        // Rows that are made when they are read take no memory. All that is allocated counts, so the peak is no higher. With a tolerance, starts
        // race on a sample, and each leaves the responsibilities of that behind.
        var options = new GaussianMixtureOptions { ComponentCount = 16, MaximumIterations = 3, Tolerance = tolerance, ThreadCount = 1 };
        var rows = new CountedRowSource(new MadeRowSource(1_000_000, 16, 16), readsInAnyOrder: true);

        long before = GC.GetAllocatedBytesForCurrentThread();
        GaussianMixtureModel model = GaussianMixture.Fit(rows, options, CancellationToken.None);
        double allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)(1 << 20);

        output.WriteLine($"{allocated:F1} MB for {model.Report!.IterationCount} iterations");
        Assert.InRange(model.Report!.IterationCount, 1, 3);
        Assert.True(rows.RowsReadOutOfOrder > 0, "Rows were neither sampled nor sorted.");
        Assert.True(allocated < megabytes, $"{allocated:F1} MB");
    }

    /// <summary>Rows of several groups that are made when they are read.</summary>
    private sealed class MadeRowSource(int rowCount, int dimension, int groups) : RowSource
    {
        private readonly double[] _noise = Noise();

        public override int Dimension => dimension;

        public override int RowCount => rowCount;

        internal override bool ReadsInAnyOrder => true;

        public override void Read(int firstRow, int rowCount, Span<double> values, int stride, Span<double> weights)
        {
            for (int i = 0; i < rowCount; i++) ReadOne(firstRow + i, 1, values[i..], stride);
            weights[..rowCount].Fill(1);
        }

        internal override void ReadScaled(ReadOnlySpan<int> rows, double factor, Span<double> values, int stride, Span<double> weights)
        {
            for (int i = 0; i < rows.Length; i++) ReadOne(rows[i], factor, values[i..], stride);
            weights[..rows.Length].Fill(1);
        }

        private void ReadOne(int row, double factor, Span<double> values, int stride)
        {
            // No row comes again, for copies are told apart from others, which takes memory.
            int group = row % groups, turn = row >> 16;
            for (int j = 0; j < dimension; j++) values[j * stride] = factor * (_noise[((row * 37) + (j * 101) + (turn * j * 7919)) & 65535] + (3 * _noise[(group * 16) + j]));
        }

        private static double[] Noise()
        {
            var random = new Random(1);
            return [.. Enumerable.Range(0, 65536).Select(_ => Laws.Tests.MixtureCase.Normal(random))];
        }
    }
}
