using System.Globalization;
using Microsoft.ML.Mixture.Reliability.Tests;

namespace Microsoft.ML.Mixture.Initialization.Tests;

/// <summary>Values that many rows share exactly: they are found and told, and are where a start looks.</summary>
public class PointMassTests
{
    private const int RowCount = 900;

    // Returns of four markets: quiet days, turbulent days, and every fortieth day closed, so that three returns are zero. Among the others no value repeats.
    private static (double[,] Rows, int[] Labels) Markets(int seed)
    {
        var random = new Random(seed);
        double[,] rows = new double[RowCount, 5];
        int[] labels = [.. Enumerable.Range(0, RowCount).Select(i => i % 40 == 0 ? 2 : i % 3 == 0 ? 1 : 0)];
        for (int i = 0; i < RowCount; i++)
        {
            double common = Normal(random), size = labels[i] == 1 ? 2.2 : 0.8;
            for (int j = 0; j < 5; j++) rows[i, j] = labels[i] == 2 && j != 3 && j != 4 ? 0 : size * ((0.8 * common) + (0.5 * Normal(random)));
        }

        return (rows, labels);
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static GaussianMixtureOptions Options(int seed = 0, MixtureStart? start = null) => new()
    {
        ComponentCount = 3,
        CovarianceStructure = CovarianceStructure.TiedShape,
        Seed = seed,
        Start = start,
    };

    [Theory]
    [Trait("Kind", "Law")]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Fit_RowsThatShareValues_IsAsGoodAsFromTheirGroups(int data)
    {
        (double[,] rows, int[] labels) = Markets(data);
        double known = GaussianMixture.Fit(rows, Options(start: MixtureStart.FromLabels(labels))).Report!.LogLikelihood;
        double[] found = [.. Enumerable.Range(0, GoalSize.Of(8, 20)).Select(seed => GaussianMixture.Fit(rows, Options(seed)).Report!.LogLikelihood)];

        int hits = found.Count(logLikelihood => logLikelihood >= known - 0.01);
        Assert.True(hits == found.Length, $"{hits} of {found.Length} fits are as good as from the groups: {known.ToString("F2", CultureInfo.InvariantCulture)} and {string.Join(' ', found.Select(value => value.ToString("F2", CultureInfo.InvariantCulture)))}");
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Search_RowsThatShareValues_WinsWhereNoLoserIsStopped()
    {
        (double[,] rows, int[] labels) = Markets(0);
        var options = new GaussianMixtureSearchOptions { MaximumComponentCount = 4, CovarianceStructures = [CovarianceStructure.TiedShape, CovarianceStructure.TiedOrientation, CovarianceStructure.Tied] };
        double known = GaussianMixture.Fit(rows, Options(start: MixtureStart.FromLabels(labels))).CriteriaOf(rows).BayesianInformationCriterion;

        MixtureSearchResult result = GaussianMixture.Search(rows, options);

        options.StopsLosersEarly = false;
        MixtureSearchResult whole = GaussianMixture.Search(rows, options);
        Assert.Equal(whole.Best.Criteria!.BayesianInformationCriterion, result.Best.Criteria!.BayesianInformationCriterion);
        Assert.InRange(result.Best.Criteria.BayesianInformationCriterion, double.NegativeInfinity, known + 0.01);
        string warning = Assert.Single(result.Warnings, text => text.Contains("is exactly 0 in 2.6 % of the rows, feature 1 0", StringComparison.Ordinal));
        Assert.StartsWith("Feature 0 is exactly 0", warning, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Kind", "BadInput")]
    public void Fit_RowsThatShareValues_SaysSoInEveryFamilyUntilTheyAreMissing()
    {
        (double[,] rows, _) = Markets(0);
        string[] features = ["dax", "smi", "cac", "ftse", "volatility"];
        const string Expected = "Feature 0 ('dax') is exactly 0 in 2.6 % of the rows, feature 1 ('smi') 0 in 2.6 %, feature 2 ('cac') 0 in 2.6 %, and no other value is nearly as frequent.";
        FitReport[] Reports() =>
        [
            GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2, FeatureNames = features }).Report!,
            GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2, FeatureNames = features, NoiseComponent = true }).Report!,
            FactorAnalyzerMixture.Fit(rows, new FactorAnalyzerMixtureOptions { ComponentCount = 2, FactorCount = 1, FeatureNames = features }).Report!,
            BayesianGaussianMixture.Fit(rows, new BayesianGaussianMixtureOptions { ComponentCount = 3, FeatureNames = features }).Report!,
        ];

        Assert.All(Reports(), report => Assert.Single(report.Warnings, warning => warning.Contains(Expected, StringComparison.Ordinal)));

        for (int i = 0; i < RowCount; i += 40)
        {
            for (int j = 0; j < 3; j++) rows[i, j] = double.NaN;
        }

        Assert.All(Reports(), report => Assert.DoesNotContain(report.Warnings, warning => warning.Contains("is exactly", StringComparison.Ordinal)));
    }

