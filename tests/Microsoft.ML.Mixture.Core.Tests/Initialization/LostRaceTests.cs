using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Initialization.Tests;

/// <summary>What a race has found is no component without spread where other starts lead to sound mixtures, be it that it only comes to that in the end.</summary>
[Trait("Kind", "Recovery")]
public class LostRaceTests
{
    // Ten starts agree on a saddle of the grid, from which EM goes on to three components on a line each: from one of these seeds.
    [Fact]
    public void Default_WinnerOnTheWayToALine_RacesAnew()
    {
        double[] first = [-1.369454344701, -0.379692949154, 0.422355078272, 1.326792215583], second = [-1.218349293101, 0, 1.218349293101];
        double[,] rows = new double[96, 2];
        for (int i = 0; i < 96; i++) (rows[i, 0], rows[i, 1]) = (first[i / 3 % 4], second[i % 3]);

        for (int seed = 0; seed < 12; seed++)
        {
            FitReport report = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 3, CovarianceStructure = CovarianceStructure.Tied, Seed = seed }).Report!;
            Assert.True(report.SpuriousComponentCount == 0, $"seed {seed}: {report.LogLikelihood:F2}");
        }
    }

    // Where the end of the race breaks off a run that has just become the best one on its way to a component without spread, and where the run from a sound best one goes there in
    // the end, of these seeds every third had led to one. Of sixty two do.
    [Fact]
    public void Default_ZerosThatALongRunFinds_EndsSoundFromAllSeedsButOne()
    {
        double[,] rows = WithZeros(300, 2);

        int lost = Enumerable.Range(0, 14).Count(seed => GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 3, Seed = seed }).Report!.SpuriousComponentCount > 0);

        Assert.InRange(lost, 0, 1);
    }

    // Three groups, and a feature with a decimal of which every sixth row has none.
    private static double[,] WithZeros(int count, int seed)
    {
        var random = new Random(seed);
        double[,] rows = new double[count, 3];
        for (int i = 0; i < count; i++)
        {
            int group = random.Next(3);
            double common = MixtureCase.Normal(random);
            rows[i, 0] = (1.5 * group) + common;
            rows[i, 1] = (0.6 * common) + (MixtureCase.Normal(random) * (1 + (group * 0.5)));
            rows[i, 2] = random.NextDouble() < 0.18 ? 0 : Math.Round(1.5 + (0.8 * group) + (0.5 * common) + (0.7 * MixtureCase.Normal(random)), 1);
        }

        return rows;
    }
}
