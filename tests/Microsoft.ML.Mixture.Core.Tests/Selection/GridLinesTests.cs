using Microsoft.ML.Mixture.Engine.Tests;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Selection.Tests;

/// <summary>Components along lines of the grid of values that are rounded: a search keeps its ranking and says which model is better without the grid.</summary>
public class GridLinesTests
{
    private const string Line = "it lies along a line of the grid of values";

    [Fact]
    public void Search_RoundedGaussians_NamesTheModelThatIsNoArtefact()
    {
        for (int seed = 0; seed < 3; seed++)
        {
            (double[,] rows, int[] labels) = Draw(seed, step: 1);

            MixtureSearchResult result = GaussianMixture.Search(rows, new GaussianMixtureSearchOptions { FeatureNames = ["length", "width"] });

            Assert.InRange(result.Best.ComponentCount, 4, 9);
            string warning = Assert.Single(result.Warnings, text => text.Contains(Line, StringComparison.Ordinal));
            Assert.Matches("hardly wider than rounding alone makes it, in feature [01] \\('(length|width)'\\) \\(values 1 apart\\)", warning);
            MixtureCandidate named = Assert.Single(result.Ranking, candidate => warning.Contains($", {candidate}, the first of the ranking without such components (BIC ", StringComparison.Ordinal));
            Assert.Equal(3, named.ComponentCount);
            Assert.True(named.Value(MixtureCriterion.Bayesian) > result.Best.Value(MixtureCriterion.Bayesian));
            Assert.True(AgreementOf(named.Model!, rows, labels) > AgreementOf(result.Model, rows, labels));
            Assert.Contains(warning, result.Model.Report!.Warnings);
        }
    }

    [Fact]
    public void Search_RoundedGaussians_InOtherUnitsAndMoreThreads_SaysTheSame()
    {
        (double[,] rows, _) = Draw(seed: 0, step: 1);
        double[,] scaled = new double[600, 2];
        for (int i = 0; i < 600; i++) (scaled[i, 0], scaled[i, 1]) = (0.25 * rows[i, 0], 0.25 * rows[i, 1]);

        string one = GaussianMixture.Search(rows, new GaussianMixtureSearchOptions { ThreadCount = 1 }).Warnings.Single(text => text.Contains(Line, StringComparison.Ordinal));
        string two = GaussianMixture.Search(rows, new GaussianMixtureSearchOptions { ThreadCount = 2 }).Warnings.Single(text => text.Contains(Line, StringComparison.Ordinal));
        string other = GaussianMixture.Search(scaled).Warnings.Single(text => text.Contains(Line, StringComparison.Ordinal));

        Assert.Equal(one, two);
        Assert.Contains("(values 0.25 apart)", other, StringComparison.Ordinal);
    }

    // Where the spread is many steps, and where ratings of one row agree.
    [Fact]
    public void Search_GroupsThatAreNoLines_SaysNothing()
    {
        double[,] ratings = CsvTable.Load("mammal_sleep.csv").SelectComplete("BodyWgt", "BrainWgt", "NonD", "Dream", "Sleep", "Span", "Gest", "Pred", "Exp", "Danger");
        foreach (double[,] rows in new[] { CsvTable.Iris.Features, Draw(seed: 0, step: 0.25).Rows, ratings })
        {
            Assert.DoesNotContain(GaussianMixture.Search(rows).Warnings, text => text.Contains(Line, StringComparison.Ordinal));
        }
    }

    /// <summary>The look is at some of the rows. Where these lacked a feature, a search that was done threw.</summary>
    [Fact]
    public void Find_FeatureThatTheRowsLookedAtLack_SaysNothing()
    {
        // Of two rows and a half one is looked at, so that at most three show it.
        const int Count = 40_000, Shown = 4;
        double[,] rows = new double[Count, 2];
        for (int i = 0; i < Count; i++) (rows[i, 0], rows[i, 1]) = (i % 7, i < Shown ? i : double.NaN);
        var options = new GaussianMixtureSearchOptions { MaximumComponentCount = Shown };
        using var time = new TimeLimit(null, new ManualClock(), CancellationToken.None);
        SearchData data = SearchData.Prepare(GaussianMixture.Copy(rows, null), options, options.FitOptions(Shown, CovarianceStructure.Diagonal), time, CancellationToken.None);
        MixtureCandidate thin = Candidate([1, 2, 3, 4], variance: 0.01), wide = Candidate([3], variance: 4);

        Assert.Null(new GridLines(data, options, time, CancellationToken.None).Find([thin, wide]));

        static MixtureCandidate Candidate(double[] means, double variance)
        {
            double[,] centres = new double[means.Length, 2], covariance = new double[2, 2];
            for (int k = 0; k < means.Length; k++) centres[k, 0] = means[k];
            (covariance[0, 0], covariance[1, 1]) = (variance, 1e8);
            return new MixtureCandidate(means.Length, CovarianceStructure.Diagonal)
            {
                Model = GaussianMixtureModel.FromParameters(
                    [.. means.Select(_ => 1.0 / means.Length)], centres, [.. means.Select(_ => (double[,])covariance.Clone())]),
            };
        }
    }

    // Three round groups with a standard deviation of 0.6.
    private static (double[,] Rows, int[] Labels) Draw(int seed, double step)
    {
        var random = new Random(seed);
        double[][] centres = [.. Enumerable.Range(0, 3).Select(_ => new[] { 5.6 * random.NextDouble(), 5.6 * random.NextDouble() })];
        double[] angles = [.. Enumerable.Range(0, 3).Select(_ => Math.PI * random.NextDouble())];
        double[,] rows = new double[600, 2];
        int[] labels = new int[600];
        for (int i = 0; i < 600; i++)
        {
            int k = labels[i] = random.Next(3);
            double along = 0.6 * MixtureCase.Normal(random), across = 0.6 * MixtureCase.Normal(random);
            rows[i, 0] = step * Math.Round((centres[k][0] + (along * Math.Cos(angles[k])) - (across * Math.Sin(angles[k]))) / step);
            rows[i, 1] = step * Math.Round((centres[k][1] + (along * Math.Sin(angles[k])) + (across * Math.Cos(angles[k]))) / step);
        }

        return (rows, labels);
    }

    private static double AgreementOf(GaussianMixtureModel model, double[,] rows, int[] labels) =>
        ClusteringAgreement.AdjustedRandIndex(labels, [.. Enumerable.Range(0, labels.Length).Select(i => model.Predict([rows[i, 0], rows[i, 1]]))]);
}
