using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Judging.Tests;

[Trait("Kind", "Recovery")]
public class GaussianityWordsTests
{
    [Fact]
    public void CheckGaussianity_ValueThatComesAgainAndAgain_IsNamed()
    {
        var random = new Random(2);
        double[,] rows = new double[300, 2];
        for (int i = 0; i < 300; i++)
        {
            // Both on a grid; the first feature also has what people like to say.
            rows[i, 0] = i % 12 == 0 ? 4 : 3.5 + (Math.Round(100 * MixtureCase.Normal(random)) / 100);
            rows[i, 1] = Math.Round(4 * MixtureCase.Normal(random)) / 4;
        }

        string finding = Check(rows, ["Duration", "Waiting"]).Findings.Single(text => text.Contains("repeat", StringComparison.Ordinal));

        Assert.StartsWith("Values of feature 0 ('Duration') repeat (ties): 4 in 2", finding, StringComparison.Ordinal);
        Assert.EndsWith("are to be expected.", finding, StringComparison.Ordinal);
    }

    /// <summary>A value that many rows share widens the component, and one beside no others had been given all that lies beyond: ties of a fifth of the rows were not told.</summary>
    [Theory]
    [InlineData(9, 0.01)]
    [InlineData(9, 0.1)]
    [InlineData(9, 0.2)]
    [InlineData(9, 0.3)]
    [InlineData(9, 0.5)]
    [InlineData(9, 0.8)]
    [InlineData(0.5, 0.3)]
    [InlineData(-9, 0.3)]
    public void CheckGaussianity_ValueThatManyRowsShare_IsNamedFirstHoweverMany(double value, double share)
    {
        var random = new Random(8);
        double[,] rows = new double[800, 2];
        for (int i = 0; i < 800; i++) (rows[i, 0], rows[i, 1]) = (random.NextDouble() < share ? value : MixtureCase.Normal(random), MixtureCase.Normal(random));

        Assert.StartsWith(FormattableString.Invariant($"Values of feature 0 repeat (ties): {value} in "), Check(rows, null).Findings[0], StringComparison.Ordinal);
    }

    [Fact]
    public void CheckGaussianity_ValuesCutOffAtZero_AreTies()
    {
        var random = new Random(8);
        double[,] rows = new double[400, 1];
        for (int i = 0; i < 400; i++) rows[i, 0] = Math.Max(0, MixtureCase.Normal(random));

        Assert.StartsWith("Values of feature 0 repeat (ties): 0 in ", Check(rows, null).Findings[0], StringComparison.Ordinal);
    }

    [Fact]
    public void CheckGaussianity_RoundedGaussians_AreNotTies()
    {
        var random = new Random(7);
        double[,] rows = new double[2000, 1];
        for (int i = 0; i < 2000; i++) rows[i, 0] = Math.Round(10 * MixtureCase.Normal(random)) / 10;

        Assert.Empty(Check(rows, null).Findings);
    }

    [Fact]
    public void CheckGaussianity_FewValues_AreNoGaussian()
    {
        var random = new Random(7);
        double[,] rows = new double[100, 2];
        for (int i = 0; i < 100; i++) (rows[i, 0], rows[i, 1]) = (random.Next(4), MixtureCase.Normal(random));

        Assert.Contains("Feature 0 takes only 4 different values in 100 rows, and a Gaussian takes none twice.", Check(rows, null).Findings);
    }

    [Fact]
    public void CheckGaussianity_AllFeaturesConstant_SaysThatEachHasOneValue()
    {
        double[,] rows = new double[100, 2];
        for (int i = 0; i < 100; i++) (rows[i, 0], rows[i, 1]) = (3, 4);

        Assert.Contains(
            "Feature 1 takes a single value in 100 rows, and a Gaussian takes none twice.", GaussianMixture.Fit(rows, 1).CheckGaussianity(rows).Findings);
    }

