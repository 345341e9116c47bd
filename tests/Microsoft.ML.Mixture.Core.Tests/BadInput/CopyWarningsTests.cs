using Microsoft.ML.Mixture.Anomalies.Tests;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.BadInput.Tests;

/// <summary>Copies are told of wherever they are many, also where no component rests on a handful: all that counts rows takes them for rows.</summary>
[Trait("Kind", "Degenerate")]
public class CopyWarningsTests
{
    private const string Expected = "Of the 600 rows only 200 differ: the others are copies.";

    [Fact]
    public void Fit_EveryRowThreeTimes_SaysHowManyDiffer()
    {
        double[,] rows = Groups(200, times: 3);

        Assert.StartsWith(Expected, Assert.Single(GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2 }).Report!.Warnings), StringComparison.Ordinal);
        Assert.Contains(
            FactorAnalyzerMixture.Fit(rows, new FactorAnalyzerMixtureOptions { ComponentCount = 2, FactorCount = 1 }).Report!.Warnings, text => text.StartsWith(Expected, StringComparison.Ordinal));
        Assert.Contains(BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions { ComponentCount = 4 }).Report!.Warnings, text => text.StartsWith(Expected, StringComparison.Ordinal));
    }

    [Fact]
    public void Search_EveryRowThreeTimes_SaysSoInTheReportOfItsWinner()
    {
        GaussianMixtureModel best = GaussianMixture.Search(Groups(200, times: 3), new GaussianMixtureSearchOptions { MaximumComponentCount = 3 }).Best.Model!;

        Assert.Contains(best.Report!.Warnings, text => text.StartsWith(Expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Fit_RowsThatAreEqualBecauseTheyAreRoundedOrSeldom_SaysNothing(bool isRounded)
    {
        double[,] rows = Groups(isRounded ? 600 : 200, times: 1);
        for (int i = 0; i < rows.GetLength(0); i++)
        {
            for (int j = 0; j < 3; j++) rows[i, j] = isRounded ? Math.Round(rows[i, j]) : i % 10 == 1 ? rows[i - 1, j] : rows[i, j];
        }

        Assert.DoesNotContain(GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2 }).Report!.Warnings, text => text.Contains("copies", StringComparison.Ordinal));
    }

    /// <summary>The other copies would be among the rows that are fitted: it fell on and on, from 12555 with three components to 12201 with eight.</summary>
    [Fact]
    public void CrossValidate_EveryRowFourTimes_SpeaksForTheTrueNumber()
    {
        double[,] rows = Groups(300, times: 4);
        double[] deviances = [.. new[] { 2, 5 }.Select(count => GaussianMixture.CrossValidate(rows, new GaussianMixtureOptions { ComponentCount = count }).Deviance)];

        Assert.True(deviances[0] < deviances[1], $"Two components {deviances[0]:F1}, five {deviances[1]:F1}.");
    }

    [Fact]
    public void CrossValidate_MoreFoldsThanRowsThatDiffer_SaysHowManyMayBe()
    {
        double[,] rows = Groups(40, times: 4);
        var options = new GaussianMixtureOptions { ComponentCount = 1 };

        Assert.Contains("only 40 of the 160 rows in use differ", Assert.Throws<ArgumentOutOfRangeException>(() => GaussianMixture.CrossValidate(rows, options, 41)).Message, StringComparison.Ordinal);
        Assert.True(double.IsFinite(GaussianMixture.CrossValidate(rows, options, 40).Deviance));
        var search = new GaussianMixtureSearchOptions { Criterion = MixtureCriterion.CrossValidation, FoldCount = 41, MaximumComponentCount = 2 };
        Assert.Contains("Only 40 of the 160 rows in use differ", Assert.Throws<ArgumentException>(() => GaussianMixture.Search(rows, search)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, 10)]
    [InlineData(7, 5)]
    public void Deal_RowsOfWhichSomeAreCopies_KeepsThemInOneFoldAndFoldsAlike(int times, int foldCount)
    {
        // The first rows are there more often than others, and one is of weight zero.
        double[,] once = Groups(100, times: 1), rows = new double[100 + (30 * times), 3];
        double[] weights = new double[rows.GetLength(0)];
        Array.Fill(weights, 1);
        weights[^1] = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            for (int j = 0; j < 3; j++) rows[i, j] = once[i < 100 ? i : (i - 100) % 30, j];
        }

        RowSource source = GaussianMixture.Copy(rows, weights);
        TrainingRows training = TrainingRows.Inspect(source, 1, usesHoles: true, j => $"Feature {j}", CancellationToken.None);
        RowFolds folds = RowFolds.Deal(source, training, foldCount, seed: 3, CancellationToken.None);

        double[][] held = [.. Enumerable.Range(0, foldCount).Select(fold => HeldOutRowsTests.FirstFeature(folds.HeldOut(fold, CancellationToken.None).Source))];
        Assert.Equal(weights.Length - 1, held.Sum(fold => fold.Length));
        Assert.Equal(100, held.Sum(fold => fold.Distinct().Count()));
        Assert.InRange(held.Max(fold => fold.Length) - held.Min(fold => fold.Length), 0, times + 1);
        for (int fold = 0; fold < foldCount; fold++) Assert.Empty(HeldOutRowsTests.FirstFeature(folds.Others(fold)).Intersect(held[fold]));
    }

    // Two groups far apart, of three features.
    private static double[,] Groups(int count, int times)
    {
        var random = new Random(1);
        double[,] rows = new double[count * times, 3];
        for (int i = 0; i < count * times; i++)
        {
            for (int j = 0; j < 3; j++) rows[i, j] = i < count ? (8 * (i % 2)) + MixtureCase.Normal(random) : rows[i - count, j];
        }

        return rows;
    }
}
