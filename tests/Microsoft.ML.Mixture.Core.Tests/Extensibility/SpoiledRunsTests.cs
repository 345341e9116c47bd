namespace Microsoft.ML.Mixture.Extensibility.Tests;

/// <summary>Runs that come to something that is no number, or break off.</summary>
[Trait("Kind", "Robustness")]
public class SpoiledRunsTests
{
    private const int RowCount = 60;
    private static readonly ArrayRowSource<double> _rows = new(Enumerable.Range(0, RowCount).Select(i => (4.0 * (i % 2)) + (0.1 * (i / 2))).ToArray(), 1);

    // The steps before were given up with the one that failed.
    [Theory]
    [InlineData(0)]
    [InlineData(1e-9)]
    public void Fit_DensitiesThatAreNoNumbersAfterSomeSteps_KeepsTheParametersBefore(double tolerance)
    {
        MixtureFit whole = Fit(new SteppedFamily(), steps: 3), fit = Fit(new SteppedFamily { LastFinite = 4 }, steps: 10, tolerance);

        Assert.Equal((StopReason.LikelihoodDecreased, 3), (fit.StopReason, fit.IterationCount));
        Assert.Equal(whole.LogLikelihoodHistory, fit.LogLikelihoodHistory);
    }

    [Fact]
    public void Fit_StartWhoseDensitiesAreNoNumbers_IsNamed()
    {
        MixtureFitException error = Assert.Throws<MixtureFitException>(() => Fit(new SteppedFamily { LastFinite = 0 }, steps: 10));

        Assert.StartsWith("Start 0 ended at iteration ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("Its log-likelihood is not a finite number. Pass a start that lies near the data.", error.Message, StringComparison.Ordinal);
    }

    // It was that of the last start, whatever that had come to.
    [Fact]
    public void Fit_FirstStartBreaksOffAndTheLastGivesNothing_SaysWhyTheFirstDid()
    {
        var options = new MixtureOptions { ComponentCount = 2, RestartCount = 2, Start = new FirstOnlyStart(Start()) };

        MixtureFitException error = Assert.Throws<MixtureFitException>(() => MixtureFitter.Fit(new SteppedFamily { LastPossible = 1 }, _rows, options));

        Assert.Equal("Start 0 ended at iteration 0. Component 1 is spoiled.", error.Message);
    }

    private static MixtureFit Fit(SteppedFamily family, int steps, double tolerance = 0) =>
        MixtureFitter.Fit(family, _rows, new MixtureOptions { ComponentCount = 2, Start = Start(), MaximumIterations = steps, Tolerance = tolerance });

    private static MixtureStart Start() => MixtureStart.FromLabels([.. Enumerable.Range(0, RowCount).Select(i => i % 3 == 0 ? 1 : i % 2)]);

    private sealed class FirstOnlyStart(MixtureStart first) : MixtureStart
    {
        internal override bool IsRandom => true;

        internal override StartOutcome Create(StartAttempt attempt) => attempt.Index == 0 ? first.Create(attempt) : new StartOutcome(State: null);
    }
}
