using System.Text.Json;
using Xunit.Abstractions;

namespace Microsoft.ML.Mixture;

/// <summary>Searches beside mclust's over the same grid; tests/golden/README.md says what stands in the files.</summary>
[Trait("Kind", "Golden")]
public class MclustSearchTests(ITestOutputHelper output)
{
    // What a cell may be worse by, in BIC, where mclust's start leads to a better maximum than ours.
    private const double MuchWorse = 5;

    [Theory]
    [InlineData("faithful", 9, 1)]
    [InlineData("diabetes_reaven_miller", 9, 2)]
    [InlineData("iris", 9, 1)]
    [InlineData("banknote", 5, 1)]
    [InlineData("wine_scaled", 3, 1)]
    public void Search_DefaultOptions_FindsMclustsWinnerOrABetterModel(string name, int maximum, int mostWorse)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(CsvTable.PathOf($"mclust_{name}.json")));
        JsonElement result = document.RootElement.GetProperty("result"), best = result.GetProperty("best");

        MixtureSearchResult search = GaussianMixture.Search(
            MclustGrid.Rows(document.RootElement), new GaussianMixtureSearchOptions { MaximumComponentCount = maximum });

        output.WriteLine($"{search.Best} with BIC {search.Best.Value(search.Criterion):F3}; mclust: {best.GetProperty("model")}, {best.GetProperty("G")} with {-best.GetProperty("bic").GetDouble():F3}");
        Assert.False(search.Best.IsDoubtful);
        AssertNotAbove(-best.GetProperty("bic").GetDouble(), search.Best.Value(MixtureCriterion.Bayesian), 1e-6, "The winner's BIC");
        int worse = 0;
        foreach (JsonProperty count in result.GetProperty("bic_table").EnumerateObject())
        {
            foreach (JsonProperty cell in count.Value.EnumerateObject())
            {
                if (cell.Value.ValueKind == JsonValueKind.Null || search.Find(int.Parse(count.Name, null), CovarianceStructure.FromCode(cell.Name)) is not { } candidate) continue;
                double expected = -cell.Value.GetDouble(), actual = candidate.Value(MixtureCriterion.Bayesian);
                Assert.True(actual <= expected + MuchWorse, $"{candidate}: {actual:F3}, but mclust reaches {expected:F3}. {candidate.Failure}");
                if (actual <= expected + (1e-6 * Math.Abs(expected))) continue;
                output.WriteLine($"{candidate}: {actual:F3}, but mclust reaches {expected:F3}.");
                worse++;
            }
        }

        Assert.InRange(worse, 0, mostWorse);
    }

    private static void AssertNotAbove(double expected, double actual, double tolerance, string what) =>
        Assert.True(actual <= expected + (tolerance * Math.Abs(expected)), $"{what} is {actual:R}, above {expected:R}.");
}
