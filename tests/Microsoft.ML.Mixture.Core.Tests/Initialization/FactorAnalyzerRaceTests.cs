namespace Microsoft.ML.Mixture.Initialization.Tests;

/// <summary>EM of factor analysers goes on slowly for long when the groups stand, and a race has to see that runs are on their way to one maximum.</summary>
[Trait("Kind", "Reference")]
public class FactorAnalyzerRaceTests
{
    /// <summary>One of 4403 had agreed, and it took ten times as long.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Fit_RunsThatComeDownSlowly_AgreeSoon(int seed)
    {
        FitReport report = FactorAnalyzerMixture.Fit(CsvTable.Banknote.Features, new FactorAnalyzerMixtureOptions { ComponentCount = 2, FactorCount = 2, Seed = seed }).Report!;

        Assert.InRange(report.AgreeingRacedStartCount, 10, int.MaxValue);
        Assert.InRange(report.RacedStartCount, 10, 300);
        Assert.DoesNotContain(report.Warnings, text => text.StartsWith("Only 1 of", StringComparison.Ordinal));
    }
}
