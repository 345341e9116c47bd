using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>Whole fits at default options are the same for any number of threads, and small ones have one.</summary>
public class ThreadTests
{
    // More than four times the first sample of a start.
    private const int RowCount = 70_000;

    [Theory]
    [Trait("Kind", "Determinism")]
    [InlineData("full", 5, false)]
    [InlineData("full", 5, true)]
    [InlineData("tied", 5, false)]
    [InlineData("tied", 5, true)]
    [InlineData("diagonal", 6, false)]
    [InlineData("diagonal", 6, true)]
    [InlineData("spherical", 6, false)]
    [InlineData("spherical", 6, true)]
    public void Fit_DefaultOptionsAnyNumberOfThreads_GivesTheSameBits(string name, int dimension, bool hasWeights)
    {
        var problem = new EngineProblem(hasWeights ? RowKind.Overlapping : RowKind.Clustered, RowCount, dimension, 8, 3, hasWeights);
        GaussianMixtureModel? expected = null;
        foreach (int threads in (int[])[1, 3, 16])
        {
            var source = new CountedRowSource(problem.Source, readsInAnyOrder: true);
            var options = new GaussianMixtureOptions
            {
                ComponentCount = 8,
                CovarianceStructure = BoundsTests.Structure(name),
                MaximumIterations = 8,
                Seed = 5,
                ThreadCount = threads,
            };
            GaussianMixtureModel model = GaussianMixture.Fit(source, options, CancellationToken.None);
            Assert.True(source.RowsReadOutOfOrder > 0, "No sample was drawn and no row sorted.");
            Assert.True(model.Report!.IterationCount > 0);
            expected ??= model;
            MixtureAssert.SameBits(expected, model);
        }
    }

    [Theory]
    [Trait("Kind", "Cost")]
    [InlineData("full", 1_000)]
    [InlineData("full", 5_000)]
    [InlineData("tied", 1_000)]
    [InlineData("diagonal", 5_000)]
    [InlineData("spherical", 1_000)]
    public void Fit_SmallProblem_ReadsRowsOnOneThread(string name, int rowCount)
    {
        var problem = new EngineProblem(RowKind.Overlapping, rowCount, 2, 3, 1);
        using (var step = new ExpectationStep(problem.Source, problem.State(problem.Family(BoundsTests.Structure(name))).Components, rowCount, threadCount: 16))
        {
            Assert.Null(step.Team);
        }

        var source = new CountedRowSource(problem.Source, readsInAnyOrder: true);
        var options = new GaussianMixtureOptions { ComponentCount = 3, CovarianceStructure = BoundsTests.Structure(name), ThreadCount = 16, Start = MixtureStart.KMeansPlusPlus };
        GaussianMixture.Fit(source, options, CancellationToken.None);
        Assert.Equal([Environment.CurrentManagedThreadId], source.Threads);
    }

    [Fact]
    [Trait("Kind", "Cost")]
    public void ExpectationStep_LargeProblem_HasATeam()
    {
        var problem = new EngineProblem(RowKind.Overlapping, 50_000, 3, 4, 1);
        MixtureState state = problem.State(problem.Family(CovarianceStructure.Full));
        var source = new CountedRowSource(problem.Source, readsInAnyOrder: true);
        using var step = new ExpectationStep(source, state.Components, problem.RowCount, threadCount: 3);
        Assert.NotNull(step.Team);
        for (int pass = 0; pass < 20 && source.Threads.Count < 2; pass++) step.Run(state, CancellationToken.None);
        Assert.InRange(source.Threads.Count, 2, 3);
    }
}
