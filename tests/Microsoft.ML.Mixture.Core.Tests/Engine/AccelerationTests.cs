using CsCheck;
using Microsoft.ML.Mixture.Extensibility.Tests;
using Microsoft.ML.Mixture.Laws.Tests;
using Xunit.Abstractions;

namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>Accelerated steps lead up, to the same maxima, in fewer passes, and never take more of them than are allowed.</summary>
public class AccelerationTests(ITestOutputHelper output)
{
    private static readonly Gen<EngineProblem> _smallProblem =
        Gen.Select(Gen.Int[1, 4], Gen.Int[1, 5], Gen.Int[20, 60], Gen.Int[0, int.MaxValue], Gen.Bool).Select(
            (dimension, components, rows, seed, hasWeights) => new EngineProblem(RowKind.Overlapping, components * rows, dimension, components, seed, hasWeights));

    [Theory]
    [Trait("Kind", "Law")]
    [InlineData(0.0)]
    [InlineData(1e-3)]
    public void Objective_OfAcceptedIterates_NeverFalls(double prior)
    {
        int steps = 0, extrapolations = 0, rejected = 0;
        double worst = 0;
        Gen.Select(_smallProblem, MixtureCase.Structure).Sample(
            (problem, structure) =>
            {
                var count = new WorkCount();
                FitHistory? history = null;
                MixtureFit fit = Run(problem, WrappedComponents.Wrap(problem.State(problem.Family(structure, prior)), count), 150, 1e-12, new Acceleration(), h => history = h);
                Assert.NotEqual(StopReason.LikelihoodDecreased, fit.StopReason);
                if (prior > 0) Assert.NotEqual(StopReason.Degenerate, fit.StopReason);
                double deepest = 0;
                for (int t = 1; t < fit.ObjectiveHistory.Count; t++)
                {
                    double fall = (fit.ObjectiveHistory[t - 1] - fit.ObjectiveHistory[t]) / (1 + Math.Abs(fit.ObjectiveHistory[t]));
                    Assert.True(fall <= 1e-12, $"{structure}: step {t} lowered the objective by {fall:G3} of its size.");
                    deepest = Math.Max(deepest, fall);
                }

                lock (output)
                {
                    (steps, extrapolations, rejected) = (steps + fit.IterationCount, extrapolations + count.Extrapolations, rejected + history!.RejectedCount);
                    worst = Math.Max(worst, deepest);
                }
            },
            iter: MixtureCase.Cases);
        output.WriteLine($"{steps} steps, {extrapolations} extrapolations, {rejected} of them given up, deepest fall {worst:G3}");
        Assert.True(steps > 5_000 && extrapolations - rejected > 1_000 && rejected > 5, $"{steps} steps, {extrapolations} extrapolations, {rejected} of them given up");
    }

    [Theory]
    [Trait("Kind", "Law")]
    [InlineData("full")]
    [InlineData("tied")]
    [InlineData("diagonal")]
    [InlineData("spherical")]
    public void Fit_AcceleratedOrNotFromNearAMaximum_EndsThere(string name)
    {
        int converged = 0;
        for (int seed = 0; seed < 12; seed++)
        {
            var problem = new EngineProblem(RowKind.Overlapping, 150 + (10 * seed), 1 + (seed % 4), 2 + (seed % 3), seed, hasWeights: seed % 2 == 1);
            double[]? weights = problem.RowWeights.Length == 0 ? null : problem.RowWeights;
            var options = new GaussianMixtureOptions
            {
                ComponentCount = problem.ComponentCount,
                CovarianceStructure = BoundsTests.Structure(name),
                CovariancePriorStrength = 0.05,
                Start = problem.Start(),
                MaximumIterations = 5_000,
                Tolerance = 1e-8,
                Accelerate = false,
            };
            options.Start = MixtureStart.FromModel(GaussianMixture.Fit(problem.Rows, options, weights));
            options.Tolerance = 1e-14;
            FitReport plain = GaussianMixture.Fit(problem.Rows, options, weights).Report!;
            options.Accelerate = true;
            FitReport accelerated = GaussianMixture.Fit(problem.Rows, options, weights).Report!;

            // Where plain EM has not arrived after so many steps, as where a component dies out, the accelerated one is ahead.
            double lead = plain.StopReason == StopReason.Converged ? 0 : Math.Max(0, accelerated.ObjectiveHistory[^1] - plain.ObjectiveHistory[^1]);
            Closeness.Relative(plain.ObjectiveHistory[^1], accelerated.ObjectiveHistory[^1] - lead, 1e-9, $"Objective of seed {seed}");
            if (plain.StopReason != StopReason.Converged) continue;
            Assert.Equal(StopReason.Converged, accelerated.StopReason);
            converged++;
        }

        Assert.InRange(converged, 8, 12);
    }

