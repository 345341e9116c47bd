using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.BadInput.Tests;

/// <summary>Groups that default fits of factor analysers had lost, and components and features that they had not told of.</summary>
[Trait("Kind", "Recovery")]
public class FactorAnalyzerGroupsTests
{
    /// <summary>A component of nearly all rows had won, because the prior makes the direction of the copy the narrower the more rows a component has.</summary>
    [Theory]
    [InlineData(SpecificVarianceStructure.Diagonal, 1)]
    [InlineData(SpecificVarianceStructure.Diagonal, 2)]
    [InlineData(SpecificVarianceStructure.Diagonal, 3)]
    [InlineData(SpecificVarianceStructure.TiedDiagonal, 2)]
    [InlineData(SpecificVarianceStructure.Spherical, 2)]
    public void Fit_CopiedFeature_FindsTheGroupsAndNamesTheCopy(SpecificVarianceStructure structure, int factors)
    {
        double[,] rows = TwoGroups(seed: 1, dimension: 8, row => row[7] = row[0]);
        for (int seed = 0; seed < 3; seed++)
        {
            FactorAnalyzerMixtureModel model = Fit(rows, structure, factors, seed);

            AssertFindsHalves(model, rows);
            Assert.Contains(model.Report!.Warnings, text => text.StartsWith("Feature 7 is a copy of feature 0", StringComparison.Ordinal) && text.EndsWith(". Drop it.", StringComparison.Ordinal));
            Assert.Equal(structure != SpecificVarianceStructure.Spherical, model.Report.SpuriousComponentCount > 0);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Fit_SumOfFeatures_FindsTheGroupsAndNamesTheSum(int factors)
    {
        double[,] rows = TwoGroups(seed: 1, dimension: 10, row => row[9] = row[0] + row[1]);

        FactorAnalyzerMixtureModel model = Fit(rows, SpecificVarianceStructure.Diagonal, factors);

        AssertFindsHalves(model, rows);
        Assert.Contains(model.Report!.Warnings, text => text.StartsWith("Feature 9 is a linear combination of feature 0 and feature 1", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_FactorsThatReproduceACopy_NamesItAmongTheRemedies()
    {
        double[,] rows = TwoGroups(seed: 1, dimension: 8, row => row[7] = row[0]);

        IReadOnlyList<string> warnings = Fit(rows, SpecificVarianceStructure.Diagonal, factors: 2).Report!.Warnings;

        Assert.Contains(warnings, text => text.StartsWith(
            "Component 0 has next to no variance of its own in 2 of 8 features, feature 0 the first of them, nor any in feature 7 beside the others: its 2 factors reproduce its rows there, "
                + "and likelihood and BIC mean little. Ask for fewer components or factors, drop feature 7, strengthen",
            StringComparison.Ordinal));
    }

    /// <summary>Two features without a variance of their own are two factors where neither follows from the other: no reason to doubt the component.</summary>
    [Fact]
    public void Fit_TwoFeaturesThatAreFactors_IsSound()
    {
        var random = new Random(3);
        double[,] rows = new double[300, 8];
        for (int i = 0; i < 300; i++)
        {
            double one = MixtureCase.Normal(random), other = MixtureCase.Normal(random);
            (rows[i, 0], rows[i, 1]) = (one + (6 * (i % 2)), (0.5 * one) + other);
            for (int j = 2; j < 8; j++) rows[i, j] = (j % 2 == 0 ? one : other) + (6 * (i % 2)) + (0.5 * MixtureCase.Normal(random));
        }

        FactorAnalyzerMixtureModel model = Fit(rows, SpecificVarianceStructure.Diagonal, factors: 2);

        AssertFindsHalves(model, rows);
        Assert.Equal(0, model.Report!.SpuriousComponentCount);
    }

    /// <summary>Components had counted as spurious because most of a variance is the prior's, and fits without their groups had won.</summary>
    [Theory]
    [InlineData(3e-3, 1, SpecificVarianceStructure.Diagonal)]
    [InlineData(1e-4, 1, SpecificVarianceStructure.Diagonal)]
    [InlineData(1e-6, 1, SpecificVarianceStructure.Diagonal)]
    [InlineData(1e-4, 2, SpecificVarianceStructure.Diagonal)]
    [InlineData(1e-3, 1, SpecificVarianceStructure.TiedDiagonal)]
    [InlineData(1e-3, 2, SpecificVarianceStructure.TiedDiagonal)]
    public void Fit_GroupsThatAreTightInAFeature_FindsThemAndIsSound(double deviation, int factors, SpecificVarianceStructure structure)
    {
        var random = new Random(1);
        double[,] rows = new double[400, 5];
        for (int i = 0; i < 400; i++)
        {
            for (int j = 0; j < 5; j++) rows[i, j] = j == 0 ? (i % 2 * 5) + (deviation * MixtureCase.Normal(random)) : MixtureCase.Normal(random);
        }

        for (int seed = 0; seed < 3; seed++)
        {
            FactorAnalyzerMixtureModel model = Fit(rows, structure, factors, seed);

            AssertFindsHalves(model, rows);
            Assert.Equal(0, model.Report!.SpuriousComponentCount);
        }
    }

    [Fact]
    public void Fit_GroupsTighterThanThePrior_TellsHowWideItIsAndWhatToLower()
    {
        var random = new Random(1);
        double[,] rows = new double[400, 3];
        for (int i = 0; i < 400; i++) (rows[i, 0], rows[i, 1], rows[i, 2]) = ((i % 2 * 5) + (1e-3 * MixtureCase.Normal(random)), MixtureCase.Normal(random), MixtureCase.Normal(random));
        var options = new FactorAnalyzerMixtureOptions { ComponentCount = 2, FactorCount = 1 };

        string warning = Assert.Single(FactorAnalyzerMixture.Fit(rows, options).Report!.Warnings, text => text.StartsWith("The prior on the specific variances makes up 8", StringComparison.Ordinal));
        Assert.Contains(" in feature 0, so wide is it, with a standard deviation of 0.0025 there, beside the group", warning, StringComparison.Ordinal);
        Assert.EndsWith(" Lower SpecificVariancePriorStrength from 1E-06 to 1E-09.", warning, StringComparison.Ordinal);

        options.SpecificVariancePriorStrength = 1e-9;
        Assert.Empty(FactorAnalyzerMixture.Fit(rows, options).Report!.Warnings);
    }

    // More features than factors are tight.
    [Theory]
    [InlineData(1e-3)]
    [InlineData(1e-6)]
    public void Fit_GroupsThatAreTightInAllFeatures_FindsThemAndIsSound(double deviation)
    {
        var random = new Random(2);
        double[,] rows = new double[400, 4];
        for (int i = 0; i < 400; i++)
        {
            double factor = MixtureCase.Normal(random);
            for (int j = 0; j < 4; j++) rows[i, j] = (i % 2 * (j + 1)) + (deviation * (factor + MixtureCase.Normal(random)));
        }

        FactorAnalyzerMixtureModel model = Fit(rows, SpecificVarianceStructure.Diagonal, factors: 1);

        AssertFindsHalves(model, rows);
        Assert.Equal(0, model.Report!.SpuriousComponentCount);
    }

    // However many rows are at one value, it is none of a group.
    [Fact]
    public void Fit_ManyRowsThatCoincideInAFeature_IsDoubtful()
    {
        var random = new Random(4);
        double[,] rows = new double[400, 5];
        for (int i = 0; i < 400; i++)
        {
            for (int j = 0; j < 5; j++) rows[i, j] = j == 0 && i % 2 == 0 ? 0 : MixtureCase.Normal(random);
        }

        FactorAnalyzerMixtureOptions options = new() { ComponentCount = 2, FactorCount = 1, Start = MixtureStart.FromLabels([.. Enumerable.Range(0, 400).Select(i => i % 2)]) };

        Assert.Contains(
            FactorAnalyzerMixture.Fit(rows, options).Report!.Warnings,
            text => text.StartsWith("Component 0 has next to no variance in feature 0, which is nearly constant there", StringComparison.Ordinal));
    }

    private static FactorAnalyzerMixtureModel Fit(double[,] rows, SpecificVarianceStructure structure, int factors, int seed = 0) => FactorAnalyzerMixture.Fit(
        rows, new FactorAnalyzerMixtureOptions { ComponentCount = 2, FactorCount = factors, SpecificVarianceStructure = structure, Seed = seed });

    private static void AssertFindsHalves(FactorAnalyzerMixtureModel model, double[,] rows)
    {
        int[] labels = [.. Enumerable.Range(0, rows.GetLength(0)).Select(i => i % 2)];
        int[] found = [.. labels.Select((_, i) => model.Predict([.. Enumerable.Range(0, rows.GetLength(1)).Select(j => rows[i, j])]))];
        double agreement = AdjustedRandIndex.Of(labels, found);
        Assert.True(agreement > 0.9, $"The adjusted Rand index is {agreement:F3}.");
    }

    // Three standard deviations apart in each feature, with a factor in common.
    private static double[,] TwoGroups(int seed, int dimension, Action<double[]> follow)
    {
        var random = new Random(seed);
        double[,] rows = new double[300, dimension];
        for (int i = 0; i < 300; i++)
        {
            double factor = MixtureCase.Normal(random);
            double[] row = [.. Enumerable.Range(0, dimension).Select(_ => (i % 2 * 3) + (0.6 * factor) + MixtureCase.Normal(random))];
            follow(row);
            for (int j = 0; j < dimension; j++) rows[i, j] = row[j];
        }

        return rows;
    }
}
