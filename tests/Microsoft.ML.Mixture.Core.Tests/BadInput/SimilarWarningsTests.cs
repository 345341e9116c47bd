using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.BadInput.Tests;

/// <summary>Of what many features or components have in common a few warnings are given in full, and one of all others.</summary>
[Trait("Kind", "Degenerate")]
public class SimilarWarningsTests
{
    private const int RowCount = 200;
    private const int Plain = 4;

    [Fact]
    public void Fit_ManyConstantFeatures_NamesFiveAndCountsTheOthers()
    {
        string[] warnings = Warnings(Rows(700, (_, _, at) => at), CovarianceStructure.Diagonal, "is constant", "are constant");

        Assert.Equal(6, warnings.Length);
        Assert.StartsWith("Feature 4 ('w4') is constant: ", warnings[0], StringComparison.Ordinal);
        Assert.Equal(
            "695 more features are constant and say nothing about the components either: feature 9 ('w9'), feature 10 ('w10'), feature 11 ('w11'), feature 12 ('w12'), "
                + "feature 13 ('w13') and so on. Drop them.",
            warnings[5]);
    }

    [Theory]
    [InlineData(5, null)]
    [InlineData(6, "1 more feature is constant and says nothing about the components either: feature 9 ('w9'). Drop it.")]
    [InlineData(7, "2 more features are constant and say nothing about the components either: feature 9 ('w9'), feature 10 ('w10'). Drop them.")]
    public void Fit_AFewConstantFeatures_AgreesInNumber(int count, string? last)
    {
        string[] warnings = Warnings(Rows(count, (_, _, _) => 1), CovarianceStructure.Full, "is constant", "are constant");

        Assert.Equal(Math.Min(count, 6), warnings.Length);
        if (last is not null) Assert.Equal(last, warnings[^1]);
    }

