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
    [InlineData("airquality", "Ozone,Solar.R,Wind,Temp")]
    [InlineData("banknote", "Length,Left,Right,Bottom,Top,Diagonal")]
    [InlineData("baudry_ex4_2", "X1,X2")]
    [InlineData("cross", "x1,x2")]
    [InlineData("diabetes_reaven_miller", "glucose,insulin,sspg")]
    [InlineData("faithful", "eruptions,waiting")]
    [InlineData("geyser", "waiting,duration")]
    [InlineData("iris", "Sepal.Length,Sepal.Width,Petal.Length,Petal.Width")]
    [InlineData("olive_oil", "palmitic,palmitoleic,stearic,oleic,linoleic,linolenic,arachidic,eicosenoic")]
    [InlineData("penguins", "bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g")]
    [InlineData("quakes", "lat,long,depth,mag")]
    [InlineData("wine", null)]
    [InlineData("banknote", "Length,Left,Right,Bottom,Top,Diagonal", 50)]
    [InlineData("iris", "Sepal.Length,Sepal.Width,Petal.Length,Petal.Width", 40)]
    public void Search_StoppingLosersEarly_HasAWinnerAsGoodAsWithout(string name, string? columns, int firstRows = int.MaxValue)
    {
        // Of thirteen features on 178 rows, and of eight, models with many components take most of the time, and components of few rows are no winners.
        CsvTable table = CsvTable.Load($"{name}.csv");
        double[,] all = columns is null ? CsvTable.Standardise(table.Features) : table.SelectComplete(columns.Split(',')), rows = new double[Math.Min(firstRows, all.GetLength(0)), all.GetLength(1)];
        Array.Copy(all, rows, rows.Length);
        var options = new GaussianMixtureSearchOptions { MaximumComponentCount = all.GetLength(1) >= 8 ? 6 : 9 };

        MixtureSearchResult early = GaussianMixture.Search(rows, options);
        options.StopsLosersEarly = false;
        MixtureSearchResult late = GaussianMixture.Search(rows, options);

        double expected = late.Best.Value(MixtureCriterion.Bayesian), actual = early.Best.Value(MixtureCriterion.Bayesian);
        output.WriteLine($"{early.Best} with BIC {actual:F3}; without stopping early {late.Best} with {expected:F3}");
        Assert.False(early.Best.IsDoubtful);
        Assert.True(actual <= expected + (Tolerance * Math.Abs(expected)), $"The winner's BIC is {actual:R}, and without stopping early {expected:R}.");
    }
}
