using MathNet.Numerics.Random;
using Microsoft.ML.Mixture.Extensibility.Tests;
using Microsoft.ML.Mixture.Laws.Tests;

namespace Microsoft.ML.Mixture.Initialization.Tests;

/// <summary>What starts take where features are many.</summary>
public class StartSizesTests
{
    // The axes of fewer rows than features took the cube of these, and tell nothing of groups.
    [Fact]
    [Trait("Kind", "Cost")]
    public void Labels_WhitenedWithFewerRowsThanFeatures_AreThoseOfStandardisedFeatures()
    {
        using StartGroups groups = Groups(rowCount: 20, dimension: 30);

        foreach ((StartKind whitened, StartKind plain) in new[] { (StartKind.WhitenedKMeans, StartKind.KMeans), (StartKind.WhitenedRandomRows, StartKind.RandomRows) })
        {
            int[] expected = [.. groups.Labels(plain, new Xoshiro256StarStar(3, threadSafe: false))];
            Assert.Equal(expected, groups.Labels(whitened, new Xoshiro256StarStar(3, threadSafe: false)));
        }
    }

    // The number of coordinates wrapped around, and an exception without words ended the fit.
    [Fact]
    [Trait("Kind", "BadInput")]
    public void Standardise_MoreCoordinatesThanAnArrayHolds_SaysSo()
    {
        (_, FeatureMoments moments, _) = Prepare(rowCount: 4, dimension: 1);

        ArgumentException error = Assert.Throws<ArgumentException>(() => StartPoints.Standardise(new HugeRows(), moments, CancellationToken.None));

        Assert.StartsWith("The start would group 60000 rows of 40000 features, more numbers than an array holds.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Kind", "BadInput")]
    public void FitsArrays_WithHolesOrSquares_CountsWhatTheyTake()
    {
        Assert.True(CovarianceShape.Full.FitsArrays(25, 10_000));
        Assert.False(CovarianceShape.Full.FitsArrays(25, 10_000, hasHoles: true));
        Assert.False(CovarianceShape.Full.FitsArrays(25, 10_000, hasSquares: true));
        Assert.True(CovarianceShape.Diagonal.FitsArrays(25, 10_000, hasHoles: true, hasSquares: true));
    }

    // It made all components, gigabytes of them, to ask these.
    [Fact]
    [Trait("Kind", "Cost")]
    public void FreeParameterCount_ManyFeatures_IsAFormula()
    {
        var family = new GaussianFamily(CovarianceStructure.Full, CovarianceRegularization.None(1));
        long before = GC.GetAllocatedBytesForCurrentThread(), count = family.FreeParameterCount(10, 2_000);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);
        Assert.Equal((10 * 2_000) + (10L * 2_000 * 2_001 / 2), count);
    }

    // Each of the steps made components of its own.
    [Fact]
    [Trait("Kind", "Cost")]
    public void TryMaximize_StepsOfGivenGroups_TakeTurnsInTheSameMemory()
    {
        var rows = new ArrayRowSource<double>(new double[] { 0, 1, 5, 6 }, 1);
        var family = new SteppedFamily { Steps = 9 };
        using var memory = new RunMemory(rows, 4, threadCount: 1);
        var maximization = new StartMaximization(family, Prepare(rowCount: 4, dimension: 1).Moments, 2, noise: null, CancellationToken.None);

        Assert.True(maximization.TryMaximize(rows, [1, 0, 1, 0, 0, 1, 0, 1], [0.5, 5.5], memory, out _, out _));

        Assert.Equal(2, family.MadeCount);
    }

    private static StartGroups Groups(int rowCount, int dimension)
    {
        ScaledRows scaled = Prepare(rowCount, dimension);
        var options = new GaussianMixtureOptions { ComponentCount = 3, CovarianceStructure = CovarianceStructure.Diagonal };
        var memory = new RunMemory(scaled.Rows.Source, rowCount, threadCount: 1);
        return new StartGroups(new StartContext(GaussianFit.Family(scaled, options), scaled, options, memory, CancellationToken.None), scaled.Rows.Source, memory);
    }

    private static ScaledRows Prepare(int rowCount, int dimension)
    {
        var random = new Random(2);
        double[,] rows = new double[rowCount, dimension];
        for (int i = 0; i < rowCount; i++)
        {
            for (int j = 0; j < dimension; j++) rows[i, j] = (i % 2) + MixtureCase.Normal(random);
        }

        return GaussianFit.Prepare(GaussianMixture.Copy(rows, rowWeights: null), new GaussianMixtureOptions { ComponentCount = 1 }, CancellationToken.None);
    }

    // Nobody gets as far as to read them.
    private sealed class HugeRows : RowSource
    {
        public override int Dimension => 40_000;

        public override int RowCount => 60_000;

        public override void Read(int firstRow, int rowCount, Span<double> values, int stride, Span<double> weights) => throw new InvalidOperationException("The rows were read.");
    }
}
