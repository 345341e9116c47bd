using Microsoft.ML.Mixture.Numerics;

namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>An M-step that is cancelled ends before the next component is factored, which takes long where features are many.</summary>
[Trait("Kind", "Budget")]
public class CancelledStepTests
{
    private static readonly GaussianFamily _family = new(CovarianceStructure.Full, CovarianceRegularization.None(3));

    [Theory]
    [InlineData(3, 1)]
    [InlineData(50, 2)]
    public void Fit_CancelledInAnMStep_FactorsNothingMoreAndKeepsWhatWasEvaluated(int dimension, int threads)
    {
        var problem = new EngineProblem(RowKind.Overlapping, 2000, dimension, 2, 5);
        using var source = new CancellationTokenSource();
        GaussianMixtureOptions options = Options(problem, threads, new CancellingCovariance(source, callToCancel: 4));
        options.CancellationBehavior = CancellationBehavior.ReturnBest;
        GaussianMixtureOptions whole = Options(problem, threads, CovarianceStructure.Full);
        whole.MaximumIterations = 2;

        GaussianMixtureModel cancelled = GaussianMixture.Fit(problem.Rows, options, cancellationToken: source.Token);

        // The first M-step is the start's, and the covariances of the last one cannot be factored.
        GaussianMixtureModel expected = GaussianMixture.Fit(problem.Rows, whole);
        Assert.Equal((StopReason.Cancelled, 2), (cancelled.Report!.StopReason, cancelled.Report.IterationCount));
        Assert.Equal(expected.Report!.LogLikelihoodHistory, cancelled.Report.LogLikelihoodHistory);
        Assert.Equal(expected.Report.EffectiveCounts, cancelled.Report.EffectiveCounts);
        Assert.Equal(expected.Means[1, 0], cancelled.Means[1, 0]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Fit_CancelledInAnMStep_Throws(int call)
    {
        var problem = new EngineProblem(RowKind.Overlapping, 200, 3, 2, 5);
        using var source = new CancellationTokenSource();
        GaussianMixtureOptions options = Options(problem, 1, new CancellingCovariance(source, call));

        Assert.Throws<OperationCanceledException>(() => GaussianMixture.Fit(problem.Rows, options, cancellationToken: source.Token));
    }

    [Fact]
    public void LongSteps_Cancelled_Throw()
    {
        var problem = new EngineProblem(RowKind.Overlapping, 60, 3, 2, 5);
        MixtureState start = problem.State(_family), destination = new([.. start.Weights], start.Components.CreateEmpty());
        var cancelled = new CancellationToken(canceled: true);

        Assert.Throws<OperationCanceledException>(() => start.Components.TryExtrapolate(start, start, start, 2, destination, cancelled));
        Assert.Throws<OperationCanceledException>(() => Near(problem).HaveTwins(cancelled));
        Assert.True(Near(problem).HaveTwins(CancellationToken.None));
    }

    [Theory]
    [InlineData("VEE", false)]
    [InlineData("EVE", false)]
    [InlineData("VVE", false)]
    [InlineData("VVE", true)]
    [InlineData("EEV", false)]
    [InlineData("VEV", false)]
    [InlineData("EVV", false)]
    public void Estimate_CancelledAndNotInClosedForm_Throws(string code, bool isRough)
    {
        double[] first = [4, 1, 3, 0.5, 0.2, 2], second = [2, -0.5, 5, 0.3, 1, 3], covariances = new double[12];
        CovarianceStructure structure = CovarianceStructure.FromCode(code);

        Assert.Throws<OperationCanceledException>(() => structure.Estimate(Scatter(new CancellationToken(canceled: true)), covariances));
        structure.Estimate(Scatter(CancellationToken.None), covariances);
        Assert.True(covariances[0] > 0);

        CovarianceScatter Scatter(CancellationToken token) => new(CovarianceShape.Full, 3, new double[] { 20, 30 }, (double[])[.. first, .. second], default, isRough, cancellationToken: token);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AxesOfOneMatrix_Cancelled_Throw(bool isRough)
    {
        double[] matrix = Spread(5), variances = new double[5], axes = new double[25];

        Assert.Throws<OperationCanceledException>(
            () => PrincipalAxes.Find(matrix, isRough, variances, axes, new double[25], new double[25], new double[25], new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Fit_TimeIsOverWithoutAModelAndFeaturesAreMany_SaysWhatElseToFit()
    {
        var clock = new ManualClock();
        double[] values = [.. Enumerable.Range(0, 20).Select(i => (double)(i * i % 7))];
        var options = new GaussianMixtureOptions { ComponentCount = 1, CovariancePriorStrength = 0, TimeBudget = TimeSpan.FromSeconds(2), Clock = clock };
        var source = new WatchedRowSource(new ArrayRowSource<double>(values, 5), () => clock.Advance(TimeSpan.FromSeconds(3)));

        string message = Assert.Throws<MixtureFitException>(() => GaussianMixture.Fit(source, options, CancellationToken.None)).Message;

        Assert.StartsWith("The time budget of 00:00:02 ended before any start had a model, and the start has none: ", message, StringComparison.Ordinal);
        Assert.EndsWith(
            "or with a structure of fewer parameters. There are 5 features but only 4 rows, so the covariances rest on the prior or floor in most directions. "
                + "Use the diagonal or spherical structure, fewer features, or a mixture of factor analyzers (FactorAnalyzerMixture).",
            message, StringComparison.Ordinal);
    }

    // A matrix with variances that differ and all covariances.
    private static double[] Spread(int dimension)
    {
        var random = new Random(1);
        double[] matrix = new double[PackedTriangle.Length(dimension)];
        for (int i = 0; i < dimension; i++)
        {
            for (int j = 0; j < i; j++) matrix[PackedTriangle.Index(i, j)] = random.NextDouble() / 10;
            matrix[PackedTriangle.Index(i, i)] = dimension;
        }

        return matrix;
    }

    // Two components in one place.
    private static GaussianComponents Near(EngineProblem problem)
    {
        var components = (GaussianComponents)problem.State(_family).Components;
        double[] mean = components.Means[..3].ToArray();
        components.SetMeans([.. mean, .. mean]);
        return components;
    }

    private static GaussianMixtureOptions Options(EngineProblem problem, int threads, CovarianceStructure structure) => new()
    {
        ComponentCount = 2,
        CovarianceStructure = structure,
        ThreadCount = threads,
        Accelerate = false,
        Tolerance = 0,
        MaximumIterations = 50,
        Start = MixtureStart.FromLabels([.. Enumerable.Range(0, problem.RowCount).Select(i => problem.Values[i * problem.Dimension] < 0 ? 0 : 1)]),
    };

    private sealed class CancellingCovariance(CancellationTokenSource source, int callToCancel) : CovarianceStructure
    {
        private int _calls;

        public override string Name => "cancelling";

        public override CovarianceShape Shape => CovarianceShape.Full;

        public override bool IsShared => false;

        public override long FreeParameterCount(int componentCount, int dimension) => Full.FreeParameterCount(componentCount, dimension);

        public override void Estimate(CovarianceScatter scatter, Span<double> covariances)
        {
            Full.Estimate(scatter, covariances);
            if (++_calls < callToCancel) return;
            covariances.Clear();
            source.Cancel();
        }
    }
}
