using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.BadInput.Tests;

/// <summary>One row at ten to a hundred standard deviations takes the place of a group among the others; the fit says so.</summary>
[Trait("Kind", "Degenerate")]
public class StrayRowTests
{
    private const string Stretches = "stretches component";

    [Theory]
    [InlineData(2, 10)]
    [InlineData(3, 10)]
    [InlineData(3, 30)]
    [InlineData(3, 100)]
    public void Fit_RowFarFromTheOthers_NamesRowValueAndComponent(int componentCount, double deviations)
    {
        double[,] rows = Eruptions(deviations);

        for (int seed = 0; seed < 4; seed++)
        {
            GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = componentCount, Seed = seed, FeatureNames = ["duration", "waiting"] });

            string warning = Assert.Single(model.Report!.Warnings, text => text.Contains("too few for a", StringComparison.Ordinal) || text.Contains(Stretches, StringComparison.Ordinal));
            int component = model.Predict(rows[272, 0], rows[272, 1]);
            Assert.Matches(
                $"^Row 272, with the value [0-9.E+]+ in feature [01] \\('(duration|waiting)'\\), stretches component {component}: of the variance of its [0-9.]+ rows in the direction of this one, [4-9][0-9] % is due to it, "
                    + "and groups among the others may be lost\\. If it is a stray row, remove it, or set NoiseComponent; ",
                warning);
        }
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100)]
    public void Fit_RemediesOfAStrayRow_GiveBothGroupsAndNoWarning(double deviations)
    {
        double[,] rows = Eruptions(deviations);
        GaussianMixtureModel noisy = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2, NoiseComponent = true });
        GaussianMixtureModel clean = GaussianMixture.Fit(CsvTable.Faithful.Features, new GaussianMixtureOptions { ComponentCount = 2 });

        Assert.Equal(2, noisy.Predict(rows[272, 0], rows[272, 1]));
        Assert.DoesNotContain(noisy.Report!.Warnings, text => text.Contains(Stretches, StringComparison.Ordinal));
        Assert.Empty(clean.Report!.Warnings);
        int differing = 0;
        for (int i = 0; i < 272; i++) differing += noisy.WithoutNoise().Predict(rows[i, 0], rows[i, 1]) == clean.Predict(rows[i, 0], rows[i, 1]) ? 0 : 1;
        Assert.InRange(Math.Min(differing, 272 - differing), 0, 8);
    }

    [Theory]
    [InlineData("VVI", "its 1[0-9.]+ rows")]
    [InlineData("VII", "its 1[0-9.]+ rows")]
    [InlineData("EEE", "all rows")]
    [InlineData("VEI", "all rows")]
    [InlineData("VVE", "all rows")]
    public void Fit_AnyStructure_TellsOfAStrayRow(string code, string of)
    {
        double[,] rows = TwoGroups(1, (random, _) => 60 + MixtureCase.Normal(random));
        int[] labels = [.. Enumerable.Range(0, 201).Select(i => i < 100 ? 0 : 1)];
        var options = new GaussianMixtureOptions { ComponentCount = 2, CovarianceStructure = CovarianceStructure.FromCode(code), Start = MixtureStart.FromLabels(labels), MaximumIterations = 1, Tolerance = 0 };

        string warning = Assert.Single(GaussianMixture.Fit(rows, options).Report!.Warnings, text => text.Contains(Stretches, StringComparison.Ordinal));

        Assert.Matches($"^Row 200, with the value 6[0-9]\\.?[0-9]* in feature [0-2], stretches component 1: of the variance of {of} in ", warning);
    }

    [Fact]
    public void Fit_RowsLeftOutOrWithHoles_AreCountedAsTheCallerDoes()
    {
        double[,] rows = TwoGroups(1, (_, j) => j == 1 ? double.NaN : 40);
        rows[0, 0] = rows[4, 2] = rows[77, 1] = double.NaN;
        for (int j = 0; j < 3; j++) rows[3, j] = double.NaN;
        double[] weights = [.. Enumerable.Range(0, 201).Select(i => i == 9 ? 0.0 : 1)];

        FitReport report = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2 }, weights).Report!;

        Assert.StartsWith("Row 200, with the value 40 in feature ", Assert.Single(report.Warnings, text => text.Contains(Stretches, StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    // A heavy row within its group makes up as much of the variance, but is no farther out than others.
    [Theory]
    [InlineData(40, 2.5, false)]
    [InlineData(1, 25, true)]
    [InlineData(4, 25, true)]
    public void Fit_RowOfAWeightOfItsOwn_IsToldByItsDistance(double weight, double value, bool isTold)
    {
        double[,] rows = TwoGroups(1, (_, _) => value);
        double[] weights = [.. Enumerable.Repeat(1.0, 200), weight];
        int[] labels = [.. Enumerable.Range(0, 201).Select(i => i is < 100 or 200 ? 0 : 1)];
        var options = new GaussianMixtureOptions { ComponentCount = 2, Start = MixtureStart.FromLabels(labels), MaximumIterations = 2, Tolerance = 0 };

        Assert.Equal(isTold ? 1 : 0, GaussianMixture.Fit(rows, options, weights).Report!.Warnings.Count(text => text.Contains(Stretches, StringComparison.Ordinal)));
    }

    [Fact]
    public void Fit_ValueThatIsToldOfBecauseItIsFarFromAllOthers_IsToldOfOnce()
    {
        FitReport report = GaussianMixture.Fit(Eruptions(1e4), new GaussianMixtureOptions { ComponentCount = 3 }).Report!;

        Assert.Contains(report.Warnings, text => text.Contains("far from all others", StringComparison.Ordinal));
        Assert.DoesNotContain(report.Warnings, text => text.Contains(Stretches, StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_CleanRows_SaysNothingOfStrayOnes()
    {
        for (int seed = 0; seed < 24; seed++)
        {
            var random = new Random(seed);
            double[,] rows = new double[60 + (20 * seed), 1 + (seed % 4)];
            for (int at = 0; at < rows.Length; at++) rows[at / rows.GetLength(1), at % rows.GetLength(1)] = MixtureCase.Normal(random);
            FitReport report = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 1 + (seed % 3), Seed = seed }).Report!;
            Assert.DoesNotContain(report.Warnings, text => text.Contains(Stretches, StringComparison.Ordinal));
        }
    }

    // The last row is a stray one, so many standard deviations of all rows away.
    private static double[,] Eruptions(double deviations)
    {
        double[,] eruptions = CsvTable.Faithful.Features, rows = new double[273, 2];
        for (int i = 0; i < 272; i++) (rows[i, 0], rows[i, 1]) = (eruptions[i, 0], eruptions[i, 1]);
        (rows[272, 0], rows[272, 1]) = (3.49 + (1.14 * deviations), 70.9 + (13.6 * 0.8 * deviations));
        return rows;
    }

    private static double[,] TwoGroups(int strayCount, Func<Random, int, double> stray)
    {
        var random = new Random(7);
        double[,] rows = new double[200 + strayCount, 3];
        for (int at = 0; at < rows.Length; at++) rows[at / 3, at % 3] = at < 600 ? MixtureCase.Normal(random) + (at < 300 ? 0 : 8) : stray(random, at % 3);
        return rows;
    }
}
