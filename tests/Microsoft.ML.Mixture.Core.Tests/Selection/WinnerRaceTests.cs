using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Selection.Tests;

/// <summary>The winner of a search is what a default fit of that model finds, or better.</summary>
[Trait("Kind", "Law")]
public class WinnerRaceTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Search_RowsOfManyMaxima_IsNoWorseThanAFitOfTheWinner(int seed) => AssertAsGood(Places(seed), CovarianceStructure.Full, seed);

    /// <summary>Most values are zero, and which rows have them together is hard to see.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void Search_SparseRows_IsNoWorseThanAFitOfTheWinner(int seed)
    {
        var random = new Random(seed);
        double[,] rows = new double[300, 6];
        for (int i = 0; i < 300; i++)
        {
            for (int j = 0; j < 6; j++) rows[i, j] = random.NextDouble() < (j / 2 == i % 3 ? 0.4 : 0.85) ? 0 : -Math.Log(1 - random.NextDouble());
        }

        AssertAsGood(rows, CovarianceStructure.Diagonal, seed);
    }

    [Fact]
    [Trait("Kind", "Determinism")]
    public void Search_OnAnyThreads_HasTheSameWinner()
    {
        double[,] rows = Places(2);
        GaussianMixtureModel Winner(int threads) =>
            GaussianMixture.Search(rows, new GaussianMixtureSearchOptions { MaximumComponentCount = 5, CovarianceStructures = [CovarianceStructure.Full], ThreadCount = threads }).Model;

        MixtureAssert.SameBits(Winner(1), Winner(3));
    }

    private static void AssertAsGood(double[,] rows, CovarianceStructure structure, int seed)
    {
        MixtureSearchResult result = GaussianMixture.Search(rows, new GaussianMixtureSearchOptions { CovarianceStructures = [structure], Seed = seed });
        GaussianMixtureModel alone = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = result.Best.ComponentCount, CovarianceStructure = structure, Seed = seed });

        Assert.True(result.Best.ComponentCount > 1);
        Assert.InRange(result.Best.Criteria!.BayesianInformationCriterion, double.NegativeInfinity, alone.CriteriaOf(rows).BayesianInformationCriterion + 0.1);
    }

    // A river, twelve blocks of houses, and what is strewn about.
    private static double[,] Places(int seed)
    {
        var random = new Random(seed);
        double[,] rows = new double[600, 2];
        for (int i = 0; i < 600; i++)
        {
            double kind = random.NextDouble();
            if (kind < 0.4)
            {
                double along = random.NextDouble() * 6;
                (rows[i, 0], rows[i, 1]) = (along, Math.Sin(along) + (0.05 * MixtureCase.Normal(random)));
            }
            else if (kind < 0.7)
            {
                int block = random.Next(12);
                (rows[i, 0], rows[i, 1]) = ((block % 4 * 1.7) + (0.1 * MixtureCase.Normal(random)), (block / 4 * 1.1) - 2 + (0.08 * MixtureCase.Normal(random)));
            }
            else
            {
                (rows[i, 0], rows[i, 1]) = (8 * random.NextDouble(), (5 * random.NextDouble()) - 3);
            }
        }

        return rows;
    }
}
