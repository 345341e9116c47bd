using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Selection.Tests;

/// <summary>Searches of more rows than are explored.</summary>
public class SampledSearchTests
{
    [Fact]
    [Trait("Kind", "Law")]
    public void Search_OnASample_LeavesNoModelOfAllRowsBelowOneThatItContains()
    {
        var random = new Random(5);
        double[,] means = new double[6, 3], rows = new double[6000, 3];
        for (int k = 0; k < 6; k++)
        {
            for (int j = 0; j < 3; j++) means[k, j] = 1.8 * MixtureCase.Normal(random);
        }

        for (int i = 0; i < 6000; i++)
        {
            int k = random.Next(6);
            for (int j = 0; j < 3; j++) rows[i, j] = means[k, j] + MixtureCase.Normal(random);
        }

        MixtureSearchResult result = GaussianMixture.Search(rows, new GaussianMixtureSearchOptions { MaximumComponentCount = 6 });

        int pairs = 0;
        foreach (MixtureCandidate wide in result.Ranking.Where(model => !model.IsDoubtful))
        {
            foreach (MixtureCandidate narrow in result.Ranking.Where(model => !model.IsDoubtful && model.ComponentCount == wide.ComponentCount && IsWithin(model, wide)))
            {
                double expected = narrow.Criteria!.LogLikelihood;
                Closeness.AtLeast(expected, wide.Criteria!.LogLikelihood, 1e-6 * Math.Abs(expected), $"Log-likelihood of {wide} beside {narrow}");
                pairs++;
            }
        }

        Assert.True(pairs > 100);
    }

    private static bool IsWithin(MixtureCandidate narrow, MixtureCandidate wide) =>
        narrow != wide && narrow.CovarianceStructure.Code!.Zip(wide.CovarianceStructure.Code!).All(letters => "IEV".IndexOf(letters.First, StringComparison.Ordinal) <= "IEV".IndexOf(letters.Second, StringComparison.Ordinal));

    /// <summary>Models that cannot win are fitted less exactly, and one that won after all was left so.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(7)]
    public void Search_WinnerWasFittedAsOneThatCannotWin_IsTakenToTheTolerance(int seed)
    {
        FitReport report = GaussianMixture.Search(Skewed(seed, 4600), new GaussianMixtureSearchOptions()).Model.Report!;

        Assert.Equal(StopReason.Converged, report.StopReason);
        Assert.InRange(report.RemainingGain, 0, MixtureSearchOptions.DefaultTolerance);
    }

    /// <summary>A run that is better than a rival by less than the tolerance is ended by it and kept: its warning said to raise the maximum number of iterations.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(22)]
    public void Search_RunsEndedByRivals_HaveConverged(int seed)
    {
        MixtureSearchResult result = GaussianMixture.Search(Skewed(seed, 500), new GaussianMixtureSearchOptions { MaximumComponentCount = 6 });

        Assert.All(result.Ranking.Select(candidate => candidate.Model!.Report!), report => Assert.False(
            report.StopReason == StopReason.MaximumIterations && report.RemainingGain <= MixtureSearchOptions.DefaultTolerance));
    }

    /// <summary>Of rows without holes every tenth was explored, here of one group alone: the winner had a component less, and a BIC that was thousands higher.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Search_RowsWithHolesOfGroupsThatComeInTurns_ExploresAllGroups(int seed)
    {
        const int Groups = 10, Whole = Groups * 2048;
        var random = new Random(6);
        double[,] rows = new double[Whole + 200, 2];
        for (int i = 0; i < rows.GetLength(0); i++)
        {
            for (int j = 0; j < 2; j++) rows[i, j] = (8 * (j == 0 ? i % 5 : i % 2)) + MixtureCase.Normal(random);
            if (i >= Whole) rows[i, i % 2] = double.NaN;
        }

        var options = new GaussianMixtureSearchOptions { MinimumComponentCount = 9, MaximumComponentCount = 11, CovarianceStructures = [CovarianceStructure.Spherical], Seed = seed };

        MixtureCandidate best = GaussianMixture.Search(rows, options).Best;

        Assert.Equal(Groups, best.ComponentCount);
        Assert.All(best.Model!.Weights, weight => Assert.InRange(weight, 0.09, 0.11));
    }

    // Three groups, one of which no Gaussian describes.
    private static double[,] Skewed(int seed, int rowCount)
    {
        var random = new Random(seed);
        double[,] rows = new double[rowCount, 3];
        for (int i = 0; i < rowCount; i++)
        {
            int group = i % 3;
            double common = Normal(), scale = group == 2 ? Math.Exp(Normal() * 0.5) : 1;
            for (int j = 0; j < 3; j++) rows[i, j] = (scale * ((Normal() * (0.5 + (0.3 * j * group))) + (common * (group == 1 ? 1 : 0.3)))) + (group * (j == 0 ? 1.5 : 0.4));
        }

        return rows;

        double Normal() => MixtureCase.Normal(random);
    }
}
