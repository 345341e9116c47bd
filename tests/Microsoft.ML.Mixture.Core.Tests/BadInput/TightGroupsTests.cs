using System.Globalization;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture;

/// <summary>Groups that are far apart beside their spreads are groups, though the prior makes up most of their variances.</summary>
[Trait("Kind", "Recovery")]
public class TightGroupsTests
{
    [Theory]
    [InlineData(1, 100, "VVV")]
    [InlineData(2, 100, "VVV")]
    [InlineData(5, 100, "VVV")]
    [InlineData(1, 300, "VVV")]
    [InlineData(5, 300, "VVV")]
    [InlineData(2, 100, "EEE")]
    [InlineData(2, 100, "VVI")]
    [InlineData(1, 100, "VII")]
    public void Fit_OneGroupFarFromTwo_FindsAllThree(int dimension, double far, string code)
    {
        for (int seed = 0; seed < 10; seed++)
        {
            (double[,] rows, int[] labels) = Groups(dimension, seed, 300, [0, 1, far], 0.1);

            GaussianMixtureModel model = GaussianMixture.Fit(
                rows, new GaussianMixtureOptions { ComponentCount = 3, Seed = seed, CovarianceStructure = CovarianceStructure.FromCode(code) });

            AssertFinds(model, rows, labels);
            Assert.Equal(0, model.Report!.SpuriousComponentCount);
        }
    }

