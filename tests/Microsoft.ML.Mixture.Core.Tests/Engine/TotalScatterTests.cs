using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>The tied covariance from the scatter of all rows is the one from the scatter of each component.</summary>
public class TotalScatterTests
{
    private const int Iterations = 10;

    [Theory]
    [Trait("Kind", "Reference")]
    [InlineData(RowKind.Clustered, 1, 3, 0, false)]
    [InlineData(RowKind.Overlapping, 2, 5, 0, true)]
    [InlineData(RowKind.Overlapping, 2, 3, 1e6, true)]
    [InlineData(RowKind.Overlapping, 5, 4, -1e6, false)]
    [InlineData(RowKind.Overlapping, 9, 2, 0, false)]
    [InlineData(RowKind.Odd, 3, 4, 1e6, true)]
    [InlineData(RowKind.Overlapping, 17, 3, 1e6, true)]
    [InlineData(RowKind.Overlapping, 4, 3, 1e8, false)]
    public void Run_TotalScatter_AgreesWithThatOfEachComponent(RowKind kind, int dimension, int componentCount, double offset, bool hasWeights)
    {
        EngineProblem problem = Moved(kind, dimension, componentCount, offset, hasWeights);
        MixtureFit expected = Run(problem, new SeparateTiedCovariance(), problem.Centres, 2), actual = Run(problem, CovarianceStructure.Tied, problem.Centres, 2);

        Assert.Null(expected.Components.ConstantStatisticsKey);
        Assert.NotNull(actual.Components.ConstantStatisticsKey);
        Compare(expected, actual, offset);
    }

    [Theory]
    [Trait("Kind", "Reference")]
    [InlineData(0)]
    [InlineData(1e6)]
    public void Run_MeansThatComeFromFar_AgreesWithThatOfEachComponent(double offset)
    {
        EngineProblem problem = Moved(RowKind.Overlapping, 3, 3, offset, hasWeights: true);
        double[] far = [.. problem.Centres.Select(value => value + 60)];
        Assert.Null(problem.Create(problem.Family(CovarianceStructure.Tied), far, _ => 0.5).Components.ConstantStatisticsKey);

        MixtureFit expected = Run(problem, new SeparateTiedCovariance(), far, 0.5), actual = Run(problem, CovarianceStructure.Tied, far, 0.5);

        Assert.NotNull(actual.Components.ConstantStatisticsKey);
        Compare(expected, actual, offset);
    }

    [Theory]
    [Trait("Kind", "Reference")]
    [InlineData(0)]
    [InlineData(1e6)]
    public void Run_MeansThatDriftFar_AgreesWithThatOfEachComponent(double offset)
    {
        // In standard deviations the third group lies far from the middle of all, but not so at first.
        EngineProblem problem = Moved(RowKind.Overlapping, 2, 3, offset, hasWeights: false);
        for (int i = 0; i < problem.RowCount; i += 4)
        {
            for (int j = 0; j < 2; j++) problem.Values[(i * 2) + j] += 300;
        }

        double[] means = [.. problem.Centres];
        means[4] += 300;
        means[5] += 300;
        Assert.NotNull(problem.Create(problem.Family(CovarianceStructure.Tied), means, _ => 3_000).Components.ConstantStatisticsKey);

        MixtureFit expected = Run(problem, new SeparateTiedCovariance(), means, 3_000), actual = Run(problem, CovarianceStructure.Tied, means, 3_000);

        Assert.Null(actual.Components.ConstantStatisticsKey);
        Compare(expected, actual, offset);
    }

    [Fact]
    [Trait("Kind", "Degenerate")]
    public void Run_ComponentWithoutRows_AgreesWithThatOfEachComponent()
    {
        EngineProblem problem = Moved(RowKind.Overlapping, 3, 4, 0, hasWeights: false);
        MixtureFit expected = Run(problem, new SeparateTiedCovariance(), problem.Centres, 2, 1e-300), actual = Run(problem, CovarianceStructure.Tied, problem.Centres, 2, 1e-300);

        Assert.NotNull(actual.Components.ConstantStatisticsKey);
        Assert.InRange(actual.EffectiveCounts[0], 0, 1e-290);
        Compare(expected, actual, 0);
    }

    private static EngineProblem Moved(RowKind kind, int dimension, int componentCount, double offset, bool hasWeights)
    {
        var problem = new EngineProblem(kind, 1_501, dimension, componentCount, 11, hasWeights);
        for (int at = 0; at < problem.Values.Length; at++) problem.Values[at] += offset;
        for (int at = 0; at < problem.Centres.Length; at++) problem.Centres[at] += offset;
        return problem;
    }

    private static MixtureFit Run(EngineProblem problem, CovarianceStructure structure, double[] means, double variance, double? firstWeight = null)
    {
        MixtureState start = problem.Create(problem.Family(structure), means, _ => variance);
        if (firstWeight is { } weight) start.Weights[0] = weight;
        using var step = new ExpectationStep(problem.Source, start.Components, problem.RowWeightTotal, threadCount: 1);
        var rule = new StoppingRule(Iterations, 0, problem.RowWeightTotal);
        return ExpectationMaximization.Run(start, step, rule, acceleration: null, progress: null, CancellationToken.None);
    }

    private static void Compare(MixtureFit expected, MixtureFit actual, double offset)
    {
        Assert.Equal((Iterations, Iterations), (expected.IterationCount, actual.IterationCount));
        MixtureAssert.Close(expected.ObjectiveHistory, actual.ObjectiveHistory, 1e-10, "objective");
        Closeness.ToScale(expected.Weights, actual.Weights, 1e-10, "Weights");
        GaussianComponents wanted = (GaussianComponents)expected.Components, got = (GaussianComponents)actual.Components;
        Closeness.ToScale(Inner(wanted.Means), Inner(got.Means), 1e-10, "Means");
        Closeness.ToScale(wanted.Covariances.ToArray(), got.Covariances.ToArray(), 1e-10, "Covariance");

        double[] Inner(ReadOnlySpan<double> means) => [.. means.ToArray().Select(value => value - offset)];
    }

    private sealed class SeparateTiedCovariance : CovarianceStructure
    {
        public override string Name => "tied, from the scatter of each component";

        public override CovarianceShape Shape => CovarianceShape.Full;

        public override bool IsShared => true;

        public override long FreeParameterCount(int componentCount, int dimension) => Tied.FreeParameterCount(componentCount, dimension);

        public override void Estimate(CovarianceScatter scatter, Span<double> covariances) => Tied.Estimate(scatter, covariances);
    }
}
