using Microsoft.ML.Mixture.Laws.Tests;
using Microsoft.ML.Mixture.Reliability.Tests;
using Xunit.Abstractions;

namespace Microsoft.ML.Mixture.Initialization.Tests;

/// <summary>
/// Two Gaussians in three features, one of which is rounded to whole numbers. A component on one of these numbers is likelier the less variance it has there, which says nothing of the
/// data; where volumes or shapes are tied its variance is larger than what the prior leaves, and yet not that of its rows.
/// </summary>
public class RoundedFeatureTests(ITestOutputHelper output)
{
    private const int RowCount = 1000;
    private const int Rounded = 2;
    private static readonly Lazy<double[,]> _rows = new(Draw);
    private static readonly int[][] _colours = [[255, 255, 255], [220, 30, 30], [30, 160, 60], [30, 60, 200], [250, 220, 40], [0, 0, 0]];

    // Five of nine components were on one number each, and nothing said so.
    [Theory]
    [Trait("Kind", "Law")]
    [InlineData("EVI")]
    [InlineData("EVE")]
    [InlineData("EVV")]
    [InlineData("VEI")]
    [InlineData("VEV")]
    [InlineData("VVE")]
    public void Fit_StructureThatTiesSomething_TellsOfComponentsOnOneNumber(string code)
    {
        for (int seed = 0; seed < GoalSize.Of(1, 4); seed++)
        {
            GaussianMixtureModel model = GaussianMixture.Fit(
                _rows.Value, new GaussianMixtureOptions { ComponentCount = 9, CovarianceStructure = CovarianceStructure.FromCode(code), Seed = seed });

            int[] clusters = [.. Enumerable.Range(0, RowCount).Select(i => model.Predict(MixtureAssert.RowOf(_rows.Value, i)))];
            for (int k = 0; k < 9; k++)
            {
                double[] values = [.. Enumerable.Range(0, RowCount).Where(i => clusters[i] == k).Select(i => _rows.Value[i, Rounded]).Distinct()];
                if (values.Length != 1 || Math.Sqrt(model.Covariances[k][Rounded, Rounded]) > 0.1) continue;
                Assert.Contains(model.Report!.Warnings, warning => warning.StartsWith($"Component {k} has next to no spread of its own in feature 2", StringComparison.Ordinal) || warning.StartsWith($"Component {k} rests on", StringComparison.Ordinal));
            }
        }
    }

    // It was EVE with nine components, whose BIC was lower by half.
    [Fact]
    [Trait("Kind", "Law")]
    public void Search_RoundedFeature_FindsTheTwoGaussians()
    {
        MixtureSearchResult result = GaussianMixture.Search(_rows.Value, new GaussianMixtureSearchOptions());

        Assert.False(result.Best.IsDoubtful);
        Assert.Equal(2, result.Best.ComponentCount);
    }

    // A covariance that all share was as narrow as the share of rows that are not at the number of their component: EEI with eight components, a standard deviation of 0.02, and nothing said so.
    [Fact]
    [Trait("Kind", "Law")]
    public void Search_FeatureOfCounts_DoesNotChooseAComponentForEachCountUnmarked()
    {
        var random = new Random(2);
        double[,] rows = new double[RowCount, 3];
        for (int i = 0; i < RowCount; i++)
        {
            int group = random.Next(2);
            (rows[i, 0], rows[i, 1]) = (MixtureCase.Normal(random) + (3 * group), MixtureCase.Normal(random) - (2 * group));
            while (random.NextDouble() > 0.6) rows[i, Rounded]++;
        }

        MixtureSearchResult result = GaussianMixture.Search(rows, new GaussianMixtureSearchOptions());

        Assert.False(result.Best.IsDoubtful);
        Assert.DoesNotContain(
            result.Candidates, candidate => candidate is { IsDoubtful: false, Model: { } model, CovarianceStructure.IsShared: true } && Math.Sqrt(model.Covariances[0][Rounded, Rounded]) < 0.15);

        // From each count as a group of its own.
        const int Counts = 7;
        double[,] byCount = new double[RowCount, Counts];
        for (int i = 0; i < RowCount; i++) byCount[i, (int)Math.Min(rows[i, Rounded], Counts - 1)] = 1;
        FitReport report = GaussianMixture.Fit(
            rows, new GaussianMixtureOptions { ComponentCount = Counts, CovarianceStructure = CovarianceStructure.TiedDiagonal, Start = MixtureStart.FromResponsibilities(byCount) }).Report!;
        Assert.Contains(report.Warnings, warning => warning.StartsWith("Every component has next to no spread of its own in feature 2", StringComparison.Ordinal));
    }

