using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture;

/// <summary>Some rows so far from all others that the spread of these is next to nothing beside the distance.</summary>
[Trait("Kind", "Recovery")]
public class FarGroupTests
{
    // The component of the ordinary rows counted as one without spread, and both were one where another mixture was to be had.
    [Theory]
    [InlineData("VVV", 60, 1e9)]
    [InlineData("VVI", 60, 1e9)]
    [InlineData("VVI", 60, 1e30)]
    [InlineData("VII", 60, 1e30)]
    [InlineData("VVV", 20, 1e30)]
    [InlineData("VVE", 20, 1e30)]
    [InlineData("VEE", 20, 1e30)]
    public void Fit_SpreadIsLostInRounding_FindsBothGroupsAndSaysWhatIsWrong(string code, int farCount, double distance)
    {
        FitReport report = Fit(code, farCount, distance);

        Assert.Equal(farCount, report.EffectiveCounts.Min(), 1e-6);
        Assert.Equal(0, report.SpuriousComponentCount);
        string warning = Assert.Single(report.Warnings, told => told.StartsWith("The covariance prior makes up 100 % of the variance of component ", StringComparison.Ordinal));
        Assert.Matches(distance > 1e20 ? "The rows far from it are so far away that double precision does not show how wide it is: leave them out, .*\\.$" : " Lower CovariancePriorStrength from 1E-06 to 1E-(19|20)\\.$", warning);
    }

    [Theory]
    [InlineData("EEE", true)]
    [InlineData("EEI", true)]
    [InlineData("EVI", true)]
    [InlineData("VVI", false)]
    public void Fit_EveryComponentIsMuchWiderThanMostRowsSpread_WarnsAndNamesTheFeature(string code, bool isExpected)
    {
        string warning = Assert.Single(Fit(code, 20, 1e5).Warnings);

        Assert.Equal(isExpected, warning.StartsWith("Half of the rows have values from ", StringComparison.Ordinal));
        if (isExpected) Assert.Matches("^Half of the rows have values from -?0\\.[0-9]+ to 4\\.[0-9]+ in feature 0, where no component has a standard deviation below [0-9.E+]+: rows far from these decide about it, ", warning);
    }

    [Fact]
    public void Fit_ManyRowsAtAFewValuesBesideFarOnes_AreStillNoGroup()
    {
        // Of the rows that are near, all lie at one value of two.
        double[,] rows = Rows(60, 1e9);
        for (int i = 60; i < 200; i++) rows[i, 0] = i % 2;
        var options = new GaussianMixtureOptions { ComponentCount = 3, CovarianceStructure = CovarianceStructure.Diagonal, Start = MixtureStart.FromLabels([.. Enumerable.Range(0, 200).Select(i => i < 60 ? 0 : 1 + (i % 2))]) };

        Assert.Equal(2, GaussianMixture.Fit(rows, options).Report!.SpuriousComponentCount);
    }

    private static FitReport Fit(string code, int farCount, double distance) =>
        GaussianMixture.Fit(Rows(farCount, distance), new GaussianMixtureOptions { ComponentCount = 2, CovarianceStructure = CovarianceStructure.FromCode(code) }).Report!;

    // Two groups, and in the first feature far rows of both.
    private static double[,] Rows(int farCount, double distance)
    {
        var random = new Random(11);
        double[,] rows = new double[200, 2];
        for (int i = 0; i < 200; i++)
        {
            for (int j = 0; j < 2; j++) rows[i, j] = MixtureCase.Normal(random) + (i % 2 == 0 ? 4 : 0);
            if (i < farCount) rows[i, 0] = distance * (1 + random.NextDouble());
        }

        return rows;
    }
}
