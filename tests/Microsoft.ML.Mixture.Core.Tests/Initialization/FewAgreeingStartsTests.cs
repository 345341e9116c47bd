using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Initialization.Tests;

/// <summary>Where few of the starts that raced led to the maximum of a fit, another seed may well end elsewhere, and the fit says so.</summary>
public class FewAgreeingStartsTests
{
    /// <summary>Of olive oils three of 412 starts agreed, other seeds ended up to 191 away in BIC, and nothing was said.</summary>
    [Theory]
    [Trait("Kind", "Law")]
    [InlineData(1, 4, false)]
    [InlineData(1, 5, true)]
    [InlineData(2, 99, false)]
    [InlineData(1, 100, true)]
    [InlineData(2, 201, true)]
    [InlineData(3, 412, true)]
    [InlineData(3, 300, false)]
    [InlineData(4, 400, false)]
    public void AreFew_OfAllRows_AreOneOrFewerThanOneInAHundred(int agreeing, int raced, bool areFew) =>
        Assert.Equal(areFew, StartWarnings.AreFew(new StartRaceRecord(raced, agreeing, IsLimited: false)));

    /// <summary>The winner on a sample may be another one on all rows, so that twice as many have to agree there, but no more than five.</summary>
    [Theory]
    [Trait("Kind", "Law")]
    [InlineData(2, 184, true)]
    [InlineData(1, 60, true)]
    [InlineData(4, 129, false)]
    [InlineData(5, 900, false)]
    [InlineData(0, 4, false)]
    public void AreFew_OfASample_AreFewerThanOneInFiftyAndThanFive(int agreeing, int raced, bool areFew) =>
        Assert.Equal(areFew, StartWarnings.AreFew(new StartRaceRecord(raced, agreeing, IsLimited: false) { IsOnSample = true }));

    [Fact]
    [Trait("Kind", "Reference")]
    public void Warnings_OfASample_ComeWhereTheyAreFew()
    {
        const int Count = 20_000, Groups = 60;
        var random = new Random(3);
        double[,] centres = new double[Groups, 2], rows = new double[Count, 2];
        for (int at = 0; at < 2 * Groups; at++) centres[at / 2, at % 2] = 6 * random.NextDouble();
        for (int at = 0; at < rows.Length; at++) rows[at / 2, at % 2] = centres[at / 2 % Groups, at % 2] + (0.15 * MixtureCase.Normal(random));
        for (int seed = 0; seed < 2; seed++)
        {
            FitReport report = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 12, Seed = seed }).Report!;
            string expected = $"Only {report.AgreeingRacedStartCount} of the {report.RacedStartCount} starts that raced for this fit led to its maximum. There may be better ones: ask for restarts, or for fewer components.";

            Assert.Equal(report.AgreeingRacedStartCount < Math.Max(2, Math.Min(5, report.RacedStartCount / 50.0)), report.Warnings.Contains(expected));
        }
    }

    [Fact]
    [Trait("Kind", "Reference")]
    public void Warnings_OfAllRows_ComeWhereTheyAreFew()
    {
        double[,] oils = CsvTable.Load("olive_oil.csv").Features;
        for (int seed = 3; seed < 6; seed++)
        {
            FitReport report = GaussianMixture.Fit(oils, new GaussianMixtureOptions { ComponentCount = 8, Seed = seed }).Report!;
            string expected = $"Only {report.AgreeingRacedStartCount} of the {report.RacedStartCount} starts that raced for this fit led to its maximum. There may be better ones: ask for restarts, or for fewer components.";

            Assert.Equal(StartWarnings.AreFew(new StartRaceRecord(report.RacedStartCount, report.AgreeingRacedStartCount, IsLimited: false)), report.Warnings.Contains(expected));
        }
    }
}
