namespace Microsoft.ML.Mixture.Variational.Tests;

/// <summary>Rows far from all others have components of their own, which are told of.</summary>
[Trait("Kind", "BadInput")]
public class VariationalStrayRowsTests
{
    [Fact]
    public void Warnings_ComponentsOnStrayRows_AreNamedWithTheRemedy()
    {
        GaussianMixtureModel model = BayesianGaussianMixture.Fit(Rows(200, 3));

        int[] few = [.. Enumerable.Range(0, model.ComponentCount).Where(k => model.Report!.EffectiveCounts[k] < 3.5)];
        string[] warnings = [.. model.Report!.Warnings.Where(text => text.Contains(" rests on ", StringComparison.Ordinal))];
        Assert.NotEmpty(few);
        Assert.Equal(few.Length, warnings.Length);
        for (int at = 0; at < few.Length; at++) Assert.StartsWith($"Component {few[at]} rests on ", warnings[at], StringComparison.Ordinal);
        Assert.EndsWith("If they are stray rows, remove them, or use GaussianMixture with NoiseComponent.", warnings[^1], StringComparison.Ordinal);
    }

    /// <summary>Components that nothing uses stay in the model, and are no cause for concern.</summary>
    [Theory]
    [InlineData("VVV")]
    [InlineData("VVI")]
    [InlineData("VII")]
    [InlineData("EEE")]
    public void Warnings_ComponentsInUseOrEmpty_AreNotSaidToRestOnFewRows(string code)
    {
        var options = new BayesianGaussianMixtureOptions { ComponentCount = 6, CovarianceStructure = CovarianceStructure.FromCode(code), PruningThreshold = 0 };
        Assert.DoesNotContain(BayesianGaussianMixture.Fit(Rows(200, 0), options).Report!.Warnings, text => text.Contains(" rests on ", StringComparison.Ordinal));
    }

    private static double[,] Rows(int count, int strayCount)
    {
        var random = new Random(1);
        double[,] rows = new double[count, 3];
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < 3; j++) rows[i, j] = i < strayCount ? 50 + (10 * Normal(random)) : Normal(random);
        }

        return rows;
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
