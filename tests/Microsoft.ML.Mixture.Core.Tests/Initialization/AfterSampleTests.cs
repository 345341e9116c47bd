using Microsoft.ML.Mixture.Laws.Tests;
using Xunit.Abstractions;

namespace Microsoft.ML.Mixture.Initialization.Tests;

/// <summary>Where a race was on a sample, what it has found races on all rows.</summary>
public class AfterSampleTests(ITestOutputHelper output)
{
    private const int RowCount = 10_000;

    // The winner on the sample and the next alone led 30 to 45 nats lower from three of twelve seeds, which are among these.
    [Fact]
    [Trait("Kind", "Recovery")]
    public void Default_MaximaThatASampleCannotTellApart_FindsTheBest()
    {
        double[,] rows = TenGroups(seed: 8);

        double[] reached = [.. new[] { 0, 2, 4, 10 }.Select(seed => Fit(rows, seed, null).Report!.LogLikelihood)];

        output.WriteLine(string.Join(' ', reached));
        Assert.All(reached, value => Assert.InRange(value, reached.Max() - (2e-4 * RowCount), reached.Max()));
    }

    [Fact]
    [Trait("Kind", "Law")]
    public void Default_AnyNumberOfThreads_GivesTheSameBits()
    {
        double[,] rows = TenGroups(seed: 8);
        GaussianMixtureModel one = Fit(rows, 2, 1);

        foreach (int threads in new[] { 2, 3 }) MixtureAssert.SameBits(one, Fit(rows, 2, threads));
    }

    private static GaussianMixtureModel Fit(double[,] rows, int seed, int? threads) =>
        GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 10, Seed = seed, ThreadCount = threads });

    private static double[,] TenGroups(int seed)
    {
        const int GroupCount = 10, Dimension = 3;
        var random = new Random(seed);
        double[,] centres = new double[GroupCount, Dimension], rows = new double[RowCount, Dimension];
        double[,,] mixings = new double[GroupCount, Dimension, Dimension];
        double[] ends = new double[GroupCount];
        double total = 0;
        for (int k = 0; k < GroupCount; k++)
        {
            for (int i = 0; i < Dimension; i++)
            {
                centres[k, i] = 0.9 * MixtureCase.Normal(random);
                for (int j = 0; j < Dimension; j++) mixings[k, i, j] = (i == j ? 0.6 : 0) + (0.4 * MixtureCase.Normal(random));
            }

            ends[k] = total += 0.3 + random.NextDouble();
        }

        for (int row = 0; row < RowCount; row++)
        {
            double place = random.NextDouble() * total;
            int k = Array.FindIndex(ends, end => end >= place);
            double[] z = [.. Enumerable.Range(0, Dimension).Select(_ => MixtureCase.Normal(random))];
            for (int i = 0; i < Dimension; i++)
            {
                rows[row, i] = centres[k, i];
                for (int j = 0; j < Dimension; j++) rows[row, i] += mixings[k, i, j] * z[j];
            }
        }

        return rows;
    }
}
