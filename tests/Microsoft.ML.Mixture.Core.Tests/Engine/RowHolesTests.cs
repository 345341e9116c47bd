namespace Microsoft.ML.Mixture.Engine.Tests;

/// <summary>What scorers remember of the holes of rows is bounded.</summary>
[Trait("Kind", "Law")]
public class RowHolesTests
{
    // Each set of missing features takes a number a feature: four thousand of them took hundreds of megabytes.
    [Theory]
    [InlineData(16, 4096)]
    [InlineData(1 << 13, 128)]
    [InlineData(1 << 15, 64)]
    public void Find_MoreSetsOfMissingFeaturesThanAreKept_ForgetsThem(int dimension, int kept)
    {
        var holes = new RowHoles(dimension, blockSize: 1);
        double[] row = new double[dimension];
        int most = 0;
        for (int set = 1; set <= kept + 50; set++)
        {
            for (int j = 0; j < 16; j++) row[j] = (set >> j) % 2 == 0 ? 0 : double.NaN;
            BlockHoles found = holes.Find(row, 1, 1)!;
            Assert.Equal(Enumerable.Range(0, 16).Where(j => double.IsNaN(row[j])), found.Patterns.Missing(found.Pattern(0)).ToArray());
            most = Math.Max(most, found.Patterns.Count);
        }

        Assert.Equal(kept + 1, most);
    }
}
