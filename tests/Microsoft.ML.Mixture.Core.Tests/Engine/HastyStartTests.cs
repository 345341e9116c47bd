using System.Diagnostics;

namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>What a fit does whose time is over before it has a model must not take long itself.</summary>
[Collection("Timed")]
[Trait("Kind", "Budget")]
public class HastyStartTests
{
    private const int RowCount = 2000;
    private const int Dimension = 30;

    /// <summary>The first M-step of a fit with time looks for common axes from those of each component, and all of it again would be beyond the budget.</summary>
    [Theory]
    [InlineData("EVE")]
    [InlineData("VVE")]
    public void Fit_CommonAxesAndNoTime_TakesAFractionOfAFirstStep(string code)
    {
        var random = new Random(3);
        double[] values = new double[RowCount * Dimension];
        for (int at = 0; at < values.Length; at++)
        {
            values[at] = ((random.NextDouble() - 0.5) * (1 + (at / Dimension * at % 7))) + (at % Dimension > 0 ? 0.5 * values[at - 1] : 0);
        }

        var source = new ArrayRowSource<double>(values, Dimension);
        var clock = new ManualClock();
        GaussianMixtureOptions hurried = Options(code), whole = Options(code);
        (hurried.Clock, hurried.TimeBudget) = (clock, TimeSpan.FromSeconds(2));
        (whole.MaximumIterations, whole.Start) = (0, MixtureStart.KMeansPlusPlus);

        TimeSpan ofShort = Least(() => GaussianMixture.Fit(new WatchedRowSource(source, () => clock.Advance(TimeSpan.FromSeconds(3))), hurried, CancellationToken.None));
        TimeSpan ofWhole = Taken(() => GaussianMixture.Fit(source, whole, CancellationToken.None));

        Assert.True(ofShort < ofWhole / 3, $"{ofShort} and {ofWhole}");
    }

    /// <summary>With fewer rows than features it takes a hundred steps and more to the volumes of a common shape: of 800 features a minute, whatever the budget.</summary>
    [Fact]
    public void Fit_CommonShapeOfFewRowsAndNoTime_TakesAFractionOfAFirstStep()
    {
        var problem = new EngineProblem(RowKind.Overlapping, 75, 150, 3, 1);
        var clock = new ManualClock();
        GaussianMixtureOptions hurried = Options("VEE"), whole = Options("VEE");
        hurried.ComponentCount = whole.ComponentCount = 3;
        (hurried.Clock, hurried.TimeBudget) = (clock, TimeSpan.FromSeconds(2));
        (whole.MaximumIterations, whole.Start) = (0, MixtureStart.KMeansPlusPlus);

        TimeSpan ofShort = Least(() => GaussianMixture.Fit(new WatchedRowSource(problem.Source, () => clock.Advance(TimeSpan.FromSeconds(3))), hurried, CancellationToken.None));
        TimeSpan ofWhole = Taken(() => GaussianMixture.Fit(problem.Source, whole, CancellationToken.None));

        Assert.True(ofShort < ofWhole / 4, $"{ofShort} and {ofWhole}");
    }

    /// <summary>A posterior took the whole of a first M-step, with its axes from those of each component, and nobody asked how long that would be.</summary>
    [Fact]
    public void Fit_PosteriorWithCommonAxesAndNoTime_TakesAFractionOfAFirstStepAndIsNotBegunWhereThatIsLong()
    {
        var problem = new EngineProblem(RowKind.Overlapping, RowCount, Dimension, 3, 1);
        var clock = new ManualClock();
        BayesianGaussianMixtureOptions hurried = Posterior(), whole = Posterior();
        (hurried.Clock, hurried.TimeBudget) = (clock, TimeSpan.FromSeconds(2));
        (whole.MaximumIterations, whole.Start) = (0, MixtureStart.KMeansPlusPlus);

        TimeSpan ofShort = Least(() => BayesianGaussianMixture.Fit(new WatchedRowSource(problem.Source, () => clock.Advance(TimeSpan.FromSeconds(3))), hurried, CancellationToken.None));
        TimeSpan ofWhole = Taken(() => BayesianGaussianMixture.Fit(problem.Source, whole, CancellationToken.None));

        Assert.True(ofShort < ofWhole / 3, $"{ofShort} and {ofWhole}");

        // Of 20 components in 1000 features.
        var many = new EngineProblem(RowKind.Overlapping, 60, 1000, 3, 1);
        hurried.ComponentCount = 20;
        var error = Assert.Throws<MixtureFitException>(
            () => BayesianGaussianMixture.Fit(new WatchedRowSource(many.Source, () => clock.Advance(TimeSpan.FromSeconds(3))), hurried, CancellationToken.None));
        Assert.Contains("would take as long again", error.Message, StringComparison.Ordinal);

        static BayesianGaussianMixtureOptions Posterior() => new() { ComponentCount = 16, CovarianceStructure = CovarianceStructure.TiedOrientation, ThreadCount = 1 };
    }

    private static GaussianMixtureOptions Options(string code) => new() { ComponentCount = 16, CovarianceStructure = CovarianceStructure.FromCode(code), ThreadCount = 1 };

    private static TimeSpan Least(Action action) => Enumerable.Range(0, 2).Min(_ => Taken(action));

    private static TimeSpan Taken(Action action)
    {
        long started = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(started);
    }
}