    [Theory]
    [Trait("Kind", "Cost")]
    [InlineData("full", 0.5)]
    [InlineData("tied", 0.5)]
    [InlineData("diagonal", 0.5)]
    [InlineData("spherical", 0.5)]
    public void Run_OverlappingComponents_TakesFewerPasses(string name, double share)
    {
        long passes = 0, plainPasses = 0;
        for (int seed = 0; seed < 5; seed++)
        {
            var problem = new EngineProblem(RowKind.Overlapping, 1_000, 2, 3, seed);
            CountedRowSource source = new(problem.Source, readsInAnyOrder: false), plainSource = new(problem.Source, readsInAnyOrder: false);
            MixtureState start = problem.State(problem.Family(BoundsTests.Structure(name)));
            MixtureFit plain = Run(problem, start, 5_000, 1e-9, acceleration: null, null, plainSource), fit = Run(problem, start, 5_000, 1e-9, new Acceleration(), null, source);
            Assert.Equal((StopReason.Converged, StopReason.Converged), (plain.StopReason, fit.StopReason));
            Assert.True(fit.Objective >= plain.Objective - (1e-6 * problem.RowCount), $"Seed {seed}: ends at {fit.Objective:R} and not at {plain.Objective:R}.");
            passes += source.RowsRead / problem.RowCount;
            plainPasses += plainSource.RowsRead / problem.RowCount;
        }

        output.WriteLine($"{passes} passes, {plainPasses} without acceleration");
        Assert.True(passes < share * plainPasses, $"{passes} passes, {plainPasses} without acceleration");
    }

    [Fact]
    [Trait("Kind", "Cost")]
    public void Fit_DefaultOptions_Accelerates()
    {
        var problem = new EngineProblem(RowKind.Overlapping, 1_000, 2, 3, 2);
        long Passes(bool? accelerate)
        {
            var source = new CountedRowSource(problem.Source, readsInAnyOrder: false);
            var options = new GaussianMixtureOptions { ComponentCount = 3, Tolerance = 1e-9, Start = problem.Start() };
            if (accelerate is { } value) options.Accelerate = value;
            GaussianMixture.Fit(source, options, CancellationToken.None);
            return source.RowsRead / problem.RowCount;
        }

        Assert.Equal(Passes(true), Passes(null));
        Assert.True(Passes(true) < Passes(false), $"{Passes(true)} passes, {Passes(false)} without acceleration");
    }

