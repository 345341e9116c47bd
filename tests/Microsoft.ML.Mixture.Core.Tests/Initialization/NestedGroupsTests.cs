using Microsoft.ML.Mixture.Laws.Tests;
using Xunit.Abstractions;

namespace Microsoft.ML.Mixture.Initialization.Tests;

/// <summary>Groups that only runs from one place find, which look like the end at first: flat ones within wide ones, and wide ones about dense ones.</summary>
[Trait("Kind", "Recovery")]
public class NestedGroupsTests(ITestOutputHelper output)
{
    // Distances tell nothing of such a group: runs from responsibilities at random lead to it, and did from 25 of these 40 seeds while they ended as beaten in their first steps.
    [Fact]
    public void Default_FlatGroupWithinAWideOne_IsFoundFromNearlyEverySeed()
    {
        int hits = 0;
        foreach (int set in new[] { 61, 64, 75, 80 })
        {
            (double[,] rows, int[] labels) = FlatWithinWide(new Random(set));
            double known = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2, Start = MixtureStart.FromLabels(labels) }).Report!.LogLikelihood;
            int own = Enumerable.Range(0, 10).Count(seed => GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2, Seed = seed }).Report!.LogLikelihood >= known - 0.1);
            output.WriteLine($"set {set}: {own} of 10");
            hits += own;
        }

        output.WriteLine($"{hits} of 40 seeds");
        Assert.InRange(hits, 36, 40);
    }

    // Starts that agree on two components in one place agree on a saddle or on a lower maximum: 77 of these 80 seeds found the best one where the race ended there.
    [Fact]
    public void Default_HeavyTails_DoesNotEndWhereStartsAgreeOnTwins()
    {
        int hits = 0, fits = 0;
        foreach (int set in new[] { 202, 203 })
        {
            double[,] rows = HeavyTails(new Random(set));
            double[] reached =
            [
                .. Enumerable.Range(0, 40).Select(seed => GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = 2, CovarianceStructure = CovarianceStructure.Tied, Seed = seed }).Report!.LogLikelihood),
            ];
            int own = reached.Count(value => value >= reached.Max() - 0.2);
            output.WriteLine($"set {set}: {own} of {reached.Length}");
            (hits, fits) = (hits + own, fits + reached.Length);
        }

        output.WriteLine($"{hits} of {fits} seeds");
        Assert.InRange(hits, fits - 1, fits);
    }

    // Of Student's t with four degrees of freedom.
    private static double[,] HeavyTails(Random random)
    {
        double[,] rows = new double[1000, 1];
        for (int i = 0; i < 1000; i++)
        {
            double spread = -0.5 * (Math.Log(1 - random.NextDouble()) + Math.Log(1 - random.NextDouble()));
            rows[i, 0] = MixtureCase.Normal(random) / Math.Sqrt(spread);
        }

        return rows;
    }

    private static (double[,] Rows, int[] Labels) FlatWithinWide(Random random)
    {
        double[,] rows = new double[360, 3];
        int[] labels = new int[360];
        for (int i = 0; i < 360; i++)
        {
            (rows[i, 0], rows[i, 1]) = (MixtureCase.Normal(random), MixtureCase.Normal(random));
            labels[i] = i < 300 ? 0 : 1;
            rows[i, 2] = i < 300 ? 3 * MixtureCase.Normal(random) : (2 * rows[i, 0]) - rows[i, 1] + (0.1 * MixtureCase.Normal(random));
        }

        return (rows, labels);
    }
}
