using Microsoft.ML.Mixture.Engine.Tests;

namespace Microsoft.ML.Mixture.Initialization.Tests;

/// <summary>Mixtures of a sample that a race on all rows begins with, and that others still have.</summary>
public class LeadersTests
{
    private const int RowCount = 600;
    private const int ComponentCount = 4;

    // Another run took their memory.
    [Theory]
    [Trait("Kind", "Race")]
    [InlineData(1)]
    [InlineData(4)]
    public void Run_Leaders_LeavesThemAsTheyWere(int leaderCount)
    {
        (StartAttempt attempt, IReadOnlyList<MixtureState> leaders) = Prepare(leaderCount);
        StartContext context = attempt.Context;
        double[][] before = [.. leaders.Select(Parameters)];

        using (context.Memory)
        using (var race = new StartRace(attempt, context.Rows.Source, context.Memory, RowCount, context.Tolerance, new(seed: 3, threadSafe: false)) { Leaders = leaders, PassesOfFirst = 100 })
        {
            Assert.NotNull(race.Run().State);
        }

        Assert.Equal(before, leaders.Select(Parameters));
    }

    private static (StartAttempt Attempt, IReadOnlyList<MixtureState> Leaders) Prepare(int leaderCount)
    {
        var problem = new EngineProblem(RowKind.Overlapping, RowCount, 2, ComponentCount, 3);
        var options = new GaussianMixtureOptions { ComponentCount = ComponentCount, Seed = 2 };
        ScaledRows scaled = GaussianFit.Prepare(problem.Source, options, CancellationToken.None);
        var memory = new RunMemory(scaled.Rows.Source, RowCount, threadCount: 1);
        var context = new StartContext(GaussianFit.Family(scaled, options), scaled, options, memory, CancellationToken.None);
        MixtureState[] leaders = [.. Enumerable.Range(0, leaderCount).Select(index => MixtureStart.KMeansPlusPlus.Create(StartAttempt.Of(context, index)).State!.Value)];
        return (StartAttempt.Of(context, 0), leaders);
    }

    private static double[] Parameters(MixtureState state)
    {
        var components = (GaussianComponents)state.Components;
        return [.. state.Weights, .. components.Means.ToArray(), .. components.Covariances.ToArray()];
    }
}
