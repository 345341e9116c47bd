using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.BadInput.Tests;

/// <summary>
/// Components that are thin across several features, though wide in each of them: the prior made up nearly all of their least variance, and of the likelihood what that allows, without a word unless their rows
/// lay in a plane exactly.
/// </summary>
[Trait("Kind", "Degenerate")]
public class ThinComponentsTests
{
    [Theory]
    [InlineData("VVV", 1e-3)]
    [InlineData("VVV", 1e-4)]
    [InlineData("EVV", 1e-3)]
    [InlineData("EEV", 1e-3)]
    public void Fit_ThinGroups_TellsOfThePriorAndHowToWeakenIt(string code, double width)
    {
        FitReport report = Fit(code, width, 1e-6);

        string warning = Assert.Single(report.Warnings);
        Match told = Regex.Match(warning, "^The covariance prior makes up ([0-9]+) % of the variance of component [01] in feature 2 beside the other features, .* Lower CovariancePriorStrength from 1E-06 to (.*)\\.$");
        Assert.True(told.Success, warning);
        Assert.InRange(int.Parse(told.Groups[1].Value, CultureInfo.InvariantCulture), 90, 100);
        FitReport weaker = Fit(code, width, double.Parse(told.Groups[2].Value, CultureInfo.InvariantCulture));
        Assert.Empty(weaker.Warnings);
        Assert.InRange(weaker.LogLikelihood, report.LogLikelihood + 300, double.PositiveInfinity);
    }

    /// <summary>With a shape in common what the prior adds to it cannot be told apart by components.</summary>
    [Fact]
    public void Fit_ThinGroupsOfOneShape_TellsOfThePrior() =>
        Assert.Matches("^The covariance prior makes up 100 % of .* in feature 2 beside the other features, .* or drop the feature\\.$", Assert.Single(Fit("VEV", 1e-4, 1e-6).Warnings));

    /// <summary>A weaker prior would let a component of a few rows close in on them further.</summary>
    [Fact]
    public void Fit_ThinComponentOfFewRows_AsksForFewerComponents()
    {
        FitReport report = GaussianMixture.Fit(CsvTable.Load("iris.csv").Features, new GaussianMixtureOptions { ComponentCount = 4, Start = MixtureStart.PortfolioWithin(5) }).Report!;

        Assert.Contains(report.Warnings, warning => warning.EndsWith("rows are few for that: ask for fewer components, or try restarts.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("VVV", 0.05)]
    [InlineData("EVV", 0.05)]
    [InlineData("EEE", 1e-4)]
    public void Fit_GroupsThatRowsMakeWideEnough_SaysNothing(string code, double width) => Assert.Empty(Fit(code, width, 1e-6).Warnings);

    private static FitReport Fit(string code, double width, double priorStrength)
    {
        // In one group the last feature is the sum of the others, in the other their difference.
        var random = new Random(1);
        double[,] rows = new double[400, 3];
        for (int i = 0; i < 400; i++)
        {
            double first = MixtureCase.Normal(random) + (i % 2 * 5), second = MixtureCase.Normal(random);
            (rows[i, 0], rows[i, 1], rows[i, 2]) = (first, second, (i % 2 == 0 ? first + second : first - second) + (width * MixtureCase.Normal(random)));
        }

        return GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2, CovariancePriorStrength = priorStrength, CovarianceStructure = CovarianceStructure.FromCode(code) }).Report!;
    }
}
