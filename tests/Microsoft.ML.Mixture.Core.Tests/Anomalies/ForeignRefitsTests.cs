using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Anomalies.Tests;

/// <summary>An allowance for the estimation of parameters never raises a threshold.</summary>
[Trait("Kind", "Degenerate")]
public class ForeignRefitsTests
{
    private const double Rate = 0.01;

    /// <summary>The noise of refits filled a box that one row had stretched, their groups were lost, and nearly all clean rows were anomalies.</summary>
    [Theory]
    [InlineData(3e4)]
    [InlineData(6e5)]
    public void Calibration_OneGrossRowBesideStrays_HasTheThresholdThatTheOthersGive(double gross)
    {
        double[,] rows = GroupsAndStrays(400), with = new double[401, 5];
        for (int i = 0; i < 400; i++)
        {
            for (int j = 0; j < 5; j++) with[i, j] = rows[i, j];
        }

        for (int j = 0; j < 5; j++) with[400, j] = j % 2 == 0 ? gross : -gross;
        var options = new GaussianMixtureOptions { ComponentCount = 2, NoiseComponent = true };
        GaussianMixtureModel model = GaussianMixture.Fit(with, options);

        AnomalyCalibration calibration = model.CalibrateAnomalies(Rate), others = GaussianMixture.Fit(rows, options).CalibrateAnomalies(Rate);

        Assert.True(calibration.RefitCount >= 10, "Nothing was fitted anew.");
        Assert.Equal(others.Threshold, calibration.Threshold, 0.3);
        Assert.True(calibration.Threshold < model.CalibrateAnomalies(Rate, refitCount: 0).Threshold - 0.05, "Nothing allows for the estimation.");
        Assert.DoesNotContain(calibration.Warnings, warning => warning.StartsWith("Refits", StringComparison.Ordinal));
    }

    [Fact]
    public void Calibration_RefitsOfAnotherMixture_CountsParametersAsKnownAndWarns()
    {
        GaussianMixtureModel model = GaussianMixture.Fit(GroupsAndStrays(400), 2);
        double[,] wide = new double[5, 5];
        for (int j = 0; j < 5; j++) wide[j, j] = 1e6;
        GaussianMixtureModel foreign = GaussianMixtureModel.FromParameters([1], new double[1, 5], [wide]);

        var calibration = new AnomalyCalibration(model, Rate, heldOut: null, 20_000, seed: 0, new RefitSettings(4), [foreign, foreign, foreign, foreign]);

        AnomalyCalibration known = model.CalibrateAnomalies(Rate, 20_000, refitCount: 0);
        Assert.Equal(known.Threshold, calibration.Threshold);
        Assert.Equal(known.PValueOf(1, 2, 3, 4, 5), calibration.PValueOf(1, 2, 3, 4, 5));
        Assert.Equal(
            "Refits to rows drawn from the mixture come to another mixture: under them 0 % of its rows lie beyond the threshold, where 1 % or more were to be expected. The threshold therefore takes the parameters as known, "
                + "and more alarms may be raised than were asked for. Fit fewer components or a structure with fewer parameters, or take the threshold from rows that are held out.",
            Assert.Single(calibration.Warnings));

        // Rows that lack something are judged so, too.
        Assert.Equal(known.PValueOf(1, double.NaN, 3, 4, 5), calibration.PValueOf(1, double.NaN, 3, 4, 5));
    }

    // Three in a hundred lie evenly in a box about both groups.
    private static double[,] GroupsAndStrays(int count)
    {
        var random = new Random(5);
        double[,] rows = new double[count, 5];
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < 5; j++) rows[i, j] = i % 33 == 32 ? (26 * random.NextDouble()) - 9 : MixtureCase.Normal(random) + (i % 2 * 8);
        }

        return rows;
    }
}