    [Fact]
    public void Fit_ManyFeaturesWithAValueFarOut_NamesFiveAndCountsTheOthers()
    {
        double[,] rows = Rows(40, (random, i, at) => MixtureCase.Normal(random) + (i == at ? 1e4 : 0));

        string[] warnings = Warnings(rows, CovarianceStructure.Diagonal, "far from all others");

        Assert.Equal(6, warnings.Length);
        Assert.StartsWith("Feature 4 ('w4') has the value 1E+04 far from all others", warnings[0], StringComparison.Ordinal);
        Assert.StartsWith("35 more features have a value far from all others: feature 9 ('w9'), ", warnings[5], StringComparison.Ordinal);
        Assert.EndsWith(
            "feature 13 ('w13') and so on. For each, nearly all the variance of the feature is due to it, and groups among the other rows may be lost. "
                + "Check the values, or leave out their rows or the features.",
            warnings[5], StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_ValueFarOutInAFeatureThatHalfTheRowsLack_IsTold()
    {
        double[,] rows = Rows(1, (random, i, _) => i == 0 ? 1e4 : i % 2 == 1 ? double.NaN : MixtureCase.Normal(random));

        Assert.StartsWith("Feature 4 ('w4') has the value 1E+04 far", Assert.Single(Warnings(rows, CovarianceStructure.Diagonal, "far from all others")), StringComparison.Ordinal);
    }

    // A quarter of the variance is due to the first of these rows, and nearly all of it to the others.
    [Theory]
    [InlineData(0.1, 25, false)]
    [InlineData(1, 1e4, true)]
    [InlineData(10, 100, true)]
    public void Fit_ValueFarOutInAWeightedRow_IsToldIfTheVarianceIsDueToIt(double weight, double value, bool isTold)
    {
        double[,] rows = Rows(1, (random, i, _) => i == 0 ? value : MixtureCase.Normal(random));
        double[] weights = [weight, .. Enumerable.Repeat(1.0, RowCount - 1)];

        string[] warnings = Warnings(rows, CovarianceStructure.Diagonal, weights, "far from all others");

        Assert.Equal(isTold ? 1 : 0, warnings.Length);
    }

    [Theory]
    [InlineData(1, "1 feature has the same value in all rows but one, feature 4 ('w4'), and says nothing about groups of more rows than that. Drop it.")]
    [InlineData(40, "40 features have the same value in all rows but one, feature 4 ('w4'), feature 5 ('w5'), feature 6 ('w6'), feature 7 ('w7'), feature 8 ('w8') and so on, "
        + "and say nothing about groups of more rows than that. Drop them.")]
    public void Fit_FeaturesThatAreConstantButForOneRow_AreToldInOneSentence(int count, string expected)
    {
        // As counts of rare words are, some upside down. The last feature has a stray value.
        double[,] rows = Rows(count + 1, (random, i, at) => at == count ? MixtureCase.Normal(random) + (i == 3 ? 1e4 : 0) : (i == at + 1 ? 0.7 : 0.3) * (at % 3 == 2 ? -1 : 1));

        string[] warnings = Warnings(rows, CovarianceStructure.Diagonal, "the same value", "far from all others");

        Assert.Equal(expected, warnings[0]);
        Assert.StartsWith($"Feature {count + 4} ('w{count + 4}') has the value 1E+04 far from all others", Assert.Single(warnings[1..]), StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_FeatureOfTwoValuesButForAStrayOne_IsNotTakenForConstant()
    {
        double[,] rows = Rows(1, (_, i, _) => i == 7 ? 1e9 : i % 2);

        Assert.StartsWith("Feature 4 ('w4') has the value 1E+09 far", Assert.Single(Warnings(rows, CovarianceStructure.Diagonal, "the same value", "far from all others")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("full", "so the covariances are singular but for the prior or floor: ")]
    [InlineData("diagonal", "and a structure without correlations counts twice what they say: ")]
    public void Fit_ManyCopies_NamesFiveAndCountsTheOthers(string structure, string consequence)
    {
        double[,] rows = Rows(20, (_, _, _) => 0);
        for (int i = 0; i < RowCount; i++)
        {
            for (int at = 0; at < 20; at++) rows[i, Plain + at] = (2 * rows[i, at % 3]) + (at % 2 * rows[i, 3]);
        }

        string[] warnings = Warnings(rows, Engine.Tests.BoundsTests.Structure(structure), "is a copy of", "is a linear combination of", "of others");

        Assert.Equal(6, warnings.Length);
        Assert.StartsWith("Feature 4 ('w4') is a copy of feature 0 ('w0')", warnings[0], StringComparison.Ordinal);
        Assert.Equal(
            $"15 more features are copies or linear combinations of others, {consequence}feature 9 ('w9'), feature 10 ('w10'), feature 11 ('w11'), feature 12 ('w12'), feature 13 ('w13') "
                + "and so on. Drop them.",
            warnings[5]);
    }

    [Fact]
    public void Search_ManyCopies_SaysItOnceForAllModels()
    {
        double[,] rows = Rows(10, (_, _, _) => 0);
        for (int i = 0; i < RowCount; i++)
        {
            for (int at = 0; at < 10; at++) rows[i, Plain + at] = (at + 2) * rows[i, at % Plain];
        }

        MixtureSearchResult result = GaussianMixture.Search(
            rows, new GaussianMixtureSearchOptions { MaximumComponentCount = 2, CovarianceStructures = [CovarianceStructure.Full, CovarianceStructure.Diagonal] });

        string warning = Assert.Single(result.Warnings, text => text.Contains("a copy of", StringComparison.Ordinal) || text.Contains("copies", StringComparison.Ordinal));
        Assert.Contains("and so on for 5 more features. Structures with and without correlations cannot be compared then", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void StandardErrors_ManyComponentsOfFewRows_NamesFiveAndCountsTheOthers()
    {
        double[,] rows = new double[64, 1];
        for (int i = 0; i < 64; i++) rows[i, 0] = (100 * (i / 8)) + (i % 8) + (0.1 * (i % 3));
        var options = new GaussianMixtureOptions { ComponentCount = 8, Start = MixtureStart.FromLabels([.. Enumerable.Range(0, 64).Select(i => i / 8)]) };
        GaussianMixtureModel model = GaussianMixture.Fit(rows, options);

        string[] warnings = [.. model.StandardErrorsOf(rows).Warnings.Where(text => text.Contains("too few for standard errors", StringComparison.Ordinal) || text.Contains("more component", StringComparison.Ordinal))];

        Assert.Equal(6, warnings.Length);
        Assert.Equal("The same holds for 3 more components.", warnings[5]);
    }

    private static string[] Warnings(double[,] rows, CovarianceStructure structure, params string[] parts) => Warnings(rows, structure, weights: null, parts);

    private static string[] Warnings(double[,] rows, CovarianceStructure structure, double[]? weights, params string[] parts)
    {
        var options = new GaussianMixtureOptions
        {
            ComponentCount = 2,
            CovarianceStructure = structure,
            Start = MixtureStart.FromLabels([.. Enumerable.Range(0, RowCount).Select(i => i % 2)]),
            MaximumIterations = 20,
            FeatureNames = [.. Enumerable.Range(0, rows.GetLength(1)).Select(j => $"w{j}")],
        };
        FitReport report = GaussianMixture.Fit(rows, options, weights).Report!;
        return [.. report.Warnings.Where(warning => Array.Exists(parts, part => warning.Contains(part, StringComparison.Ordinal)))];
    }

    // Some features of two groups, and others.
    private static double[,] Rows(int others, Func<Random, int, int, double> value)
    {
        var random = new Random(8);
        double[,] rows = new double[RowCount, Plain + others];
        for (int i = 0; i < RowCount; i++)
        {
            for (int j = 0; j < Plain; j++) rows[i, j] = (4 * (i % 2)) + MixtureCase.Normal(random);
            for (int at = 0; at < others; at++) rows[i, Plain + at] = value(random, i, at);
        }

        return rows;
    }
}
