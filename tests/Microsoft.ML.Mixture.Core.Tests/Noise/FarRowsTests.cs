using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Noise.Tests;

/// <summary>Rows far from all others are noise, and have no share in its volume, in the prior, or in what follows from what: three groups of 600 rows with stray ones about them, which rows at 1e6 had hidden.</summary>
public class FarRowsTests
{
    private const int Count = 600, Dimension = 4, ComponentCount = 3;
    private const int StrayCount = 30;

    [Theory]
    [Trait("Kind", "Law")]
    [InlineData(1, 1e6)]
    [InlineData(3, 1e6)]
    [InlineData(12, 1e4)]
    [InlineData(50, 1e5)]
    public void Fit_FarRows_LeaveGroupsAndVolumeAsTheyAre(int farCount, double distance)
    {
        GaussianMixtureModel without = Fit(Rows(0, 0, seed: 1)), with = Fit(Rows(farCount, distance, seed: 1));

        Assert.Equal(without.NoiseLogDensity, with.NoiseLogDensity, 1e-9);
        Assert.All(Counts(without).Zip(Counts(with)), both => Assert.Equal(both.First, both.Second, 1.0));
        Assert.Empty(with.Report!.Warnings);
    }

    /// <summary>A tenth of the rows are strewn over four decades. Of six such fits six had lost groups.</summary>
    [Theory]
    [Trait("Kind", "Recovery")]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Fit_StrayRowsOverDecades_KeepsTheGroups(int seed)
    {
        double[,] rows = Rows(0, 0, seed);
        var random = new Random(seed);
        for (int i = Count; i < Count + StrayCount; i++)
        {
            double distance = 20 * Math.Pow(10, 3.7 * random.NextDouble());
            for (int j = 0; j < Dimension; j++) rows[i, j] = distance * MixtureCase.Normal(random);
        }

        Assert.All(Counts(Fit(rows, seed: seed)), count => Assert.InRange(count, 190, 210));
    }

    /// <summary>Who marks the true stray rows had a fit 720 to 1,570 nats lower than who says nothing.</summary>
    [Fact]
    public void Fit_FarRowsThatWereMarked_IsWhatNothingMarkedLeadsTo()
    {
        double[,] rows = Rows(3, 1e5, seed: 2);
        bool[] marks = [.. Enumerable.Range(0, rows.GetLength(0)).Select(i => i >= Count)];

        double told = Fit(rows, marks: marks).Report!.ObjectiveHistory[^1], untold = Fit(rows).Report!.ObjectiveHistory[^1];

        Assert.Equal(untold, told, 0.1);
    }

    /// <summary>However many there are: a fifth of the rows at 1e5, each alone, were the scale of everything.</summary>
    [Fact]
    public void Fit_ManyFarRowsThatWereMarked_KeepsTheGroups()
    {
        double[,] rows = Rows(150, 1e5, seed: 3);

        GaussianMixtureModel model = Fit(rows, marks: [.. Enumerable.Range(0, rows.GetLength(0)).Select(i => i >= Count)]);

        Assert.All(Counts(model), count => Assert.InRange(count, 190, 210));
        Assert.DoesNotContain(model.Report!.Warnings, warning => warning.Contains("copy", StringComparison.Ordinal));
        Assert.InRange(model.StandardErrorsOf(rows).DistanceFromMaximum, 0, 0.01);
    }

    /// <summary>Rows of a millionth of the weight had stretched the volume until there was no noise.</summary>
    [Fact]
    public void Fit_FarRowsOfNextToNoWeight_AreAsIfTheyWereNotThere()
    {
        double[,] rows = Rows(3, 1e5, seed: 4);
        double[] weights = [.. Enumerable.Range(0, rows.GetLength(0)).Select(i => i < Count + StrayCount ? 1 : 1e-6)];

        GaussianMixtureModel light = Fit(rows, weights), without = Fit(rows, [.. weights.Select(weight => weight < 1 ? 0 : weight)]);

        Assert.Equal(without.NoiseLogDensity, light.NoiseLogDensity, 1e-9);
        Assert.Equal(without.Report!.LogLikelihood, light.Report!.LogLikelihood, 0.01);
    }

    /// <summary>The warning said that noise of the volume of the data is too thin, where its density was given.</summary>
    [Fact]
    public void Fit_FarRowAndAGivenDensity_SaysNothingOfAThinNoise()
    {
        // So few rows that none is screened.
        double[,] rows = new double[9, 1];
        for (int i = 0; i < 9; i++) rows[i, 0] = i % 3;
        rows[8, 0] = 1e6;
        double[,] twice = new double[18, 1];
        for (int i = 0; i < 18; i++) twice[i, 0] = i < 17 ? rows[i % 8, 0] : 1e6;
        var options = new GaussianMixtureOptions { NoiseComponent = true, ComponentCount = 1, InitialNoise = new bool[18] };

        Assert.Contains(GaussianMixture.Fit(twice, options).Report!.Warnings, IsOfThinNoise);
        options.NoiseLogDensity = -5;
        Assert.DoesNotContain(GaussianMixture.Fit(twice, options).Report!.Warnings, IsOfThinNoise);

        static bool IsOfThinNoise(string warning) => warning.Contains("too thin for stray rows nearer to the groups", StringComparison.Ordinal);
    }

    private static double[] Counts(GaussianMixtureModel model) => [.. model.Report!.EffectiveCounts.Take(ComponentCount).Order()];

    private static GaussianMixtureModel Fit(double[,] rows, double[]? weights = null, bool[]? marks = null, int seed = 0) =>
        GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = ComponentCount, NoiseComponent = true, InitialNoise = marks, Seed = seed }, weights);

    // Groups eight deviations apart, rows about them, and rows far from all, each in a direction of its own.
    private static double[,] Rows(int farCount, double distance, int seed)
    {
        var random = new Random(seed);
        double[,] rows = new double[Count + StrayCount + farCount, Dimension];
        for (int i = 0; i < rows.GetLength(0); i++)
        {
            for (int j = 0; j < Dimension; j++)
            {
                rows[i, j] = i >= Count + StrayCount ? distance * (1 + random.NextDouble()) * (random.NextDouble() < 0.5 ? -1 : 1)
                    : i >= Count ? 40 * (random.NextDouble() - 0.5)
                    : MixtureCase.Normal(random) + (8 * (i % ComponentCount) * (j == 0 ? 1 : 0));
            }
        }

        return rows;
    }
}