    [Fact]
    public void CheckGaussianity_FeatureThatNoRowShows_JudgesTheOthers()
    {
        var random = new Random(7);
        double[,] rows = new double[100, 2];
        for (int i = 0; i < 100; i++) (rows[i, 0], rows[i, 1]) = (i < 50 ? random.Next(4) : MixtureCase.Normal(random), MixtureCase.Normal(random));
        GaussianMixtureModel model = GaussianMixture.Fit(rows, 1);
        for (int i = 0; i < 100; i++) rows[i, 1] = double.NaN;

        GaussianityCheck check = model.CheckGaussianity(rows);

        Assert.Equal(100, check.IncompleteRowCount);
        Assert.True(check.Components[0].IsJudged, "It has rows enough in the other feature.");
        Assert.Equal(0, check.Components[0].Features[1].EffectiveCount);
        Assert.NotEmpty(check.Findings);
        Assert.All(check.Findings, finding => Assert.DoesNotContain("eature 1", finding, StringComparison.Ordinal));
    }

    [Fact]
    public void Judge_NoRows_SpeaksOfNoFit()
    {
        GaussianMixtureModel model = GaussianMixture.Fit(new double[,] { { 1 }, { 2 }, { 4 }, { 5 } }, 1);
        Action<double[,], double[]?>[] judges = [(rows, weights) => model.CheckGaussianity(rows, weights), (rows, weights) => model.CriteriaOf(rows, weights), (rows, weights) => model.StandardErrorsOf(rows, weights)];

        Assert.All(judges, judge =>
        {
            Assert.Equal("There are no rows. Pass at least one, and for a fit as many as components.", Assert.Throws<ArgumentException>(() => judge(new double[0, 1], null)).Message);
            Assert.Equal("All 2 row weights are zero, so that no row counts. Give at least 1 row a positive weight.", Assert.Throws<ArgumentException>(() => judge(new double[2, 1], [0, 0])).Message);
        });
    }