    [Theory]
    [Trait("Kind", "Law")]
    [InlineData("full")]
    [InlineData("tied")]
    [InlineData("diagonal")]
    [InlineData("spherical")]
    public void Run_RowsFarFromZero_AcceleratesAsWell(string name)
    {
        var problem = new EngineProblem(RowKind.Overlapping, 800, 3, 3, 5);
        MixtureFit expected = Run(problem, problem.State(problem.Family(BoundsTests.Structure(name))), 2_000, 1e-10, new Acceleration());
        for (int at = 0; at < problem.Values.Length; at++) problem.Values[at] += 1e7;
        for (int at = 0; at < problem.Centres.Length; at++) problem.Centres[at] += 1e7;
        MixtureFit fit = Run(problem, problem.State(problem.Family(BoundsTests.Structure(name))), 2_000, 1e-10, new Acceleration());

        Assert.Equal(StopReason.Converged, fit.StopReason);
        Closeness.Relative(expected.Objective, fit.Objective, 1e-7, "Objective");
        Assert.InRange(fit.IterationCount, expected.IterationCount / 2, 2 * expected.IterationCount);
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Run_UpToMaximumIterations_PassesOverTheRowsOnceMore()
    {
        int rejected = 0;
        Gen.Select(_smallProblem.Where(problem => problem.ComponentCount > 1), MixtureCase.Structure, Gen.Int[0, 60], Gen.Bool).Sample(
            (problem, structure, maximum, spoils) =>
            {
                var count = new WorkCount { SpoilsExtrapolations = spoils };
                FitHistory? history = null;
                MixtureState start = WrappedComponents.Wrap(problem.State(problem.Family(structure)), count);
                MixtureFit fit = Run(problem, start, maximum, 0, new Acceleration(), h => history = h, new CountedRowSource(problem.Source, readsInAnyOrder: false));
                Assert.Equal(StopReason.MaximumIterations, fit.StopReason);
                Assert.Equal(maximum + 1, count.RowsEvaluated / problem.RowCount);
                Assert.Equal(maximum, fit.IterationCount + history!.RejectedCount);
                Interlocked.Add(ref rejected, history.RejectedCount);
            },
            iter: MixtureCase.Cases);
        Assert.True(rejected > 100, $"only {rejected} steps were given up");
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Run_ExtrapolationsThatAllFail_IsPlainEm()
    {
        // Structures that project what is extrapolated may turn a spoiled step into a good one.
        int extrapolations = 0;
        Gen<CovarianceStructure> structures =
            Gen.OneOf(CovarianceStructure.Full, CovarianceStructure.Tied, CovarianceStructure.Diagonal, CovarianceStructure.Spherical);
        Gen.Select(_smallProblem.Where(problem => problem.ComponentCount > 1), structures).Sample(
            (problem, structure) =>
            {
                MixtureState start = problem.State(problem.Family(structure));
                var count = new WorkCount { SpoilsExtrapolations = true };
                MixtureFit fit = Run(problem, WrappedComponents.Wrap(start, count), 90, 0, new Acceleration());
                MixtureFit plain = Run(problem, start, fit.IterationCount, 0, acceleration: null);

                Assert.Equal(
                    EngineProblem.Bits(plain, (GaussianComponents)plain.Components), EngineProblem.Bits(fit, ((WrappedComponents)fit.Components).Inner));
                Interlocked.Add(ref extrapolations, count.Extrapolations);
            },
            iter: MixtureCase.Cases / 4);
        Assert.True(extrapolations > 500, $"only {extrapolations} extrapolations");
    }

    [Theory]
    [Trait("Kind", "Reference")]
    [InlineData("full")]
    [InlineData("tied")]
    [InlineData("diagonal")]
    [InlineData("spherical")]
    public void TryExtrapolate_StepsThatShrinkByAFactor_LandsWhereTheyLead(string name)
    {
        // theta(t) = theta + c 0.7^t in the means, the entries of the Cholesky factors and the logarithms of their diagonals.
        const int Dimension = 3, Count = 2;
        CovarianceStructure structure = BoundsTests.Structure(name);
        var family = new GaussianFamily(structure, CovarianceRegularization.None(Dimension));
        MixtureState State(double distance)
        {
            double[] means = [.. Enumerable.Range(0, Count * Dimension).Select(at => Math.Sin(at) + (distance * Math.Cos(3 * at)))];
            double[] covariances = [];
            for (int k = 0; k < (structure.IsShared ? 1 : Count); k++)
            {
                double[,] factor = new double[Dimension, Dimension];
                for (int i = 0; i < Dimension; i++)
                {
                    factor[i, i] = Math.Exp((0.2 * (k + (structure.Shape == CovarianceShape.Spherical ? 0 : i))) + (0.3 * distance));
                    for (int j = 0; j < i && structure.Shape == CovarianceShape.Full; j++) factor[i, j] = 0.2 + (0.1 * k) + (0.4 * j * distance);
                }

                double[] covariance = new double[structure.Shape.Length(Dimension)];
                for (int i = 0; i < Dimension; i++)
                {
                    for (int j = 0; j <= i; j++)
                    {
                        if (structure.Shape.Index(i, j) is var at && at < 0) continue;
                        covariance[at] = Enumerable.Range(0, Dimension).Sum(m => factor[i, m] * factor[j, m]);
                    }
                }

                covariances = [.. covariances, .. covariance];
            }

            Assert.True(GaussianComponents.TryCreate(
                family, Dimension, structure.Shape, structure.IsShared, means, covariances, out GaussianComponents components, out _));
            return new MixtureState([0.3, 0.7], components);
        }

        MixtureState before = State(1), middle = State(0.7), after = State(0.49), expected = State(0);
        var destination = new MixtureState(new double[Count], after.Components.CreateEmpty());

        Assert.True(new Acceleration().TryExtrapolate(before, middle, after, destination, CancellationToken.None));

        MixtureAssert.Close(expected.Weights, destination.Weights, 1e-14, "weight");
        MixtureAssert.Close(((GaussianComponents)expected.Components).Means.ToArray(), ((GaussianComponents)destination.Components).Means.ToArray(), 1e-13, "mean");
        MixtureAssert.Close(
            ((GaussianComponents)expected.Components).Covariances.ToArray(), ((GaussianComponents)destination.Components).Covariances.ToArray(), 1e-13, "covariance");
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void MixtureFitter_FamilyWithoutExtrapolation_FitsJustTheSame()
    {
        var random = new Random(4);
        double[] rows = [.. Enumerable.Range(0, 6 * 400).Select(at => random.NextDouble() < 0.2 + (0.6 * (at / 6 % 3) / 2) ? 1.0 : 0)];
        MixtureFit Fit(bool accelerate) => MixtureFitter.Fit(
            new BernoulliFamily(0.5), new ArrayRowSource<double>(rows, 6), new MixtureOptions { ComponentCount = 3, Accelerate = accelerate, Tolerance = 1e-8, Start = MixtureStart.KMeansPlusPlus });

        MixtureFit plain = Fit(false), accelerated = Fit(true);

        Assert.True(plain.IterationCount > 5);
        Assert.Equal(MixtureAssert.Bits(plain.ObjectiveHistory), MixtureAssert.Bits(accelerated.ObjectiveHistory));
        Assert.Equal(((BernoulliComponents)plain.Components).Probabilities, ((BernoulliComponents)accelerated.Components).Probabilities);
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void GaussianMixture_StructureItDoesNotKnow_FitsJustTheSame()
    {
        var problem = new EngineProblem(RowKind.Overlapping, 500, 2, 3, 4);
        GaussianMixtureModel Fit(bool accelerate) => GaussianMixture.Fit(problem.Rows, new GaussianMixtureOptions
        {
            ComponentCount = 3,
            CovarianceStructure = new SharedVarianceCovariance(),
            Accelerate = accelerate,
            Tolerance = 1e-8,
            Start = MixtureStart.KMeansPlusPlus,
        });

        MixtureAssert.SameBits(Fit(false), Fit(true));
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Fit_ToleranceOfZero_TakesExactlyTheStepsAskedFor() =>
        Gen.Select(_smallProblem, MixtureCase.Structure, Gen.Int[0, 40], Gen.Bool).Sample(
            (problem, structure, steps, fromData) =>
            {
                var options = new GaussianMixtureOptions
                {
                    ComponentCount = problem.ComponentCount,
                    CovarianceStructure = structure,
                    MaximumIterations = steps,
                    Tolerance = 0,
                    Start = fromData ? null : problem.Start(),
                };
                GaussianMixtureModel model = GaussianMixture.Fit(problem.Rows, options);
                options.Accelerate = false;
                Assert.Equal((steps, StopReason.MaximumIterations), (model.Report!.IterationCount, model.Report.StopReason));
                MixtureAssert.SameBits(GaussianMixture.Fit(problem.Rows, options), model);
            },
            iter: MixtureCase.Cases / 2);

    private static MixtureFit Run(
        EngineProblem problem, MixtureState start, int maximum, double tolerance, Acceleration? acceleration, Action<FitHistory>? progress = null, RowSource? source = null)
    {
        using var step = new ExpectationStep(source ?? problem.Source, start.Components, problem.RowWeightTotal, threadCount: 1);
        return ExpectationMaximization.Run(start, step, new StoppingRule(maximum, tolerance, problem.RowWeightTotal), acceleration, progress, CancellationToken.None);
    }
}
