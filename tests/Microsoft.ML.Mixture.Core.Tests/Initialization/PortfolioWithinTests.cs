using Microsoft.ML.Mixture.Engine.Tests;
using Microsoft.ML.Mixture.Laws.Tests;
using Xunit.Abstractions;

namespace Microsoft.ML.Mixture.Initialization.Tests;

/// <summary>A race that may take no more than a multiple of a plain fit keeps to it, and is no worse than that fit.</summary>
public class PortfolioWithinTests(ITestOutputHelper output)
{
    public static TheoryData<string, int> Models { get; } = new()
    {
        { "quakes.csv", 3 }, { "quakes.csv", 5 }, { "chevron.csv", 3 }, { "xclara.csv", 3 }, { "olive_oil.csv", 5 }, { "wine.csv", 2 },
    };

    [Theory]
    [Trait("Kind", "Law")]
    [MemberData(nameof(Models))]
    public void PortfolioWithin_OfRealData_ReadsNoMoreRowsThanSoManyPlainFits(string file, int components)
    {
        double[,] rows = CsvTable.Load(file).Features;
        foreach (double most in new[] { 1, 3, 10 })
        {
            double plain = 0, raced = 0;
            for (int seed = 0; seed < 5; seed++)
            {
                (FitReport one, double ofOne) = Fit(rows, components, seed, MixtureStart.KMeansPlusPlus);
                (FitReport best, double ofRace) = Fit(rows, components, seed, MixtureStart.PortfolioWithin(most));
                (plain, raced) = (plain + ofOne, raced + ofRace);
                Assert.True(
                    best.SpuriousComponentCount < one.SpuriousComponentCount || best.ObjectiveHistory[^1] >= one.ObjectiveHistory[^1] - (2e-4 * rows.GetLength(0)),
                    $"seed {seed} within {most}: {best.ObjectiveHistory[^1]}, and {one.ObjectiveHistory[^1]} of a plain start");
            }

            output.WriteLine($"{file} K = {components}, within {most}: {raced / plain:F2}");

            // The first start of a race and the run from its winner are two runs, the second of a few steps.
            Assert.True(raced <= Math.Max(most, 1.4) * plain, $"within {most}: {raced / plain} plain fits");
        }
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void PortfolioWithin_OfManyRows_KeepsToItOnASampleAndAfter()
    {
        var problem = new EngineProblem(RowKind.Overlapping, 20_000, 3, 5, 4);
        double Read(MixtureStart start)
        {
            var counted = new CountedRowSource(problem.Source, readsInAnyOrder: true);
            GaussianMixture.Fit(counted, new GaussianMixtureOptions { ComponentCount = 5, ThreadCount = 1, Start = start }, default);
            return counted.RowsRead;
        }

        double plain = Read(MixtureStart.KMeansPlusPlus), within = Read(MixtureStart.PortfolioWithin(3));

        output.WriteLine($"{within / plain:F2} plain fits, without a limit {Read(MixtureStart.Portfolio) / plain:F2}");
        Assert.InRange(within / plain, 0, 3);
    }

    [Fact]
    [Trait("Kind", "Golden")]
    public void PortfolioWithin_TenPlainFits_FindsMostMaximaThatPlainOnesMiss()
    {
        double[,] rows = CsvTable.Diabetes.Features;
        string[] codes = ["VVV", "EVI", "EEV"];
        int hits = 0, plain = 0;
        foreach (string code in codes)
        {
            FitReport[] all = [.. Enumerable.Range(0, 10).Select(seed => Fit(rows, 3, seed, MixtureStart.Portfolio, code).Report)];
            double known = all.Max(report => report.ObjectiveHistory[^1]) - (2e-4 * rows.GetLength(0));
            hits += Enumerable.Range(0, 10).Count(seed => Fit(rows, 3, seed, MixtureStart.PortfolioWithin(10), code).Report.ObjectiveHistory[^1] >= known);
            plain += Enumerable.Range(0, 10).Count(seed => Fit(rows, 3, seed, MixtureStart.KMeansPlusPlus, code).Report.ObjectiveHistory[^1] >= known);
        }

        output.WriteLine($"{hits} of 30 seeds, {plain} by plain fits");
        Assert.InRange(hits, 26, 30);
        Assert.InRange(plain, 0, 8);
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void PortfolioWithin_NoLimit_IsTheDefault()
    {
        double[,] rows = CsvTable.Iris.Features;
        GaussianMixtureModel Fit(MixtureStart? start) => GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 3, Start = start });

        MixtureAssert.SameBits(Fit(null), Fit(MixtureStart.PortfolioWithin(double.PositiveInfinity)));
    }

    [Theory]
    [Trait("Kind", "Contract")]
    [InlineData(0.9)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public void PortfolioWithin_LessThanAPlainFit_SaysWhatIsAllowed(double plainFits)
    {
        ArgumentOutOfRangeException thrown = Assert.Throws<ArgumentOutOfRangeException>(() => MixtureStart.PortfolioWithin(plainFits));

        Assert.Contains("must be at least 1", thrown.Message, StringComparison.Ordinal);
    }

    private static (FitReport Report, double RowsRead) Fit(double[,] rows, int components, int seed, MixtureStart start, string code = "VVV")
    {
        double[] values = new double[rows.Length];
        Buffer.BlockCopy(rows, 0, values, 0, values.Length * sizeof(double));
        var source = new CountedRowSource(new ArrayRowSource<double>(values, rows.GetLength(1)), readsInAnyOrder: false);
        var options = new GaussianMixtureOptions { ComponentCount = components, CovarianceStructure = CovarianceStructure.FromCode(code), Seed = seed, ThreadCount = 1, Start = start };
        return (GaussianMixture.Fit(source, options, default).Report!, source.RowsRead);
    }
}