    [Fact]
    public void CheckGaussianity_ComponentOfEqualRows_SaysSo()
    {
        var random = new Random(3);
        double[,] rows = new double[300, 2];
        for (int i = 100; i < 300; i++) (rows[i, 0], rows[i, 1]) = (6 + MixtureCase.Normal(random), 5 + MixtureCase.Normal(random));
        int[] labels = [.. Enumerable.Range(0, 300).Select(i => i < 100 ? 0 : 1)];
        GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2, Start = MixtureStart.FromLabels(labels) });

        IReadOnlyList<string> findings = model.CheckGaussianity(rows).Findings;

        Assert.Contains("The rows of component 0 are all equal, and a Gaussian has none twice.", findings);
        Assert.All(findings, finding => Assert.DoesNotContain("NaN", finding, StringComparison.Ordinal));
    }

    [Fact]
    public void CheckGaussianity_ConstantFeature_IsASingleValue()
    {
        var random = new Random(7);
        double[,] rows = new double[100, 2];
        for (int i = 0; i < 100; i++) (rows[i, 0], rows[i, 1]) = (5, MixtureCase.Normal(random));

        Assert.Equal(["Feature 0 takes a single value in 100 rows, and a Gaussian takes none twice."], Check(rows, null).Findings);
    }

    [Fact]
    public void CheckGaussianity_OfAMixtureWithNoise_LooksAtTheGaussiansOnly()
    {
        var random = new Random(5);
        double[,] rows = new double[400, 2];
        for (int i = 0; i < 400; i++)
        {
            for (int j = 0; j < 2; j++) rows[i, j] = i % 4 == 0 ? 40 * (random.NextDouble() - 0.5) : MixtureCase.Normal(random);
        }

        GaussianMixtureModel alone = GaussianMixture.Fit(rows, 1), beside = GaussianMixture.Fit(rows, new GaussianMixtureOptions { NoiseComponent = true });

        Assert.Contains(alone.CheckGaussianity(rows).Findings, finding => finding.StartsWith("Component 0 has heavier tails", StringComparison.Ordinal));
        GaussianityCheck check = beside.CheckGaussianity(rows);
        Assert.Empty(check.Findings);
        Assert.InRange(check.Components.Single().EffectiveCount, 280, 330);
    }

    [Fact]
    public void CheckGaussianity_FewRows_ConcludesNothing()
    {
        double[,] rows = { { 1 }, { 2 }, { 3 }, { 100 }, { 2.5 } };
        GaussianityCheck check = Check(rows, null);

        Assert.True(check.IsConsistent);
        Assert.False(check.Components[0].IsJudged);
        Assert.Contains("Component 0 has too few rows to tell.", check.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void CheckGaussianity_CellsOfWhichRowsTellNothing_AreDashesAndSaidToBe()
    {
        var random = new Random(3);
        double[,] rows = new double[100, 2], equal = new double[30, 2];
        for (int i = 0; i < 200; i++) rows[i / 2, i % 2] = (i / 2 % 2 * 8) + MixtureCase.Normal(random);
        GaussianMixtureModel model = GaussianMixture.Fit(rows, 2);

        string all = model.CheckGaussianity(rows).ToString(), some = model.CheckGaussianity(equal).ToString();

        Assert.DoesNotContain("A dash stands", all, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", some, StringComparison.Ordinal);
        Assert.Matches("(?m)^Component . .* -   .*$", some);
        Assert.Contains("\nA dash stands where rows tell nothing: ", some, StringComparison.Ordinal);
    }

    [Fact]
    public void CheckGaussianity_RowsAtTheEndOfTheWorld_AreHeavyTailsAndNoNaN()
    {
        var random = new Random(7);
        double[,] rows = new double[100, 2];
        for (int i = 0; i < 100; i++) (rows[i, 0], rows[i, 1]) = (MixtureCase.Normal(random), MixtureCase.Normal(random));
        GaussianMixtureModel model = GaussianMixture.Fit(rows, 1);
        (rows[3, 0], rows[4, 1]) = (1e250, -1e300);

        GaussianityCheck check = model.CheckGaussianity(rows);

        Assert.Contains(check.Findings, finding => finding.StartsWith("Component 0 has heavier tails than a Gaussian", StringComparison.Ordinal));
        Assert.False(double.IsNaN(check.Components[0].Kurtosis));
    }

    [Fact]
    public void ToString_OfManyFeatures_HasTheClearestAndSaysHowManyThereAre()
    {
        var random = new Random(11);
        double[,] rows = new double[400, 40];
        for (int i = 0; i < 400; i++)
        {
            // The skewness of the first 25 falls from feature to feature.
            for (int j = 0; j < 40; j++) rows[i, j] = j < 25 ? Math.Exp((2 - (0.05 * j)) * MixtureCase.Normal(random)) : MixtureCase.Normal(random);
        }

        GaussianityCheck check = Check(rows, null);
        string text = check.ToString();
        string[] lines = text.Split('\n');

        Assert.Equal(40, check.Components[0].Features.Count);
        Assert.True(check.Findings.Count > 40, $"There are {check.Findings.Count} findings.");
        Assert.Equal(10, lines.Count(line => line.StartsWith("  Feature ", StringComparison.Ordinal)));
        Assert.Equal(10, lines.Count(line => line.StartsWith("Feature ", StringComparison.Ordinal)));
        Assert.Single(lines, line => line.StartsWith("Component 0 has heavier tails", StringComparison.Ordinal));
        Assert.Contains("and 30 lines more of features that fit better; see Components.", lines);
        int ofFeatures = check.Findings.Count(finding => finding.StartsWith("Feature", StringComparison.Ordinal));
        Assert.Contains($"and {ofFeatures - 10} findings more about features, less clear than these; see Findings.", lines);
        Assert.DoesNotContain("Feature 30", text, StringComparison.Ordinal);
        Assert.True(lines.Length < 30, text);
    }

    [Theory]
    [InlineData("skewness")]
    [InlineData("variance")]
    public void ToString_OfProbabilitiesTooSmallForDoublePrecision_HasTheFeaturesThatAreFarthestOff(string what)
    {
        // The feature that is farthest off is the last, and all have the probability zero.
        const int Count = 4_000, Features = 25;
        var random = new Random(12);
        double[] normal = [.. Enumerable.Range(0, Count).Select(i => MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, (i + 0.5) / Count))];
        double[,] rows = new double[Count, Features];
        for (int j = 0; j < Features; j++)
        {
            random.Shuffle(normal);
            double degree = 0.8 + (0.02 * j);
            for (int i = 0; i < Count; i++) rows[i, j] = what == "skewness" ? Math.Exp(degree * normal[i]) : (2 + degree) * normal[i];
        }

        GaussianMixtureModel model = what == "skewness"
            ? GaussianMixture.Fit(rows, 1)
            : GaussianMixtureModel.FromParameters([1], new double[1, Features], [Identity(Features)]);
        GaussianityCheck check = model.CheckGaussianity(rows);

        Assert.All(check.Components[0].Features, feature => Assert.Equal(0, feature.Probability));
        string[] lines = check.ToString().Split('\n');
        Assert.Equal(Enumerable.Range(15, 10).Select(j => $"  Feature {j}"), lines.Where(line => line.StartsWith("  Feature ", StringComparison.Ordinal)).Select(line => line[..12].TrimEnd()));
        string[] findings = [.. lines.Where(line => line.StartsWith("Feature ", StringComparison.Ordinal))];
        Assert.Equal(10, findings.Length);
        Assert.All(findings, finding => Assert.InRange(int.Parse(finding.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), 15, 24));
        Assert.Contains(findings, finding => finding.StartsWith("Feature 24 of component 0", StringComparison.Ordinal));
    }

    [Fact]
    public void ToString_IsATableAndSentences()
    {
        string text = GaussianMixture.Fit(CsvTable.Faithful.Features, 2).CheckGaussianity(CsvTable.Faithful.Features, featureNames: ["Duration", "Waiting"]).ToString();
        string[] lines = text.Split('\n');

        Assert.Equal("Does a Gaussian fit each component? 272 rows", lines[0]);
        Assert.StartsWith("Component 0", lines[2], StringComparison.Ordinal);
        Assert.StartsWith("  Feature 0 ('Duration')", lines[3], StringComparison.Ordinal);
        Assert.EndsWith("(8)", lines[2], StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", text, StringComparison.Ordinal);
        Assert.True(lines.Length >= 9);
    }

    [Fact]
    public void CheckGaussianity_BadInput_IsRefusedInWords()
    {
        GaussianMixtureModel model = GaussianMixture.Fit(CsvTable.Faithful.Features, 2);
        ArgumentException features = Assert.Throws<ArgumentException>(() => model.CheckGaussianity(new double[3, 4]));
        Assert.Contains("The rows have 4 features, but the mixture has 2", features.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => model.CheckGaussianity(CsvTable.Faithful.Features, falseAlarmRate: 0));
        ArgumentException infinite = Assert.Throws<ArgumentException>(() => model.CheckGaussianity(new double[,] { { 1, double.PositiveInfinity } }));
        Assert.Contains("Feature 1 of row 0", infinite.Message, StringComparison.Ordinal);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => model.CheckGaussianity(CsvTable.Faithful.Features, cancellationToken: cancelled.Token));
    }

    [Theory]
    [InlineData(2.675, "its kurtosis is 3.003 where 3 is to be expected, and 4.0 % of its rows lie beyond what holds 99 %.")]
    [InlineData(2.66, "4.0 % of its rows lie beyond what holds 99 %.")]
    [InlineData(2.8, "its kurtosis is 3.34 where 3 is to be expected, and 4.0 % of its rows lie beyond what holds 99 %.")]
    public void CheckGaussianity_HeavyTailsAtSomePointAlone_SpeaksOfKurtosisOnlyWhereItIsLarger(double stray, string expected)
    {
        // Four in a hundred rows at two values, all others spread evenly so that the variance is one.
        const int Count = 4_000, Strays = Count / 25, Others = Count - Strays;
        double half = Math.Sqrt(3 * (Count - (Strays * stray * stray)) / Others);
        double[,] rows = new double[Count, 1];
        for (int i = 0; i < Count; i++) rows[i, 0] = i < Strays ? (i % 2 == 0 ? stray : -stray) : half * ((2 * (i - Strays + 0.5) / Others) - 1);

        IReadOnlyList<string> findings = GaussianMixtureModel.FromParameters([1], new double[1, 1], [Identity(1)]).CheckGaussianity(rows).Findings;

        Assert.Equal("Component 0 has heavier tails than a Gaussian: " + expected, Assert.Single(findings, finding => finding.Contains("tails", StringComparison.Ordinal)));
    }

    private static double[,] Identity(int dimension)
    {
        double[,] identity = new double[dimension, dimension];
        for (int j = 0; j < dimension; j++) identity[j, j] = 1;
        return identity;
    }

    private static GaussianityCheck Check(double[,] rows, string[]? names) => GaussianMixture.Fit(rows, 1).CheckGaussianity(rows, featureNames: names);
}
