using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Selection.Tests;

public class SearchCellTests
{
    [Fact]
    public void OfferRunnerUp_FitsOneAfterTheOther_KeepsTheBestOfOtherMixtures()
    {
        var options = new GaussianMixtureOptions { ComponentCount = 2 };
        var cell = new SearchCell(2, CovarianceStructure.Full, options);
        MixtureFit poor = Fit(1), fair = Fit(3), best = Fit(200), again = Fit(200);
        Assert.True(poor.Objective < fair.Objective - 1e-3 && fair.Objective < best.Objective - 1e-3);

        Assert.False(cell.OfferRunnerUp(poor, 1e-6));
        cell.Offer(best);
        Assert.False(cell.OfferRunnerUp(null, 1e-6));
        Assert.False(cell.OfferRunnerUp(again, 1e-6));
        Assert.True(cell.OfferRunnerUp(poor, 1e-6));
        Assert.True(cell.OfferRunnerUp(fair, 1e-6));
        Assert.False(cell.OfferRunnerUp(poor, 1e-6));

        Assert.Same(best, cell.Current);
        Assert.Same(fair, cell.RunnerUp);
    }

    private static MixtureFit Fit(int iterations)
    {
        var data = new MixtureCase(2, 2, 60, 1);
        double[] values = [.. data.Rows.Cast<double>()];
        var options = new MixtureOptions { ComponentCount = 2, MaximumIterations = iterations, Accelerate = false, Start = MixtureStart.FromLabels([.. Enumerable.Range(0, data.RowCount).Select(i => i % 2)]) };
        return MixtureFitter.Fit(new GaussianFamily(CovarianceStructure.Full, CovarianceRegularization.None(2)), new ArrayRowSource<double>(values, 2), options);
    }
}
