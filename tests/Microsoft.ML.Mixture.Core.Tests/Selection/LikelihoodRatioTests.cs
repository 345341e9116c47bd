namespace Microsoft.ML.Mixture.Selection.Tests;

/// <summary>Both sides of the ratio are fitted no worse than by whole runs from each start.</summary>
[Trait("Kind", "Recovery")]
public class LikelihoodRatioTests
{
    private const int Starts = 4;

    [Theory]
    [InlineData(1, "VVV", 1)]
    [InlineData(2, "VVV", 2)]
    [InlineData(2, "EVE", 3)]
    [InlineData(3, "EEE", 2)]
    public void LikelihoodRatio_OfDrawnData_IsOnAverageNotBelowThatOfWholeRuns_AndItsNullNeverWorse(int componentCount, string code, int dimension)
    {
        var structure = CovarianceStructure.FromCode(code);
        double sum = 0, sumOfWhole = 0;
        for (int seed = 0; seed < 12; seed++)
        {
            RowSource rows = GaussianMixture.Copy(BootstrapTests.Clusters(componentCount, 90, 5, seed, dimension), null);
            var options = new GaussianMixtureBootstrapOptions
            {
                ComponentCount = componentCount,
                CovarianceStructure = structure,
                StartCount = Starts,
                CovariancePriorStrength = GaussianMixtureOptions.DefaultCovariancePriorStrength,
            };
            (GaussianMixtureModel few, GaussianMixtureModel more) = WholeRuns(rows, componentCount, structure, seed);

            using var ratio = new LikelihoodRatio(rows, options, seed, drawnFrom: null, CancellationToken.None);
            using var known = new LikelihoodRatio(rows, options, seed, few, CancellationToken.None);

            foreach (FitReport report in new[] { ratio.CreateNull().Report!, known.CreateNull().Report! })
            {
                if (report.SpuriousComponentCount != few.Report!.SpuriousComponentCount) continue;
                Assert.True(report.LogLikelihood >= few.Report.LogLikelihood - 1e-3, $"Seed {seed}: {report.LogLikelihood} where {few.Report.LogLikelihood} was found.");
            }

            sum += known.Statistic;
            sumOfWhole += 2 * (more.Report!.LogLikelihood - few.Report!.LogLikelihood);
        }

        Assert.True(sum >= sumOfWhole - 0.5, $"On average {sum / 12:F3}, where whole runs have {sumOfWhole / 12:F3}.");
    }

    [Fact]
    public void ComponentInsertion_OfADenseSpot_FindsIt_AndTheMixtureWithItIsLikelier()
    {
        double[,] rows = BootstrapTests.Clusters(2, 300, 6, 5, dimension: 2);
        for (int i = 0; i < 40; i++) (rows[i, 0], rows[i, 1]) = (7 + (0.01 * (i % 7)), 5 + (0.01 * (i % 11)));
        (ComponentInsertion insertion, GaussianFamily family, Func<MixtureState, double> logLikelihood, MixtureState mixture, int exponent) = Prepare(rows);

        IReadOnlyList<InsertedComponent> found = insertion.Find(3, 5);

        Assert.InRange(found.Count, 2, 5);
        foreach (InsertedComponent inserted in found)
        {
            Assert.True(insertion.TryInsert(inserted, family, out MixtureState state));
            Assert.Equal(1, state.Weights.Sum(), 1e-12);

            // The likelihood that is told is that before the last step, which does not lower it.
            Assert.InRange(inserted.LogLikelihood, logLikelihood(mixture), logLikelihood(state) + 1e-6);
        }

        Assert.True(insertion.TryInsert(found[0], family, out MixtureState best));
        Assert.Equal(7.03, double.ScaleB(((GaussianComponents)best.Components).Means[4], -exponent), 0.3);
        Assert.Equal(5.05, double.ScaleB(((GaussianComponents)best.Components).Means[5], -exponent), 0.3);
    }

