namespace Microsoft.ML.Mixture.Initialization.Tests;

/// <summary>The M-step of groups, from which the models of a search start one after the other and several at a time.</summary>
public class StartMaximizationTests
{
    private const int RowCount = 120;
    private const int Dimension = 3;

    private static readonly double[] _centres = [0.1, 0.2, 0.3, 2.9, 3.1, 3.2];

    // Two groups, the even rows and the uneven ones.
    private static double[,] Rows(bool areWhole)
    {
        var random = new Random(3);
        double[,] rows = new double[RowCount, Dimension];
        for (int i = 0; i < RowCount; i++)
        {
            for (int j = 0; j < Dimension; j++) rows[i, j] = areWhole || (i + j) % 7 > 0 ? (3 * (i % 2)) + random.NextDouble() : double.NaN;
        }

        return rows;
    }

    private static double[] Maximize(ScaledRows scaled, double[] responsibilities, double[] centres)
    {
        var options = new GaussianMixtureOptions { ComponentCount = 2 };
        using var memory = new RunMemory(scaled.Rows.Source, scaled.Rows.RowWeightTotal, threadCount: 1);
        var maximization = new StartMaximization(GaussianFit.Family(scaled, options), scaled.Moments, options.ComponentCount, noise: null, CancellationToken.None);
        Assert.True(maximization.TryMaximize(scaled.Rows.Source, responsibilities, centres, memory, out MixtureState state, out _));
        var components = (GaussianComponents)state.Components;
        return [.. state.Weights, .. components.Means.ToArray(), .. components.Covariances.ToArray()];
    }

    [Theory]
    [Trait("Kind", "Determinism")]
    [InlineData(true)]
    [InlineData(false)]
    public void TryMaximize_SameGroupsAgain_GivesTheSameBitsAndLeavesTheirCentres(bool areWhole)
    {
        RowSource source = GaussianMixture.Copy(Rows(areWhole), rowWeights: null);
        ScaledRows scaled = GaussianFit.Prepare(source, new GaussianMixtureOptions { ComponentCount = 2 }, CancellationToken.None);
        int[] order = scaled.Rows.Selected ?? [.. Enumerable.Range(0, RowCount)];
        double[] responsibilities = [.. order.SelectMany(row => row % 2 == 0 ? (double[])[1, 0] : [0, 1])];
        double[] centres = [.. _centres];

        double[] first = Maximize(scaled, responsibilities, centres);
        double[] second = Maximize(scaled, responsibilities, centres);

        Assert.Equal(first, second);
        Assert.Equal(_centres, centres);
    }
}
