using Microsoft.ML.Mixture.Engine.Tests;

namespace Microsoft.ML.Mixture.Selection.Tests;

/// <summary>What a search holds on to.</summary>
[Collection("Timed")]
public class SearchMemoryTests
{
    [Fact]
    [Trait("Kind", "Cost")]
    public void Search_ManyRowsAndModels_HoldsNothingOfTheSizeOfTheRowsForEachModel()
    {
        var problem = new EngineProblem(RowKind.Clustered, 100_000, 2, 3, 6);
        double[,] rows = problem.Rows;
        var watch = new Watch();
        long before = GC.GetTotalMemory(forceFullCollection: true);

        GaussianMixture.Search(rows, new GaussianMixtureSearchOptions { MinimumComponentCount = 2, MaximumComponentCount = 4, ThreadCount = 1, Progress = watch });

        // Less than before is right, too: the collector may free what other tests have left. A copy of the rows and their labels is of this size; 42 models with an order of the rows of their own take some 60 MB.
        Assert.True(watch.AtTheEnd - before <= 30_000_000, $"The search holds {watch.AtTheEnd - before} bytes at its end.");
    }

    /// <summary>Every model was compared with all before it, which took seconds of any time budget for some thousand components.</summary>
    [Fact]
    [Trait("Kind", "Cost")]
    public void CreateAll_ManyComponents_LooksForTwinsAmongThoseOfTheSameNumberAlone()
    {
        var options = new GaussianMixtureSearchOptions { MaximumComponentCount = 1000, CovarianceStructures = CovarianceStructure.BuiltIn };
        long before = GC.GetAllocatedBytesForCurrentThread();

        MixtureCandidate[] all = MixtureCandidate.CreateAll(options, dimension: 2);

        // It was 800 MB.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000_000);
        Assert.Equal(1000 * CovarianceStructure.BuiltIn.Count, all.Length);
        Assert.All(all, candidate => Assert.Equal(candidate.ComponentCount, candidate.SameAs?.ComponentCount ?? candidate.ComponentCount));
    }

    private sealed class Watch : IProgress<MixtureSearchProgress>
    {
        public long AtTheEnd { get; private set; } = long.MaxValue;

        public void Report(MixtureSearchProgress value)
        {
            if (value.CompletedSteps == value.TotalSteps) AtTheEnd = GC.GetTotalMemory(forceFullCollection: true);
        }
    }
}
