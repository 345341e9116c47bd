using Microsoft.ML.Mixture.Engine.Tests;

namespace Microsoft.ML.Mixture.BadInput.Tests;

/// <summary>Row weights that are no counts, for which BIC takes their sum nevertheless.</summary>
[Trait("Kind", "Degenerate")]
public class WeightScaleTests
{
    public static TheoryData<string, string?> Cases => new()
    {
        { "normalised", "The row weights sum to 1, less than the " },
        { "equal, with sum one", "All row weights are 0.00666667, so BIC and ICL take the 150 rows for 1. Unless each row stands for so many, leave the weights out or multiply them by 150." },
        { "a hundred each", "All row weights are 100, so BIC and ICL take the 150 rows for 15000. Unless each row stands for so many, leave the weights out or multiply them by 0.01." },
        { "fractions above two", "The row weights are from 2.3" },
        { "fractions from one to six", "The row weights are from 1.0" },
        { "fractions of one on average", "The row weights are from 0.0" },
        { "next to nothing and much", "The row weights are from 1E-12 to 1E+12 and no counts (75 of 150 are fractions), but " },
        { "a half and a thousand", "The row weights are from 0.5 to 1000 and no counts (75 of 150 are fractions), but " },
        { "halves", "The row weights are from 0.5 to 12.5 and no counts (78 of 150 are fractions), but " },
        { "counts but one", "The row weights are from 0.5 to 1000 and no counts (1 of 150 is a fraction), but " },
        { "counts of aggregated rows", null },
        { "counts that were divided and multiplied", null },
        { "none", null },
        { "ones", null },
        { "counts up to a thousand", null },
        { "counts from two", null },
        { "about one", null },
        { "zeros and ones", null },
        { "a third", "The row weights sum to 50." },
        { "less than a half", null },
        { "0.15 times none to three", "The row weights sum to 33.45, but tell as much as " },
        { "falling off with age", null },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void FitAndSearch_Weights_AreWarnedOfWhereTheyCannotBeCounts(string kind, string? beginning)
    {
        double[,] rows = CsvTable.Iris.Features;
        double[]? weights = Weights(kind);
        FitReport full = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2 }, weights).Report!;
        FitReport factors = FactorAnalyzerMixture.Fit(rows, new FactorAnalyzerMixtureOptions { ComponentCount = 2, FactorCount = 1 }, weights).Report!;
        var options = new GaussianMixtureSearchOptions { MaximumComponentCount = 2, CovarianceStructures = [CovarianceStructure.Full, CovarianceStructure.Spherical] };
        MixtureSearchResult search = GaussianMixture.Search(rows, options, weights);