    /// <summary>Rows at equal distances were looked at, and of 8,192 every sixteenth and every second: the value was in all of them or in none.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void FindAll_ValueInEveryOtherRow_IsFound(int phase)
    {
        var random = new Random(4);
        double[] values = [.. Enumerable.Range(0, 8192).Select(i => i % 2 == phase ? 0 : Normal(random))];

        PointMass mass = Assert.Single(PointMass.FindAll(new ArrayRowSource<double>(values, 1), CancellationToken.None));

        Assert.Equal(0, mass.Value);
        Assert.Equal(0.5, mass.Share, 0.03);
    }

    /// <summary>Fifteen in a hundred rows at one value were told of only where every other value was five times rarer; a protein that is not there is one in five, beside a value of 8 %.</summary>
    [Fact]
    [Trait("Kind", "BadInput")]
    public void Fit_ValueBesideOthersThatRepeat_IsToldWhereItsNeighboursAreRare()
    {
        var random = new Random(7);
        double[,] rows = new double[1200, 3];
        for (int i = 0; i < 1200; i++)
        {
            // A zero in every fifth row; multiples of a quarter, of which the most frequent is in a tenth; and petals, many of which are 0.2 wide, and some 0.1 and 0.3.
            rows[i, 0] = i % 5 == 0 ? 0 : Math.Max(0.1, Math.Round(1.5 + (0.4 * Normal(random)), 1));
            rows[i, 1] = Math.Round(4 * Normal(random)) / 4;
            rows[i, 2] = i % 5 == 0 ? 0.2 : i % 5 == 1 ? 0.1 * (1 + random.Next(3)) : Math.Round(1.5 + (0.4 * Normal(random)), 1);
        }

        FitReport report = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2, FeatureNames = ["spike", "rounded", "petal"] }).Report!;

        string warning = Assert.Single(report.Warnings, text => text.Contains("is exactly", StringComparison.Ordinal));
        Assert.StartsWith("Feature 0 ('spike') is exactly 0 in 20 % of the rows, and no other value is nearly as frequent.", warning, StringComparison.Ordinal);
        Assert.Empty(PointMass.FindAll(GaussianMixture.Copy(rows, null), CancellationToken.None));
    }

    /// <summary>What stands for a missing value need not be in many rows: beyond all other values, or where these do not repeat.</summary>
    [Theory]
    [Trait("Kind", "BadInput")]
    [InlineData(-999, 12, 0.1, "Feature 1 is exactly -999 in 0.6 % of the rows, farther from all other values than these are from each other. If it stands for missing values, set it to NaN; ")]
    [InlineData(999, 12, 0.1, "Feature 1 is exactly 999 in 0.6 % of the rows, farther from all other values than these are from each other. ")]
    [InlineData(0, 16, 0, "Feature 1 is exactly 0 in 0.8 % of the rows, and no other value is nearly as frequent. ")]
    [InlineData(0, 5, 0, null)]
    [InlineData(0, 16, 0.1, null)]
    [InlineData(-999, 3, 0.1, null)]
    public void Fit_FewRowsOfOneValue_AreToldWhereOthersAreFarOrDoNotRepeat(double value, int count, double step, string? expected)
    {
        var random = new Random(1);
        double[,] rows = new double[2000, 2];
        for (int i = 0; i < 2000; i++)
        {
            for (int j = 0; j < 2; j++)
            {
                double own = 4 + Normal(random);
                rows[i, j] = step > 0 ? Math.Round(own / step) * step : own;
            }
        }

        // Not only where some hundred rows at equal distances would find them.
        for (int i = 0; i < count; i++) rows[random.Next(2000), 1] = value;

        FitReport report = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2, Start = MixtureStart.KMeansPlusPlus }).Report!;

        if (expected is null) Assert.DoesNotContain(report.Warnings, text => text.Contains("is exactly", StringComparison.Ordinal));
        else Assert.Single(report.Warnings, text => text.StartsWith(expected, StringComparison.Ordinal));
    }

    /// <summary>What one row weighs was told as so many rows, with the advice to set its value to NaN.</summary>
    [Theory]
    [Trait("Kind", "BadInput")]
    [InlineData(1, 1e6, "in 1 row with 100 % of the weight")]
    [InlineData(1, 60, "in 1 row with 17 % of the weight")]
    [InlineData(4, 30, "in 4 rows with 29 % of the weight")]
    public void Fit_FewHeavyRows_AreNotToldAsManyRowsOfAValue(int count, double weight, string expected)
    {
        var random = new Random(1);
        double[,] rows = new double[300, 2];
        for (int i = 0; i < 300; i++) (rows[i, 0], rows[i, 1]) = (i < count ? 0.5 : Normal(random), Normal(random));
        double[] weights = [.. Enumerable.Range(0, 300).Select(i => i < count ? weight : 1)];

        IReadOnlyList<string> warnings = GaussianMixture.Fit(rows, new GaussianMixtureOptions(), weights).Report!.Warnings;

        string warning = Assert.Single(warnings, text => text.Contains("is exactly 0.5", StringComparison.Ordinal));
        Assert.Contains("Feature 0 is exactly 0.5 " + expected, warning, StringComparison.Ordinal);
        Assert.EndsWith("Unless such a weight is a number of equal rows, bring the weights nearer to each other; if it is, fit those rows apart.", warning, StringComparison.Ordinal);
        Assert.All(warnings, text => Assert.DoesNotContain("of the rows", text, StringComparison.Ordinal));
        Assert.All(warnings, text => Assert.DoesNotContain("NaN", text, StringComparison.Ordinal));
    }

    /// <summary>A tenth of the rows with half of the weight was told as half of the rows.</summary>
    [Theory]
    [Trait("Kind", "BadInput")]
    [InlineData(9, "Feature 0 is exactly 0 in 10 % of the rows, which have 50 % of the weight, feature 1 7 in 10 %, with 50 % of the weight, and no other value is nearly as frequent. ")]
    [InlineData(1, "Feature 0 is exactly 0 in 10 % of the rows, feature 1 7 in 10 %, and no other value is nearly as frequent. ")]
    public void Fit_ValueOfHeavyRows_IsToldByNumberAndByWeight(double weight, string expected)
    {
        var random = new Random(2);
        double[,] rows = new double[300, 2];
        for (int i = 0; i < 300; i++) (rows[i, 0], rows[i, 1]) = i % 10 == 0 ? (0, 7) : (Normal(random), Normal(random));
        double[] weights = [.. Enumerable.Range(0, 300).Select(i => i % 10 == 0 ? weight : 1)];

        Assert.Single(GaussianMixture.Fit(rows, new GaussianMixtureOptions(), weights).Report!.Warnings, text => text.StartsWith(expected, StringComparison.Ordinal));
    }

    // Densities, rounded or not, counts and categories repeat their values about alike, or have few of them.
    [Fact]
    [Trait("Kind", "Law")]
    public void FindAll_ManyKindsOfFeatures_NamesThoseWithPointMasses()
    {
        var random = new Random(3);
        double[] rows = new double[20000 * 8];
        for (int i = 0; i < rows.Length; i += 8)
        {
            double density = Normal(random);
            rows[i] = density;
            rows[i + 1] = Math.Round(density, 1);
            rows[i + 2] = random.Next(20) == 0 ? 1.5 : density;
            rows[i + 3] = Math.Max(-1, density);
            rows[i + 4] = random.Next(10) == 0 ? 1 : 0;
            rows[i + 5] = Math.Floor(-8 * Math.Log(1 - random.NextDouble()));
            rows[i + 6] = random.Next(3) == 0 ? double.NaN : density;
            rows[i + 7] = random.Next(3) == 0 ? -999 : random.Next(3) == 0 ? double.NaN : density;
        }

        IReadOnlyList<PointMass> found = PointMass.FindAll(new ArrayRowSource<double>(rows, 8), CancellationToken.None);

        Assert.Equal([2, 3, 7], found.Select(mass => mass.Feature));
        Assert.Equal([1.5, -1, -999], found.Select(mass => mass.Value));
        Assert.Equal(0.05, found[0].Share, 0.015);
        Assert.Equal(0.159, found[1].Share, 0.02);
        Assert.Equal(0.429, found[2].Share, 0.03);
    }
}
