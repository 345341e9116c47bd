using System.Text.Json;
using Xunit.Abstractions;

namespace Microsoft.ML.Mixture;

/// <summary>Searches beside mclust's over the same grid; tests/golden/README.md says what stands in the files.</summary>
[Trait("Kind", "Golden")]
public class MclustSearchTests(ITestOutputHelper output)
{
    private const double Tolerance = 1e-6;

    [Theory]
    [InlineData("banknote")]
    [InlineData("diabetes_reaven_miller")]
    [InlineData("faithful")]
    [InlineData("iris")]
    [InlineData("wine")]
    [InlineData("wine_scaled")]
    public void Search_DefaultOptions_FindsMclustsWinnerOrABetterModelAndNoWorseCells(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(CsvTable.PathOf($"mclust_{name}.json")));
        JsonElement result = document.RootElement.GetProperty("result"), best = result.GetProperty("best");

        MixtureSearchResult search = GaussianMixture.Search(MclustGrid.Rows(document.RootElement));

        double winner = search.Best.Value(MixtureCriterion.Bayesian), theirs = -best.GetProperty("bic").GetDouble();
        bool isSame = search.Best.CovarianceStructure.Code == best.GetProperty("model").GetString() && search.Best.ComponentCount == best.GetProperty("G").GetInt32();
        output.WriteLine($"{search.Best} with BIC {winner:F3}, {(isSame ? "as" : "and not as")} mclust: {best.GetProperty("model")}, {best.GetProperty("G")} with {theirs:F3}");
        Assert.False(search.Best.IsDoubtful);
        Assert.True(winner <= theirs + (Tolerance * Math.Abs(theirs)), $"The winner's BIC is {winner:R}, above {theirs:R}.");
        int cells = 0;
        var worse = new List<string>();
        foreach (JsonProperty count in result.GetProperty("bic_table").EnumerateObject())
        {
            foreach (JsonProperty cell in count.Value.EnumerateObject())
            {
                if (cell.Value.ValueKind == JsonValueKind.Null) continue;
                cells++;
                MixtureCandidate candidate = search.Find(int.Parse(count.Name, null), CovarianceStructure.FromCode(cell.Name))!;
                double expected = -cell.Value.GetDouble(), actual = candidate.Value(MixtureCriterion.Bayesian);
                if (!(actual <= expected + (Tolerance * Math.Abs(expected)))) worse.Add($"{candidate}: {actual:F4}, but mclust reaches {expected:F4}. {candidate.Failure}");
            }
        }

        Assert.InRange(cells, 100, 126);
        Assert.Empty(worse);
    }

    [Theory]
    [InlineData("banknote")]
    [InlineData("diabetes_reaven_miller")]
    [InlineData("faithful")]
    [InlineData("iris")]
    [InlineData("wine_scaled")]
    public void Search_WithoutStoppingLosersEarly_HasTheSameWinner(string name)
    {
        // Up to three components more than the winner has: where all models take all trouble, large ones take long.
        using var document = JsonDocument.Parse(File.ReadAllText(CsvTable.PathOf($"mclust_{name}.json")));
        double[,] rows = MclustGrid.Rows(document.RootElement);
        var options = new GaussianMixtureSearchOptions { MaximumComponentCount = name == "wine_scaled" ? 3 : 5 };

        MixtureSearchResult early = GaussianMixture.Search(rows, options);
        options.StopsLosersEarly = false;
        MixtureSearchResult late = GaussianMixture.Search(rows, options);

        Assert.Equal(late.Best.ToString(), early.Best.ToString());
        double expected = late.Best.Value(MixtureCriterion.Bayesian);
        Assert.Equal(expected, early.Best.Value(MixtureCriterion.Bayesian), Tolerance * Math.Abs(expected));
    }
}