        foreach (IReadOnlyList<string> warnings in (IReadOnlyList<string>[])[full.Warnings, factors.Warnings, [.. search.Warnings.Select(text => text.Replace("Of the winner: ", "", StringComparison.Ordinal))]])
        {
            string[] found = [.. warnings.Where(text => text.Contains("BIC and ICL take", StringComparison.Ordinal))];
            if (beginning is null) Assert.Empty(found);
            else Assert.StartsWith(beginning, Assert.Single(found), StringComparison.Ordinal);
        }
    }

    // That all weights are one number is known from the first look at the rows.
    [Fact]
    public void Warnings_EqualWeights_AreNotReadAgain()
    {
        Assert.Equal(RowsRead(1), RowsRead(128));

        static long RowsRead(double weight)
        {
            double[] weights = new double[CsvTable.Iris.Features.GetLength(0)];
            Array.Fill(weights, weight);
            var rows = new CountedRowSource(GaussianMixture.Copy(CsvTable.Iris.Features, weights), readsInAnyOrder: true);
            GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2 }, CancellationToken.None);
            return rows.RowsRead;
        }
    }

    [Fact]
    public void Warnings_WeightsOfSumOne_SayHowManyParametersAndHelp()
    {
        double[] weights = Weights("normalised")!;
        string warning = Assert.Single(GaussianMixture.Fit(CsvTable.Iris.Features, new GaussianMixtureOptions { ComponentCount = 2 }, weights).Report!.Warnings);
        Assert.Equal(
            "The row weights sum to 1, less than the 29 free parameters, though there are 150 rows, and BIC and ICL take the sum for the number of rows. "
            + "If the weights were normalised, multiply them by 128.571: they tell as much as 128.571 rows of one weight; if not, ask for fewer components.",
            warning);

        double[] remedied = [.. weights.Select(weight => 128.571 * weight)];
        Assert.Empty(GaussianMixture.Fit(CsvTable.Iris.Features, new GaussianMixtureOptions { ComponentCount = 2 }, remedied).Report!.Warnings);
    }

    /// <summary>Where more than a tenth of the weights were whole numbers, they had passed for counts.</summary>
    [Fact]
    public void Warnings_FractionsAmongWholeNumbers_SayHowManyTheyAreAndHelp()
    {
        double[] weights = Weights("a half and a thousand")!, nearlyCounts = Weights("counts but one")!;
        string[] Of(double[] given) => [.. GaussianMixture.Fit(CsvTable.Iris.Features, new GaussianMixtureOptions { ComponentCount = 2 }, given).Report!.Warnings.Where(text => text.Contains("no counts", StringComparison.Ordinal))];

        Assert.Equal(
            "The row weights are from 0.5 to 1000 and no counts (75 of 150 are fractions), but BIC and ICL take their sum, 75037.5, for the number of rows, as tests and standard errors do. "
            + "They tell as much as 75.075 rows of one weight: multiply them by 0.0010005, or too many components seem to be told apart.",
            Assert.Single(Of(weights)));
        Assert.Empty(Of([.. weights.Select(weight => 0.0010005 * weight)]));
        Assert.Contains("as tests and standard errors do. If they were meant as counts, round it; if not, they tell as much as ", Assert.Single(Of(nearlyCounts)), StringComparison.Ordinal);
        nearlyCounts[10] = 1;
        Assert.Empty(Of(nearlyCounts));
    }

    /// <summary>BIC saw 41.7 rows where 180 tell as much, and preferred two components to five, without a word.</summary>
    [Fact]
    public void Search_FractionsThatSumToFarLessThanTheyTell_IsWarnedOfWithTheFactorThatHelps()
    {
        double[,] rows = CsvTable.Faithful.Features;
        double[] weights = [.. Enumerable.Range(0, rows.GetLength(0)).Select(i => i % 4 * 0.1)];
        var options = new GaussianMixtureSearchOptions { MaximumComponentCount = 3, CovarianceStructures = [CovarianceStructure.Tied] };

        string warning = Assert.Single(GaussianMixture.Search(rows, options, weights).Warnings, text => text.Contains("row weights", StringComparison.Ordinal));

        Assert.Equal(
            "Of the winner: The row weights sum to 40.8, but tell as much as 174.857 rows of one weight, and BIC and ICL take the sum for the number of rows, as tests and standard errors do. "
            + "Unless the rows are meant to count for less, multiply the weights by 4.28571, or too few components seem to be told apart.",
            warning);
        double[] remedied = [.. weights.Select(weight => 4.28571 * weight)];
        Assert.DoesNotContain(GaussianMixture.Search(rows, options, remedied).Warnings, text => text.Contains("row weights", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_EqualWeightsOfLittle_AreWarnedOfTooAsBicTakesTheirSumForTheRowsLikewise()
    {
        string[] Of(double weight) => [.. GaussianMixture.Fit(CsvTable.Iris.Features, new GaussianMixtureOptions { ComponentCount = 2 }, [.. Enumerable.Repeat(weight, 150)]).Report!.Warnings];

        Assert.StartsWith("All row weights are 0.3, so BIC and ICL take the 150 rows for 45. ", Assert.Single(Of(0.3)), StringComparison.Ordinal);
        Assert.Empty(Of(0.6));
    }

    /// <summary>Weights of as many as there are rows in sum, as they come of being normalised, were taken for weights of one.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Warnings_FewRowsHoldTheWeight_SayHowManyTheyCountLikeWhateverTheSum(double factor)
    {
        double[] weights = [.. Enumerable.Range(0, 150).Select(i => factor * (i is 10 or 20 or 120 ? 50 - (49 / 1024.0) : 1 / 1024.0))];
        Assert.Equal(factor * 150, weights.Sum());

        FitReport report = GaussianMixture.Fit(CsvTable.Iris.Features, new GaussianMixtureOptions { ComponentCount = 3 }, weights).Report!;

        Assert.Contains(report.Warnings, text => text.StartsWith("A few rows hold nearly all the weight: they count like 3.0", StringComparison.Ordinal));
        double[] equal = [.. weights.Select(_ => factor)];
        Assert.DoesNotContain(GaussianMixture.Fit(CsvTable.Iris.Features, new GaussianMixtureOptions { ComponentCount = 3 }, equal).Report!.Warnings, text => text.StartsWith("A few rows", StringComparison.Ordinal));
    }

    /// <summary>The noise had all rows at such weights, and nothing said why.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Fit_WeightsNextToNothing_AreRefused(bool hasNoise)
    {
        double[] weights = [.. Enumerable.Repeat(1e-300, 150)];
        var options = new GaussianMixtureOptions { ComponentCount = 2, NoiseComponent = hasNoise };

        ArgumentException error = Assert.Throws<ArgumentException>(() => GaussianMixture.Fit(CsvTable.Iris.Features, options, weights));

        Assert.Equal("The mean of the row weights is 1E-300, too little for sums of shares of it in double precision. Multiply the row weights by a constant.", error.Message);
    }

    private static double[]? Weights(string kind) => kind == "none" ? null : [.. Enumerable.Range(0, 150).Select(i => kind switch
    {
        "normalised" => (1 + (i % 3)) / 300.0,
        "equal, with sum one" => 1 / 150.0,
        "a hundred each" => 100,
        "fractions above two" => 3.3 + Math.Sin(i),
        "fractions from one to six" => 3.5 + (2.47 * Math.Sin(i)),
        "fractions of one on average" => 1 + (0.95 * Math.Sin(i)),
        "ones" => 1,
        "counts up to a thousand" => 1 + (i * 999 / 149),
        "counts from two" => 2 + (i % 7),
        "next to nothing and much" => i % 2 == 0 ? 1e-12 : 1e12,
        "a half and a thousand" => i % 2 == 0 ? 0.5 : 1000,
        "halves" => 0.5 + (i % 25 / 2.0),
        "counts but one" => i == 10 ? 0.5 : 1 + (i * 999 / 149),
        "counts of aggregated rows" => (i % 4) switch { 0 => 1, 1 => 2, 2 => 5, _ => 100 },
        "counts that were divided and multiplied" => (1 + (i % 97)) / 4943.0 * 4943,
        "about one" => 1 + (0.5 * Math.Sin(i)),
        "zeros and ones" => i % 2,
        "0.15 times none to three" => i % 4 * 0.15,
        "falling off with age" => Math.Exp(-i / 40.0),
        "less than a half" => (1 + (0.1 * Math.Sin(i))) * 0.42,
        _ => (1 + (0.1 * Math.Sin(i))) / 3,
    })];
}