    // Colours without any spread: all fits have components that are flat, and the one with fewest had won, which has two colours in one, and does now and then.
    [Theory]
    [InlineData("VVI")]
    [InlineData("VII")]
    [InlineData("VEI")]
    [InlineData("VEE")]
    public void Fit_FlatColoursAndStrayPixels_IsNotBelowAPlainStart(string code)
    {
        double[] shares = [0.42, 0.7, 0.85, 0.93, 0.98, 1];
        int better = 0;
        for (int seed = 0; seed < 6; seed++)
        {
            var random = new Random(seed);
            double[,] rows = new double[3_000, 3];
            for (int i = 0; i < rows.GetLength(0); i++)
            {
                double place = random.NextDouble();
                int[] colour = random.NextDouble() < 0.02 ? [random.Next(256), random.Next(256), random.Next(256)] : _colours[Array.FindIndex(shares, share => place < share)];
                for (int j = 0; j < 3; j++) rows[i, j] = colour[j];
            }

            var options = new GaussianMixtureOptions { ComponentCount = _colours.Length, CovarianceStructure = CovarianceStructure.FromCode(code), Seed = seed };
            double raced = GaussianMixture.Fit(rows, options).Report!.AverageLogLikelihood;
            options.Start = MixtureStart.KMeansPlusPlus;
            if (raced >= GaussianMixture.Fit(rows, options).Report!.AverageLogLikelihood - 0.01) better++;
        }

        output.WriteLine($"{code}: {better} of 6 are no worse than a plain start.");
        Assert.InRange(better, 4, 6);
    }

    // Variances of half a step are beside the spread of such colours no more than the prior's, and counted as none.
    [Theory]
    [Trait("Kind", "Law")]
    [InlineData("EEE")]
    [InlineData("EEV")]
    [InlineData("VEE")]
    [InlineData("VEV")]
    [InlineData("VVV")]
    public void Fit_TightColours_AreFound(string code)
    {
        double[] upTo = [0.53, 0.65, 0.84, 0.95, 0.98, 1];
        var random = new Random(6);
        double[,] rows = new double[10 * RowCount, 3];
        int[] labels = new int[rows.GetLength(0)];
        for (int i = 0; i < labels.Length; i++)
        {
            double place = random.NextDouble();
            labels[i] = Array.FindIndex(upTo, end => place < end);
            for (int j = 0; j < 3; j++) rows[i, j] = Math.Clamp(Math.Round(_colours[labels[i]][j] + (0.5 * MixtureCase.Normal(random))), 0, 255);
        }

        var options = new GaussianMixtureOptions { ComponentCount = _colours.Length, CovarianceStructure = CovarianceStructure.FromCode(code) };
        FitReport fit = GaussianMixture.Fit(rows, options).Report!;

        options.Start = MixtureStart.FromLabels(labels);
        double ofTruth = GaussianMixture.Fit(rows, options).Report!.ObjectiveHistory[^1];
        Assert.InRange(fit.ObjectiveHistory[^1], ofTruth - (1e-3 * labels.Length), double.PositiveInfinity);
        Assert.DoesNotContain(fit.Warnings, warning => warning.Contains("next to no spread", StringComparison.Ordinal));
    }

    private static double[,] Draw()
    {
        var random = new Random(3);
        double[,] rows = new double[RowCount, 3];
        for (int i = 0; i < RowCount; i++)
        {
            int group = random.Next(2);
            rows[i, 0] = (2 * MixtureCase.Normal(random)) + (4 * group);
            rows[i, 1] = (3 * MixtureCase.Normal(random)) - (3 * group) + (0.5 * rows[i, 0]);
            rows[i, Rounded] = Math.Round(2 + (1.3 * MixtureCase.Normal(random)) + (2 * group));
        }

        return rows;
    }
}
