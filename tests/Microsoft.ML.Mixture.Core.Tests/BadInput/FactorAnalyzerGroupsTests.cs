using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.BadInput.Tests;

/// <summary>Groups that default fits of factor analysers had lost, and components and features that they had not told of.</summary>
[Trait("Kind", "Recovery")]
public class FactorAnalyzerGroupsTests
{
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
}
