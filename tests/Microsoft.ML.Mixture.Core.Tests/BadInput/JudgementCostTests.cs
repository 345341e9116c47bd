using System.Diagnostics;

namespace Microsoft.ML.Mixture.BadInput.Tests;

/// <summary>What it takes to look for components on a handful of rows, beside the M-step before it.</summary>
public class JudgementCostTests
{
    /// <summary>Where rows are fewer than features anyway, a comparison of all covariances had taken as long as many M-steps, and a budget of 5 s became 36 s of processor time.</summary>
    [Theory]
    [InlineData(100)]
    [InlineData(1000)]
    public void FindSpurious_ManyFeatures_TakesNoLongerThanTheFactorsOfCovariances(double count)
    {
        const int Dimension = 700;
        var family = new GaussianFamily(CovarianceStructure.Full, CovarianceRegularization.None(Dimension));
        double[] covariances = new double[2 * Dimension * (Dimension + 1) / 2];
        for (int k = 0, at = 0; k < 2; k++)
        {
            for (int i = 0; i < Dimension; i++, at++) covariances[at += i] = 1 + k;
        }

        double factoring = double.PositiveInfinity, judging = double.PositiveInfinity;
        int found = 0;
        for (int turn = 0; turn < 5; turn++)
        {
            long start = Stopwatch.GetTimestamp();
            Assert.True(GaussianComponents.TryCreate(family, Dimension, CovarianceShape.Full, isShared: false, new double[2 * Dimension], covariances, out GaussianComponents components, out _));
            factoring = Math.Min(factoring, Stopwatch.GetElapsedTime(start).TotalSeconds);
            start = Stopwatch.GetTimestamp();
            found = components.FindSpurious([count, count], [count, count]).Count;
            judging = Math.Min(judging, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        Assert.Equal(count > Dimension ? 0 : 2, found);
        Assert.True(judging <= 2 * factoring, $"Judging took {judging:G3} s, factors {factoring:G3} s.");
    }
}
