using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Initialization.Tests;

/// <summary>Under covariances whose variances all components share a component of one row is as wide as the others, and no reason to refuse a mixture.</summary>
public class SharedVariancesTests
{
    // With EEV, far rows shared one component, and the others had nothing to do.
    [Theory]
    [Trait("Kind", "Law")]
    [InlineData("EEV")]
    [InlineData("EEE")]
    public void Fit_RowsFarFromAllOthers_GivesEachAComponent(string code)
    {
        const int Many = 300;
        (double X, double Y)[] far = [(100, 0), (0, 120), (-90, -110)];
        var random = new Random(4);
        double[,] rows = new double[Many + far.Length, 2], truth = new double[Many + far.Length, 1 + far.Length];
        for (int i = 0; i < Many; i++) (rows[i, 0], rows[i, 1], truth[i, 0]) = (MixtureCase.Normal(random), MixtureCase.Normal(random), 1);
        for (int i = 0; i < far.Length; i++) (rows[Many + i, 0], rows[Many + i, 1], truth[Many + i, 1 + i]) = (far[i].X, far[i].Y, 1);
        var options = new GaussianMixtureOptions { ComponentCount = 1 + far.Length, CovarianceStructure = CovarianceStructure.FromCode(code) };

        FitReport fit = GaussianMixture.Fit(rows, options).Report!;

        options.Start = MixtureStart.FromResponsibilities(truth);
        double ofTruth = GaussianMixture.Fit(rows, options).Report!.ObjectiveHistory[^1];
        Assert.InRange(fit.ObjectiveHistory[^1], ofTruth - (1e-3 * rows.GetLength(0)), double.PositiveInfinity);
    }
}
