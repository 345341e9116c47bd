using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>What is kept for one block of rows that all lack other features.</summary>
public class HoleMemoryTests
{
    private const int RowCount = 256;
    private const int Dimension = 24;
    private const int ComponentCount = 150;

    // It was twice as much, and with more features more than an array holds.
    [Fact]
    [Trait("Kind", "Cost")]
    public void LogDensities_EveryRowLacksOtherFeatures_TakesABoundedMemoryAndGivesThoseOfSingleRows()
    {
        double[,] rows = Rows();
        var options = new GaussianMixtureOptions();
        ScaledRows scaled = GaussianFit.Prepare(GaussianMixture.Copy(rows, rowWeights: null), options, CancellationToken.None);
        GaussianComponents components = Components(GaussianFit.Family(scaled, options));

        long before = GC.GetAllocatedBytesForCurrentThread();
        double[] together = LogDensities(scaled.Rows.Source, components, RowCount);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        double[] some = LogDensities(new SelectedRowSource(scaled.Rows.Source, [0, 100, 255]), components, 1);

        Assert.InRange(allocated, 0, 110_000_000);
        double[] same = [.. new[] { 0, 100, 255 }.SelectMany(row => together.AsSpan(row * ComponentCount, ComponentCount).ToArray())];
        Assert.Equal(same, some);
    }

    private static double[] LogDensities(RowSource rows, GaussianComponents components, int blockSize)
    {
        double[] all = new double[rows.RowCount * ComponentCount];
        int first = 0;
        foreach (RowBlock block in new RowBlocks(rows, CancellationToken.None, blockSize))
        {
            double[] logDensities = new double[ComponentCount * block.Stride];
            components.LogDensities(block, logDensities, new double[components.ScratchLength(block.Stride)]);
            for (int i = 0; i < block.RowCount; i++, first++)
            {
                for (int k = 0; k < ComponentCount; k++) all[(first * ComponentCount) + k] = logDensities[(k * block.Stride) + i];
            }
        }

        return all;
    }

    private static double[,] Rows()
    {
        var random = new Random(3);
        double[,] rows = new double[RowCount, Dimension];
        for (int i = 0; i < RowCount; i++)
        {
            for (int j = 0; j < Dimension; j++) rows[i, j] = random.NextDouble() < 0.5 ? double.NaN : MixtureCase.Normal(random);
        }

        return rows;
    }

    private static GaussianComponents Components(GaussianFamily family)
    {
        double[] means = new double[ComponentCount * Dimension], covariances = new double[ComponentCount * Dimension * (Dimension + 1) / 2];
        for (int k = 0, at = 0; k < ComponentCount; k++)
        {
            Array.Fill(means, 0.01 * k, k * Dimension, Dimension);
            for (int i = 0; i < Dimension; i++)
            {
                for (int j = 0; j <= i; j++) covariances[at++] = i == j ? 1 + (0.02 * k) : 0.3;
            }
        }

        Assert.True(GaussianComponents.TryCreate(family, Dimension, CovarianceShape.Full, isShared: false, means, covariances, out GaussianComponents components, out _));
        return components;
    }
}
