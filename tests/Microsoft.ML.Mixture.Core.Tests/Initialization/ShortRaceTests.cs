using Xunit.Abstractions;

namespace Microsoft.ML.Mixture.Initialization.Tests;

/// <summary>Races that take some milliseconds ended where ten starts agreed, most of which had led to the same mixture because they are much alike.</summary>
public class ShortRaceTests(ITestOutputHelper output)
{
    // Michelson's measurements of the speed of light in 1879, in km/s above 299,000.
    private static readonly int[] _speeds =
    [
        850, 740, 900, 1070, 930, 850, 950, 980, 980, 880, 1000, 980, 930, 650, 760, 810, 1000, 1000, 960, 960, 960, 940, 960, 940, 880,
        800, 850, 880, 900, 840, 830, 790, 810, 880, 880, 830, 800, 790, 760, 800, 880, 880, 880, 860, 720, 720, 620, 860, 970, 950,
        880, 910, 850, 870, 840, 840, 850, 840, 840, 840, 890, 810, 810, 820, 800, 770, 760, 740, 750, 760, 910, 920, 890, 860, 880,
        720, 840, 850, 850, 780, 890, 840, 780, 810, 760, 810, 790, 810, 820, 850, 870, 870, 810, 740, 810, 940, 950, 800, 810, 870,
    ];

    /// <summary>The best of 80 races, and but for components on one row or two that of 400 starts of scikit-learn 1.2.1, 54 of which come there; 23 of 40 seeds had.</summary>
    [Fact]
    [Trait("Kind", "Golden")]
    public void Default_TwoComponents_FindsWhatFewStartsFind()
    {
        const double Best = -577.1349;
        double[,] rows = new double[_speeds.Length, 1];
        for (int i = 0; i < _speeds.Length; i++) rows[i, 0] = _speeds[i];

        int hits = Count(rows, 2, "VVI", Best);

        Assert.InRange(hits, 18, 20);
    }

    /// <summary>The best of a hundred races and 160 plain starts; 85 of 100 seeds had found it.</summary>
    [Fact]
    [Trait("Kind", "Golden")]
    public void Default_ThreeComponents_FindsWhatMovesFindLate() => Assert.InRange(Count(CsvTable.Load("geyser.csv").Features, 3, "VVI", -1366.845752), 19, 20);

    /// <summary>Twice twelve starts agree in a race of next to no operations, twelve where the user has set a limit, and where rows are thousands.</summary>
    [Theory]
    [Trait("Kind", "Cost")]
    [InlineData("banknote.csv", 2, "VII", false, 24, 40)]
    [InlineData("banknote.csv", 2, "VII", true, 12, 20)]
    [InlineData("xclara.csv", 3, "VVV", false, 10, 24)]
    public void Race_EndsWhereEnoughStartsAgree(string name, int componentCount, string code, bool isLimited, int fewest, int most)
    {
        var options = new GaussianMixtureOptions
        {
            ComponentCount = componentCount,
            CovarianceStructure = CovarianceStructure.FromCode(code),
            Start = isLimited ? MixtureStart.PortfolioWithin(1000) : MixtureStart.Portfolio,
        };

        FitReport report = GaussianMixture.Fit(CsvTable.Load(name).Features, options).Report!;

        output.WriteLine($"{report.AgreeingRacedStartCount} of {report.RacedStartCount} starts agree");
        Assert.InRange(report.AgreeingRacedStartCount, fewest, most);
    }

    private int Count(double[,] rows, int componentCount, string code, double best)
    {
        double[] reached = [.. Enumerable.Range(0, 20).Select(seed => GaussianMixture.Fit(rows, new GaussianMixtureOptions
        {
            ComponentCount = componentCount, CovarianceStructure = CovarianceStructure.FromCode(code), Seed = seed,
        }).Report!.LogLikelihood)];
        int hits = reached.Count(value => value >= best - (2e-4 * rows.GetLength(0)));
        output.WriteLine($"{hits} of {reached.Length} seeds, the highest {reached.Max():F4}");
        return hits;
    }
}
