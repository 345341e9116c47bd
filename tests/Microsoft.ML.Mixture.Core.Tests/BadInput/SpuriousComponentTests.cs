using Microsoft.ML.Mixture.Laws.Tests;

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
        Assert.InRange(model.Report.Warnings.Count, 1, 10);
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

    // Of seven rows near a plane a search had made a component of its winner, and nothing said so: their variances are small in one direction only.
    [Theory]
    [InlineData("VVV", 0.003, true)]
    [InlineData("VVE", 0.003, true)]
    [InlineData("VVV", 0.1, false)]
    [InlineData("VVE", 0.1, false)]
    public void Fit_ComponentOnFewRowsNearAPlane_WarnsIfItIsThin(string code, double thickness, bool isExpected)
    {
        var random = new Random(5);
        int[] labels = [.. Enumerable.Range(0, 128).Select(i => i < 120 ? i % 3 : 3)];
        double[,] rows = new double[labels.Length, 4];
        for (int i = 0; i < labels.Length; i++)
        {
            for (int j = 0; j < 4; j++) rows[i, j] = (j == labels[i] ? 6 : 0) + MixtureCase.Normal(random);
            if (labels[i] == 3) rows[i, 3] = rows[i, 0] + rows[i, 1] - rows[i, 2] + (thickness * MixtureCase.Normal(random));
        }

        GaussianMixtureModel model = GaussianMixture.Fit(
            rows, new GaussianMixtureOptions { ComponentCount = 4, CovarianceStructure = CovarianceStructure.FromCode(code), Start = MixtureStart.FromLabels(labels) });

        Assert.Equal(8, model.Report!.EffectiveCounts[3], 1e-3);
        Assert.Equal(isExpected, model.Report.Warnings.Any(warning => warning.StartsWith("Component 3 rests on 8 rows, too few for a covariance of its own", StringComparison.Ordinal)));
    }

    // Whoever had more parameters than rows was told of them only, and not that components are stray rows.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Fit_ComponentsOnStrayRowsAndMoreParametersThanRows_WarnsOfBoth(int count)
    {
        (double[,] rows, int[] labels) = DrawStray(count);

        GaussianMixtureModel model = GaussianMixture.Fit(
            rows, new GaussianMixtureOptions { ComponentCount = 3, CovarianceStructure = CovarianceStructure.Tied, Start = MixtureStart.FromLabels(labels) });

        string few = $"rests on {(count == 1 ? "1 row" : "2 rows")}, too few for a group";
        Assert.Contains(model.Report!.Warnings, warning => warning.StartsWith($"Component 1 {few}", StringComparison.Ordinal));
        Assert.Contains(model.Report.Warnings, warning => warning.StartsWith($"Component 2 {few}", StringComparison.Ordinal));
        Assert.Contains(model.Report.Warnings, warning => warning.StartsWith("The model has 62 free parameters for 60 rows", StringComparison.Ordinal));
    }

    [Fact]
    public void Search_ModelOfMoreParametersThanRowsWithComponentsOnSingleRows_IsMarked()
    {
        MixtureSearchResult result = GaussianMixture.Search(
            DrawStray(1).Rows, new GaussianMixtureSearchOptions { MaximumComponentCount = 3, CovarianceStructures = [CovarianceStructure.Tied] });

        Assert.False(result.Best.IsDoubtful);
        MixtureCandidate three = result.Find(3, CovarianceStructure.Tied)!;
        Assert.True(three.IsDoubtful || three.Model!.Report!.EffectiveCounts.Min() > 1.5, string.Join(' ', three.Model!.Report!.EffectiveCounts));
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

        Assert.Contains(model.Report!.Warnings, warning => warning.Contains("Component 0 has next to no spread of its own in feature 1 ('Width')", StringComparison.Ordinal));
        Assert.Contains(model.Report.Warnings, warning => warning.Contains("Feature 1 ('Width') is exactly 5 in 50 % of the rows", StringComparison.Ordinal));
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

    [Theory]
    [InlineData("EII", 1, true)]
    [InlineData("EEE", 2, true)]
    [InlineData("VII", 2, true)]
    [InlineData("VEE", 2, true)]
    [InlineData("EEE", 3, false)]
    [InlineData("VII", 3, false)]
    [InlineData("VVI", 2, true)]
    [InlineData("VVI", 3, true)]
    [InlineData("VVI", 4, false)]
    [InlineData("VVV", 5, true)]
    [InlineData("VVV", 6, false)]
    public void Fit_ComponentOnHardlyEnoughRows_WarnsWithTheRemedyAndCountsItAsSound(string code, int strays, bool isExpected)
    {
        double[,] rows = TwoGroupsAndStrays(dimension: 3, strays);
        int[] labels = [.. Enumerable.Range(0, rows.GetLength(0)).Select(i => i < 200 ? i % 2 : 2)];
        var options = new GaussianMixtureOptions { ComponentCount = 3, CovarianceStructure = CovarianceStructure.FromCode(code), Start = MixtureStart.FromLabels(labels) };

        FitReport report = GaussianMixture.Fit(rows, options).Report!;

        Assert.Equal(0, report.SpuriousComponentCount);
        string[] expected = isExpected ? [$"Component 2 rests on {strays} row{(strays == 1 ? "" : "s")}, "] : [];
        Assert.Equal(expected, report.Warnings.Select(warning => warning[..Math.Min(warning.Length, expected.Sum(start => start.Length))]));
        Assert.All(report.Warnings, warning => Assert.Contains("set NoiseComponent; if not, ask for fewer components", warning, StringComparison.Ordinal));

        options.CovariancePriorStrength = code[0] == 'V' ? 0.1 : options.CovariancePriorStrength;
        bool isStill = isExpected && code[0] != 'V';
        Assert.Equal(isStill, GaussianMixture.Fit(rows, options).Report!.Warnings.Any(warning => warning.StartsWith("Component 2 rests on", StringComparison.Ordinal)));
    }

    // Thirty rows of a tenth of the weight of the others were said to be three.
    [Fact]
    public void Fit_GroupOfManyLightRows_IsNotSaidToRestOnFew()
    {
        double[,] rows = TwoGroupsAndStrays(dimension: 2, strays: 30);
        double[] weights = [.. Enumerable.Range(0, rows.GetLength(0)).Select(i => i < 200 ? 1 : 0.1)];
        var options = new GaussianMixtureOptions { ComponentCount = 3, Start = MixtureStart.FromLabels([.. weights.Select((weight, i) => weight < 1 ? 2 : i % 2)]) };

        FitReport light = GaussianMixture.Fit(rows, options, weights).Report!;

        Assert.Equal(3, light.EffectiveCounts[2], 1e-6);
        Assert.Empty(light.Warnings);
        for (int i = 200; i < weights.Length; i++) weights[i] = i < 204 ? 0.9 : 0;
        Assert.StartsWith("Component 2 rests on 4 rows, hardly enough", Assert.Single(GaussianMixture.Fit(rows, options, weights).Report!.Warnings), StringComparison.Ordinal);
    }

    /// <summary>It was told only where no other component was spurious.</summary>
    [Theory]
    [InlineData(3, "Component 2 rests on 3 rows, hardly enough")]
    [InlineData(4, "Component 2 rests on 4 rows, hardly enough")]
    [InlineData(2, "Component 2 rests on 2 rows, too few for a covariance of its own")]
    [InlineData(5, null)]
    public void Fit_ComponentOnHardlyEnoughRowsBesideAFlatOne_IsToldOnce(int strays, string? expected)
    {
        double[,] rows = TwoGroupsAndStrays(dimension: 2, strays);
        for (int i = 0; i < 200; i += 2) rows[i, 0] = rows[i, 1] = 0;
        int[] labels = [.. Enumerable.Range(0, rows.GetLength(0)).Select(i => i < 200 ? i % 2 : 2)];

        string[] warnings = [.. GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 3, Start = MixtureStart.FromLabels(labels) }).Report!.Warnings];

        Assert.Single(warnings, warning => warning.StartsWith("Component 0 has next to no spread of its own", StringComparison.Ordinal));
        string[] found = [.. warnings.Where(warning => warning.Contains(" rests on ", StringComparison.Ordinal))];
        Assert.Equal(expected is null ? [] : [expected], found.Select(warning => warning[..Math.Min(warning.Length, expected?.Length ?? 0)]));
    }

    [Fact]
    public void Search_WinnerWithAComponentOfTwoStrayRows_WarnsAndTheRemedyHelps()
    {
        double[,] rows = TwoGroupsAndStrays(dimension: 2, strays: 2);

        MixtureSearchResult result = GaussianMixture.Search(rows);

        Assert.Equal((3, false), (result.Best.ComponentCount, result.Best.IsDoubtful));
        Assert.Contains("Of the winner: Component 2 rests on 2 rows, too few for a group. If they are stray rows, remove them", Assert.Single(result.Warnings), StringComparison.Ordinal);
        GaussianMixtureModel model = GaussianMixture.Fit(
            rows, new GaussianMixtureOptions { ComponentCount = 2, CovarianceStructure = result.Best.CovarianceStructure, NoiseComponent = true });
        Assert.All(Enumerable.Range(0, 202), i => Assert.Equal(i >= 200, model.Predict(rows[i, 0], rows[i, 1]) == 2));
        Assert.Empty(model.Report!.Warnings);
    }

    // A hundred rows in each group, and some that are far from both.
    private static double[,] TwoGroupsAndStrays(int dimension, int strays)
    {
        var random = new Random(1);
        double[,] rows = new double[200 + strays, dimension];
        for (int i = 0; i < rows.GetLength(0); i++)
        {
            for (int j = 0; j < dimension; j++)
            {
                double bell = random.NextDouble() + random.NextDouble() + random.NextDouble() + random.NextDouble() - 2;
                rows[i, j] = i < 200 ? (6 * (i % 2)) + bell : 40 + bell;
            }
        }

        return rows;
    }

    // Sixty rows, of which some at two places are far from all others, over eight features.
    private static (double[,] Rows, int[] Labels) DrawStray(int count)
    {
        var random = new Random(5);
        int[] labels = [.. Enumerable.Range(0, 60).Select(i => Math.Max(0, 2 - (i / count)))];
        double[,] rows = new double[labels.Length, 8];
        for (int i = 0; i < labels.Length; i++)
        {
            for (int j = 0; j < 8; j++) rows[i, j] = MixtureCase.Normal(random) + (labels[i] > 0 && labels[i] == 1 + (j % 2) ? 30 : 0);
        }

        return (rows, labels);
    }
}
