using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Initialization.Tests;

/// <summary>Groups of hardly more rows than features, of which some values are missing: no covariance of theirs is held open in all directions.</summary>
public class SmallGroupsWithHolesTests
{
    private const int RowCount = 200;
    private const int Dimension = 20;

    // Any mixture without such a component was preferred to their groups, if by 311 and 209 nats less likely: adjusted Rand indices of 0.11 and 0.13.
    [Theory]
    [Trait("Kind", "Law")]
    [InlineData(3)]
    [InlineData(9)]
    public void Fit_GroupsOfFewRows_AreFound(int seed)
    {
        (double[,] rows, int[] labels) = TiltedGroups.Draw(
            seed, RowCount, Dimension, groups: 4, distance: 1, random => random.NextDouble() switch { < 0.3 => 0, < 0.6 => 1, < 0.8 => 2, _ => 3 }, missing: 0.04);
        var options = new GaussianMixtureOptions { ComponentCount = 4, Seed = seed };

        GaussianMixtureModel model = GaussianMixture.Fit(rows, options);

        int[] clusters = [.. Enumerable.Range(0, RowCount).Select(i => model.Predict(MixtureAssert.RowOf(rows, i)))];
        Assert.InRange(ClusteringAgreement.AdjustedRandIndex(labels, clusters), 0.85, 1);
        Assert.Contains(model.Report!.Warnings, warning => warning.Contains("rows, too few for a covariance of its own over 20 features. ", StringComparison.Ordinal));
    }
}
