using Microsoft.ML.Mixture.Golden.Tests;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Selection.Tests;

/// <summary>Components along lines of the grid of values that are rounded: a search keeps its ranking and says which model is better without the grid.</summary>
public class GridLinesTests
{
    private const string Line = "it lies along a line of the grid of values";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Search_RoundedGaussians_NamesTheModelThatIsNoArtefact(bool withNoise)
    {
        (double[,] rows, int[] labels) = Draw(seed: SEED, count: 600, step: 1);
        var options = new GaussianMixtureSearchOptions { FeatureNames = ["length", "width"], NoiseComponent = withNoise };

        MixtureSearchResult result = GaussianMixture.Search(rows, options);

        Assert.InRange(result.Best.ComponentCount, 4, 9);
        string warning = Assert.Single(result.Warnings, text => text.Contains(Line, StringComparison.Ordinal));
        Assert.Matches("hardly wider than rounding alone makes it, in feature [01] \\('(length|width)'\\) \\(values 1 apart\\)", warning);
        MixtureCandidate named = Assert.Single(result.Ranking, candidate => warning.Contains($", {candidate}, the first of the ranking without such components (BIC ", StringComparison.Ordinal));
        Assert.True(named.Value(MixtureCriterion.Bayesian) > result.Best.Value(MixtureCriterion.Bayesian));
        Assert.True(AgreementOf(named.Model!, rows, labels) > AgreementOf(result.Model, rows, labels));
        Assert.Contains(warning, result.Model.Report!.Warnings);
    }

    [Fact]
    public void Search_RoundedGaussians_InOtherUnitsAndMoreThreads_SaysTheSame()
    {
        (double[,] rows, _) = Draw(seed: SEED, count: 600, step: 1);
        double[,] scaled = new double[600, 2];
        for (int i = 0; i < 600; i++) (scaled[i, 0], scaled[i, 1]) = (0.25 * rows[i, 0], 0.25 * rows[i, 1]);

        string one = GaussianMixture.Search(rows, new GaussianMixtureSearchOptions { ThreadCount = 1 }).Warnings.Single(text => text.Contains(Line, StringComparison.Ordinal));
        string two = GaussianMixture.Search(rows, new GaussianMixtureSearchOptions { ThreadCount = 2 }).Warnings.Single(text => text.Contains(Line, StringComparison.Ordinal));
        string other = GaussianMixture.Search(scaled).Warnings.Single(text => text.Contains(Line, StringComparison.Ordinal));

        Assert.Equal(one, two);
        Assert.Contains("(values 0.25 apart)", other, StringComparison.Ordinal);
    }

    // Where the spread is many steps, or the narrow components are groups.
    [Fact]
    public void Search_GroupsThatAreNoLines_SaysNothing()
    {
        var random = new Random(3);
        double[,] ratings = new double[400, 3];
        for (int i = 0; i < 400; i++)
        {
            int group = random.Next(2);
            (ratings[i, 0], ratings[i, 1]) = (1 + (3 * group) + random.Next(2), MixtureCase.Normal(random) + (4 * group));
            ratings[i, 2] = random.Next(20) > 0 ? ratings[i, 0] : 3;
        }

        foreach (double[,] rows in new[] { CsvTable.Iris.Features, Draw(seed: SEED, count: 600, step: 0.25).Rows, ratings })
        {
            Assert.DoesNotContain(GaussianMixture.Search(rows).Warnings, text => text.Contains(Line, StringComparison.Ordinal));
        }
    }

    private static (double[,] Rows, int[] Labels) Draw(int seed, int count, double step)
    {
        var random = new Random(seed);
        double[][] centres = [.. Enumerable.Range(0, 3).Select(_ => new[] { 8 * random.NextDouble(), 8 * random.NextDouble() })];
        double[,] rows = new double[count, 2];
        int[] labels = new int[count];
        for (int i = 0; i < count; i++)
        {
            labels[i] = random.Next(3);
            for (int j = 0; j < 2; j++) rows[i, j] = step * Math.Round((centres[labels[i]][j] + MixtureCase.Normal(random)) / step);
        }

        return (rows, labels);
    }

    private static double AgreementOf(GaussianMixtureModel model, double[,] rows, int[] labels) =>
        ClusteringAgreement.AdjustedRandIndex(labels, [.. Enumerable.Range(0, labels.Length).Select(i => model.Predict([rows[i, 0], rows[i, 1]]))]);
}
