namespace Microsoft.ML.Mixture.Initialization.Tests;

/// <summary>A race does not end on a saddle that can be seen from near it.</summary>
[Trait("Kind", "Recovery")]
public class SaddleTests
{
    // On each of these a race ended on a saddle before its last check, 0.008 nats a row and more below where EM leads from there.
    [Theory]
    [InlineData(138, 1000, 4)]
    [InlineData(139, 1000, 2)]
    [InlineData(157, 300, 3)]
    [InlineData(183, 300, 4)]
    public void Fit_RowsWithASaddle_LeavesIt(int seed, int count, int componentCount)
    {
        var random = new Random(seed);
        double[,] rows = new double[count, 3];
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < 3; j++) rows[i, j] = Math.Sqrt(3) * (random.NextDouble() + random.NextDouble() + random.NextDouble() + random.NextDouble() - 2);
        }

        GaussianMixtureModel model = GaussianMixture.Fit(rows, new GaussianMixtureOptions { ComponentCount = componentCount });
        GaussianMixtureModel further = GaussianMixture.Fit(
            rows, new GaussianMixtureOptions { ComponentCount = componentCount, Start = MixtureStart.FromModel(model), Tolerance = 1e-10, MaximumIterations = 20_000 });

        double reached = model.Report!.ObjectiveHistory[^1] / count;
        Assert.InRange(further.Report!.ObjectiveHistory[^1] / count, reached - 1e-9, reached + 1e-4);
    }
}
