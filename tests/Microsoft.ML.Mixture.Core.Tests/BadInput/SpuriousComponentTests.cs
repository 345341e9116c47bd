namespace Microsoft.ML.Mixture;

/// <summary>Components on a handful of rows have a large likelihood and mean nothing.</summary>
[Trait("Kind", "Degenerate")]
public class SpuriousComponentTests
{
    [Fact]
    public void Fit_ComponentOnFewRows_WarnsWithItsRows()
    {
        double[,] rows = CsvTable.Iris.Features;

        GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 30 });

        Assert.Contains(model.Report!.Warnings, warning => warning.Contains("too few for a covariance of its own over 4 features", StringComparison.Ordinal));
        Assert.InRange(model.Report.Warnings.Count, 1, 7);
    }

    [Theory]
    [InlineData("VVE", 6, true)]
    [InlineData("EVE", 6, true)]
    [InlineData("VVE", 12, false)]
    [InlineData("EVE", 12, false)]
    [InlineData("EEE", 1, false)]
    public void Fit_ComponentOnNoMoreRowsThanFeatures_WarnsWhereItHasVariancesOfItsOwn(string code, int count, bool isExpected)
    {
        // A hundred rows in two groups, and some far from both, over six features.
        var random = new Random(11);
        int[] labels = [.. Enumerable.Range(0, 100 + count).Select(i => i < 100 ? i % 2 : 2)];
        double[,] rows = new double[labels.Length, 6];
        for (int i = 0; i < labels.Length; i++)
        {
            for (int j = 0; j < 6; j++) rows[i, j] = (30 * labels[i]) + ((1 + j) * (random.NextDouble() + random.NextDouble() + random.NextDouble()));
        }

        GaussianMixtureModel model = GaussianMixture.Fit(
            rows, new GaussianMixtureOptions { ComponentCount = 3, CovarianceStructure = CovarianceStructure.FromCode(code), Start = MixtureStart.FromLabels(labels) });

        Assert.Equal(count, model.Report!.EffectiveCounts[2], 1e-3);
        Assert.Equal(
            isExpected,
            model.Report.Warnings.Any(warning => warning.Contains("too few for a covariance of its own over 6 features", StringComparison.Ordinal)));
        Assert.Equal(isExpected ? 1 : 0, model.Report.SpuriousComponentCount);
    }

    [Fact]
    public void Fit_ComponentWhoseRowsCoincideInAFeature_WarnsAndNamesTheFeature()
    {
        var random = new Random(3);
        double[,] rows = new double[120, 2];
        for (int i = 0; i < 120; i++)
        {
            rows[i, 0] = random.NextDouble();
            rows[i, 1] = i < 60 ? 5 : random.NextDouble();
        }

        int[] labels = [.. Enumerable.Range(0, 120).Select(i => i / 60)];

        GaussianMixtureModel model = GaussianMixture.Fit(
            rows, new GaussianMixtureOptions { ComponentCount = 2, Start = MixtureStart.FromLabels(labels), FeatureNames = ["Length", "Width"] });

        string warning = Assert.Single(model.Report!.Warnings);
        Assert.Contains("Component 0 has next to no spread of its own in feature 1 ('Width')", warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Fit_IrisWithRestarts_DoesNotChooseASpike(int componentCount)
    {
        double[,] rows = CsvTable.Iris.Features;
        double two = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2, RestartCount = 10 }).Report!.BayesianInformationCriterion;

        FitReport report = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = componentCount, RestartCount = 10 }).Report!;

        Assert.True(report.BayesianInformationCriterion > two || report.Warnings.Count > 0, $"BIC {report.BayesianInformationCriterion} without a warning.");
    }

    [Fact]
    public void Fit_WellSeparatedGroups_HasNoWarning()
    {
        var random = new Random(4);
        double[,] rows = new double[300, 2];
        for (int i = 0; i < 300; i++)
        {
            rows[i, 0] = (20 * (i % 3)) + random.NextDouble();
            rows[i, 1] = (15 * (i % 2)) + random.NextDouble();
        }

        Assert.Empty(GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 6 }).Report!.Warnings);
    }

    [Theory]
    [InlineData("VVV", 0.05, 0)]
    [InlineData("VII", 0.05, 0)]
    [InlineData("VVI", 0.02, 0)]
    [InlineData("EVI", 0.05, 0)]
    [InlineData("EEE", 0.02, 0)]
    [InlineData("VVV", 1e-6, 0.1)]
    [InlineData("EII", 0, 0.1)]
    public void Fit_SeparatedGroupsUnderAStrongPrior_FindsThemWithoutWarning(string structure, double strength, double floor)
    {
        var random = new Random(5);
        double[,] rows = new double[300, 2];
        for (int i = 0; i < 300; i++)
        {
            rows[i, 0] = (10 * (i % 3)) + random.NextDouble();
            rows[i, 1] = (8 * (i % 2)) + random.NextDouble();
        }

        int[] labels = [.. Enumerable.Range(0, 300).Select(i => i % 6)];
        var options = new GaussianMixtureOptions
        {
            ComponentCount = 6,
            CovarianceStructure = CovarianceStructure.FromCode(structure),
            CovariancePriorStrength = strength,
            CovarianceFloor = floor,
        };
        FitReport found = GaussianMixture.Fit(rows, options).Report!;
        options.Start = MixtureStart.FromLabels(labels);
        FitReport known = GaussianMixture.Fit(rows, options).Report!;

        Assert.Empty(found.Warnings);
        Assert.Equal(0, found.SpuriousComponentCount);
        Assert.InRange(found.ObjectiveHistory[^1], known.ObjectiveHistory[^1] - 0.01, double.PositiveInfinity);
    }

    [Fact]
    public void Search_CommonAxesInAFlatDirectionOfFewRows_DoNotWin()
    {
        // With common axes a component of 11 rows in 13 features has no variance along one of them.
        double[,] rows = (double[,])CsvTable.Wine.Features.Clone();
        for (int j = 0; j < rows.GetLength(1); j++)
        {
            double[] column = [.. Enumerable.Range(0, rows.GetLength(0)).Select(i => rows[i, j])];
            for (int i = 0; i < column.Length; i++) rows[i, j] = (column[i] - column.Min()) / (column.Max() - column.Min());
        }

        var options = new GaussianMixtureSearchOptions { MaximumComponentCount = 5, CovarianceStructures = [CovarianceStructure.TiedOrientation, CovarianceStructure.TiedVolumeAndOrientation] };
        MixtureSearchResult result = GaussianMixture.Search(rows, options);

        Assert.False(result.Best.IsDoubtful);
        Assert.True(result.Model.Report!.EffectiveCounts.Min() > rows.GetLength(1), $"A component rests on {result.Model.Report.EffectiveCounts.Min()} rows.");
    }
}
