using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Variational.Tests;

/// <summary>The rows of components that are left out are those of the others, which are fitted to them.</summary>
[Trait("Kind", "BadInput")]
public class PrunedRowsTests
{
    [Theory]
    [InlineData(110, "VVV")]
    [InlineData(1e9, "VVV")]
    [InlineData(110, "EEE")]
    [InlineData(110, "VVI")]
    public void PruningThreshold_AboveAllGroups_GivesOneGaussianOfAllRows(double threshold, string code)
    {
        double[,] rows = Groups(1, 100, 100, 100);
        var structure = CovarianceStructure.FromCode(code);
        GaussianMixtureModel single = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 1, CovarianceStructure = structure });
        var options = new BayesianGaussianMixtureOptions { ComponentCount = 6, CovarianceStructure = structure, PruningThreshold = threshold };

        GaussianMixtureModel model = BayesianGaussianMixture.Fit(rows, options);

        Assert.Equal(1, model.ComponentCount);
        Assert.InRange((single.Report!.LogLikelihood - model.Report!.LogLikelihood) / 300, -1e-9, 0.02);
        Assert.Equal(300, Assert.Single(model.Report.EffectiveCounts), 1e-6);
        Assert.Equal(StopReason.Converged, model.Report.StopReason);
        string warning = Assert.Single(model.Report.Warnings, text => text.Contains("left out", StringComparison.Ordinal));
        Assert.Contains("2 components with 200 of 300 rows by weight, or 66.67 %, have fewer than PruningThreshold = ", warning, StringComparison.Ordinal);
        Assert.Matches("lower PruningThreshold to (99|100) or less", warning);
        Assert.DoesNotContain(model.Report.Warnings, text => text.Contains("components are in use", StringComparison.Ordinal));
    }

    [Fact]
    public void PruningThreshold_AboveOneGroup_FitsTheOthersToAllRows()
    {
        double[,] rows = Groups(2, 140, 140, 20);

        GaussianMixtureModel model = BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions { ComponentCount = 6, PruningThreshold = 25 });

        // EM from where it is finds no more than the prior of variational Bayes takes.
        GaussianMixtureModel further = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2, Start = MixtureStart.FromModel(model) });
        Assert.Equal(2, model.ComponentCount);
        Assert.InRange((further.Report!.LogLikelihood - model.Report!.LogLikelihood) / 300, -1e-9, 0.05);
        Assert.Contains(model.Report.Warnings, text => text.StartsWith("1 component with 20 of 300 rows by weight, or 6.667 %, has fewer than PruningThreshold = 25 and is left out, and the 2 that stay were fitted to all rows", StringComparison.Ordinal));
        Assert.Equal(Enumerable.Range(0, 2), model.Posterior!.ComponentsInUse);
        Assert.Equal(300, model.Posterior.EffectiveCounts.Sum(), 1e-6);
    }

    [Fact]
    public void PruningThreshold_OfRowsOfSmallWeights_CountsByWeight()
    {
        double[,] rows = Groups(3, 100, 100, 100);

        GaussianMixtureModel model = BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions { ComponentCount = 6, PruningThreshold = 11 }, [.. Enumerable.Repeat(0.1, 300)]);

        Assert.Equal(1, model.ComponentCount);
        Assert.Contains(model.Report!.Warnings, text => text.Contains("2 components with 20 of 30 rows by weight", StringComparison.Ordinal));
    }

    /// <summary>Of components without rows it makes no difference which of them are left out.</summary>
    [Fact]
    public void PruningThreshold_AboveWhatDyingComponentsKeep_ChangesNoBit()
    {
        double[,] rows = Groups(4, 60, 60, 60);
        GaussianMixtureModel Fit(double threshold) => BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions { ComponentCount = 8, PruningThreshold = threshold });
        GaussianMixtureModel expected = Fit(BayesianGaussianMixtureOptions.DefaultPruningThreshold), model = Fit(50);

        Assert.Equal((3, 8), (model.ComponentCount, model.Posterior!.ComponentCount));
        Assert.Equal(expected.Report!.EvidenceLowerBoundHistory, model.Report!.EvidenceLowerBoundHistory);
        Assert.Equal(expected.Report.Warnings, model.Report.Warnings);
        Assert.Equal(expected.LogDensity(1, 2), model.LogDensity(1, 2));
    }

    [Fact]
    public void PruningThreshold_WhereTheTimeIsOver_StillFitsWhatStaysToAllRows()
    {
        double[,] rows = Groups(5, 100, 100, 100);
        GaussianMixtureModel single = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 1 });
        using var cancellation = new CancellationTokenSource();
        var options = new BayesianGaussianMixtureOptions
        {
            ComponentCount = 3,
            PruningThreshold = 110,
            CancellationBehavior = CancellationBehavior.ReturnBest,
            Start = MixtureStart.FromLabels([.. Enumerable.Range(0, 300).Select(i => i / 100)]),
            Progress = new Canceller(cancellation),
        };

        GaussianMixtureModel model = BayesianGaussianMixture.Fit(rows, options, cancellationToken: cancellation.Token);

        Assert.Equal(StopReason.Cancelled, model.Report!.StopReason);
        Assert.Equal(1, model.ComponentCount);
        Assert.InRange((single.Report!.LogLikelihood - model.Report.LogLikelihood) / 300, -1e-9, 0.02);
    }

    // Groups ten apart.
    private static double[,] Groups(int seed, params int[] sizes)
    {
        var random = new Random(seed);
        double[,] rows = new double[sizes.Sum(), 2];
        int at = 0;
        for (int group = 0; group < sizes.Length; group++)
        {
            for (int i = 0; i < sizes[group]; i++, at++)
            {
                rows[at, 0] = (10 * (group % 2)) + MixtureCase.Normal(random);
                rows[at, 1] = (10 * (group / 2)) + MixtureCase.Normal(random);
            }
        }

        return rows;
    }

    private sealed class Canceller(CancellationTokenSource source) : IProgress<FitProgress>
    {
        public void Report(FitProgress value) => source.Cancel();
    }
}
