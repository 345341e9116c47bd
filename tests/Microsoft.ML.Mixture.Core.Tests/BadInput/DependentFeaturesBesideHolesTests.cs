using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.BadInput.Tests;

/// <summary>Features that copy or combine others where values are missing: nobody had looked for them.</summary>
[Trait("Kind", "Degenerate")]
public class DependentFeaturesBesideHolesTests
{
    private const string IsNamed = "Feature 3 is a linear combination of feature 0, feature 1 and feature 2, ";

    [Theory]
    [InlineData("VVV")]
    [InlineData("EEE")]
    public void Fit_PartsOfAWhole_WithHolesInOthers_IsTheFitWithoutTheLast(string code)
    {
        (double[,] some, double[,] all, int[] labels) = PartsBesideOthers(seed: 1, firstWithHoles: 4);

        (_, GaussianMixtureModel with) = DependentFeatureTests.FitBoth(some, all, labels, code, tolerance: 1e-5, toleranceOfGains: 1e-2);

        Assert.Contains(with.Report!.Warnings, text => text.StartsWith(IsNamed, StringComparison.Ordinal));
    }

    [Fact]
    public void FitAndSearch_PartsOfAWhole_WithHolesInOthers_FindTheGroups()
    {
        (double[,] some, double[,] all, int[] labels) = PartsBesideOthers(seed: 0, firstWithHoles: 4);

        double expected = AgreementOf(GaussianMixture.Fit(some, 3), some, labels);
        MixtureSearchResult search = GaussianMixture.Search(all, new GaussianMixtureSearchOptions { MaximumComponentCount = 4 });

        Assert.InRange(expected, 0.7, 1);
        Assert.Equal(expected, AgreementOf(GaussianMixture.Fit(all, 3), all, labels), 0.02);
        Assert.Equal(3, search.Best.ComponentCount);
        Assert.Contains(search.Warnings, text => text.StartsWith(IsNamed[..^2], StringComparison.Ordinal));
        Assert.StartsWith("Features follow from others", search.Find(2, CovarianceStructure.FromCode("VEE"))!.Failure, StringComparison.Ordinal);
    }

    // What is filled in varies beside the others, so that a variance that every row has is not the same in each component: steps had lowered the objective.
    [Theory]
    [InlineData("VVV")]
    [InlineData("EEE")]
    public void Fit_HolesInTheParts_IsToldAndRisesToTheEnd(string code)
    {
        (_, double[,] all, int[] labels) = PartsBesideOthers(seed: 0, firstWithHoles: 0);
        var options = new GaussianMixtureOptions { ComponentCount = 3, CovarianceStructure = CovarianceStructure.FromCode(code), Start = MixtureStart.FromLabels(labels) };

        FitReport report = GaussianMixture.Fit(all, options).Report!;

        Assert.Equal(StopReason.Converged, report.StopReason);
        Assert.Contains(report.Warnings, text => text.StartsWith(IsNamed, StringComparison.Ordinal));
        Assert.Equal(0, report.SpuriousComponentCount);
    }

    [Fact]
    public void Find_CopyThatOneRowBreaks_IsNotFound()
    {
        // The row that breaks it lacks another feature.
        double[,] rows = Independent(rowCount: 2_000, dimension: 4);
        for (int i = 0; i < 2_000; i++) (rows[i, 2], rows[i, 3]) = (rows[i, 0] - (3 * rows[i, 1]), i % 10 == 0 ? double.NaN : rows[i, 1]);
        rows[1_230, 2] += 0.01;

        Assert.Equal(3, Assert.Single(Find(rows).Found).Feature);
    }

    [Fact]
    public void Find_FeaturesThatFewRowsShow_AreLeftOut()
    {
        double[,] rows = Independent(rowCount: 400, dimension: 6);
        for (int i = 0; i < 400; i++)
        {
            rows[i, 4] = 2 - rows[i, 1];
            if (i % 8 > 0) rows[i, 0] = rows[i, 2] = double.NaN;
        }

        FeatureDependencies dependencies = Find(rows);

        FeatureDependency found = Assert.Single(dependencies.Found);
        Assert.Equal((4, 0.0, true), (found.Feature, found.Unexplained, found.IsShown));
        Assert.Equal([1], found.Sources);
        Assert.Equal(0, dependencies.UnexplainedVariances![4]);
        Assert.All(new[] { 0, 1, 2, 3, 5 }, j => Assert.InRange(dependencies.UnexplainedVariances[j], 0.5, 2));
    }

    [Fact]
    public void Find_IndependentFeatures_FindsNothing()
    {
        double[,] rows = Independent(rowCount: 400, dimension: 5);
        for (int i = 0; i < 400; i++) rows[i, i % 5] = double.NaN;
        for (int i = 0; i < 200; i++) rows[i, (i + 1) % 5] = double.NaN;

        Assert.Same(FeatureDependencies.None, Find(rows));
    }

    private static FeatureDependencies Find(double[,] rows)
    {
        TrainingRows training = TrainingRows.Inspect(new ArrayRowSource<double>(rows.Cast<double>().ToArray(), rows.GetLength(1)), usesHoles: true, CancellationToken.None);
        return FeatureDependencies.Find(training, FeatureMoments.Compute(training, CancellationToken.None), CancellationToken.None);
    }

    private static double[,] Independent(int rowCount, int dimension)
    {
        var random = new Random(4);
        double[,] rows = new double[rowCount, dimension];
        for (int at = 0; at < rows.Length; at++) rows[at / dimension, at % dimension] = MixtureCase.Normal(random);
        return rows;
    }

    // Parts of a whole, the last of them last or left out, and two features more; a tenth of the values is missing from some feature on.
    private static (double[,] Some, double[,] All, int[] Labels) PartsBesideOthers(int seed, int firstWithHoles)
    {
        (_, double[,] parts, int[] labels) = DependentFeatureTests.PartsOfAWhole(seed);
        var random = new Random(100 + seed);
        double[,] some = new double[labels.Length, 5], all = new double[labels.Length, 6];
        for (int i = 0; i < labels.Length; i++)
        {
            for (int j = 0; j < 4; j++) all[i, j] = parts[i, j];
            (all[i, 4], all[i, 5]) = (labels[i] + MixtureCase.Normal(random), MixtureCase.Normal(random));
            for (int j = firstWithHoles; j < 6; j++) all[i, j] = random.NextDouble() < 0.1 ? double.NaN : all[i, j];
            for (int j = 0; j < 5; j++) some[i, j] = all[i, j < 3 ? j : j + 1];
        }

        return (some, all, labels);
    }

    private static double AgreementOf(GaussianMixtureModel model, double[,] rows, int[] labels) =>
        ClusteringAgreement.AdjustedRandIndex(labels, [.. Enumerable.Range(0, labels.Length).Select(i => model.Predict(MixtureAssert.RowOf(rows, i)))]);
}