    [Theory]
    [InlineData(3, 3e-4)]
    [InlineData(10, 3e-4)]
    [InlineData(3, 1e-6)]
    [InlineData(10, 1e-6)]
    public void Fit_CentresInASquareWithLittleSpread_FindsThem(int count, double deviation)
    {
        for (int seed = 0; seed < 5; seed++)
        {
            (double[,] rows, int[] labels) = Centres(count, seed, deviation);

            AssertFinds(GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = count, Seed = seed }), rows, labels);
        }
    }

    // Whatever covariances have in common, and whatever part of their variances is the prior's.
    [Theory]
    [InlineData("thin along a diagonal", 1e-3)]
    [InlineData("thin along a diagonal", 1e-4)]
    [InlineData("small", 1e-3)]
    [InlineData("far apart", 1e-4)]
    public void Fit_GroupNarrowerThanThePriorInSomeDirection_IsFoundAndSound(string kind, double ratio)
    {
        for (int seed = 0; seed < 3; seed++)
        {
            (double[,] rows, int[] labels) = NarrowGroups(kind, ratio, seed);
            foreach (CovarianceStructure structure in CovarianceStructure.BuiltIn)
            {
                var options = new GaussianMixtureOptions { ComponentCount = 3, CovarianceStructure = structure, Seed = seed };
                FitReport report = GaussianMixture.Fit(rows, options).Report!;
                options.Start = MixtureStart.FromLabels(labels);
                FitReport ofGroups = GaussianMixture.Fit(rows, options).Report!;

                Assert.True(report.AverageLogLikelihood > ofGroups.AverageLogLikelihood - 0.01, $"{structure}: {report.AverageLogLikelihood}, of the groups {ofGroups.AverageLogLikelihood}");
                Assert.Equal(0, ofGroups.SpuriousComponentCount);
            }
        }
    }

    [Fact]
    public void Fit_RoundedValuesOfTightGroups_FindsThem()
    {
        // Rounded to a tenth of their spread, up to some rows of a group share each value.
        (double[,] rows, int[] labels) = Groups(dimension: 1, seed: 3, 300, [0, 1, 100], 0.1);
        for (int i = 0; i < 300; i++) rows[i, 0] = Math.Round(rows[i, 0], 2);

        AssertFinds(GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 3 }), rows, labels);
    }

    [Fact]
    public void Search_OfTightGroups_FindsThem()
    {
        for (int seed = 0; seed < 3; seed++)
        {
            (double[,] rows, int[] labels) = Centres(3, seed, 3e-4);

            MixtureSearchResult result = GaussianMixture.Search(rows, new GaussianMixtureSearchOptions { MaximumComponentCount = 5 });

            Assert.False(result.Best.IsDoubtful);
            AssertFinds(result.Model, rows, labels);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Fit_ThreeDistinctRows_GivesEachAComponent(int dimension)
    {
        int[] labels = [.. Enumerable.Range(0, 300).Select(i => i % 3)];
        double[,] rows = new double[300, dimension];
        for (int i = 0; i < rows.Length; i++) rows[i / dimension, i % dimension] = (labels[i / dimension] == 2 ? 100 : labels[i / dimension]) * (1 + (i % dimension));

        for (int seed = 0; seed < 4; seed++)
        {
            GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 3, Seed = seed });

            AssertFinds(model, rows, labels);
            Assert.All(model.Report!.EffectiveCounts, count => Assert.Equal(100, count, 1e-6));
        }
    }

    [Fact]
    public void Fit_GroupsOfWhichThePriorMakesUpMuch_WarnsWithAStrengthThatHelps()
    {
        (double[,] rows, _) = Groups(dimension: 1, seed: 0, 300, [0, 1, 300], 0.1);
        var options = new GaussianMixtureOptions { ComponentCount = 3 };
        FitReport report = GaussianMixture.Fit(rows, options).Report!;

        string warning = Assert.Single(report.Warnings);
        Assert.StartsWith("The covariance prior makes up ", warning, StringComparison.Ordinal);
        Assert.EndsWith("Lower CovariancePriorStrength from 1E-06 to 1E-09.", warning, StringComparison.Ordinal);
        options.CovariancePriorStrength = 1e-9;
        FitReport weaker = GaussianMixture.Fit(rows, options).Report!;
        Assert.Empty(weaker.Warnings);
        Assert.InRange(weaker.AverageLogLikelihood, report.AverageLogLikelihood + 0.1, double.PositiveInfinity);
    }

    // Beside groups so far apart the prior is wider than the others, which no start finds then: what helps is told first, and not that fewer components would.
    [Theory]
    [InlineData(1, 1000)]
    [InlineData(2, 1000)]
    [InlineData(2, 10_000)]
    public void Fit_GroupsNearerThanThePriorIsWide_WarnsFirstWithAStrengthThatFindsThem(int dimension, double place)
    {
        (double[,] rows, int[] labels) = Groups(dimension, seed: 0, 300, [0, 1, place], 0.1);
        var options = new GaussianMixtureOptions { ComponentCount = 3 };

        string warning = GaussianMixture.Fit(rows, options).Report!.Warnings.First(text => !text.Contains("up to scale and offset", StringComparison.Ordinal));

        Assert.Matches("^The covariance prior makes up [0-9]+ % .*so wide is it, with a standard deviation of (0\\.47|4\\.7) there,", warning);
        string strength = warning[(warning.LastIndexOf(' ') + 1)..^1];
        options.CovariancePriorStrength = double.Parse(strength, CultureInfo.InvariantCulture);
        AssertFinds(GaussianMixture.Fit(rows, options), rows, labels);
    }

    [Fact]
    public void Fit_ManyRowsAtOneValueInTheMidst_IsStillNoGroup()
    {
        // A tenth of the rows have one value exactly, about which others lie: by its likelihood a component there is best.
        var random = new Random(8);
        double[,] rows = new double[600, 2];
        for (int i = 0; i < 600; i++)
        {
            rows[i, 0] = (i % 2 == 0 ? 0 : 5) + Bell(random);
            rows[i, 1] = i % 10 == 0 ? 0.25 : Bell(random);
        }

        FitReport report = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 3 }).Report!;

        Assert.Equal(0, report.SpuriousComponentCount);
        FitReport ofValue = GaussianMixture.Fit(
            rows, new GaussianMixtureOptions { ComponentCount = 3, Start = MixtureStart.FromLabels([.. Enumerable.Range(0, 600).Select(i => i % 10 == 0 ? 2 : i % 2)]) }).Report!;
        Assert.Equal(1, ofValue.SpuriousComponentCount);
        Assert.True(ofValue.LogLikelihood > report.LogLikelihood);
    }

    // Of these fits a tenth to all, the more the fewer copies there are, had ended with a component without rows.
    [Theory]
    [InlineData(1, 3)]
    [InlineData(1, 10)]
    [InlineData(1, 100)]
    [InlineData(2, 10)]
    [InlineData(2, 1000)]
    [InlineData(3, 30)]
    [InlineData(5, 10)]
    [InlineData(5, 10_000)]
    public void Fit_CopiesOfAsManyRowsAsComponents_HasEachInAComponentOfItsOwn(int dimension, int copies)
    {
        for (int count = 2; count <= 10; count += copies > 1000 ? 8 : 1)
        {
            for (int seed = 0; seed < (copies > 100 ? 1 : 5); seed++)
            {
                var random = new Random(seed);
                double[,] distinct = new double[count, dimension], rows = new double[count * copies, dimension];
                for (int i = 0; i < rows.GetLength(0); i++)
                {
                    for (int j = 0; j < dimension; j++) rows[i, j] = i < count ? distinct[i, j] = random.NextDouble() : distinct[i % count, j];
                }

                GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = count, Seed = seed });

                Assert.All(model.Weights, weight => Assert.Equal(1.0 / count, weight, 1e-6));
            }
        }
    }

    // Three groups in three features, one of which, or all of which, are narrow.
    private static (double[,] Rows, int[] Labels) NarrowGroups(string kind, double ratio, int seed)
    {
        double[,] centres = { { 0, 0, 0 }, { 5, 4, 0 }, { -4, 5, 3 } };
        var random = new Random(seed);
        int[] labels = [.. Enumerable.Range(0, 600).Select(_ => random.Next(3))];
        double[,] rows = new double[600, 3];
        for (int i = 0; i < 600; i++)
        {
            double scale = kind == "far apart" ? 7 * ratio : kind == "small" && labels[i] == 2 ? ratio : 1;
            double[] row = [scale * MixtureCase.Normal(random), scale * MixtureCase.Normal(random), scale * MixtureCase.Normal(random)];
            if (kind == "thin along a diagonal" && labels[i] == 1) row[1] = row[0] + (ratio * row[1]);
            for (int j = 0; j < 3; j++) rows[i, j] = centres[labels[i], j] + row[j];
        }

        return (rows, labels);
    }

    private static void AssertFinds(GaussianMixtureModel model, double[,] rows, int[] labels)
    {
        int[] found = new int[labels.Length];
        double[] row = new double[rows.GetLength(1)];
        for (int i = 0; i < labels.Length; i++)
        {
            for (int j = 0; j < row.Length; j++) row[j] = rows[i, j];
            found[i] = model.Predict(row);
        }

        Assert.Equal(1, ClusteringAgreement.AdjustedRandIndex(labels, found), 1e-9);
    }

    // Every other feature of the last group has the other sign.
    private static (double[,] Rows, int[] Labels) Groups(int dimension, int seed, int count, double[] places, double deviation)
    {
        var random = new Random(seed);
        int[] labels = [.. Enumerable.Range(0, count).Select(i => i % places.Length)];
        double[,] rows = new double[count, dimension];
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < dimension; j++) rows[i, j] = (places[labels[i]] * (labels[i] == places.Length - 1 && j % 2 == 1 ? -1 : 1)) + (deviation * Bell(random));
        }

        return (rows, labels);
    }

    private static (double[,] Rows, int[] Labels) Centres(int count, int seed, double deviation)
    {
        var random = new Random(seed);
        double[] centres = [.. Enumerable.Range(0, 2 * count).Select(_ => random.NextDouble())];
        int[] labels = [.. Enumerable.Range(0, 40 * count).Select(i => i % count)];
        double[,] rows = new double[labels.Length, 2];
        for (int i = 0; i < labels.Length; i++)
        {
            for (int j = 0; j < 2; j++) rows[i, j] = centres[(2 * labels[i]) + j] + (deviation * Bell(random));
        }

        return (rows, labels);
    }

    // Nearly normal, with variance one.
    private static double Bell(Random random) => Math.Sqrt(3) * (random.NextDouble() + random.NextDouble() + random.NextDouble() + random.NextDouble() - 2);
}
