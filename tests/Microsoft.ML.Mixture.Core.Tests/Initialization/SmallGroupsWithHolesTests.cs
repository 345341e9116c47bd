using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Initialization.Tests;

/// <summary>Groups of hardly more rows than features, of which some values are missing: no covariance of theirs is held open in all directions.</summary>
public class SmallGroupsWithHolesTests
{
    private const int RowCount = 200;
    private const int Dimension = 20;
    private const int Groups = 4;

    // Any mixture without such a component was preferred to their groups, if by 311 and 209 nats less likely: adjusted Rand indices of 0.11 and 0.13.
    [Theory]
    [Trait("Kind", "Law")]
    [InlineData(3)]
    [InlineData(9)]
    public void Fit_GroupsOfFewRows_AreFound(int seed)
    {
        (double[,] rows, int[] labels) = Draw(seed);
        var options = new GaussianMixtureOptions { ComponentCount = Groups, Seed = seed };

        GaussianMixtureModel model = GaussianMixture.Fit(rows, options);

        int[] clusters = [.. Enumerable.Range(0, RowCount).Select(i => model.Predict(MixtureAssert.RowOf(rows, i)))];
        Assert.InRange(ClusteringAgreement.AdjustedRandIndex(labels, clusters), 0.85, 1);
        Assert.Contains(model.Report!.Warnings, warning => warning.Contains("rows, too few for a covariance of its own over 20 features. ", StringComparison.Ordinal));
    }

    private static (double[,] Rows, int[] Labels) Draw(int seed)
    {
        var random = new Random(seed);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        double[,] means = new double[Groups, Dimension], rows = new double[RowCount, Dimension];
        for (int at = 0; at < means.Length; at++) means[at / Dimension, at % Dimension] = Normal();
        double[,,] factors = new double[Groups, Dimension, Dimension];
        for (int at = 0; at < factors.Length; at++)
        {
            (int group, int i, int j) = (at / Dimension / Dimension, at / Dimension % Dimension, at % Dimension);
            factors[group, i, j] = (i == j ? 1 : 0) + (0.4 * Normal() / Math.Sqrt(Dimension));
        }

        int[] labels = new int[RowCount];
        double[] normals = new double[Dimension];
        for (int row = 0; row < RowCount; row++)
        {
            int group = labels[row] = random.NextDouble() switch { < 0.3 => 0, < 0.6 => 1, < 0.8 => 2, _ => 3 };
            for (int j = 0; j < Dimension; j++) normals[j] = Normal();
            for (int i = 0; i < Dimension; i++)
            {
                rows[row, i] = means[group, i];
                for (int j = 0; j < Dimension; j++) rows[row, i] += factors[group, i, j] * normals[j];
                if (random.NextDouble() < 0.04) rows[row, i] = double.NaN;
            }
        }

        return (rows, labels);
    }
}
