using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.BadInput.Tests;

/// <summary>A race prefers large components to those on a handful of rows, even where these are groups; the fit says so.</summary>
[Trait("Kind", "Degenerate")]
public class PassedOverMixtureTests
{
    private const string PassedOver = " nats higher was passed over, because ";
    private const int Dimension = 20;

    private static readonly int[] _unequal = [45, 36, 31, 26, 24, 18, 9];

    [Fact]
    public void Fit_SmallGroupsOfManyFeatures_TellsOfTheLikelierMixture()
    {
        double[,] rows = Rows(_unequal, seed: 1);
        FitReport report = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 7 }).Report!;

        string warning = Assert.Single(report.Warnings, text => text.Contains(PassedOver, StringComparison.Ordinal));
        Assert.Matches(
            "^A mixture whose objective is [0-9.E+]+ nats higher was passed over, because (a component of it rests on [0-9.]+ rows|[2-6] of its components rest on .* rows each), too few for a covariance of its own over 20 features; "
                + "but far from all others, as small groups are, .* Ask for a structure of fewer parameters, such as Tied or Diagonal, .* MixtureStart\\.FromLabels, which keeps them\\.$",
            warning);
    }

    [Fact]
    public void Fit_RemediesOfAPassedOverMixture_FindTheGroups()
    {
        double[,] rows = Rows(_unequal, seed: 1);
        double passedBy = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 7 }).Report!.ObjectiveHistory[^1];
        FitReport tied = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 7, CovarianceStructure = CovarianceStructure.Tied }).Report!;
        FitReport given = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 7, Start = MixtureStart.FromLabels(Labels(_unequal)) }).Report!;

        Assert.Equal(_unequal.Select(count => (double)count).Order(), tied.EffectiveCounts.Order().Select(count => Math.Round(count, 3)));
        Assert.Equal(_unequal.Select(count => (double)count).Order(), given.EffectiveCounts.Order().Select(count => Math.Round(count, 3)));
        Assert.True(given.ObjectiveHistory[^1] > passedBy + 50);
    }

    // Likelier ones with a component on a part of a group were there for all of these.
    [Fact]
    public void Fit_GroupsOfEnoughRowsOrOneMoreComponentThanGroups_SaysNothing()
    {
        int[] equal = [30, 30, 30, 30, 30, 30, 30];
        for (int seed = 0; seed < 2; seed++) Assert.DoesNotContain(GaussianMixture.Fit(Rows(equal, seed), new GaussianMixtureOptions { ComponentCount = 7, Seed = seed }).Report!.Warnings, IsTold);
        foreach (CsvTable table in new[] { CsvTable.Iris, CsvTable.Wine, CsvTable.Banknote, CsvTable.Diabetes })
        {
            foreach (int count in new[] { 3, 4, 6 }) Assert.DoesNotContain(GaussianMixture.Fit(table.Features, new GaussianMixtureOptions { ComponentCount = count }).Report!.Warnings, IsTold);
        }

        static bool IsTold(string text) => text.Contains(PassedOver, StringComparison.Ordinal);
    }

    private static int[] Labels(int[] counts) => [.. counts.SelectMany((count, group) => Enumerable.Repeat(group, count))];

    // Groups well apart, each of a shape of its own.
    private static double[,] Rows(int[] counts, int seed)
    {
        var random = new Random(seed);
        int[] labels = Labels(counts);
        double[,] rows = new double[labels.Length, Dimension], centres = new double[counts.Length, Dimension];
        double[,,] shapes = new double[counts.Length, Dimension, Dimension];
        for (int at = 0; at < centres.Length; at++) centres[at / Dimension, at % Dimension] = 4 * MixtureCase.Normal(random);
        for (int at = 0; at < shapes.Length; at++) shapes[at / (Dimension * Dimension), at / Dimension % Dimension, at % Dimension] = (0.2 * MixtureCase.Normal(random)) + (at / Dimension % Dimension == at % Dimension ? 1 : 0);
        for (int i = 0; i < labels.Length; i++)
        {
            double[] normal = [.. Enumerable.Range(0, Dimension).Select(_ => MixtureCase.Normal(random))];
            for (int j = 0; j < Dimension; j++) rows[i, j] = centres[labels[i], j] + Enumerable.Range(0, Dimension).Sum(a => shapes[labels[i], j, a] * normal[a]);
        }

        return rows;
    }
}