    [Fact]
    public void ComponentInsertion_OfRowsWithHoles_LooksAtTheOthers()
    {
        double[,] rows = BootstrapTests.Clusters(2, 300, 6, 5, dimension: 2);
        for (int i = 0; i < 300; i += 2) rows[i, i / 2 % 2] = double.NaN;
        (ComponentInsertion some, GaussianFamily family, _, _, _) = Prepare(rows);
        for (int i = 1; i < 300; i += 2) rows[i, 0] = double.NaN;
        (ComponentInsertion none, _, _, _, _) = Prepare(rows);

        IReadOnlyList<InsertedComponent> found = some.Find(3, 5);

        Assert.NotEmpty(found);
        Assert.All(found, inserted => Assert.True(some.TryInsert(inserted, family, out MixtureState state) && double.IsFinite(state.Weights.Sum())));
        Assert.Empty(none.Find(3, 5));
    }

    /// <summary>Of many features a single component takes a while, and a test with many data sets looks for many.</summary>
    [Fact]
    public void ComponentInsertion_Cancelled_EndsItsSearch()
    {
        using var cancellation = new CancellationTokenSource();
        ComponentInsertion insertion = Prepare(BootstrapTests.Clusters(2, 300, 6, 5, dimension: 2), cancellation.Token).Insertion;
        Assert.NotEmpty(insertion.Find(3, 5));
        cancellation.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => insertion.Find(3, 5));
    }

    private static (ComponentInsertion Insertion, GaussianFamily Family, Func<MixtureState, double> LogLikelihood, MixtureState Mixture, int Exponent) Prepare(
        double[,] values, CancellationToken cancellationToken = default)
    {
        RowSource rows = GaussianMixture.Copy(values, null);
        var options = new GaussianMixtureOptions { ComponentCount = 2 };
        ScaledRows scaled = GaussianFit.Prepare(rows, options, CancellationToken.None);
        GaussianFamily family = GaussianFit.Family(scaled, options);
        using var fits = new HypothesisFits(scaled, options, CancellationToken.None);
        Assert.True(fits.TryImprove(fits.Start(MixtureStart.KMeansPlusPlus, 1)));
        double LogLikelihood(MixtureState state)
        {
            using var step = new ExpectationStep(scaled.Rows.Source, state.Components, scaled.Rows.RowWeightTotal, 1);
            return step.Run(state, CancellationToken.None).LogLikelihood;
        }

        return (new ComponentInsertion(scaled.Rows.Source, fits.Mixture, cancellationToken), family, LogLikelihood, fits.Mixture, scaled.Exponent);
    }

    // Several starts of each, all to their end, and those that each makes of the other.
    private static (GaussianMixtureModel Few, GaussianMixtureModel More) WholeRuns(RowSource rows, int count, CovarianceStructure structure, int seed)
    {
        GaussianMixtureModel? Fit(int componentCount, MixtureStart start)
        {
            var options = new GaussianMixtureOptions
            {
                ComponentCount = componentCount,
                CovarianceStructure = structure,
                RestartCount = componentCount == 1 ? 1 : Starts,
                Tolerance = 1e-7,
                Seed = seed,
                ThreadCount = 1,
                Start = start,
            };
            try
            {
                return GaussianMixture.Fit(rows, options, CancellationToken.None);
            }
            catch (MixtureFitException)
            {
                return null;
            }
        }

        GaussianMixtureModel few = Fit(count, MixtureStart.KMeansPlusPlus)!;
        GaussianMixtureModel more = Best([Fit(count + 1, MixtureStart.KMeansPlusPlus), .. NeighbourStarts.Split(few).Select(start => Fit(count + 1, start))]);
        if (count > 1) few = Best([few, .. NeighbourStarts.Drop(more).Select(start => Fit(count, start))]);
        return (few, Best([more, .. NeighbourStarts.Split(few).Select(start => Fit(count + 1, start))]));
    }

    private static GaussianMixtureModel Best(GaussianMixtureModel?[] models) =>
        models.OfType<GaussianMixtureModel>().OrderBy(model => model.Report!.SpuriousComponentCount).ThenByDescending(model => model.Report!.LogLikelihood).First();
}
