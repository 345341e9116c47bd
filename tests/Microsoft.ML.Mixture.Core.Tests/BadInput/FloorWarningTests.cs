using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.BadInput.Tests;

/// <summary>A floor that hides how narrow groups are is told of by its own name, and what is advised is less.</summary>
[Trait("Kind", "Degenerate")]
public class FloorWarningTests
{
    [Theory]
    [InlineData("VVV", 1e-3)]
    [InlineData("VVV", 1)]
    [InlineData("VVV", 1e100)]
    [InlineData("VVV", 1.7e308)]
    [InlineData("EEE", 1e-3)]
    [InlineData("VVI", 1e-3)]
    [InlineData("VII", 1e100)]
    public void Fit_FloorWiderThanTheGroups_AsksToLowerTheFloor(string code, double floor)
    {
        FitReport report = Fit(code, floor);

        string warning = Assert.Single(report.Warnings, text => text.StartsWith("The covariance", StringComparison.Ordinal));
        Match told = Regex.Match(warning, "^The covariance floor makes up ([0-9]+) % of .*with a standard deviation of (.*) there, .* Lower CovarianceFloor from (.*) to (.*)\\.$");
        Assert.True(told.Success, warning);
        Assert.InRange(Number(told.Groups[1]), 90, 100);
        Assert.Equal(Math.Sqrt(floor), Number(told.Groups[2]), 0.1 * Math.Sqrt(floor));
        double lower = Number(told.Groups[4]);
        Assert.InRange(lower, double.Epsilon, 0.1 * Number(told.Groups[3]));

        // Where the first floor has hidden everything, what follows the advice may be told once more, and is better.
        FitReport better = Fit(code, lower);
        Assert.True(better.LogLikelihood > report.LogLikelihood + 100, $"{better.LogLikelihood} and {report.LogLikelihood}");
    }

    /// <summary>Across several features the floor and the prior add to the same variance.</summary>
    [Fact]
    public void Fit_ThinGroupsUnderAFloor_AsksToLowerTheFloor()
    {
        var random = new Random(1);
        double[,] rows = new double[400, 3];
        for (int i = 0; i < 400; i++)
        {
            double first = MixtureCase.Normal(random) + (i % 2 * 5), second = MixtureCase.Normal(random);
            (rows[i, 0], rows[i, 1], rows[i, 2]) = (first, second, (i % 2 == 0 ? first + second : first - second) + (0.01 * MixtureCase.Normal(random)));
        }

        FitReport report = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2, CovarianceFloor = 1e-3 }).Report!;

        Assert.Contains(report.Warnings, warning => Regex.IsMatch(warning, "^The covariance floor makes up .* beside the other features, .* Lower CovarianceFloor from 0.001 to "));
    }

    private static double Number(Group text) => double.Parse(text.Value, CultureInfo.InvariantCulture);

    // Three groups 5 apart with a standard deviation of 0.005.
    private static FitReport Fit(string code, double floor)
    {
        var random = new Random(2);
        double[,] rows = new double[300, 2];
        for (int i = 0; i < 300; i++) (rows[i, 0], rows[i, 1]) = ((5 * (i % 3)) + (0.005 * MixtureCase.Normal(random)), (5 * (i % 2)) + (0.005 * MixtureCase.Normal(random)));
        var options = new GaussianMixtureOptions { ComponentCount = 6, CovarianceFloor = floor, CovarianceStructure = CovarianceStructure.FromCode(code), Start = MixtureStart.FromLabels([.. Enumerable.Range(0, 300).Select(i => i % 6)]) };
        return GaussianMixture.Fit(rows, options).Report!;
    }
}
